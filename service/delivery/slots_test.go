package delivery

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSlots_campaignsNeverTakeAllCallsOfAnAccount(t *testing.T) {
	t.Parallel()
	s := newSlots()
	campaign, answer := lane{"a", true}, lane{"a", false}
	var in atomic.Int64
	enter := func(l lane) {
		go func() {
			s.enter(l)
			in.Add(1)
		}()
	}
	becomes := func(n int64) {
		t.Helper()
		require.Eventually(t, func() bool { return in.Load() == n }, 10*time.Second, time.Millisecond)
		require.Never(t, func() bool { return in.Load() > n }, 30*time.Millisecond, 5*time.Millisecond)
	}
	for range 2 * callsForCampaigns {
		enter(campaign)
	}
	becomes(callsForCampaigns)
	for range callsPerAccount {
		enter(answer)
	}
	becomes(callsPerAccount)
	s.leave(campaign)
	becomes(callsPerAccount + 1)
	s.enter(lane{"b", true}) // another account waits for nobody
}
