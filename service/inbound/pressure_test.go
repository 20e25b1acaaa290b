package inbound

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPressure_restsOnlyInACrowdAndNeverTooLong(t *testing.T) {
	t.Parallel()
	start := time.UnixMilli(1_800_000_000_000)
	for _, c := range []struct {
		name    string
		commits int
		rows    int
		since   time.Duration // since the last commit
		worked  time.Duration
		age     time.Duration
		rest    time.Duration
	}{
		{"nothing came", 0, 0, 0, 10 * time.Millisecond, 0, 0},
		{"one after the other", 100, 1, 0, 10 * time.Millisecond, 0, 0},
		{"just below a crowd", 100, crowd - 1, 0, 10 * time.Millisecond, 0, 0},
		{"one large commit is no crowd yet", 1, 64, 0, 10 * time.Millisecond, 0, 0},
		{"a crowd", 30, crowd + 1, 0, 10 * time.Millisecond, 0, restTimes * 10 * time.Millisecond},
		{"a crowd, long work", 30, 64, 0, time.Second, 0, longestRest},
		{"a crowd that has passed", 30, 64, calm + time.Millisecond, 10 * time.Millisecond, 0, 0},
		{"the clock was put back", 30, 64, -9 * time.Minute, 10 * time.Millisecond, 0, 0},
		{"held back almost too long", 30, 64, 0, 10 * time.Millisecond, lateAtMost - time.Millisecond, restTimes * 10 * time.Millisecond},
		{"held back too long", 30, 64, 0, 10 * time.Millisecond, lateAtMost, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var p pressure
			now := start
			for range c.commits {
				now = now.Add(2 * time.Millisecond)
				p.committed(c.rows, now)
			}
			require.Equal(t, c.rest, p.rest(now.Add(c.since), c.worked, c.age))
		})
	}
}

func TestPressure_forgetsWhatCameBeforeAPause(t *testing.T) {
	t.Parallel()
	var p pressure
	now := time.UnixMilli(1_800_000_000_000)
	for range 30 {
		p.committed(200, now)
	}
	now = now.Add(time.Second)
	p.committed(1, now)
	require.Zero(t, p.rest(now, time.Second, 0))
}
