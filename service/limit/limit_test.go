package limit

import (
	"log/slog"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database/databasetest"
	"liuke/service/bus"
)

// clock is moved by the test.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// counted counts the refused.
type counted map[string]int

func (c counted) CallRefused(kind string) { c[kind]++ }

func limiter(t *testing.T, c *clock, seen counted, rates Rates, addrs ...string) *Limiter {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	b, err := bus.Open(t.Context(), bus.Options{Addrs: addrs, Now: time.Now, Log: log})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return New(Deps{Bus: b, Rates: rates, Observer: seen, Now: c.Now, Log: log})
}

func TestTake_holdsEachCallerForHimself(t *testing.T) {
	t.Parallel()
	c, seen := &clock{time.Now()}, counted{}
	l := limiter(t, c, seen, Rates{Staff: {PerSecond: 2, Burst: 3}, Key: {PerSecond: 1, Burst: 1}})
	take := func(kind, who string) time.Duration { return l.Take(t.Context(), kind, who) }
	for range 3 {
		require.Zero(t, take(Staff, "a"))
	}
	require.Equal(t, 500*time.Millisecond, take(Staff, "a"))
	require.Zero(t, take(Staff, "b"), "another")
	require.Zero(t, take(Key, "a"), "another kind")
	require.Equal(t, time.Second, take(Key, "a"))
	c.now = c.now.Add(499 * time.Millisecond)
	require.Equal(t, time.Millisecond, take(Staff, "a"))
	c.now = c.now.Add(time.Millisecond)
	require.Zero(t, take(Staff, "a"), "as said")
	c.now = c.now.Add(time.Hour)
	for range 3 {
		require.Zero(t, take(Staff, "a"))
	}
	require.NotZero(t, take(Staff, "a"), "no more than a burst gathers")
	for range 1_000 {
		require.Zero(t, take(Address, "a"), "no rate, no limit")
	}
	require.Equal(t, counted{Staff: 3, Key: 1}, seen)
}

func TestTake_instancesShareOneCount(t *testing.T) {
	t.Parallel()
	databasetest.EachRedis(t, func(t *testing.T, addrs ...string) {
		c, who := &clock{time.Now()}, model.NewID()
		rates := Rates{Staff: {PerSecond: 0.01, Burst: 40}}
		here, there := limiter(t, c, counted{}, rates, addrs...), limiter(t, c, counted{}, rates, addrs...)
		granted := 0
		for range 40 {
			for _, l := range []*Limiter{here, there} {
				if l.Take(t.Context(), Staff, who) == 0 {
					granted++
				}
			}
		}
		require.Equal(t, 40, granted)
		require.InDelta(t, 100, here.Take(t.Context(), Staff, who).Seconds(), 5)
		require.Zero(t, here.Take(t.Context(), Staff, model.NewID()), "another")
		c.now = c.now.Add(-time.Hour) // a clock that is put back makes nobody wait longer
		require.LessOrEqual(t, there.Take(t.Context(), Staff, who), 100*time.Second)
	})
}

func TestTake_whatIsHeldIsNotHeldForever(t *testing.T) {
	t.Parallel()
	databasetest.EachRedis(t, func(t *testing.T, addrs ...string) {
		c, who := &clock{time.Now()}, model.NewID()
		rates := Rates{Staff: {PerSecond: 0.01, Burst: 16}} // at most two at a time
		here, there := limiter(t, c, counted{}, rates, addrs...), limiter(t, c, counted{}, rates, addrs...)
		require.Zero(t, here.Take(t.Context(), Staff, who))
		require.Zero(t, here.Take(t.Context(), Staff, who)) // holds one more
		for range 13 {
			require.Zero(t, there.Take(t.Context(), Staff, who))
		}
		require.NotZero(t, there.Take(t.Context(), Staff, who))
		c.now = c.now.Add(2 * holds)
		require.NotZero(t, here.Take(t.Context(), Staff, who))
	})
}

func TestTake_whoCallsNowAndThenLosesNothing(t *testing.T) {
	t.Parallel()
	databasetest.EachRedis(t, func(t *testing.T, addrs ...string) {
		c, who := &clock{time.Now()}, model.NewID()
		rates := Rates{Staff: {PerSecond: 0.01, Burst: 40}}
		both := []*Limiter{limiter(t, c, counted{}, rates, addrs...), limiter(t, c, counted{}, rates, addrs...)}
		for n := range 40 {
			require.Zero(t, both[n%2].Take(t.Context(), Staff, who), "call %d", n)
			c.now = c.now.Add(holds)
		}
		require.NotZero(t, both[0].Take(t.Context(), Staff, who))
	})
}

func TestTake_callsAtOnceTakeNoMoreThanTheyNeed(t *testing.T) {
	t.Parallel()
	databasetest.EachRedis(t, func(t *testing.T, addrs ...string) {
		c, who := &clock{time.Now()}, model.NewID()
		rates := Rates{Staff: {PerSecond: 0.01, Burst: 40}} // at most five at a time, of which four may be left on each
		both := []*Limiter{limiter(t, c, counted{}, rates, addrs...), limiter(t, c, counted{}, rates, addrs...)}
		waits := make([]time.Duration, 32)
		var all sync.WaitGroup
		for n := range waits {
			all.Go(func() { waits[n] = both[n%2].Take(t.Context(), Staff, who) })
		}
		all.Wait()
		for n, wait := range waits {
			require.Zero(t, wait, "call %d", n)
		}
	})
}

func TestTake_goesOnAloneWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close()) // nobody is there
	c := &clock{time.Now()}
	l := limiter(t, c, counted{}, Rates{Staff: {PerSecond: 1, Burst: 3}}, listener.Addr().String())
	for range 3 {
		require.Zero(t, l.Take(t.Context(), Staff, "a"))
	}
	require.Equal(t, time.Second, l.Take(t.Context(), Staff, "a"))
}

func TestTake_remembersNoMoreThanItMay(t *testing.T) {
	t.Parallel()
	c := &clock{time.Now()}
	l := limiter(t, c, counted{}, Rates{Address: {PerSecond: 1, Burst: 2}})
	for n := range mostCallers + 50 {
		require.Zero(t, l.Take(t.Context(), Address, strconv.Itoa(n)))
		require.LessOrEqual(t, len(l.known), mostCallers)
	}
	c.now = c.now.Add(time.Minute) // all have their burst again
	require.Zero(t, l.Take(t.Context(), Address, "new"))
	require.Len(t, l.known, 1)
}
