package handover_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/handover"
)

func (w *world) quiet(t *testing.T, actor access.Actor) map[string]handover.QuietMember {
	t.Helper()
	rows, next, err := w.handover.Quiet(t.Context(), actor, "", "", 100)
	require.NoError(t, err)
	require.Empty(t, next)
	of := map[string]handover.QuietMember{}
	for _, r := range rows {
		of[r.MemberID] = r
	}
	return of
}

// later makes what is there some days older.
func (w *world) later(t *testing.T, days int) {
	t.Helper()
	w.exec(t, "UPDATE todos SET assigned_at = assigned_at - ?", (time.Duration(days) * 24 * time.Hour).Milliseconds())
}

func TestQuiet_areThoseWhomNobodyContactedForTheDaysOfTheAccount(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		manager, stranger := w.Hire(t, "店长", model.RoleManager, w.Store), w.Hire(t, "店长二", model.RoleManager, w.Other)
		written, m := w.talker(t, from)
		members := w.members(t, from, "A", "B", "C")
		h := w.run(t, w.plan(t, from, false, b).Handover.ID)
		w.later(t, model.DefaultQuiet-1)
		require.Empty(t, w.quiet(t, manager))
		w.later(t, 1)
		require.Len(t, w.quiet(t, manager), 4)
		require.Empty(t, w.quiet(t, stranger))

		w.Becomes(t, w.Reply(t, b, written, "1", "在的").ID, model.StateAccepted)
		_, err := w.handover.DoTodo(t.Context(), b, w.todoOf(t, b, members[0]).ID, model.TodoNoAnswer, "")
		require.NoError(t, err)
		left := w.quiet(t, manager)
		require.Len(t, left, 2)
		require.NotContains(t, left, m)
		require.NotContains(t, left, members[0])
		require.Equal(t, "乙", left[members[1]].ClerkName)
		people, _, err := w.handover.TodoProgress(t.Context(), manager, handover.ProgressFilter{HandoverID: h.ID, Limit: 10})
		require.NoError(t, err)
		require.EqualValues(t, 2, people[0].Quiet)
		for store, n := range map[string]int{w.Store.ID: 2, w.Other.ID: 0, "nowhere": 0} {
			rows, _, err := w.handover.Quiet(t.Context(), w.Owner, store, "", 10)
			require.NoError(t, err)
			require.Len(t, rows, n, store)
		}
		rows, next, err := w.handover.Quiet(t.Context(), w.Owner, w.Store.ID, "", 1)
		require.NoError(t, err)
		require.Len(t, rows, 1)
		again, _, err := w.handover.Quiet(t.Context(), w.Owner, w.Store.ID, next, 1)
		require.NoError(t, err)
		require.NotEqual(t, rows, again)

		_, err = w.handover.SetDutySettings(t.Context(), w.Owner, model.DutySettings{QuietDays: 30})
		require.NoError(t, err)
		require.Empty(t, w.quiet(t, manager))
		_, err = w.handover.SetDutySettings(t.Context(), w.Owner, model.DutySettings{QuietDays: 0})
		require.NoError(t, err)
		w.later(t, 400)
		require.Empty(t, w.quiet(t, manager), "0 is never")
		_, err = w.handover.SetDutySettings(t.Context(), w.Owner, model.DutySettings{QuietDays: 14})
		require.NoError(t, err)
		w.undo(t, h.ID)
		require.Empty(t, w.quiet(t, manager), "taken back")
	})
}

