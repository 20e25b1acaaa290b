//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
)

// listener is a client of the clerk's live feed that is broken off again and again, goes on at any instance that runs, and
// resumes behind what it has.
type listener struct {
	mu    sync.Mutex
	heard []event
}

// longestStretch is about how long the client reads at most before it is broken off.
const longestStretch = 2 * time.Second

func (l *listener) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.heard) == 0 {
		return ""
	}
	return l.heard[len(l.heard)-1].id
}

// from gives what was heard after the first n events.
func (l *listener) from(n int) []event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]event(nil), l.heard[n:]...)
}

// listen starts one and waits until it knows where it stands; it ends with the test.
func (c *chaos) listen(token string) *listener {
	l := &listener{}
	ctx, cancel := context.WithCancel(c.t.Context())
	rng := rand.New(rand.NewPCG(c.rng.Uint64(), 1))
	var done sync.WaitGroup
	done.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			stretch := 300*time.Millisecond + time.Duration(rng.Int64N(int64(longestStretch)))
			if c.steady.Load() {
				stretch = delay
			}
			if m := c.any(n); m != nil {
				l.hear(ctx, m, token, stretch)
			}
			pauseIn(ctx, 20*time.Millisecond)
		}
	})
	c.t.Cleanup(func() {
		cancel()
		done.Wait()
	})
	require.True(c.t, c.within(demoPatience, func() bool { return l.last() != "" }))
	return l
}

// hear reads the feed of a machine for a while, or until it breaks off by itself.
func (l *listener) hear(ctx context.Context, m *machine, token string, stretch time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, stretch)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.url+"/api/feed", http.NoBody)
	if err != nil {
		return
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if last := l.last(); last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return
	}
	readEvents(bufio.NewScanner(resp.Body), func(e event) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.heard = append(l.heard, e)
	})
}

func pauseIn(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// asked is an answer that the clerk has written.
type asked struct {
	text  string
	taken bool   // the API has said so
	odd   string // an answer of the API that no fault explains
}

// traffic is what goes on while something is wrong: members write, one of them sends pictures, newcomers hold their phones
// before two codes at once, and the clerk answers.
type traffic struct {
	stopWriting func()
	over        chan struct{}
	wait        sync.WaitGroup
	replies     []asked
}

func (c *chaos) begin(every time.Duration) *traffic {
	t := &traffic{stopWriting: c.chatter(c.t, every), over: make(chan struct{})}
	rng := rand.New(rand.NewPCG(c.rng.Uint64(), 2))
	t.every(120*time.Millisecond, func(int) { t.replies = append(t.replies, c.reply(rng)) })
	t.every(400*time.Millisecond, func(int) { _, _ = c.sim.SendImage(c.appid, c.people[writers].OpenID, nil) })
	newcomer := c.sim.NewPerson("新人")
	t.every(300*time.Millisecond, func(n int) {
		if n < 4 {
			_, _ = c.sim.Scan(c.appid, newcomer.OpenID, c.scenes[n%2])
		}
	})
	return t
}

// every does something again and again, with a pause between.
func (t *traffic) every(d time.Duration, do func(n int)) {
	t.wait.Go(func() {
		for n := 0; ; n++ {
			do(n)
			select {
			case <-t.over:
				return
			case <-time.After(d):
			}
		}
	})
}

// stop ends it. Answers that were begun are tried until the API takes them.
func (t *traffic) stop() {
	t.stopWriting()
	close(t.over)
	t.wait.Wait()
}

// reply lets the clerk answer a member, as his phone does it: with one id, until somebody says that it is taken. Sometimes
// the phone does not hear that, and says it once more.
func (c *chaos) reply(rng *rand.Rand) asked {
	n := c.replies.Add(1)
	a := asked{text: fmt.Sprintf("答复 %d。", n)}
	path := "/api/conversations/" + c.chats[rng.IntN(writers)] + "/messages"
	body, err := json.Marshal(map[string]string{"client_id": fmt.Sprintf("chaos-%d", n), "kind": "text", "text": a.text})
	require.NoError(c.t, err)
	again := rng.IntN(5) == 0
	ctx, cancel := context.WithTimeout(c.t.Context(), demoPatience)
	defer cancel()
	for k := rng.IntN(2); ctx.Err() == nil; k++ {
		status := 0
		if m := c.any(k); m != nil {
			var answer []byte
			status, answer = c.call(ctx, m, http.MethodPost, path, c.clerk.token, string(body))
			if status != 0 && status != http.StatusAccepted && status != http.StatusServiceUnavailable {
				a.odd = fmt.Sprintf("the API answered %d %s", status, answer)
				return a
			}
		}
		if a.taken = a.taken || status == http.StatusAccepted; a.taken && !again {
			return a
		}
		again = again && !a.taken
		if !a.taken {
			pauseIn(ctx, 50*time.Millisecond)
		}
	}
	return a
}
