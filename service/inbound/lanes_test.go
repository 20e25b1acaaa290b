package inbound

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLaneSet_takesEveryLaneInTurn(t *testing.T) {
	t.Parallel()
	l := laneSet{dirty: map[int]bool{}, busy: map[int]bool{}}
	for lane := range lanes {
		l.dirty[lane] = true
	}
	visits := map[int]int{}
	for range 5 * lanes {
		lane := l.take()
		require.GreaterOrEqual(t, lane, 0)
		visits[lane]++
		l.dirty[lane] = true // more came meanwhile
		require.NotEqual(t, lane, l.take(), "nobody else takes a lane that is being worked off")
		delete(l.busy, l.last)
		l.dirty[l.last] = true
		visits[l.last]++
		delete(l.busy, lane)
	}
	for lane := range lanes {
		require.Equal(t, 10, visits[lane], "lane %d", lane)
	}
}
