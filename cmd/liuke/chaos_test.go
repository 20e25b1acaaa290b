//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model/database"
)

// What says how long the chaos lasts and how it goes. Unset, there are a few faults, in the order of one seed; set to a duration (such as
// 20m), seed after seed is gone through, all faults of each, until the time is over. A seed decides which faults come in which
// order, how long they last and whom they hit; chaosOnly names the only fault to try.
const (
	chaosVariable = "LIUKE_TEST_CHAOS"
	chaosOnly     = "LIUKE_TEST_CHAOS_ONLY"
)

// tally is what a fault did, over all its rounds.
type tally struct {
	rounds, answered, lost, doubled, swapped, resent, unheard, other int
	drained                                                          []time.Duration
}

// Whatever is killed, cut off, full, late or confused: when it is over, every push that WeChat was told `success` for is in its
// place once, no answer went out twice, no event was missed, and everything has come to an end by itself.
func TestChaos_losesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	length := time.Duration(0)
	if text := os.Getenv(chaosVariable); text != "" {
		var err error
		length, err = time.ParseDuration(text)
		require.NoError(t, err, chaosVariable)
	}
	end := time.Now().Add(length)
	for _, kind := range []string{database.SQLite, database.MySQL} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			table := map[string]*tally{}
			for seed := number64(t, seedVariable, 1); ; seed++ {
				t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { rounds(t, kind, seed, length > 0, table) })
				if t.Failed() || !time.Now().Before(end) {
					break
				}
			}
			t.Logf("\n%s", printed(kind, table))
		})
	}
}

// rounds tries the faults of one seed, one after the other, on one chain.
func rounds(t *testing.T, kind string, seed uint64, all bool, table map[string]*tally) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, uint64(len(kind))))
	plan := slices.DeleteFunc(harms(), func(h harm) bool { return h.on != "" && h.on != kind })
	rng.Shuffle(len(plan), func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })
	if only := os.Getenv(chaosOnly); only != "" {
		plan = slices.DeleteFunc(plan, func(h harm) bool { return !strings.Contains(h.name, only) })
	} else if !all {
		plan = slices.DeleteFunc(plan, func(h harm) bool { return h.few != kind })
	}
	c := newChaos(t, kind, rng, "")
	for _, h := range plan {
		if v := c.round(h, table); len(v.faults()) > 0 {
			t.Errorf("%s: seed %d, %q:\n%s\n%s", kind, seed, h.name, strings.Join(v.faults(), "\n"), c.logged(30, "WARN", "ERROR"))
			return // what comes now would suffer from it
		}
	}
}

// round lets one thing go wrong under traffic, waits until everything has come to an end, and looks at what there is.
func (c *chaos) round(h harm, table map[string]*tally) verdict {
	c.t.Helper()
	c.look()
	traffic := c.begin(30 * time.Millisecond)
	c.pause(300 * time.Millisecond)
	wrong := h.do(c)
	healed := time.Now()
	c.pause(300 * time.Millisecond)
	traffic.stop()
	stuck := c.drain(demoPatience)
	took := time.Since(healed)
	v := c.judge(traffic.replies)
	v.stuck = append(v.stuck, stuck...)
	v.stuck = append(v.stuck, wrong...)
	row := table[h.name]
	if row == nil {
		row = &tally{}
		table[h.name] = row
	}
	row.rounds++
	row.answered += v.answered
	row.lost += len(v.lost)
	row.doubled += len(v.doubled) + len(v.invented)
	row.swapped += len(v.swapped)
	row.resent += len(v.resent)
	row.unheard += len(v.unheard) + len(v.echoed)
	row.other += len(v.strayed) + len(v.bound) + len(v.stuck)
	row.drained = append(row.drained, took)
	c.t.Logf("%-50s %4d pushes answered, %3d answers written, drained after %s", h.name, v.answered, len(traffic.replies), took.Round(10*time.Millisecond))
	if h.scattered {
		v.swapped = nil
	}
	return v
}

// printed is the table of what the faults did.
func printed(kind string, table map[string]*tally) string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "%s: fault\truns\tpushes answered\tlost\tdoubled\tout of order\tsent twice\tevents missed\tother\tdrained (median)\tat most\n", kind)
	names := make([]string, 0, len(table))
	for name := range table {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		r := table[name]
		slices.Sort(r.drained)
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", name, r.rounds, r.answered, r.lost, r.doubled, r.swapped, r.resent, r.unheard, r.other,
			r.drained[len(r.drained)/2].Round(100*time.Millisecond), r.drained[len(r.drained)-1].Round(100*time.Millisecond))
	}
	_ = w.Flush()
	return out.String()
}
