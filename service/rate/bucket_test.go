package rate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBucket_givesTheRateAndNoMore(t *testing.T) {
	t.Parallel()
	var b bucket
	now, got := int64(1_000_000), int64(0)
	for range 1_000 { // ten seconds in steps of 10 ms, by somebody who always wants more
		n, _ := b.take(now, 100, 0, 50)
		got += n
		now += 10
	}
	require.InDelta(t, 100+1_000, got, 2, "a second's worth at once, then a hundred a second")
}

func TestBucket_leavesAPartToClerks(t *testing.T) {
	t.Parallel()
	var b bucket
	granted, _ := b.take(1_000, 100, reserve, 500)
	require.EqualValues(t, 80, granted)
	granted, wait := b.take(1_000, 100, reserve, 1)
	require.Zero(t, granted)
	require.EqualValues(t, 10, wait)
	granted, _ = b.take(1_000, 100, 0, 500)
	require.EqualValues(t, 20, granted, "the rest is the clerks'")
	granted, wait = b.take(1_000, 100, reserve, 1)
	require.Zero(t, granted)
	require.EqualValues(t, 210, wait)
	granted, _ = b.take(1_210, 100, reserve, 1)
	require.EqualValues(t, 1, granted, "a wait is long enough")
}

func TestBucket_ofOneASecondServesCampaignsToo(t *testing.T) {
	t.Parallel()
	var b bucket
	granted, _ := b.take(1_000, 1, reserve, 5)
	require.EqualValues(t, 1, granted)
	granted, wait := b.take(1_000, 1, reserve, 5)
	require.Zero(t, granted)
	require.EqualValues(t, 1_000, wait)
}

func TestBucket_restsHalvesAndComesBackSlowly(t *testing.T) {
	t.Parallel()
	var b bucket
	now := int64(1_000)
	b.slow(now, 100)
	b.slow(now+500, 100) // of a call that was under way
	granted, wait := b.take(now+500, 100, 0, 10)
	require.Zero(t, granted)
	require.Equal(t, rest.Milliseconds()-500, wait)
	speed := func(after time.Duration) float64 {
		rate, _ := b.speed(now+rest.Milliseconds()+after.Milliseconds(), 100)
		return rate
	}
	require.InDelta(t, 50, speed(0), 0.01)
	require.InDelta(t, 60, speed(time.Minute), 0.01)
	require.InDelta(t, 100, speed(5*time.Minute), 0.01)
	require.InDelta(t, 100, speed(time.Hour), 0.01)
	for range 20 {
		now += rest.Milliseconds() + 1
		b.slow(now, 100)
	}
	require.GreaterOrEqual(t, speed(0), 100*slowest, "it never ends")
	require.Less(t, speed(0), 20.0)
}

func TestBucket_takesBackWhatWasNotUsedAndNoMore(t *testing.T) {
	t.Parallel()
	var b bucket
	b.take(1_000, 10, 0, 10)
	b.give(1_000, 10, 4)
	granted, _ := b.take(1_000, 10, 0, 10)
	require.EqualValues(t, 4, granted)
	b.give(1_000, 10, 400)
	granted, _ = b.take(1_000, 10, 0, 100)
	require.EqualValues(t, 10, granted)
}

func TestBucket_aClockThatGoesBackBringsNothing(t *testing.T) {
	t.Parallel()
	var b bucket
	b.take(10_000, 10, 0, 10)
	granted, _ := b.take(1_000, 10, 0, 10)
	require.Zero(t, granted)
	granted, _ = b.take(10_100, 10, 0, 10)
	require.EqualValues(t, 1, granted)
}
