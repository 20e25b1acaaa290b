// Package worker runs the named loops of the program: each is run at its start, when woken and on its tick, survives
// its own panics and ends when told. Leases let one instance at a time do a work.
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Observer takes the figures of the loops. It must not block.
type Observer interface {
	// Run reports one run of a loop: whether it failed or panicked, and how long it took.
	Run(loop string, failed bool, d time.Duration)
}

// Group is a set of loops that start and stop together.
type Group struct {
	log      *slog.Logger
	observer Observer
	now      func() time.Time

	mu     sync.Mutex
	loops  []*Loop
	launch func(*Loop) // nil until started
	cancel context.CancelFunc
	over   bool
	wg     sync.WaitGroup
}

// Option changes what NewGroup makes.
type Option func(*Group)

// Observed makes a group report its runs, timed by the given clock.
func Observed(o Observer, now func() time.Time) Option {
	return func(g *Group) { g.observer, g.now = o, now }
}

// NewGroup makes a group without loops.
func NewGroup(log *slog.Logger, options ...Option) *Group {
	g := &Group{log: log}
	for _, o := range options {
		o(g)
	}
	return g
}

// Go adds a loop. Its run is called when the group starts, after each Wake and about every so often (0 = only when
// woken), never twice at once. What it returns is logged once, here. In a started group the loop starts at once.
func (g *Group) Go(name string, every time.Duration, run func(ctx context.Context) error) *Loop {
	return g.add(newLoop(name, every, run))
}

func (g *Group) add(l *Loop) *Loop {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return l
	}
	g.loops = append(g.loops, l)
	if g.launch != nil {
		g.launch(l)
	}
	return l
}

// Start starts the loops; they end with ctx or by Stop. A second Start changes nothing.
func (g *Group) Start(ctx context.Context) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.launch != nil || g.over {
		return
	}
	ctx, g.cancel = context.WithCancel(ctx)
	g.launch = func(l *Loop) {
		g.wg.Go(func() { g.work(ctx, l) })
	}
	for _, l := range g.loops {
		g.launch(l)
	}
}

// Stop ends the loops and waits until the last run has returned or ctx is done. It may be called twice and before
// Start; a stopped group does not start again.
func (g *Group) Stop(ctx context.Context) error {
	g.mu.Lock()
	g.over = true
	if g.cancel != nil {
		g.cancel()
	}
	g.mu.Unlock()
	done := make(chan struct{})
	go func() {
		g.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop the loops: %w", context.Cause(ctx))
	}
}

// work is the life of one loop.
func (g *Group) work(ctx context.Context, l *Loop) {
	if l.end != nil {
		defer l.end(context.WithoutCancel(ctx))
	}
	failures := 0
	for ctx.Err() == nil {
		if g.once(ctx, l) {
			failures = 0
		} else {
			failures++
			if !wait(ctx, pause(failures)) {
				return
			}
		}
		if !l.next(ctx) {
			return
		}
	}
}

// once runs the loop's work and tells whether it went well.
func (g *Group) once(ctx context.Context, l *Loop) (ok bool) {
	var began time.Time
	if g.observer != nil {
		began = g.now()
		defer func() { g.observer.Run(l.name, !ok, g.now().Sub(began)) }()
	}
	defer func() {
		if p := recover(); p != nil {
			ok = false
			l.panics.Add(1)
			g.log.ErrorContext(ctx, "a loop panicked", slog.String("loop", l.name), slog.Any("panic", p), slog.String("stack", stack()))
		}
	}()
	err := l.run(ctx)
	if err == nil || (ctx.Err() != nil && errors.Is(err, ctx.Err())) {
		return true
	}
	if errors.Is(err, ErrLeaseLost) { // another instance does it now
		g.log.InfoContext(ctx, "a loop lost its lease", slog.String("loop", l.name))
		return true
	}
	if ctx.Err() == nil {
		g.log.WarnContext(ctx, "a loop failed", slog.String("loop", l.name), slog.Any("error", err))
	}
	return false
}
