package handover_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/handover"
)

func TestRetry_givesToOthersWhereTheFirstReceiversCannotGetThem(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c, d := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙"), w.Clerk(t, "丁")
		away := w.Hire(t, "外店", model.RoleClerk, w.Other)
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		w.members(t, from, "A", "A", "A", "A")
		rule := balanced(b, c)
		rule.Capacity, rule.PerDay = map[string]int{b.StaffID: 3}, 7
		plan, err := w.handover.Plan(t.Context(), manager, handover.Plan{FromClerkID: from.StaffID, Rule: rule})
		require.NoError(t, err)
		id := plan.Handover.ID
		_, err = w.handover.Run(t.Context(), manager, id)
		require.NoError(t, err)
		require.NoError(t, w.Staff.Deactivate(t.Context(), w.Owner, c.StaffID))
		require.NoError(t, w.handover.Work(t.Context()))
		require.EqualValues(t, 2, w.state(t, id).Failed)
		_, err = w.handover.Retry(t.Context(), manager, id, nil)
		require.Equal(t, "no_room", w.reason(t, err), "he has one place left")
		for name, c := range map[string]struct {
			to   []string
			word string
		}{
			"to himself": {ids(from), "same_clerk"}, "who left": {ids(c), "left"}, "twice": {ids(d, d), "duplicate"},
			"nobody known": {[]string{"小明"}, "receiver_not_found"}, "out of reach": {ids(away), "receiver_not_found"},
			"too many": {make([]string, model.MaxReceivers+1), "too_many"},
		} {
			_, err := w.handover.Retry(t.Context(), manager, id, c.to)
			f := fault.Of(err)
			require.NotNil(t, f, "%s: %v", name, err)
			word := f.Reason
			if len(f.Fields) > 0 {
				word = f.Fields[0].Reason
			}
			require.Equal(t, c.word, word, name)
		}
		again, err := w.handover.Retry(t.Context(), manager, id, ids(b, d))
		require.NoError(t, err)
		gets := map[string]int{}
		for _, r := range again.Preview.Receivers {
			gets[r.ClerkID] = r.Gets
		}
		require.Equal(t, 2, gets[b.StaffID]+gets[d.StaffID])
		require.LessOrEqual(t, gets[b.StaffID], 1)
		require.JSONEq(t, `{"kind":"balanced","to":["`+b.StaffID+`","`+d.StaffID+`"],"capacity":{"`+b.StaffID+`":1},"per_day":7}`, again.Handover.Rule)
		require.NoError(t, w.Staff.Deactivate(t.Context(), w.Owner, b.StaffID))
		_, err = w.handover.Retry(t.Context(), manager, id, nil)
		require.Equal(t, "no_receiver", w.reason(t, err))
		again, err = w.handover.Retry(t.Context(), manager, id, ids(d))
		require.NoError(t, err)
		require.EqualValues(t, 2, w.run(t, again.Handover.ID).Moved)
		w.requireSound(t)
	})
}

func TestRetry_followsAMemberWhoWasMerged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		moved, gone, kept, last := w.member(t, from, "A").ID, w.member(t, from, "B").ID, w.member(t, from, "B").ID, w.member(t, from, "C").ID
		plan, err := w.handover.Plan(t.Context(), w.Owner, handover.Plan{
			FromClerkID: from.StaffID, Moves: []handover.ByHand{{MemberID: moved, ToClerkID: b.StaffID}, {MemberID: gone, ToClerkID: b.StaffID}},
		})
		require.NoError(t, err)
		merge := func(actor access.Actor, from, into string) {
			_, err := w.Members.Merge(t.Context(), actor, from, into, false)
			require.NoError(t, err)
		}
		merge(w.Owner, gone, kept)
		h := w.run(t, plan.Handover.ID)
		require.Equal(t, []int64{1, 1}, []int64{h.Moved, h.Skipped})
		merge(w.Owner, kept, last)
		seen, err := w.handover.Get(t.Context(), w.Owner, h.ID)
		require.NoError(t, err)
		require.EqualValues(t, 1, seen.Left)
		again, err := w.handover.Retry(t.Context(), w.Owner, h.ID, nil)
		require.NoError(t, err)
		require.EqualValues(t, 1, w.run(t, again.Handover.ID).Moved)
		require.Equal(t, b.StaffID, w.owner(t, last))
		w.requireSound(t)
	})
}
