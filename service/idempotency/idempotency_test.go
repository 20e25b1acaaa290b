package idempotency_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/idempotency"
)

// clock is moved by the test.
type clock struct{ millis atomic.Int64 }

func (c *clock) now() time.Time          { return time.UnixMilli(c.millis.Load()) }
func (c *clock) advance(d time.Duration) { c.millis.Add(d.Milliseconds()) }

func each(t *testing.T, f func(t *testing.T, s *idempotency.Service, c *clock)) {
	t.Helper()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c := &clock{}
			c.millis.Store(1_800_000_000_000)
			f(t, idempotency.New(idempotency.Deps{DB: databasetest.Open(t, databasetest.Fresh(t, kind), c.now)}), c)
		})
	}
}

func somebody() access.Actor {
	return access.Actor{Kind: model.ByStaff, AccountID: model.NewID(), StaffID: model.NewID()}
}

func reason(t *testing.T, err error) string {
	t.Helper()
	require.True(t, fault.Is(err, fault.Conflict), "%v", err)
	return fault.Of(err).Reason
}

func TestBegin_givesTheFirstAnswerAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *idempotency.Service, c *clock) {
		ctx, who := t.Context(), somebody()
		call := idempotency.Call{Key: "k", Request: "r"}
		begin := func(a access.Actor, c idempotency.Call) (*idempotency.Answer, error) { return s.Begin(ctx, a, c) }

		first, err := begin(who, call)
		require.NoError(t, err)
		require.Nil(t, first)
		_, err = begin(who, call)
		require.Equal(t, "in_progress", reason(t, err))
		_, err = begin(who, idempotency.Call{Key: "k", Request: "other"})
		require.Equal(t, "idempotency_mismatch", reason(t, err))

		want := idempotency.Answer{Status: 201, Body: strings.Repeat("你好", 50_000)}
		require.NoError(t, s.Finish(ctx, who, call, want))
		again, err := begin(who, call)
		require.NoError(t, err)
		require.Equal(t, &want, again)
		_, err = begin(who, idempotency.Call{Key: "k", Request: "other"})
		require.Equal(t, "idempotency_mismatch", reason(t, err))

		other, err := begin(somebody(), call)
		require.NoError(t, err)
		require.Nil(t, other, "another person's key is another key")

		c.advance(24*time.Hour + time.Second)
		require.NoError(t, s.Sweep(ctx))
		fresh, err := begin(who, call)
		require.NoError(t, err)
		require.Nil(t, fresh)
	})
}

func TestBegin_letsACallRunThatFailedOrDied(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *idempotency.Service, c *clock) {
		ctx, who := t.Context(), somebody()
		failed := idempotency.Call{Key: "failed", Request: "r"}
		_, err := s.Begin(ctx, who, failed)
		require.NoError(t, err)
		require.NoError(t, s.Forget(ctx, who, failed))
		_, err = s.Begin(ctx, who, failed)
		require.NoError(t, err)

		died := idempotency.Call{Key: "died", Request: "r"}
		_, err = s.Begin(ctx, who, died)
		require.NoError(t, err)
		c.advance(59 * time.Second)
		_, err = s.Begin(ctx, who, died)
		require.Equal(t, "in_progress", reason(t, err))
		c.advance(2 * time.Second)
		_, err = s.Begin(ctx, who, died)
		require.NoError(t, err)
	})
}

func TestBegin_letsOneOfManyRun(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *idempotency.Service, c *clock) {
		who := somebody()
		for round := range 2 { // a fresh key, then one whose call died
			var ran atomic.Int64
			var wg sync.WaitGroup
			for range 12 {
				wg.Go(func() {
					if _, err := s.Begin(t.Context(), who, idempotency.Call{Key: "k", Request: "r"}); err == nil {
						ran.Add(1)
					} else if !database.IsTransient(err) && fault.Of(err) == nil {
						t.Errorf("begin: %v", err)
					}
				})
			}
			wg.Wait()
			require.EqualValues(t, 1, ran.Load(), "round %d", round)
			c.advance(2 * time.Minute)
		}
	})
}
