package handover_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/binding"
	"liuke/service/fault"
	"liuke/service/handover"
	"liuke/service/staff"
)

func TestUndo_takesBackAllButWhomTheNewClerkHasWrittenToOrWhoMovedOn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		code := w.Code(t, from, binding.Mint{Kind: model.CodeClerk})
		answered, silent := w.follower(t, "答过", code.Scene), w.follower(t, "没答", code.Scene)
		rest := w.members(t, from, "A", "B")
		plan := w.plan(t, from, true, b)
		h := w.run(t, plan.Handover.ID)
		require.EqualValues(t, 4, h.Moved)

		w.Write(t, silent, "有人吗")
		w.Write(t, answered, "你好")
		w.Reply(t, b, answered, "1", "您好")
		moved, err := w.handover.Plan(t.Context(), w.Owner, handover.Plan{FromClerkID: b.StaffID, Moves: []handover.ByHand{{MemberID: rest[0], ToClerkID: c.StaffID}}})
		require.NoError(t, err)
		w.run(t, moved.Handover.ID)

		h = w.undo(t, h.ID)
		require.Equal(t, model.HandoverUndone, h.State)
		require.EqualValues(t, 2, h.Undone)
		require.EqualValues(t, 2, h.Stayed)
		moves := w.moves(t, h.ID)
		require.Equal(t, "moved_on", moves[rest[0]].Move.Reason)
		require.Equal(t, model.MoveStays, moves[rest[0]].Result)
		require.Equal(t, "answered", moves[w.Member(t, answered).ID].Move.Reason)
		require.Equal(t, model.MoveUndone, moves[rest[1]].Result)
		require.Equal(t, c.StaffID, w.owner(t, rest[0]))
		require.Equal(t, b.StaffID, w.Conversation(t, answered).ClerkID)
		require.Equal(t, from.StaffID, w.Conversation(t, silent).ClerkID)
		require.Equal(t, from.StaffID, w.owner(t, rest[1]))
		require.Len(t, w.Bindings(t, silent), 3)
		w.requireSound(t)

		signed, err := w.Staff.SignIn(t.Context(), staff.SignIn{Phone: "13800000001", Password: "password-of-clerk"})
		require.NoError(t, err, "same password, new sign-in")
		require.Equal(t, from.StaffID, signed.Staff.ID)
		require.Equal(t, from.StaffID, w.Conversation(t, w.follower(t, "新客", code.Scene)).ClerkID)

		_, err = w.handover.Undo(t.Context(), w.Owner, h.ID)
		require.Equal(t, "not_done", fault.Of(err).Reason)
	})
}

func TestUndo_isRefusedWhenTooLateOrNeverRun(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		w.members(t, from, "A")
		plan := w.plan(t, from, false, b)
		_, err := w.handover.Undo(t.Context(), w.Owner, plan.Handover.ID)
		require.Equal(t, "not_done", fault.Of(err).Reason)
		w.run(t, plan.Handover.ID)
		_, err = w.DB.Exec(t.Context(), "UPDATE handovers SET undo_until = 1 WHERE id = ?", plan.Handover.ID)
		require.NoError(t, err)
		_, err = w.handover.Undo(t.Context(), w.Owner, plan.Handover.ID)
		require.Equal(t, "undo_too_late", fault.Of(err).Reason)
	})
}

func TestUndo_leavesWhoLeftBeforeOutsideAndFailsWithoutTheClerk(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		member := w.members(t, from, "A")[0]
		moved := w.run(t, w.plan(t, from, false, b).Handover.ID)
		require.NoError(t, w.Staff.Deactivate(t.Context(), w.Owner, from.StaffID))
		_, err := w.handover.Undo(t.Context(), w.Owner, moved.ID)
		require.Equal(t, "clerk_left", fault.Of(err).Reason)
		require.Equal(t, b.StaffID, w.owner(t, member))
	})
}

func TestUndo_givesNobodyToALeaverWhoCameBackAndLeftAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		members := w.members(t, from, "A", "B")
		moved := w.run(t, w.plan(t, from, true, b).Handover.ID)
		require.NoError(t, w.Staff.Reactivate(t.Context(), w.Owner, from.StaffID))
		require.NoError(t, w.Staff.Deactivate(t.Context(), w.Owner, from.StaffID))
		h := w.undo(t, moved.ID)
		require.Equal(t, model.HandoverDone, h.State)
		require.Equal(t, "clerk_left", h.Reason)
		for _, id := range members {
			require.Equal(t, b.StaffID, w.owner(t, id), "his members stay with who serves them")
		}
		w.requireSound(t)
	})
}
