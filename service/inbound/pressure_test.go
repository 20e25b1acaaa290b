package inbound

import (
	"context"
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

func TestPressure_letsWorkersWorkTogetherButForACrowd(t *testing.T) {
	t.Parallel()
	p := newPressure()
	now := time.UnixMilli(1_800_000_000_000)
	for range 3 { // none of them is done
		_, err := p.turn(t.Context(), now)
		require.NoError(t, err)
	}
	for range 30 {
		p.committed(64, now)
	}
	done, err := p.turn(t.Context(), now)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err = p.turn(ctx, now)
	require.ErrorIs(t, err, context.DeadlineExceeded, "somebody works")
	done()
	_, err = p.turn(t.Context(), now)
	require.NoError(t, err)
	_, err = p.turn(t.Context(), now.Add(calm+time.Millisecond))
	require.NoError(t, err, "the crowd has passed")
}

func TestPressure_slowsAcceptingDownWhileEffectsAreLate(t *testing.T) {
	t.Parallel()
	var p pressure
	now := time.UnixMilli(1_800_000_000_000)
	step := func(rows int) time.Duration {
		now = now.Add(2 * time.Millisecond)
		p.committed(rows, now)
		return p.hold(now)
	}
	for range 100 {
		require.Zero(t, step(64), "effects are in time")
	}
	require.Positive(t, p.rest(now, time.Millisecond, 0))
	p.worked(now, lateAtMost-1)
	require.Zero(t, step(64))
	p.worked(now, lateAtMost)
	last := time.Duration(0)
	for range 50 {
		pause := step(64)
		require.Greater(t, pause, last)
		last = pause
		require.Zero(t, p.rest(now, time.Millisecond, 0), "either accepting or the workers pause")
	}
	for range 500 {
		p.worked(now, lateAtMost)
		require.LessOrEqual(t, step(64), longestPause)
	}
	require.Equal(t, longestPause, step(64))
	now = now.Add(lateFor)
	last = longestPause
	for range 400 {
		pause := step(64)
		require.True(t, pause < last || pause == 0)
		last = pause
	}
	require.Zero(t, last, "effects are in time again")
	require.Positive(t, p.rest(now, time.Millisecond, 0))

	p.worked(now, time.Hour)
	for range 200 {
		step(1)
	}
	require.Zero(t, step(1), "there is no crowd to hold")
	p.worked(now.Add(9*time.Minute), time.Hour)
	for range 60 {
		require.Zero(t, step(64), "the clock was put back since")
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
