package rate

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/bus"
)

func service(t *testing.T, db *database.DB, budgets Budgets, addrs ...string) *Service {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	b, err := bus.Open(t.Context(), bus.Options{Addrs: addrs, Now: time.Now, Log: log})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return New(Deps{DB: db, Bus: b, Log: log, Budgets: budgets})
}

// clock is moved by the test.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// eachAt runs a test on each kind of database, with a clock of its own.
func eachAt(t *testing.T, f func(t *testing.T, db *database.DB, c *clock)) {
	t.Helper()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c := fixed()
			f(t, databasetest.Open(t, databasetest.Fresh(t, kind), c.Now), c)
		})
	}
}

func fixed() *clock { return &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func TestTake_theScriptInRedisDoesWhatTheProgramDoes(t *testing.T) {
	t.Parallel()
	databasetest.EachRedis(t, func(t *testing.T, addrs ...string) {
		c := fixed()
		db := databasetest.Open(t, databasetest.Fresh(t, database.SQLite), c.Now)
		const perSecond = 37.0
		s := service(t, db, Budgets{"x": perSecond}, addrs...)
		account := model.NewID()
		var b bucket
		random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret
		for step := range 3_000 {
			c.now = c.now.Add(time.Duration(random.IntN(300)) * time.Millisecond)
			if random.IntN(50) == 0 {
				c.now = c.now.Add(time.Duration(random.IntN(120)) * time.Second)
			}
			now := c.now.UnixMilli()
			switch n := int64(random.IntN(20)); {
			case random.IntN(400) == 0:
				s.Slow(t.Context(), account, "x")
				b.slow(now, perSecond)
			case random.IntN(10) == 0:
				s.GiveBack(t.Context(), account, "x", int(n)+1)
				b.give(now, perSecond, n+1)
			default:
				first, keep := n%2 == 0, reserve
				if first {
					keep = 0
				}
				granted, wait := s.Take(t.Context(), account, "x", int(n)+1, first)
				want, ms := b.take(now, perSecond, keep, n+1)
				require.Equal(t, [2]int64{want, ms}, [2]int64{int64(granted), wait.Milliseconds()}, "step %d", step)
			}
		}
	})
}

func TestTake_instancesShareOneBudgetAndAccountsDoNot(t *testing.T) {
	t.Parallel()
	databasetest.EachRedis(t, func(t *testing.T, addrs ...string) {
		c := fixed()
		db := databasetest.Open(t, databasetest.Fresh(t, database.SQLite), c.Now)
		here, there := service(t, db, Budgets{"x": 100}, addrs...), service(t, db, Budgets{"x": 100}, addrs...)
		account, other := model.NewID(), model.NewID()
		a, _ := here.Take(t.Context(), account, "x", 70, true)
		b, _ := there.Take(t.Context(), account, "x", 70, true)
		require.Equal(t, []int{70, 30}, []int{a, b})
		a, wait := here.Take(t.Context(), account, "x", 1, true)
		require.Zero(t, a)
		require.Equal(t, 10*time.Millisecond, wait)
		a, _ = here.Take(t.Context(), account, "y", 70, true)
		require.Equal(t, 70, a, "another api")
		a, _ = here.Take(t.Context(), other, "x", 70, true)
		require.Equal(t, 70, a, "another account")

		here.Slow(t.Context(), account, "x")
		_, wait = there.Take(t.Context(), account, "x", 1, true)
		require.Equal(t, rest, wait, "the other instance rests too")
	})
}

func TestTake_goesOnWithAQuarterWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // connects, never answers
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	c := fixed()
	db := databasetest.Open(t, databasetest.Fresh(t, database.SQLite), c.Now)
	s := service(t, db, Budgets{"x": 100}, silent.Addr().String())
	account, got := model.NewID(), 0
	began := time.Now()
	for range 40 {
		n, _ := s.Take(t.Context(), account, "x", 5, true)
		got += n
	}
	require.Equal(t, 25, got)
	require.Less(t, time.Since(began), 5*time.Second, "it is not asked at every call")
	s.GiveBack(t.Context(), account, "x", 5)
	n, _ := s.Take(t.Context(), account, "x", 50, true)
	require.Equal(t, 5, n)
}

func TestTake_inOneProcessHasTheWholeBudget(t *testing.T) {
	t.Parallel()
	c := fixed()
	db := databasetest.Open(t, databasetest.Fresh(t, database.SQLite), c.Now)
	s := service(t, db, Budgets{"x": 100})
	n, _ := s.Take(t.Context(), "a", "x", 500, true)
	require.Equal(t, 100, n)
	n, _ = s.Take(t.Context(), "a", "unknown", 500, true)
	require.Equal(t, int(other), n)
}

func TestStopToday_lastsUntilTheNextBeijingDayOnEveryInstanceAndTellsOnce(t *testing.T) {
	t.Parallel()
	eachAt(t, func(t *testing.T, db *database.DB, c *clock) {
		t.Helper()
		at := c.now // 20:00 in Beijing
		here, there := service(t, db, nil), service(t, db, nil)
		var told []Stop
		here.OnStop(func(_ *database.Tx, s Stop) error { told = append(told, s); return nil })
		require.Empty(t, stopped(t, there))
		for range 3 {
			_, err := here.StopToday(t.Context(), "a", APITemplate, "daily_quota")
			require.NoError(t, err)
		}
		want := Stop{AccountID: "a", API: APITemplate, Reason: "daily_quota", Until: at.Add(4 * time.Hour).UnixMilli()}
		require.Equal(t, []Stop{want}, told)
		require.Equal(t, []Stop{want}, stopped(t, here))
		require.Equal(t, []Stop{want}, stopped(t, service(t, db, nil)), "after a restart")
		c.now = at.Add(time.Second)
		require.Equal(t, []Stop{want}, stopped(t, there), "within a second")
		c.now = at.Add(4*time.Hour - time.Millisecond)
		require.Len(t, stopped(t, here), 1)
		c.now = at.Add(4 * time.Hour)
		require.Empty(t, stopped(t, here))
		require.Empty(t, stopped(t, there))
		_, err := here.StopToday(t.Context(), "a", APITemplate, "daily_quota")
		require.NoError(t, err)
		require.Len(t, told, 2, "another day")
	})
}

func stopped(t *testing.T, s *Service) []Stop {
	t.Helper()
	all, err := s.Stopped(context.WithoutCancel(t.Context()))
	require.NoError(t, err)
	return all
}
