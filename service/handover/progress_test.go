package handover_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/handover"
)

// progress reads how far people are, a page at a time, by their ids.
func (w *world) progress(t *testing.T, actor access.Actor, handoverID string) map[string]handover.Progress {
	t.Helper()
	of, f := map[string]handover.Progress{}, handover.ProgressFilter{HandoverID: handoverID, Limit: 1}
	for {
		rows, next, err := w.handover.TodoProgress(t.Context(), actor, f)
		require.NoError(t, err)
		for _, p := range rows {
			require.NotContains(t, of, p.StaffID)
			of[p.StaffID] = p
		}
		if f.After = next; next == "" {
			return of
		}
	}
}

// Of a handover no member is left out: who waits in a queue is nobody's, and shown so, after the people.
func TestProgress_countsWhoWaitsInAQueue(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		w.members(t, from, "A", "A", "B", "B")
		h := w.run(t, w.plan(t, from, true, b, c).Handover.ID)
		w.later(t, model.DefaultQuiet)
		todo := w.todos(t, b, handover.TodoFilter{})[0]
		given, err := w.handover.GiveQuiet(t.Context(), w.Owner, handover.Give{TodoIDs: []string{todo.ID}, To: handover.GiveToQueue})
		require.NoError(t, err)
		require.Empty(t, given[0].Reason)

		of := w.progress(t, w.Owner, h.ID)
		open := func(id string) int64 { return of[id].Todos.Overdue + of[id].Todos.Today + of[id].Todos.Later }
		require.Equal(t, []int64{1, 2, 1}, []int64{open(b.StaffID), open(c.StaffID), open("")})
		require.Len(t, of, 3)
		require.Empty(t, of[""].Name+of[""].StoreID)
		require.Len(t, w.progress(t, w.Owner, ""), 2, "a team is of people")
	})
}

// How many introduced themselves is told of how many can: who has no conversation cannot be written to.
func TestProgress_tellsIntroductionsOfHowMany(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		_, written := w.talker(t, from)
		later, waits := w.talker(t, from)
		_, silent := w.talker(t, from)
		away, _ := w.talker(t, from)
		w.members(t, from, "A", "B") // not on WeChat
		h := w.run(t, w.plan(t, from, true, b).Handover.ID)
		require.Equal(t, []int64{0, 0, 4}, w.introduced(t, b, h.ID))

		i, err := w.handover.Introduce(t.Context(), b, h.ID, written, "您好")
		require.NoError(t, err)
		w.Becomes(t, i.MessageID, model.StateAccepted)
		w.exec(t, "UPDATE allowances SET user_left = 0, event_left = 0 WHERE follower_id = ?", w.Conversation(t, later).FollowerID)
		i, err = w.handover.Introduce(t.Context(), b, h.ID, waits, "您好")
		require.NoError(t, err)
		require.Equal(t, []int64{1, 1, 4}, w.introduced(t, b, h.ID))
		require.NoError(t, w.Chat.Withdraw(t.Context(), b, i.ConversationID, i.MessageID))
		require.Equal(t, []int64{1, 0, 4}, w.introduced(t, b, h.ID), "another may be written")

		_, err = w.handover.DoTodo(t.Context(), b, w.todoOf(t, b, silent).ID, model.TodoReached, "")
		require.NoError(t, err)
		_, err = w.Chat.Assign(t.Context(), w.Owner, w.Conversation(t, away).ID, c.StaffID)
		require.NoError(t, err)
		require.Equal(t, []int64{1, 0, 3}, w.introduced(t, b, h.ID), "one is done and can still be written to; one is another's now")
		require.Equal(t, []int64{0, 0, 1}, w.introduced(t, c, h.ID))
	})
}

// introduced is how many a receiver introduced himself to, how many wait, and of how many.
func (w *world) introduced(t *testing.T, clerk access.Actor, handoverID string) []int64 {
	t.Helper()
	p := w.progress(t, w.Owner, handoverID)[clerk.StaffID]
	return []int64{p.Introduced, p.Waiting, p.Reachable}
}
