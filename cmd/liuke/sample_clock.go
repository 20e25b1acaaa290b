package main

import (
	"sync/atomic"
	"time"
)

// sampleClock is the clock of the demo's server and simulator. While the sample is made it lags behind and is moved up
// step by step, so that the chain has a past; then it tells the time.
type sampleClock struct{ behind atomic.Int64 }

// Now tells the demo's time.
func (c *sampleClock) Now() time.Time { return time.Now().Add(-time.Duration(c.behind.Load())) }

// ago moves the clock to that long before the present. It never goes back once something has happened.
func (c *sampleClock) ago(d time.Duration) { c.behind.Store(int64(d)) }
