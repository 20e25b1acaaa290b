package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"
)

// subject is one program under load.
type subject struct {
	name    string
	host    string
	process *process
	stored  func(context.Context) (int, error) // pushes that are durable; nil: it stores nothing
	ours    *ours                              // nil: a peer
	expect  float64                            // pushes a second, to know how many to make
}

// run is what one load on one subject showed.
type run struct {
	outcome

	cores   map[string]float64 // how many cores each process kept busy
	syncs   float64            // times a second that MariaDB wrote its log through
	batch   float64            // pushes a commit, ours only
	drained time.Duration      // until all effects were there, after the last answer; ours only
	cost    float64            // microseconds of a core that a push cost program and servers, all effects included
}

// measure puts one load on one subject and checks that every accepted push is stored.
func (b *bench) measure(ctx context.Context, s *subject, connections int) (r run, err error) {
	before, err := b.look(ctx, s)
	if err != nil {
		return r, err
	}
	limit := int(s.expect * 2 * b.seconds.Seconds())
	r.outcome, err = b.load(ctx, order{
		Host: s.host, Connections: connections, Milliseconds: int(b.seconds.Milliseconds()), Limit: limit,
	})
	if err != nil {
		return r, fmt.Errorf("load on %s: %w", s.name, err)
	}
	after, err := b.look(ctx, s)
	if err != nil {
		return r, err
	}
	if r.Failed > 0 {
		return r, fmt.Errorf("%s refused %d of %d pushes, first: %s: %s", s.name, r.Failed, r.Success+r.Failed, r.First, tail(s.process.log))
	}
	if kept := after.stored - before.stored; s.stored != nil && kept != r.Success {
		return r, fmt.Errorf("%s said success %d times and stored %d", s.name, r.Success, kept)
	}
	s.expect = max(r.Rate, 1000)
	r.cores = map[string]float64{"load": r.CPU / r.Seconds}
	for name, used := range after.cpu {
		r.cores[name] = (used - before.cpu[name]).Seconds() / r.Seconds
	}
	r.syncs = float64(after.syncs-before.syncs) / r.Seconds
	if commits := after.commits - before.commits; commits > 0 {
		r.batch = (after.pushes - before.pushes) / commits
	}
	if s.ours != nil {
		if r.drained, err = b.allShown(ctx, s.ours, before.shown+r.Success); err != nil {
			return r, err
		}
	}
	in, err := b.cpuTimes(s)
	if err != nil {
		return r, err
	}
	for name, used := range in {
		r.cost += float64((used - before.cpu[name]).Microseconds()) / float64(r.Success)
	}
	return r, nil
}

// allShown waits for the effects and checks that none is missing.
func (b *bench) allShown(ctx context.Context, o *ours, want int) (time.Duration, error) {
	took, err := o.drained(ctx)
	if err != nil {
		return 0, err
	}
	shown, err := o.shown(ctx)
	if err == nil && shown != want {
		err = fmt.Errorf("%d messages are in the conversations, accepted were %d", shown, want)
	}
	return took, err
}

// sight is what is counted before and after a load.
type sight struct {
	cpu             map[string]time.Duration
	stored, shown   int
	syncs           int
	commits, pushes float64
}

func (b *bench) look(ctx context.Context, s *subject) (v sight, err error) {
	if v.cpu, err = b.cpuTimes(s); err != nil {
		return v, err
	}
	if s.stored != nil {
		if v.stored, err = s.stored(ctx); err != nil {
			return v, err
		}
	}
	if s.ours != nil {
		if v.shown, err = s.ours.shown(ctx); err != nil {
			return v, err
		}
		if v.commits, v.pushes, err = s.ours.batches(ctx); err != nil {
			return v, err
		}
	}
	v.syncs, err = b.servers.syncs(ctx)
	return v, err
}

// cpuTimes gives the CPU time so far of the program and the servers.
func (b *bench) cpuTimes(s *subject) (times map[string]time.Duration, err error) {
	pids := map[string]int{"program": s.process.cmd.Process.Pid}
	maps.Copy(pids, b.servers.pids)
	times = make(map[string]time.Duration, len(pids))
	for name, pid := range pids {
		if times[name], err = cpu(pid); err != nil {
			return nil, err
		}
	}
	return times, nil
}

// load runs a load process to its end. MsgIds are never used twice.
func (b *bench) load(ctx context.Context, o order) (result outcome, err error) {
	o.Account, o.Pool, o.First = b.account, memberPool, b.nextMsgID
	b.nextMsgID += o.Limit
	text, err := json.Marshal(o)
	if err != nil {
		return result, err
	}
	self, err := os.Executable()
	if err != nil {
		return result, fmt.Errorf("find this program: %w", err)
	}
	out, err := finish(ctx, b.dir, nil, bytes.NewReader(text), self, "load")
	if err != nil {
		return result, err
	}
	return result, json.Unmarshal(out, &result)
}

// rounds loads all subjects in turn, in another order each time, and gives each subject's runs.
func (b *bench) rounds(ctx context.Context, subjects []*subject, connections, n int) ([][]run, error) {
	runs := make([][]run, len(subjects))
	order := make([]int, len(subjects))
	for i := range order {
		order[i] = i
	}
	for range n {
		for _, i := range order {
			r, err := b.measure(ctx, subjects[i], connections)
			if err != nil {
				return nil, err
			}
			runs[i] = append(runs[i], r)
			b.tell("%d connections, %s: %.0f/s, p50 %.1f ms, p99 %.1f ms", connections, subjects[i].name, r.Rate, r.P50, r.P99)
		}
		slices.Reverse(order)
	}
	return runs, nil
}
