package handover_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/account"
	"liuke/service/fault"
	"liuke/service/worldtest"
)

func (w *world) undoHours(t *testing.T, actor access.Actor, hours int64) error {
	t.Helper()
	_, err := w.Accounts.Update(t.Context(), actor, account.Update{UndoHours: &hours})
	return err
}

// How long a handover can be taken back is the account's to say, at the moment of the run: who was told until when keeps
// that, whatever is set later.
func TestUndo_isPossibleUntilTheLimitOfTheRun(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			var hand ahead
			w := &world{World: worldtest.New(t, databasetest.Open(t, databasetest.Fresh(t, kind), hand.Now))}
			w.handover = w.room()
			from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
			members := w.members(t, from, "A", "B", "C", "C")
			run := func(n int) model.Handover {
				h := w.run(t, w.byHand(t, from, b, members[n]))
				require.EqualValues(t, 1, h.Moved)
				return h
			}
			lasts := func(h model.Handover, hours int64) {
				require.Equal(t, (time.Duration(hours) * time.Hour).Milliseconds(), h.UndoUntil-h.DoneAt)
			}
			usual := run(0)
			lasts(usual, model.UndoHours)

			for _, hours := range []int64{-1, 0, model.MaxUndoHours + 1} {
				requireFault(t, w.undoHours(t, w.Owner, hours), "undo_hours", "range")
			}
			require.True(t, fault.Is(w.undoHours(t, b, 1), fault.Forbidden))
			require.NoError(t, w.undoHours(t, w.Owner, model.MaxUndoHours))
			long := run(1)
			lasts(long, model.MaxUndoHours)
			require.NoError(t, w.undoHours(t, w.Owner, 1))
			short, late := run(2), run(3)
			lasts(short, 1)

			to := func(at int64) { hand.pass(time.Until(model.Time(at).Add(-time.Duration(hand.by.Load())))) }
			to(short.UndoUntil - time.Minute.Milliseconds())
			require.Equal(t, model.HandoverUndone, w.undo(t, short.ID).State)
			require.Equal(t, from.StaffID, w.owner(t, members[2]))
			to(late.UndoUntil + 1)
			_, err := w.handover.Undo(t.Context(), w.Owner, late.ID)
			require.True(t, fault.Is(err, fault.Conflict))
			require.Equal(t, "undo_too_late", fault.Of(err).Reason)
			require.Equal(t, b.StaffID, w.owner(t, members[3]))

			require.Equal(t, model.HandoverUndone, w.undo(t, usual.ID).State, "the shorter limit is for later runs")
			to(long.UndoUntil - time.Minute.Milliseconds())
			require.Equal(t, model.HandoverUndone, w.undo(t, long.ID).State)
			w.requireSound(t)
		})
	}
}
