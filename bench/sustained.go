package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// How a load that does not pass is measured.
const (
	sustainedFor         = 3 * time.Minute
	sustainedConnections = 64
	sustainedPeer        = 20 * time.Second // of the peer, before and after
	sustainedWarm        = 5 * time.Second
)

// backlog is what waits for its effects at a moment.
type backlog struct {
	at     time.Duration // since the load began
	pushes int
	oldest time.Duration
}

// onSustained measures how fast pushes are accepted for minutes, with their effects keeping up.
func (b *bench) onSustained(ctx context.Context) (err error) {
	o, err := b.oursOnMariaDB(ctx, b.liuke)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.stop()) }()
	peer, err := b.naive(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, peer.process.stop()) }()
	ours := o.subject("liuke")
	for _, s := range []*subject{ours, peer} {
		if _, err := b.measureFor(ctx, s, sustainedWarm); err != nil {
			return fmt.Errorf("warm up: %w", err)
		}
	}
	ours.expect = 3 * peer.expect // half of the pushes made
	before, err := b.measureFor(ctx, peer, b.peerFor())
	if err != nil {
		return err
	}
	watch, stop := context.WithCancel(ctx)
	defer stop()
	watched := make(chan []backlog, 1)
	go func() { watched <- o.watch(watch) }()
	r, err := b.measureFor(ctx, ours, b.sustained)
	stop()
	samples := <-watched
	if err != nil {
		return err
	}
	if r.Seconds < 0.95*b.sustained.Seconds() {
		return fmt.Errorf("the load ran out of pushes after %.0f s", r.Seconds)
	}
	after, err := b.measureFor(ctx, peer, b.peerFor())
	if err != nil {
		return err
	}
	b.printSustained(r, samples, before, after)
	return nil
}

// peerFor is how long the peer is loaded before and after.
func (b *bench) peerFor() time.Duration { return min(sustainedPeer, b.sustained) }

// measureFor is measure for that long.
func (b *bench) measureFor(ctx context.Context, s *subject, d time.Duration) (run, error) {
	defer func(usual time.Duration) { b.seconds = usual }(b.seconds)
	b.seconds = d
	r, err := b.measure(ctx, s, sustainedConnections)
	if err == nil {
		b.tell("%d connections, %s for %.0f s: %.0f/s, p99 %.1f ms", sustainedConnections, s.name, r.Seconds, r.Rate, r.P99)
	}
	return r, err
}

// watch looks once a second at what waits, until ctx is done.
func (o *ours) watch(ctx context.Context) []backlog {
	var all []backlog
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var began time.Time
	for {
		select {
		case <-ctx.Done():
			return all
		case <-tick.C:
		}
		var row struct{ Pushes, Oldest int64 }
		err := o.db.Read(ctx).Raw("SELECT COALESCE(SUM(pushes), 0) AS pushes, COALESCE(MIN(received_at), 0) AS oldest FROM push_bundles").Scan(&row).Error
		now := time.Now()
		if err != nil || began.IsZero() && row.Pushes == 0 {
			continue // the load is being made
		}
		if began.IsZero() {
			began = now
		}
		s := backlog{at: now.Sub(began), pushes: int(row.Pushes)}
		if row.Oldest > 0 {
			s.oldest = now.Sub(time.UnixMilli(row.Oldest))
		}
		all = append(all, s)
	}
}

// around gives the medians of what waited in a part of the time.
func around(samples []backlog, from, to time.Duration) (pushes int, oldest time.Duration) {
	var ns []int
	var ages []time.Duration
	for _, s := range samples {
		if s.at >= from && s.at < to {
			ns, ages = append(ns, s.pushes), append(ages, s.oldest)
		}
	}
	slices.Sort(ns)
	slices.Sort(ages)
	return quantile(ns, .5), quantile(ages, .5)
}

func (b *bench) printSustained(r run, samples []backlog, before, after run) {
	say(b.out, "\nPushes for %.0f s at %d connections on MariaDB, all effects counted\n", r.Seconds, sustainedConnections)
	all := float64(r.Success) / (r.Seconds + r.drained.Seconds())
	peer := (before.Rate + after.Rate) / 2
	say(b.out, "  liuke %.0f/s accepted, %.0f/s with all effects (the last %.1f s after the last answer), p50 %.1f ms, p99 %.1f ms, %.0f µs of CPU a push\n",
		r.Rate, all, r.drained.Seconds(), r.P50, r.P99, r.cost)
	say(b.out, "  naive peer %.0f/s before and %.0f/s after, p99 %.1f and %.1f ms, %.0f and %.0f µs: liuke is %.2f times as fast\n",
		before.Rate, after.Rate, before.P99, after.P99, before.cost, after.cost, all/peer)
	for n := range 3 {
		third := b.sustained / 3
		pushes, oldest := around(samples, time.Duration(n)*third, time.Duration(n+1)*third)
		say(b.out, "  in third %d of the time %d pushes waited for their effects, the oldest for %.1f s (medians)\n", n+1, pushes, oldest.Seconds())
	}
}
