package handover_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/handover"
)

func (w *world) reason(t *testing.T, err error) string {
	t.Helper()
	f := fault.Of(err)
	require.NotNil(t, f, "%v", err)
	return f.Reason
}

func TestRetry_movesWhoseReceiverLeftAndIsAnOrdinaryPlan(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		elsewhere := w.Hire(t, "外店长", model.RoleManager, w.Other)
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		w.members(t, from, "A", "A", "B", "B")
		rule := balanced(b, c)
		rule.Capacity = map[string]int{b.StaffID: 3, c.StaffID: 2}
		plan, err := w.handover.Plan(t.Context(), manager, handover.Plan{FromClerkID: from.StaffID, Rule: rule})
		require.NoError(t, err)
		id := plan.Handover.ID
		_, err = w.handover.Retry(t.Context(), manager, id, nil)
		require.Equal(t, "not_done", w.reason(t, err))
		_, err = w.handover.Run(t.Context(), manager, id)
		require.NoError(t, err)
		require.NoError(t, w.Staff.Deactivate(t.Context(), w.Owner, c.StaffID))
		require.NoError(t, w.handover.Work(t.Context()))
		seen, err := w.handover.Get(t.Context(), manager, id)
		require.NoError(t, err)
		require.EqualValues(t, 2, seen.Handover.Failed)
		require.EqualValues(t, 2, seen.Left)

		_, err = w.handover.Retry(t.Context(), elsewhere, id, nil)
		require.Equal(t, "handover_not_found", w.reason(t, err))
		_, err = w.handover.Retry(t.Context(), manager, id, nil)
		require.Equal(t, "no_room", w.reason(t, err), "of his three, one is left")
		_, err = w.DB.Exec(t.Context(), "UPDATE handovers SET rule = ? WHERE id = ?", `{"kind":"balanced","to":["`+b.StaffID+`","`+c.StaffID+`"]}`, id)
		require.NoError(t, err)

		again, err := w.handover.Retry(t.Context(), manager, id, nil)
		require.NoError(t, err)
		require.Equal(t, []any{id, model.HandoverPlanned, model.HandoverMove, 2}, []any{again.Handover.RetryOf, again.Handover.State, again.Handover.Kind, again.Preview.Members})
		require.Equal(t, b.StaffID, again.Preview.Receivers[0].ClerkID)
		h := w.run(t, again.Handover.ID)
		require.EqualValues(t, 2, h.Moved)
		_, err = w.handover.Retry(t.Context(), manager, id, nil)
		require.Equal(t, "nothing_to_retry", w.reason(t, err))
		require.EqualValues(t, 2, w.undo(t, again.Handover.ID).Undone)
		again, err = w.handover.Retry(t.Context(), manager, id, nil)
		require.NoError(t, err, "taken back, they are there again")
		require.Equal(t, 2, again.Preview.Members)
		w.requireSound(t)
	})
}

func TestRetry_keepsTheReceiverOfWhoCameBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		members := w.members(t, from, "A", "B", "C")
		hand := func(from access.Actor, pairs ...string) handover.Planned {
			var moves []handover.ByHand
			for i := 0; i < len(pairs); i += 2 {
				moves = append(moves, handover.ByHand{MemberID: pairs[i], ToClerkID: pairs[i+1]})
			}
			p, err := w.handover.Plan(t.Context(), w.Owner, handover.Plan{FromClerkID: from.StaffID, Moves: moves})
			require.NoError(t, err)
			return p
		}
		plan := hand(from, members[0], b.StaffID, members[1], c.StaffID, members[2], c.StaffID)
		w.run(t, hand(from, members[0], c.StaffID, members[1], b.StaffID).Handover.ID)
		h := w.run(t, plan.Handover.ID)
		require.Equal(t, []int64{1, 2}, []int64{h.Moved, h.Skipped})
		_, err := w.handover.Retry(t.Context(), w.Owner, h.ID, nil)
		require.Equal(t, "nothing_to_retry", w.reason(t, err), "both are another's now")

		w.run(t, hand(c, members[0], from.StaffID).Handover.ID)
		again, err := w.handover.Retry(t.Context(), w.Owner, h.ID, nil)
		require.NoError(t, err)
		moves := w.moves(t, again.Handover.ID)
		require.Len(t, moves, 1)
		require.Equal(t, b.StaffID, moves[members[0]].Move.ToClerkID)
		require.Equal(t, model.WhyByHand, moves[members[0]].Move.Why)
		w.run(t, again.Handover.ID)
		require.Equal(t, b.StaffID, w.owner(t, members[0]))
		require.Equal(t, c.StaffID, w.owner(t, members[2]), "who was moved is left alone")
		w.requireSound(t)
	})
}

func TestRetry_ofALeaverHoldsWhoeverIsStillBoundToHim(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		w.members(t, from, "A", "B")
		plan := w.plan(t, from, true, b)
		w.run(t, plan.Handover.ID)
		_, err := w.handover.Retry(t.Context(), w.Owner, plan.Handover.ID, nil)
		require.Equal(t, "nothing_to_retry", w.reason(t, err))

		forgotten := w.member(t, b, "C")
		_, err = w.DB.Exec(t.Context(), "UPDATE members SET clerk_id = ? WHERE id = ?", from.StaffID, forgotten.ID)
		require.NoError(t, err)
		_, err = w.DB.Exec(t.Context(), "UPDATE bindings SET clerk_id = ? WHERE member_id = ?", from.StaffID, forgotten.ID)
		require.NoError(t, err)
		again, err := w.handover.Retry(t.Context(), w.Owner, plan.Handover.ID, nil)
		require.NoError(t, err)
		require.False(t, again.Handover.Leaving)
		require.Equal(t, 1, again.Preview.Members)
		w.run(t, again.Handover.ID)
		require.Equal(t, b.StaffID, w.owner(t, forgotten.ID))
		w.requireSound(t)

		require.NoError(t, w.Staff.Deactivate(t.Context(), w.Owner, b.StaffID))
		_, err = w.DB.Exec(t.Context(), "UPDATE members SET clerk_id = ? WHERE id = ?", from.StaffID, forgotten.ID)
		require.NoError(t, err)
		_, err = w.DB.Exec(t.Context(), "UPDATE bindings SET clerk_id = ? WHERE member_id = ?", from.StaffID, forgotten.ID)
		require.NoError(t, err)
		_, err = w.handover.Retry(t.Context(), w.Owner, plan.Handover.ID, nil)
		require.Equal(t, "no_receiver", w.reason(t, err))
	})
}
