package inbound

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

func TestBarrier_waitsForLiveJournalsThatGetShorter(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	b := barrier{journals: map[string]sighting{}}
	row := func(id, oldest string, beat int64) model.Journal {
		return model.Journal{ID: id, Oldest: oldest, SeenAt: beat}
	}
	require.Equal(t, nothing, b.floor(now), "before the first look nothing is known")
	b.found(nil, now)
	require.Empty(t, b.floor(now), "a start with a database that answers waits for nobody")

	b.lost()
	require.Equal(t, nothing, b.floor(now.Add(time.Hour)), "however long it takes")
	b.found([]model.Journal{row("a", "5", 1)}, now)
	require.Equal(t, nothing, b.floor(now.Add(settleFor-1)), "the others may not have noticed yet")
	now = now.Add(settleFor)
	b.found([]model.Journal{row("a", "5", 2), row("b", "3", 1)}, now)
	require.Equal(t, "3", b.floor(now))
	b.found([]model.Journal{row("a", "7", 3)}, now)
	require.Equal(t, "7", b.floor(now))

	require.Equal(t, "7", b.floor(now.Add(heartbeat)))
	require.Empty(t, b.floor(now.Add(heartbeat+1)), "nobody waits for a dead one")
	for beat := range int64(8) { // it lives, but does not get on
		now = now.Add(heartbeat)
		b.found([]model.Journal{row("a", "7", 10+beat)}, now)
	}
	require.Empty(t, b.floor(now))
	b.found([]model.Journal{row("a", "8", 30)}, now)
	require.Equal(t, "8", b.floor(now), "it gets on again")
}

func TestBarrier_takesAWarningForAMoment(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	b := barrier{journals: map[string]sighting{}}
	b.found(nil, now)
	b.warned("6", now)
	b.warned("7", now)
	require.Equal(t, "6", b.floor(now))
	b.warned("8", now.Add(warnedFor+1))
	require.Equal(t, "8", b.floor(now.Add(warnedFor+1)))
	require.Empty(t, b.floor(now.Add(2*warnedFor+2)))
}
