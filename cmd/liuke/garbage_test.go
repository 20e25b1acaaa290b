package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGarbage_growsWithTheLoadOfASmallHeap(t *testing.T) {
	t.Parallel()
	usual, busy := garbage{growth: growthUsual}, garbage{growth: growthBusy}
	for name, c := range map[string]struct {
		now               garbage
		collections, live uint64
		growth            int
	}{
		"little to do":                    {usual, 1, 1 << 20, growthUsual},
		"a crowd comes":                   {usual, 2, 1 << 20, growthBusy},
		"it stays":                        {busy, 1, 64 << 20, growthBusy},
		"none for a moment":               {busy, 0, 1 << 20, growthBusy},
		"none for a second":               {garbage{growthBusy, 4}, 0, 1 << 20, growthUsual},
		"one after most of a second":      {garbage{growthBusy, 4}, 1, 1 << 20, growthBusy},
		"the heap grows":                  {busy, 9, 64<<20 + 1, growthUsual},
		"a crowd, and a large heap":       {usual, 9, 64<<20 + 1, growthUsual},
		"a crowd after a long time alone": {garbage{growthUsual, 900}, 2, 1 << 20, growthBusy},
	} {
		require.Equal(t, c.growth, c.now.next(c.collections, c.live).growth, name)
	}
}

// The collector of this process is used, so this test runs alone.
func TestTuneCollector_growsUnderLoadAndGoesBack(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	growth := func() uint64 {
		sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	require.EqualValues(t, growthUsual, growth())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); tuneCollector(ctx) }()
	require.Eventually(t, func() bool { debug.FreeOSMemory(); return growth() == growthBusy }, patience, 10*time.Millisecond, "collections come often")
	require.Eventually(t, func() bool { return growth() == growthUsual }, patience, 10*time.Millisecond, "and no more")
	cancel()
	<-ended
	require.EqualValues(t, growthUsual, growth())
}