func TestQuiet_areGivenOnByOneActEachForHimself(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		manager, stranger := w.Hire(t, "店长", model.RoleManager, w.Store), w.Hire(t, "店长二", model.RoleManager, w.Other)
		members := w.members(t, from, "A", "B", "C", "")
		w.run(t, w.plan(t, from, true, b).Handover.ID)
		w.later(t, model.DefaultQuiet)
		id := func(n int) string { return w.todoOf(t, b, members[n]).ID }
		ids := []string{id(0), id(1), id(2), id(3)}
		_, err := w.handover.DoTodo(t.Context(), b, ids[3], model.TodoReached, "")
		require.NoError(t, err)

		give := func(actor access.Actor, in handover.Give) []handover.Given {
			done, err := w.handover.GiveQuiet(t.Context(), actor, in)
			require.NoError(t, err)
			return done
		}
		to := handover.Give{TodoIDs: []string{ids[0], ids[3], model.NewID()}, To: handover.GiveToClerk, ClerkID: c.StaffID, DryRun: true}
		want := []handover.Given{{ids[0], ""}, {ids[3], "contacted"}, {to.TodoIDs[2], "not_found"}}
		require.Equal(t, want, give(manager, to))
		require.Equal(t, b.StaffID, w.owner(t, members[0]), "nothing has moved")
		to.DryRun = false
		require.Equal(t, want, give(manager, to))
		require.Equal(t, c.StaffID, w.owner(t, members[0]))
		require.Equal(t, ids[0], w.todoOf(t, c, members[0]).ID)
		require.Equal(t, "contacted", give(manager, to)[0].Reason, "a second time there is nothing to give")

		require.Equal(t, "not_found", give(stranger, handover.Give{TodoIDs: ids[1:2], To: handover.GiveToQueue})[0].Reason)
		require.Equal(t, "same_clerk", give(manager, handover.Give{TodoIDs: ids[1:2], To: handover.GiveToClerk, ClerkID: b.StaffID})[0].Reason)
		require.Empty(t, give(manager, handover.Give{TodoIDs: ids[1:2], To: handover.GiveToQueue})[0].Reason)
		require.Empty(t, w.owner(t, members[1]))
		require.Empty(t, give(manager, handover.Give{TodoIDs: ids[2:3], To: handover.GiveKeep})[0].Reason)
		require.Equal(t, b.StaffID, w.owner(t, members[2]))
		require.Empty(t, w.quiet(t, manager))
		w.later(t, model.DefaultQuiet)
		require.Len(t, w.quiet(t, manager), 2, "the days are counted anew for the one who stayed and the one who went on")
		w.requireSound(t)

		for _, bad := range []handover.Give{
			{To: handover.GiveToQueue},
			{TodoIDs: make([]string, model.MaxGiveAtOnce+1), To: handover.GiveToQueue},
			{TodoIDs: ids[:1], To: handover.GiveToClerk},
			{TodoIDs: ids[:1], To: handover.GiveToQueue, ClerkID: c.StaffID},
			{TodoIDs: ids[:1], To: handover.GiveToClerk, ClerkID: from.StaffID},
			{TodoIDs: ids[:1], To: handover.GiveToClerk, ClerkID: stranger.StaffID},
		} {
			_, err := w.handover.GiveQuiet(t.Context(), manager, bad)
			require.NotNil(t, fault.Of(err), "%+v: %v", bad, err)
		}
	})
}

func TestKeepQuiet_tellsOnceAndMovesOnlyWhereTheAccountWantsIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		members := w.members(t, from, "A", "B")
		w.run(t, w.plan(t, from, true, b).Handover.ID)
		w.later(t, model.DefaultQuiet)
		w.exec(t, "DELETE FROM feed_events")
		told := func() int64 {
			var n int64
			require.NoError(t, w.DB.Read(t.Context()).Model(&model.FeedEvent{}).Where("stream = ? AND kind = 'todo'", "store:"+w.Store.ID).Count(&n).Error)
			return n
		}
		for range 2 {
			require.NoError(t, w.handover.KeepQuiet(t.Context()))
			require.NoError(t, w.room().KeepQuiet(t.Context()), "another instance")
			require.EqualValues(t, 1, told())
		}
		require.Equal(t, b.StaffID, w.owner(t, members[0]))

		_, err := w.handover.SetDutySettings(t.Context(), w.Owner, model.DutySettings{QuietDays: 14, ToQueue: true})
		require.NoError(t, err)
		_, err = w.handover.DoTodo(t.Context(), b, w.todoOf(t, b, members[1]).ID, model.TodoReached, "")
		require.NoError(t, err)
		failed := make(chan error, 2)
		go func() { failed <- w.handover.KeepQuiet(t.Context()) }()
		go func() { failed <- w.room().KeepQuiet(t.Context()) }()
		require.NoError(t, <-failed)
		require.NoError(t, <-failed)
		require.Empty(t, w.owner(t, members[0]))
		require.Equal(t, b.StaffID, w.owner(t, members[1]))
		var bindings int64
		require.NoError(t, w.DB.Read(t.Context()).Model(&model.Binding{}).Where("member_id = ?", members[0]).Count(&bindings).Error)
		require.EqualValues(t, 2, bindings)
		w.requireSound(t)
	})
}
