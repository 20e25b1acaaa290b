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

// todos lists what somebody has to do.
func (w *world) todos(t *testing.T, actor access.Actor, f handover.TodoFilter) []handover.Todo {
	t.Helper()
	f.Limit = 100
	rows, next, err := w.handover.Todos(t.Context(), actor, f)
	require.NoError(t, err)
	require.Empty(t, next)
	return rows
}

// todoOf is the open to-do of a clerk about a member.
func (w *world) todoOf(t *testing.T, clerk access.Actor, memberID string) handover.Todo {
	t.Helper()
	for _, todo := range w.todos(t, clerk, handover.TodoFilter{}) {
		if todo.MemberID == memberID {
			return todo
		}
	}
	t.Fatal("no to-do about the member")
	return handover.Todo{}
}

func (w *world) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	_, err := w.DB.Exec(t.Context(), sql, args...)
	require.NoError(t, err)
}

func TestTodos_areCountedByTheDayOfTheStoreAndPutOff(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		members := w.members(t, from, "A", "A", "B", "C")
		w.run(t, w.plan(t, from, true, b).Handover.ID)
		w.exec(t, "UPDATE stores SET time_zone = 'Pacific/Kiritimati' WHERE id = ?", w.Store.ID) // 14 hours ahead
		zone := model.Zone("Pacific/Kiritimati")
		today, tomorrow := model.Day(time.Now(), zone)
		set := func(id string, at time.Time) {
			w.exec(t, "UPDATE todos SET due_at = ? WHERE member_id = ?", at.UnixMilli(), id)
		}
		set(members[0], today.Add(-time.Millisecond))
		set(members[1], today)
		set(members[2], tomorrow.Add(-time.Millisecond))
		set(members[3], tomorrow)
		c, err := w.handover.CountTodos(t.Context(), b)
		require.NoError(t, err)
		require.Equal(t, handover.TodoCounts{Overdue: 1, Today: 2, Later: 1}, c)
		for due, n := range map[string]int{handover.DueOverdue: 1, handover.DueToday: 2, handover.DueLater: 1, "": 4} {
			require.Len(t, w.todos(t, b, handover.TodoFilter{Due: due}), n, due)
		}

		todo := w.todoOf(t, b, members[0])
		local := time.Now().In(zone)
		day := func(n int) time.Time {
			return time.Date(local.Year(), local.Month(), local.Day()+n, 0, 0, 0, 0, time.UTC)
		}
		for n, reason := range map[int]string{0: "not_later", -1: "not_later", model.MaxSnooze + 1: "too_far"} {
			_, err = w.handover.SnoozeTodo(t.Context(), b, todo.ID, day(n), "")
			require.Equal(t, reason, fault.Of(err).Fields[0].Reason, n)
		}
		_, err = w.handover.SnoozeTodo(t.Context(), from, todo.ID, day(1), "")
		require.True(t, fault.Is(err, fault.NotFound))
		put, err := w.handover.SnoozeTodo(t.Context(), b, todo.ID, day(model.MaxSnooze), "出差了")
		require.NoError(t, err)
		require.EqualValues(t, 1, put.Snoozes)
		require.Equal(t, "出差了", put.Note)
		require.Less(t, put.FirstDueAt, put.DueAt)
		put, err = w.handover.SnoozeTodo(t.Context(), b, todo.ID, day(1), "")
		require.NoError(t, err)
		require.Equal(t, "出差了", put.Note, "the note stays")
		require.Equal(t, tomorrow.Add(model.TodoHour*time.Hour).UnixMilli(), put.DueAt)
		c, err = w.handover.CountTodos(t.Context(), b)
		require.NoError(t, err)
		require.Equal(t, handover.TodoCounts{Today: 2, Later: 2}, c)

		_, err = w.handover.ReopenTodo(t.Context(), b, todo.ID)
		require.Equal(t, "not_done", fault.Of(err).Reason)
		_, err = w.handover.DoTodo(t.Context(), b, todo.ID, model.TodoNoAnswer, "没接")
		require.NoError(t, err)
		_, err = w.handover.SnoozeTodo(t.Context(), b, todo.ID, day(1), "")
		require.Equal(t, "done", fault.Of(err).Reason)
		require.Len(t, w.todos(t, b, handover.TodoFilter{Done: true}), 1)
		people, _, err := w.handover.TodoProgress(t.Context(), manager, handover.ProgressFilter{Limit: 10})
		require.NoError(t, err)
		require.Len(t, people, 1)
		require.Equal(t, handover.TodoCounts{Today: 2, Later: 1, Done: 1}, people[0].Todos)
		again, err := w.handover.ReopenTodo(t.Context(), b, todo.ID)
		require.NoError(t, err)
		require.Zero(t, again.DoneAt)
		_, err = w.handover.DoTodo(t.Context(), b, todo.ID, model.TodoReached, "")
		require.NoError(t, err)
		w.exec(t, "UPDATE todos SET done_at = done_at - ? WHERE id = ?", 2*model.ReopenTodo.Milliseconds(), todo.ID)
		_, err = w.handover.ReopenTodo(t.Context(), b, todo.ID)
		require.Equal(t, "not_reopened", fault.Of(err).Reason)
	})
}

