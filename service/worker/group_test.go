package worker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/service/worker"
)

// wait is how long a test waits for what must happen.
const wait = 10 * time.Second

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// start starts the group and stops it with the test.
func start(t *testing.T, g *worker.Group) {
	t.Helper()
	g.Start(t.Context())
	t.Cleanup(func() { require.NoError(t, g.Stop(context.Background())) })
}

func await(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(wait):
		require.Fail(t, "it did not happen")
	}
}

func TestLoop_runsAtStartOnWakeAndOnTickNeverTwiceAtOnce(t *testing.T) {
	t.Parallel()
	g := worker.NewGroup(quiet())
	var atOnce, most atomic.Int64
	runs, goOn := make(chan struct{}), make(chan struct{})
	woken := g.Go("woken", 0, func(context.Context) error {
		most.Store(max(most.Load(), atOnce.Add(1)))
		defer atOnce.Add(-1)
		runs <- struct{}{}
		<-goOn
		return nil
	})
	ticks := make(chan struct{}, 100)
	g.Go("ticking", time.Millisecond, func(context.Context) error {
		select {
		case ticks <- struct{}{}:
		default:
		}
		return nil
	})
	start(t, g)
	g.Start(t.Context()) // changes nothing

	await(t, runs)
	for range 5 {
		woken.Wake() // all five are one more run
	}
	goOn <- struct{}{}
	await(t, runs)
	goOn <- struct{}{}
	for range 3 {
		await(t, ticks)
	}
	require.Empty(t, runs)
	woken.Wake()
	await(t, runs)
	goOn <- struct{}{}
	require.EqualValues(t, 1, most.Load())
}

type figures struct {
	mu   sync.Mutex
	runs map[string][]bool
}

func (f *figures) Run(loop string, failed bool, d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d >= 0 {
		f.runs[loop] = append(f.runs[loop], failed)
	}
}

func TestLoop_survivesPanicsAndErrorsAndTellsOnce(t *testing.T) {
	t.Parallel()
	var out safeBuffer
	f := &figures{runs: map[string][]bool{}}
	g := worker.NewGroup(slog.New(slog.NewJSONHandler(&out, nil)), worker.Observed(f, time.Now))
	n, done := 0, make(chan struct{})
	loop := g.Go("shaky", time.Millisecond, func(context.Context) error {
		switch n++; n {
		case 1:
			panic("on purpose")
		case 2:
			return errors.New("also on purpose")
		case 4:
			close(done)
		}
		return nil
	})
	start(t, g)
	await(t, done)
	require.NoError(t, g.Stop(t.Context()))
	require.EqualValues(t, 1, loop.Panics())
	require.Equal(t, "shaky", loop.Name())
	require.Equal(t, 1, strings.Count(out.String(), `"msg":"a loop panicked","loop":"shaky"`))
	require.Equal(t, 1, strings.Count(out.String(), `"msg":"a loop failed","loop":"shaky"`))
	require.Equal(t, []bool{true, true, false, false}, f.runs["shaky"][:4])
}

func TestLoop_aLostLeaseIsNoFailure(t *testing.T) {
	t.Parallel()
	var out safeBuffer
	f := &figures{runs: map[string][]bool{}}
	g := worker.NewGroup(slog.New(slog.NewJSONHandler(&out, nil)), worker.Observed(f, time.Now))
	done := make(chan struct{})
	var once sync.Once
	g.Go("leased", time.Millisecond, func(context.Context) error {
		once.Do(func() { close(done) })
		return fmt.Errorf("count: %w", worker.ErrLeaseLost)
	})
	start(t, g)
	await(t, done)
	require.NoError(t, g.Stop(t.Context()))
	require.NotContains(t, out.String(), `"level":"WARN"`)
	require.False(t, f.runs["leased"][0])
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestStop_waitsForTheRunAndIsSafeTwiceAndBeforeStart(t *testing.T) {
	t.Parallel()
	var out safeBuffer
	g := worker.NewGroup(slog.New(slog.NewJSONHandler(&out, nil)))
	began, finish := make(chan struct{}), make(chan struct{})
	var ended atomic.Bool
	g.Go("slow", 0, func(ctx context.Context) error {
		close(began)
		<-ctx.Done()
		<-finish
		ended.Store(true)
		return ctx.Err()
	})
	g.Start(t.Context())
	await(t, began)
	hurried, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, g.Stop(hurried), context.DeadlineExceeded)
	close(finish)
	require.NoError(t, g.Stop(t.Context()))
	require.True(t, ended.Load())
	require.NoError(t, g.Stop(t.Context()))
	require.Empty(t, out.String(), "being told to stop is no failure")

	early := worker.NewGroup(quiet())
	early.Go("never", 0, func(context.Context) error { panic("must not run") })
	require.NoError(t, early.Stop(t.Context()))
	early.Start(t.Context())
	require.NoError(t, early.Stop(t.Context()))
}

func TestGo_inAStartedGroupStartsAtOnce(t *testing.T) {
	t.Parallel()
	g := worker.NewGroup(quiet())
	start(t, g)
	ran := make(chan struct{})
	g.Go("late", 0, func(context.Context) error { close(ran); return nil })
	await(t, ran)
}
