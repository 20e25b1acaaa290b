package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Under a crowd of pushes a small heap is collected many times a second, and each time somebody waits longer for his answer.
// So while it is, garbage may grow to more times what lives; a program with little to do stays as small as it is.
const (
	// growthUsual and growthBusy are how much garbage may come before the next collection, in percent of what lives (Go's GOGC).
	growthUsual, growthBusy = 100, 400
	// oftenCollected is how many collections between two looks are too many, and restedLooks after how many looks without any
	// there would be fewer than that at the usual growth, too.
	oftenCollected, restedLooks = 2, 5
	// smallHeap is up to how many bytes that live they may grow to more: of more, collections are seldom anyway.
	smallHeap = 64 << 20
	// heapLook is how often that is looked at.
	heapLook = 200 * time.Millisecond
)

// garbage is how far it may grow, and the looks since the last collection.
type garbage struct{ growth, rested int }

// next takes in the collections since the last look, and how much lives.
func (g garbage) next(collections, live uint64) garbage {
	g.rested++
	if collections > 0 {
		g.rested = 0
	}
	switch {
	case live > smallHeap || g.rested >= restedLooks:
		g.growth = growthUsual
	case collections >= oftenCollected:
		g.growth = growthBusy
	}
	return g
}

// tuneCollector lets garbage grow with the load until ctx is done. Where the operator says how far (GOGC) or to what size
// (GOMEMLIMIT), that holds and nothing is changed.
func tuneCollector(ctx context.Context) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	heap := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(heap)
	now, before := garbage{growth: growthUsual}, heap[0].Value.Uint64()
	ticker := time.NewTicker(heapLook)
	defer ticker.Stop()
	defer func() { debug.SetGCPercent(growthUsual) }()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		metrics.Read(heap)
		collections := heap[0].Value.Uint64() - before
		before += collections
		next := now.next(collections, heap[1].Value.Uint64())
		if next.growth != now.growth {
			debug.SetGCPercent(next.growth)
		}
		now = next
	}
}
