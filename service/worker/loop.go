package worker

import (
	"context"
	"math/rand/v2"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// Loop is one work that is done again and again.
type Loop struct {
	name   string
	every  time.Duration
	run    func(ctx context.Context) error
	end    func(ctx context.Context) // called after the last run, may be nil
	wake   chan struct{}
	panics atomic.Int64
}

func newLoop(name string, every time.Duration, run func(ctx context.Context) error) *Loop {
	return &Loop{name: name, every: every, run: run, wake: make(chan struct{}, 1)}
}

// Name is the name given to Go.
func (l *Loop) Name() string { return l.name }

// Wake asks for a run soon. It never blocks; any number of calls before that run are one. A call during a run leads to
// one more run after it.
func (l *Loop) Wake() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Panics counts the runs that panicked.
func (l *Loop) Panics() int64 { return l.panics.Load() }

// next waits for what starts the next run and tells whether there shall be one.
func (l *Loop) next(ctx context.Context) bool {
	var tick <-chan time.Time
	if l.every > 0 {
		t := time.NewTimer(jitter(l.every))
		defer t.Stop()
		tick = t.C
	}
	select {
	case <-l.wake:
	case <-tick:
	case <-ctx.Done():
		return false
	}
	return ctx.Err() == nil
}

// jitter spreads a time by a tenth to both sides, so that instances and loops do not tick in step.
func jitter(d time.Duration) time.Duration {
	return d - d/10 + time.Duration(rand.Int64N(int64(d/5)+1)) //nolint:gosec // no secret
}

// The pause after a run that failed doubles from shortPause up to longPause, whoever wakes the loop meanwhile.
const (
	shortPause = 100 * time.Millisecond
	longPause  = 5 * time.Second
)

func pause(failures int) time.Duration {
	return jitter(min(shortPause<<min(failures-1, 10), longPause))
}

func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func stack() string { return string(debug.Stack()) }