func TestTodos_areSeenByWhoManagesThePeopleAndNobodyElse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		manager, stranger := w.Hire(t, "店长", model.RoleManager, w.Store), w.Hire(t, "店长二", model.RoleManager, w.Other)
		w.members(t, from, "A", "B")
		h := w.run(t, w.plan(t, from, true, b).Handover.ID)
		team := handover.TodoFilter{Team: true}
		require.Len(t, w.todos(t, manager, team), 2)
		require.Len(t, w.todos(t, w.Owner, handover.TodoFilter{Team: true, StaffID: b.StaffID}), 2)
		require.Empty(t, w.todos(t, stranger, team))
		require.Empty(t, w.todos(t, manager, handover.TodoFilter{}), "they are not his own")
		_, _, err := w.handover.Todos(t.Context(), b, handover.TodoFilter{Team: true, Limit: 1})
		require.True(t, fault.Is(err, fault.Forbidden))
		_, _, err = w.handover.Todos(t.Context(), stranger, handover.TodoFilter{Team: true, HandoverID: h.ID, Limit: 1})
		require.True(t, fault.Is(err, fault.NotFound))
		_, _, err = w.handover.TodoProgress(t.Context(), stranger, handover.ProgressFilter{HandoverID: h.ID, Limit: 1})
		require.True(t, fault.Is(err, fault.NotFound))
		one, _, err := w.handover.TodoProgress(t.Context(), manager, handover.ProgressFilter{HandoverID: h.ID, Limit: 10})
		require.NoError(t, err)
		require.Equal(t, "乙", one[0].Name)
	})
}

func TestTodos_followTheMemberToWhoeverIsNext(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		p, m := w.talker(t, from)
		w.run(t, w.plan(t, from, true, b).Handover.ID)
		w.exec(t, "UPDATE todos SET due_at = 1, assigned_at = 1")
		_, err := w.Chat.Assign(t.Context(), w.Owner, w.Conversation(t, p).ID, c.StaffID)
		require.NoError(t, err)
		require.Empty(t, w.todos(t, b, handover.TodoFilter{}))
		todo := w.todoOf(t, c, m)
		require.Greater(t, todo.DueAt, time.Now().UnixMilli(), "due anew")
		require.Greater(t, todo.AssignedAt, int64(1))
		require.Equal(t, w.Conversation(t, p).ID, todo.ConversationID)
	})
}

func TestTodos_followAMergeAndComeBackWithIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		one := w.member(t, from, "A")
		w.run(t, w.plan(t, from, true, b).Handover.ID)
		other := w.member(t, w.Clerk(t, "丙"), "")
		merged, err := w.Members.Merge(t.Context(), w.Owner, one.ID, other.ID, false)
		require.NoError(t, err)
		require.Empty(t, w.todos(t, b, handover.TodoFilter{}))
		var row model.Todo
		require.NoError(t, w.DB.Read(t.Context()).First(&row).Error)
		require.Equal(t, other.ID, row.MemberID)
		require.Equal(t, w.owner(t, other.ID), row.StaffID)
		_, err = w.Members.Unmerge(t.Context(), w.Owner, merged.ID)
		require.NoError(t, err)
		require.Equal(t, one.ID, w.todoOf(t, b, one.ID).MemberID)
	})
}

func TestReceived_isToldToEachReceiverUntilHePutsItAway(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		w.members(t, from, "A", "B", "")
		h := w.run(t, w.plan(t, from, true, b).Handover.ID)
		got, _, err := w.handover.Received(t.Context(), b, false, "", 10)
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, handover.Received{
			HandoverID: h.ID, FromClerkID: from.StaffID, FromName: "甲", Members: 3, Open: 3, At: h.DoneAt,
		}, got[0])
		require.True(t, fault.Is(w.handover.DismissReceived(t.Context(), from, h.ID), fault.NotFound))
		require.NoError(t, w.handover.DismissReceived(t.Context(), b, h.ID))
		require.NoError(t, w.handover.DismissReceived(t.Context(), b, h.ID), "again changes nothing")
		got, _, err = w.handover.Received(t.Context(), b, false, "", 10)
		require.NoError(t, err)
		require.Empty(t, got)
		got, _, err = w.handover.Received(t.Context(), b, true, "", 10)
		require.NoError(t, err)
		require.Len(t, got, 1)
		w.undo(t, h.ID)
		got, _, err = w.handover.Received(t.Context(), b, true, "", 10)
		require.NoError(t, err)
		require.Empty(t, got)
	})
}
