package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

// order tells a load process what to do; it comes as JSON on standard input.
type order struct {
	Host         string  `json:"host"`
	Account      account `json:"account"`
	Connections  int     `json:"connections"`
	Milliseconds int     `json:"milliseconds"` // 0: until all are sent
	Limit        int     `json:"limit"`        // how many pushes are made at most
	Pool         int     `json:"pool"`         // how many openids
	First        int     `json:"first"`        // the first MsgId, so that no two processes send the same
	// Scenes make each openid follow by one of them, instead of texts.
	Scenes []string `json:"scenes"`
}

// outcome is what a load process saw; it goes as JSON to standard output. Latencies are in milliseconds.
type outcome struct {
	Success int     `json:"success"`
	Failed  int     `json:"failed"` // any answer but 200 "success", and broken connections
	Seconds float64 `json:"seconds"`
	Rate    float64 `json:"rate"`
	P50     float64 `json:"p50"`
	P99     float64 `json:"p99"`
	Max     float64 `json:"max"`
	First   string  `json:"first"` // the first failure
	CPU     float64 `json:"cpu"`   // seconds of a core that the load itself took
	// Busy and Disk are how many cores of the machine were busy, with whatever, and idle for the disk meanwhile.
	Busy float64 `json:"busy"`
	Disk float64 `json:"disk"`
}

// runLoad sends what it is told.
func runLoad(ctx context.Context, in io.Reader, out io.Writer) error {
	var o order
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	result, err := o.run(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}

// lane is what one connection sends and what it saw.
type lane struct {
	requests  [][]byte
	latencies []time.Duration
	failed    int
	first     string
}

func (o order) run(ctx context.Context) (outcome, error) {
	lanes, err := o.prepare()
	if err != nil {
		return outcome{}, err
	}
	wires := make([]*wire, len(lanes))
	for i := range wires {
		if wires[i], err = dial(ctx, o.Host); err != nil {
			return outcome{}, err
		}
		defer wires[i].close()
	}
	mine, err := cpu(os.Getpid())
	if err != nil {
		return outcome{}, err
	}
	cores, err := readCores()
	if err != nil {
		return outcome{}, err
	}
	began := time.Now()
	until := began.Add(time.Duration(o.Milliseconds) * time.Millisecond)
	if o.Milliseconds == 0 {
		until = began.Add(time.Hour)
	}
	var group sync.WaitGroup
	for i, l := range lanes {
		group.Go(func() { l.run(wires[i], until) })
	}
	group.Wait()
	result := summary(lanes, time.Since(began))
	now, err := readCores()
	if err != nil {
		return outcome{}, err
	}
	result.Busy = (now.busy - cores.busy).Seconds() / result.Seconds
	result.Disk = (now.disk - cores.disk).Seconds() / result.Seconds
	after, err := cpu(os.Getpid())
	result.CPU = (after - mine).Seconds()
	return result, err
}

// prepare seals everything beforehand. Neighbouring pushes come from different openids.
func (o order) prepare() ([]*lane, error) {
	s, err := newSealer(o.Account)
	if err != nil {
		return nil, err
	}
	ids := openIDs(o.Pool)
	lanes := make([]*lane, o.Connections)
	for i := range lanes {
		lanes[i] = &lane{}
	}
	at := time.Now().Unix()
	for n := range o.Limit {
		id := ids[n%len(ids)]
		inner := textMessage(id, int64(o.First+n), at)
		if len(o.Scenes) > 0 {
			inner = follow(id, o.Scenes[n%len(o.Scenes)], at)
		}
		l := lanes[n%len(lanes)]
		l.requests = append(l.requests, s.request(o.Host, id, inner, at))
	}
	return lanes, nil
}

func (l *lane) run(w *wire, until time.Time) {
	l.latencies = make([]time.Duration, 0, len(l.requests))
	for _, request := range l.requests {
		sent := time.Now()
		if !sent.Before(until) {
			return
		}
		status, body, err := w.send(request)
		took := time.Since(sent)
		if err == nil && status == http.StatusOK && body == "success" {
			l.latencies = append(l.latencies, took)
			continue
		}
		if l.failed++; l.first == "" {
			l.first = fmt.Sprintf("%d %q %v", status, body, err)
		}
		if err != nil {
			return // the connection is of no more use
		}
	}
}

func summary(lanes []*lane, took time.Duration) outcome {
	var all []time.Duration
	var o outcome
	for _, l := range lanes {
		all = append(all, l.latencies...)
		o.Failed += l.failed
		if o.First == "" {
			o.First = l.first
		}
	}
	slices.Sort(all)
	o.Success, o.Seconds = len(all), took.Seconds()
	o.Rate = float64(o.Success) / o.Seconds
	o.P50, o.P99, o.Max = millis(quantile(all, .5)), millis(quantile(all, .99)), millis(quantile(all, 1))
	return o
}

// quantile of sorted values; 0 without any.
func quantile[T any](sorted []T, q float64) (value T) {
	if len(sorted) == 0 {
		return value
	}
	return sorted[int(q*float64(len(sorted)-1)+.5)]
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
