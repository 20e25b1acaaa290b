package main

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

// count is what a query must find.
type count struct {
	what string
	want int64
	sql  string
	args []any
}

// sound holds that the handover moved everything or nothing, as its row says. That a commit was under way when the
// process was killed may only be seen a moment later; then the look is taken once more.
func (s *siege) sound() model.Handover {
	s.t.Helper()
	for {
		h := s.row()
		var faults []string
		for _, c := range s.counts(h) {
			var n int64
			require.NoError(s.t, s.db.Read(s.t.Context()).Raw(c.sql, c.args...).Scan(&n).Error, c.what)
			if n != c.want {
				faults = append(faults, fmt.Sprintf("%s: %d, not %d", c.what, n, c.want))
			}
		}
		if s.row() == h {
			require.Empty(s.t, faults, "%+v", h)
			return h
		}
	}
}

// moved reports whether the members are the receivers'.
func moved(h model.Handover) bool {
	return h.State == model.HandoverDone || h.State == model.HandoverUndoing
}

// open finds open bindings.
const open = "COALESCE(bindings.to_at, 1 << 50) >= 1 << 50"

func whether(is bool, n int64) int64 {
	if is {
		return n
	}
	return 0
}

// counts is what must hold in the state of a handover.
func (s *siege) counts(h model.Handover) []count {
	at, from := s.accountID, s.leaver.id
	gone := h.Leaving && moved(h)
	ran := moved(h) || h.State == model.HandoverUndone
	both := int64(len(s.receivers))
	return []count{
		{"members", s.crowd.members, "SELECT COUNT(*) FROM members WHERE account_id = ? AND merged_into = ''", []any{at}},
		{"members of the leaver", s.crowd.members - whether(moved(h), s.crowd.members), "SELECT COUNT(*) FROM members WHERE clerk_id = ?", []any{from}},
		{
			"members who are where the plan says", whether(moved(h), s.crowd.members),
			"SELECT COUNT(*) FROM members JOIN handover_moves ON handover_moves.handover_id = ? AND handover_moves.member_id = members.id" +
				" WHERE members.clerk_id = handover_moves.to_clerk_id AND members.store_id = handover_moves.to_store_id AND members.bound_at = ?",
			[]any{h.ID, h.DoneAt},
		},
		{
			"members as their open bindings say", s.crowd.members,
			"SELECT COUNT(*) FROM members JOIN bindings ON bindings.member_id = members.id" +
				" WHERE " + open + " AND bindings.clerk_id = members.clerk_id" +
				" AND bindings.store_id = members.store_id AND bindings.from_at = members.bound_at", nil,
		},
		{"open bindings", s.crowd.members, "SELECT COUNT(*) FROM bindings WHERE " + open, nil},
		{
			"gaps and overlaps of bindings", 0,
			"SELECT COUNT(*) FROM (SELECT from_at, to_at, LAG(to_at) OVER (PARTITION BY member_id ORDER BY seq) AS ended_at FROM bindings) dated" +
				" WHERE ended_at <> from_at OR to_at < from_at", nil,
		},
		{
			"first bindings", s.crowd.members,
			"SELECT COUNT(*) FROM (SELECT LAG(to_at) OVER (PARTITION BY member_id ORDER BY from_at, id) AS ended_at FROM bindings) dated WHERE ended_at IS NULL", nil,
		},
		{
			"conversations that follow their member", s.crowd.members,
			"SELECT COUNT(*) FROM conversations JOIN members ON members.id = conversations.member_id" +
				" WHERE conversations.clerk_id = members.clerk_id AND conversations.store_id = members.store_id", nil,
		},
		{"to-dos", s.crowd.todos, "SELECT COUNT(*) FROM todos WHERE kind = 'promise' AND done_at = 0", nil},
		{
			"first contacts of the days that are written", 0,
			"SELECT (SELECT COUNT(*) FROM todos WHERE kind = ? AND done_at = 0) - (SELECT COUNT(*) FROM handover_moves WHERE handover_id = ? AND due_day < ?)",
			[]any{model.TodoFirstContact, h.ID, whether(moved(h), h.ObligedDays)},
		},
		{
			"to-dos that are not the clerk's of the member", 0,
			"SELECT COUNT(*) FROM todos JOIN members ON members.id = todos.member_id WHERE todos.done_at = 0 AND todos.staff_id <> members.clerk_id", nil,
		},
		{
			"drafts that are the clerk's of the member", s.crowd.drafts,
			"SELECT COUNT(*) FROM drafts JOIN conversations ON conversations.id = drafts.conversation_id WHERE drafts.staff_id = conversations.clerk_id", nil,
		},
		{"drafts", s.crowd.drafts, "SELECT COUNT(*) FROM drafts", nil},
		{"pending replies", s.crowd.pending, "SELECT COUNT(*) FROM deliveries JOIN followers ON followers.id = deliveries.follower_id" +
			" WHERE deliveries.state = ? AND followers.openid LIKE 'o-crowd-%'", []any{model.StatePending}},
		{"leaver who has left", whether(gone, 1), "SELECT COUNT(*) FROM staff WHERE id = ? AND NOT active", []any{from}},
		{"sessions of who has left", 0, "SELECT COUNT(*) FROM sessions JOIN staff ON staff.id = sessions.staff_id WHERE NOT staff.active", nil},
		{"heirs of his codes", whether(gone, both), "SELECT COUNT(*) FROM handover_successors WHERE clerk_id = ? AND ended_at = 0", []any{from}},
		{"records of the run", whether(ran, 1), "SELECT COUNT(*) FROM audits WHERE object_id = ? AND action = 'handover.done'", []any{h.ID}},
		{
			"records of the undo", whether(h.State == model.HandoverUndone, 1),
			"SELECT COUNT(*) FROM audits WHERE object_id = ? AND action = 'handover.undone'",
			[]any{h.ID},
		},
		{
			"receivers who were told", whether(ran, both),
			"SELECT COUNT(*) FROM feed_events WHERE kind = 'handover' AND stream IN ? AND data LIKE ? AND data LIKE ?",
			[]any{s.streams(), "%" + h.ID + "%", `%"state":"done"%`},
		},
		{"members as counted by the handover", whether(ran, s.crowd.members), "SELECT moved FROM handovers WHERE id = ?", []any{h.ID}},
	}
}

// streams are those of the receivers.
func (s *siege) streams() []string {
	names := make([]string, len(s.receivers))
	for i, r := range s.receivers {
		names[i] = "staff:" + r.id
	}
	return names
}
