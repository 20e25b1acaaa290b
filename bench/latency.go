package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// delay is how long something took, many times.
type delay struct{ p50, p99, most time.Duration }

func delayOf(all []time.Duration) delay {
	slices.Sort(all)
	return delay{quantile(all, .5), quantile(all, .99), quantile(all, 1)}
}

// pushToScreen sends pushes one at a time from members of one clerk and takes the time to WeChat's answer and to the
// event at his feed.
func (b *bench) pushToScreen(ctx context.Context, o *ours, n int) (answer, event delay, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	arrivals, err := o.listen(ctx, o.tokens[0])
	if err != nil {
		return answer, event, err
	}
	s, err := newSealer(o.account)
	if err != nil {
		return answer, event, err
	}
	w, err := dial(ctx, o.host)
	if err != nil {
		return answer, event, err
	}
	defer w.close()
	ids := openIDs(memberPool)
	var answers, events []time.Duration
	for i := range n {
		b.nextMsgID++
		at := time.Now().Unix()
		id := ids[i*clerkPool%memberPool] // each clerkPool-th scanned the first clerk's code
		request := s.request(o.host, id, textMessage(id, int64(b.nextMsgID), at), at)
		sent := time.Now()
		status, body, err := w.send(request)
		if err != nil || status != http.StatusOK || body != "success" {
			return answer, event, fmt.Errorf("push: %d %q %w", status, body, err)
		}
		answers = append(answers, time.Since(sent))
		select {
		case arrived, open := <-arrivals:
			if !open {
				return answer, event, errors.New("the feed ended")
			}
			events = append(events, arrived.Sub(sent))
		case <-time.After(10 * time.Second):
			return answer, event, errors.New("no event within 10 s")
		}
		// The other traces of the push are written meanwhile: this measures an idle machine.
		time.Sleep(20 * time.Millisecond)
	}
	return delayOf(answers), delayOf(events), nil
}

// listen opens a clerk's feed and gives the time of each message event.
func (o *ours) listen(ctx context.Context, token string) (<-chan time.Time, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+o.host+"/api/feed", http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request) //nolint:bodyclose // closed by the reader below
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		_ = answer.Body.Close()
		return nil, fmt.Errorf("open the feed: %d", answer.StatusCode)
	}
	arrivals := make(chan time.Time, 16)
	go func() {
		defer close(arrivals)
		defer func() { _ = answer.Body.Close() }()
		_ = readEvents(answer.Body, func(kind string, _ []byte) { // its end is told by the channel
			if kind == "message" {
				arrivals <- time.Now()
			}
		})
	}()
	return arrivals, nil
}
