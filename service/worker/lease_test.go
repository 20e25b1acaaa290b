package worker_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/worker"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

// clock is a clock that a test moves.
type clock struct{ ahead atomic.Int64 }

func (c *clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) Move(d time.Duration) { c.ahead.Add(int64(d)) }

func TestLapsed_isAlsoALeaseLongerThanAny(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1_800_000_000_000)
	below, above := worker.Lapsed(now, 11*time.Second)
	require.Equal(t, now.UnixMilli(), below)
	require.Less(t, now.Add(40*time.Second).UnixMilli(), above, "taken by an instance whose clock is a little ahead")
	require.Greater(t, now.Add(9*time.Minute).UnixMilli(), above, "taken before the clock was put back")
}

func TestLeases_oneOwnerAtATime(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			var c clock
			db := databasetest.Open(t, databasetest.Fresh(t, kind), c.Now)
			ctx := t.Context()
			a, b := worker.NewLeases(db, model.NewID()), worker.NewLeases(db, model.NewID())
			must := func(want bool) func(bool, error) {
				return func(got bool, err error) {
					t.Helper()
					require.NoError(t, err)
					require.Equal(t, want, got)
				}
			}
			held := func(l *worker.Leases) error {
				return db.InTx(ctx, func(tx *database.Tx) error { return l.HeldTx(tx, "x") })
			}
			must(false)(a.Renew(ctx, "x", time.Minute))
			require.ErrorIs(t, held(a), worker.ErrLeaseLost)
			must(true)(a.Acquire(ctx, "x", time.Minute))
			must(true)(a.Acquire(ctx, "x", time.Minute))
			must(false)(b.Acquire(ctx, "x", time.Minute))
			must(true)(b.Acquire(ctx, "y", time.Minute))
			must(true)(a.Renew(ctx, "x", time.Minute))
			must(false)(b.Renew(ctx, "x", time.Minute))
			require.NoError(t, b.Release(ctx, "x")) // not his
			require.NoError(t, held(a))
			require.ErrorIs(t, held(b), worker.ErrLeaseLost)

			c.Move(2 * time.Minute)
			must(false)(a.Renew(ctx, "x", time.Minute))
			require.ErrorIs(t, held(a), worker.ErrLeaseLost)
			must(true)(b.Acquire(ctx, "x", time.Minute))
			must(false)(a.Acquire(ctx, "x", time.Minute))
			require.NoError(t, b.Release(ctx, "x"))
			must(true)(a.Acquire(ctx, "x", time.Minute))
			require.NoError(t, b.Clear(ctx))
			must(true)(b.Acquire(ctx, "x", time.Minute))
		})
	}
}

func TestLeases_ofADeadOwnerEndInTimeAlsoWhenTheClockIsPutBack(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			var c clock
			db := databasetest.Open(t, databasetest.Fresh(t, kind), c.Now)
			dead, next := worker.NewLeases(db, model.NewID()), worker.NewLeases(db, model.NewID())
			acquire := func(l *worker.Leases) bool {
				held, err := l.Acquire(t.Context(), "x", 6*time.Second)
				require.NoError(t, err)
				return held
			}
			c.Move(30 * time.Second)
			require.True(t, acquire(dead))
			c.Move(-30 * time.Second) // within what clocks may differ by
			require.False(t, acquire(next))
			c.Move(9 * time.Minute)
			require.True(t, acquire(dead))
			c.Move(-9 * time.Minute)
			require.True(t, acquire(next))
			err := db.InTx(t.Context(), func(tx *database.Tx) error { return dead.HeldTx(tx, "x") })
			require.ErrorIs(t, err, worker.ErrLeaseLost)
		})
	}
}

func TestAcquire_ofANewLeaseHasOneWinner(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var winners atomic.Int64
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				won, err := worker.NewLeases(db, model.NewID()).Acquire(t.Context(), "new", time.Minute)
				if err == nil && won {
					winners.Add(1)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 1, winners.Load())
	})
}

func TestGoAlone_runsOnOneInstanceAndPassesOnWhenItStops(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var runs [2]atomic.Int64
		var groups [2]*worker.Group
		for i := range groups {
			groups[i] = worker.NewGroup(quiet())
			leases := worker.NewLeases(db, model.NewID())
			groups[i].GoAlone(leases, "alone", 5*time.Millisecond, func(ctx context.Context) error {
				runs[i].Add(1)
				return db.InTx(ctx, func(tx *database.Tx) error { return leases.HeldTx(tx, "alone") })
			})
			start(t, groups[i])
			if i == 0 {
				require.Eventually(t, func() bool { return runs[0].Load() > 0 }, wait, time.Millisecond)
			}
		}
		before := runs[0].Load()
		require.Eventually(t, func() bool { return runs[0].Load() > before+5 }, wait, time.Millisecond)
		require.Zero(t, runs[1].Load())
		require.NoError(t, groups[0].Stop(t.Context()))
		require.Eventually(t, func() bool { return runs[1].Load() > 0 }, 5*time.Second, time.Millisecond, "sooner than the lease ends")
	})
}

func TestGoAlone_endsTheRunWhenItsLeaseIsGone(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for a lease to be prolonged")
	}
	db := databasetest.Open(t, databasetest.Fresh(t, database.SQLite), time.Now)
	g := worker.NewGroup(quiet())
	began, ended := make(chan struct{}), make(chan error, 1)
	var once sync.Once
	g.GoAlone(worker.NewLeases(db, model.NewID()), "alone", time.Second, func(ctx context.Context) error {
		once.Do(func() {
			close(began)
			<-ctx.Done()
			ended <- context.Cause(ctx)
		})
		return nil
	})
	start(t, g)
	await(t, began)
	_, err := db.Exec(t.Context(), "UPDATE leases SET owner = 'thief'")
	require.NoError(t, err)
	select {
	case cause := <-ended:
		require.ErrorIs(t, cause, worker.ErrLeaseLost)
	case <-time.After(wait):
		require.Fail(t, "it went on without its lease")
	}
}
