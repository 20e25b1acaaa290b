package handover_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/service/fault"
	"liuke/service/handover"
)

// family links members.
func (w *world) family(t *testing.T, members ...string) {
	t.Helper()
	for _, other := range members[1:] {
		require.NoError(t, w.Members.Relate(t.Context(), w.Owner, members[0], other))
	}
}

func (w *world) getters(t *testing.T, handoverID string, members ...string) []string {
	t.Helper()
	moves, got := w.moves(t, handoverID), make([]string, len(members))
	for i, id := range members {
		got[i] = moves[id].Move.ToClerkID
	}
	return got
}

func TestFamilies_stayTogetherWhateverElseTheRuleAsks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		away := w.Hire(t, "外店", "clerk", w.Other)
		m := w.members(t, from, "A", "A", "B", "B", "C", "C", "C")
		w.family(t, m[0], m[2], m[4])
		kin := w.members(t, away, "A")[0]
		w.family(t, m[1], m[3], kin) // of this family one is with a receiver already
		plan := func(rule handover.Rule) string {
			rule.Kind, rule.KeepFamilies = "balanced", true
			if rule.To == nil {
				rule.To = ids(b, c, away)
			}
			p, err := w.handover.Plan(t.Context(), w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: &rule})
			require.NoError(t, err)
			return p.Handover.ID
		}
		together := func(id string, members ...string) string {
			got := w.getters(t, id, members...)
			for _, who := range got {
				require.Equal(t, got[0], who)
			}
			return got[0]
		}

		id := plan(handover.Rule{SameStoreFirst: true})
		require.NotEqual(t, away.StaffID, together(id, m[0], m[2], m[4]))
		require.Equal(t, away.StaffID, together(id, m[1], m[3]), "the family comes before the store")
		require.Equal(t, "family", w.moves(t, id)[m[1]].Move.Why)

		byNumber := false
		together(plan(handover.Rule{ByLevel: &byNumber}), m[0], m[2], m[4])

		id = plan(handover.Rule{To: ids(b, c), Capacity: map[string]int{b.StaffID: 2, c.StaffID: 5}})
		require.Equal(t, c.StaffID, together(id, m[0], m[2], m[4]), "only he has room for three")
		together(id, m[1], m[3])

		id = plan(handover.Rule{To: ids(b, c, away), Capacity: map[string]int{b.StaffID: 2, c.StaffID: 2, away.StaffID: 3}})
		require.Equal(t, away.StaffID, together(id, m[0], m[2], m[4]), "nobody else has room for three")
		together(id, m[1], m[3])

		id = plan(handover.Rule{To: ids(b, c), Capacity: map[string]int{b.StaffID: 2}, Count: 4})
		moves := w.moves(t, id)
		require.LessOrEqual(t, len(moves), 4)
		n := map[int]int{}
		for _, one := range []int{0, 2, 4} {
			if _, in := moves[m[one]]; in {
				n[0]++
			}
		}
		require.Contains(t, []int{0, 3}, n[0], "all of a family or nobody")

		only := w.Clerk(t, "丁")
		pair := w.members(t, only, "A", "A")
		w.family(t, pair...)
		_, err := w.handover.Plan(t.Context(), w.Owner, handover.Plan{FromClerkID: only.StaffID, Rule: &handover.Rule{Kind: "balanced", To: ids(b), Count: 1, KeepFamilies: true}})
		requireFault(t, err, "rule.count", "too_small")
	})
}

// What comes after the plan keeps to it: who joins a leaver late goes where his family goes, in a new plan too.
func TestFamilies_stayTogetherWhenSomebodyComesAfterThePlan(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		m := w.members(t, from, "A", "B", "B", "C", "C", "C")
		w.family(t, m[0], m[1])
		w.members(t, b, "A", "B", "C") // who is alone would go to the other
		w.members(t, c, "A")
		p, err := w.handover.Plan(t.Context(), w.Owner, handover.Plan{FromClerkID: from.StaffID, Leaving: true, Rule: &handover.Rule{
			Kind: "balanced", To: ids(b, c), KeepFamilies: true,
		}})
		require.NoError(t, err)
		with := w.getters(t, p.Handover.ID, m[0])[0]

		late := w.members(t, from, "C", "C")
		w.family(t, m[0], late[0])
		w.members(t, from, "C", "C", "C")
		again, err := w.handover.Replan(t.Context(), w.Owner, p.Handover.ID)
		require.NoError(t, err)
		require.Equal(t, []string{with, with, with}, w.getters(t, again.Handover.ID, m[0], m[1], late[0]))

		last := w.members(t, from, "C")[0]
		w.family(t, m[0], last)
		w.members(t, from, "C", "C")
		h := w.run(t, p.Handover.ID)
		require.Equal(t, []string{with, with, with, with}, w.getters(t, h.ID, m[0], m[1], late[0], last))
		w.requireSound(t)
	})
}

func requireFault(t *testing.T, err error, field, reason string) {
	t.Helper()
	f := fault.Of(err)
	require.NotNil(t, f, "%v", err)
	require.Len(t, f.Fields, 1)
	require.Equal(t, field, f.Fields[0].Name)
	require.Equal(t, reason, f.Fields[0].Reason)
}
