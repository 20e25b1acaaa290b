package handover

import (
	"cmp"
	"slices"

	"liuke/model"
)

// candidate is a member to be given.
type candidate struct {
	id      string
	storeID string
	level   string
	served  []string // receivers who served him before, the latest first
}

// receiver is somebody who gets members.
type receiver struct {
	id      string
	name    string
	storeID string
	room    int // how many he may still get; -1 = any number
	load    map[string]int
	total   int
	gets    int
}

func (r *receiver) full() bool { return r.room == 0 }

func (r *receiver) take(level string) {
	r.load[level]++
	r.total++
	r.gets++
	if r.room > 0 {
		r.room--
	}
}

// share is where one member goes.
type share struct {
	member candidate
	to     *receiver
	why    string
}

// byValue orders members, the most valuable first.
func byValue(members []candidate) {
	slices.SortFunc(members, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(model.LevelRank(a.level), model.LevelRank(b.level)), cmp.Compare(a.id, b.id))
	})
}

// spread gives each member to one of the receivers: to who served him before if the rule says so, then to his own
// store, then to whoever has the fewest of his level, or the fewest at all. Loads count what the receivers have
// already. false: the receivers have no room for all.
func spread(members []candidate, receivers []*receiver, rule Rule) ([]share, bool) {
	byValue(members)
	shares := make([]share, 0, len(members))
	for _, m := range members {
		to, why := choose(m, receivers, rule)
		if to == nil {
			return nil, false
		}
		to.take(m.level)
		shares = append(shares, share{m, to, why})
	}
	return shares, true
}

func choose(m candidate, receivers []*receiver, rule Rule) (*receiver, string) {
	if rule.ServedBefore {
		for _, id := range m.served {
			for _, r := range receivers {
				if r.id == id && !r.full() {
					return r, model.WhyServed
				}
			}
		}
	}
	if rule.SameStoreFirst && m.storeID != "" {
		if r := lightest(m.level, receivers, rule, m.storeID); r != nil {
			return r, model.WhySameStore
		}
	}
	return lightest(m.level, receivers, rule, ""), model.WhyBalance
}

// lightest finds the receiver with the least load, of one store unless that is empty; of equals the one named first.
func lightest(level string, receivers []*receiver, rule Rule, storeID string) *receiver {
	var best *receiver
	for _, r := range receivers {
		if r.full() || storeID != "" && r.storeID != storeID {
			continue
		}
		if best == nil || lighter(r, best, level, rule.levels()) {
			best = r
		}
	}
	return best
}

func lighter(a, b *receiver, level string, byLevel bool) bool {
	if byLevel && a.load[level] != b.load[level] {
		return a.load[level] < b.load[level]
	}
	return a.total < b.total
}

// sample takes n members out of all, the same part of each level.
func sample(members []candidate, n int) []candidate {
	if n <= 0 || n >= len(members) {
		return members
	}
	byValue(members)
	taken := make([]candidate, n)
	for i := range taken {
		taken[i] = members[i*len(members)/n]
	}
	return taken
}
