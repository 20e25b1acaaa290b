package account

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

func TestEntry_asksOnceASecondHoweverManyCall(t *testing.T) {
	t.Parallel()
	var ms, asked atomic.Int64
	ms.Store(5_000)
	now := func() time.Time { return time.UnixMilli(ms.Load()) }
	v := &value{row: model.Account{ID: "a", Version: 1}}
	e := newCache().put(v, 5_000)
	away := errors.New("the database is away")
	ask := func(_ context.Context, v *value) (*value, error) {
		if asked.Add(1) == 2 {
			return nil, away
		}
		return v, nil
	}
	for _, step := range []int64{0, 999, 1, 500, 499, 1, 60_000} {
		ms.Add(step)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if e.current(context.Background(), now, ask) != v {
					panic("another value")
				}
			})
		}
		all.Wait()
	}
	require.EqualValues(t, 3, asked.Load(), "after 1,000, 2,000 and 62,000 ms")
}

func TestEntry_isNeverTwoSecondsOldEvenWhenManyCallAtOnce(t *testing.T) {
	t.Parallel()
	var ms atomic.Int64
	ms.Store(5_000)
	now := func() time.Time { return time.UnixMilli(ms.Load()) }
	e := newCache().put(&value{row: model.Account{ID: "a", Version: 1}}, 5_000)
	ms.Add(staleAfter.Milliseconds())
	const calls = 20
	answers := make(chan int64, calls)
	for range calls {
		go func() {
			answers <- e.current(context.Background(), now, func(context.Context, *value) (*value, error) {
				select { // a slow database: whoever does not wait for it answers first
				case early := <-answers:
					answers <- early
				case <-time.After(30 * time.Millisecond):
				}
				return &value{row: model.Account{ID: "a", Version: 2}}, nil
			}).row.Version
		}()
	}
	for range calls {
		require.EqualValues(t, 2, <-answers)
	}
}

func TestEntry_keepsTheLaterVersion(t *testing.T) {
	t.Parallel()
	c := newCache()
	c.put(&value{row: model.Account{ID: "a", AppID: "x", Version: 2}}, 1)
	e := c.put(&value{row: model.Account{ID: "a", AppID: "x", Version: 1}}, 2)
	require.EqualValues(t, 2, e.value.Load().row.Version)
}

func TestUnknown_isBounded(t *testing.T) {
	t.Parallel()
	u := newCache().unknown
	for i := range 10 * maxUnknown {
		u.add(strconv.Itoa(i), 1_000)
		require.LessOrEqual(t, len(u.until), maxUnknown)
	}
	last := strconv.Itoa(10*maxUnknown - 1)
	require.True(t, u.has(last, 1_999))
	require.False(t, u.has(last, 2_000))
	require.False(t, u.has(last, 10), "a clock that was put back does not make it last")
}

func BenchmarkByAppID_known(b *testing.B) {
	c := newCache()
	now := time.Now
	c.put(&value{row: model.Account{ID: "a", AppID: "wx00000000"}}, now().UnixMilli())
	ask := func(_ context.Context, v *value) (*value, error) { return v, nil }
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if load(c.byAppID, "wx00000000").current(b.Context(), now, ask) == nil {
				b.Fail()
			}
		}
	})
}

func TestValidAppID_isLenientButPlain(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"wx0123456789abcdef": true, "wxDEMO01": true, "wx12345": false, "": false, "WX0123456789": false,
		"wx 0123456789": false, "wx0123456789é": false,
	} {
		require.Equal(t, want, validAppID(s), "%q", s)
	}
}

func TestCheckAESKey_takes43CharactersOfBase64(t *testing.T) {
	t.Parallel()
	require.NoError(t, checkAESKey(""))
	require.NoError(t, checkAESKey("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"))
	require.NoError(t, checkAESKey("abcdefghijklmnopqrstuvwxyz0123456789ABCD/+9"))
	for _, s := range []string{"short", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF=", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF\n"} {
		require.Error(t, checkAESKey(s), "%q", s)
	}
}

func TestEntry_letsNobodyWaitWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	var ms atomic.Int64
	ms.Store(5_000)
	now := func() time.Time { return time.UnixMilli(ms.Load()) }
	v := &value{row: model.Account{ID: "a", Version: 1}}
	e := newCache().put(v, 5_000)
	ms.Add(staleAfter.Milliseconds())
	require.Same(t, v, e.current(t.Context(), now, func(context.Context, *value) (*value, error) {
		return nil, errors.New("the database is away")
	}))
	ms.Add(freshFor.Milliseconds())
	asked, answer := make(chan struct{}), make(chan *value)
	slow := func(context.Context, *value) (*value, error) {
		close(asked)
		return <-answer, nil
	}
	for range 5 {
		require.Same(t, v, e.current(t.Context(), now, slow), "the question goes on beside it, once")
	}
	<-asked
	answer <- &value{row: model.Account{ID: "a", Version: 2}}
	require.Eventually(t, func() bool { return e.value.Load().row.Version == 2 }, 10*time.Second, time.Millisecond)
}
