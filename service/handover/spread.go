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
	// bindingID and seq are of his open binding.
	bindingID string
	seq       int64
	family    string   // empty: he is linked to nobody
	kin       []string // receivers who have others of his family
	served    []string // receivers who served him before, the latest first
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

// fits reports whether he may get so many more.
func (r *receiver) fits(n int) bool { return r.room < 0 || r.room >= n }

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

// spread gives each member to one of the receivers: with his family if the rule says so, else to who served him before
// if the rule says so, then to his own store, then to whoever has the fewest of his level, or the fewest at all. Loads
// count what the receivers have already. Families come before members without one and the large before the small, so
// that nobody takes the room that a family needs. One for which nobody has room is divided, into as few parts as that
// room allows. false: the receivers have no room for all.
func spread(members []candidate, receivers []*receiver, rule Rule) ([]share, bool) {
	byValue(members)
	shares := make([]share, 0, len(members))
	for _, unit := range units(members, rule.KeepFamilies) {
		for len(unit) > 0 {
			part := unit[:most(receivers, len(unit))]
			if len(part) == 0 {
				return nil, false
			}
			to, why := choose(part, receivers, rule)
			for _, m := range part {
				to.take(m.level)
				shares = append(shares, share{m, to, why})
				why = model.WhyFamily
			}
			unit = unit[len(part):]
		}
	}
	return shares, true
}

// most is how many of n one of the receivers has room for.
func most(receivers []*receiver, n int) int {
	room := 0
	for _, r := range receivers {
		if r.room < 0 {
			return n
		}
		room = max(room, r.room)
	}
	return min(room, n)
}

// units puts the members of a family beside each other, in the place of the most valuable of them, the largest families
// first.
func units(members []candidate, families bool) [][]candidate {
	all := make([][]candidate, 0, len(members))
	of := map[string]int{}
	for i, m := range members {
		at, begun := of[m.family]
		if families && m.family != "" && begun {
			all[at] = append(all[at], m)
			continue
		}
		of[m.family] = len(all)
		all = append(all, members[i:i+1:i+1])
	}
	slices.SortStableFunc(all, func(a, b []candidate) int { return len(b) - len(a) })
	return all
}

func choose(unit []candidate, receivers []*receiver, rule Rule) (*receiver, string) {
	first := unit[0]
	if rule.KeepFamilies {
		if r := among(first.kin, receivers, len(unit)); r != nil {
			return r, model.WhyFamily
		}
	}
	if rule.ServedBefore {
		for _, m := range unit {
			if r := among(m.served, receivers, len(unit)); r != nil {
				return r, model.WhyServed
			}
		}
	}
	if rule.SameStoreFirst && first.storeID != "" {
		if r := lightest(first.level, len(unit), receivers, rule, first.storeID); r != nil {
			return r, model.WhySameStore
		}
	}
	return lightest(first.level, len(unit), receivers, rule, ""), model.WhyBalance
}

// among finds the first of the people named who is a receiver with room for n.
func among(ids []string, receivers []*receiver, n int) *receiver {
	for _, id := range ids {
		for _, r := range receivers {
			if r.id == id && r.fits(n) {
				return r
			}
		}
	}
	return nil
}

// lightest finds the receiver with the least load who has room for n, of one store unless that is empty; of equals the
// one named first.
func lightest(level string, n int, receivers []*receiver, rule Rule, storeID string) *receiver {
	var best *receiver
	for _, r := range receivers {
		if !r.fits(n) || storeID != "" && r.storeID != storeID {
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

// sample takes n members out of all, the same part of each level. Of a family it takes all or, where there is no room
// for them, nobody: then there may be fewer.
func sample(members []candidate, n int, families bool) []candidate {
	if n <= 0 || n >= len(members) {
		return members
	}
	byValue(members)
	all, of := units(members, families), make(map[string]int, len(members))
	for at, unit := range all {
		for _, m := range unit {
			of[m.id] = at
		}
	}
	taken := make([]candidate, 0, n)
	take := func(m candidate) {
		if unit := all[of[m.id]]; len(taken)+len(unit) <= n {
			taken, all[of[m.id]] = append(taken, unit...), nil
		}
	}
	for i := range n {
		take(members[i*len(members)/n])
	}
	for _, m := range members {
		take(m)
	}
	return taken
}
