package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// The lease of a loop that runs alone lasts two and a half ticks, within these bounds: an instance that died is
// replaced after that time.
const (
	shortestLease = 10 * time.Second
	longestLease  = time.Minute
)

// releaseTimeout bounds the freeing of a lease at the end.
const releaseTimeout = 2 * time.Second

// GoAlone is Go for a work that one instance at a time does: run is called only while the lease of that name is held,
// and its context ends with the lease. The lease is kept between ticks up to 24 s apart; for rarer ones whoever ticks
// first takes it anew. A run that writes should prove its lease by HeldTx. Wake on an instance without the lease does
// nothing.
func (g *Group) GoAlone(leases *Leases, name string, every time.Duration, run func(ctx context.Context) error) *Loop {
	a := &alone{leases: leases, name: name, run: run, length: min(max(every*5/2, shortestLease), longestLease)}
	l := newLoop(name, every, a.once)
	l.end = func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, releaseTimeout)
		defer cancel()
		if err := leases.Release(ctx, name); err != nil {
			g.log.WarnContext(ctx, "a loop could not free its lease", slog.String("loop", name), slog.Any("error", err))
		}
	}
	return g.add(l)
}

type alone struct {
	leases *Leases
	name   string
	run    func(ctx context.Context) error
	length time.Duration
	renew  time.Time // when the lease held should be prolonged; zero = not held
}

func (a *alone) once(ctx context.Context) error {
	if held, err := a.hold(ctx); err != nil || !held {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var lost atomic.Bool
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		if !a.keep(ctx) {
			lost.Store(true)
			cancel(ErrLeaseLost)
		}
	}()
	defer func() {
		cancel(nil)
		<-kept
		if lost.Load() {
			a.renew = time.Time{}
		}
	}()
	err := a.run(ctx)
	if errors.Is(err, ErrLeaseLost) {
		lost.Store(true)
	}
	return err
}

// hold takes or prolongs the lease where needed. Half of the lease is left when it is prolonged, so that most ticks
// need no write.
func (a *alone) hold(ctx context.Context) (bool, error) {
	now := a.leases.db.Now()
	if now.Before(a.renew) {
		return true, nil
	}
	a.renew = time.Time{}
	held, err := a.leases.Acquire(ctx, a.name, a.length)
	if err != nil {
		return false, fmt.Errorf("become the one that runs: %w", err)
	}
	if held {
		a.renew = now.Add(a.length / 2)
	}
	return held, nil
}

// keep prolongs the lease until ctx is done; false when it is lost or could not be prolonged in time.
func (a *alone) keep(ctx context.Context) bool {
	const parts = 5
	for failures := 0; wait(ctx, a.length/parts); {
		held, err := a.leases.Renew(ctx, a.name, a.length)
		switch {
		case err == nil && !held:
			return ctx.Err() != nil
		case err == nil:
			failures = 0
		default:
			if failures++; failures == parts/2 {
				return ctx.Err() != nil
			}
		}
	}
	return true
}
