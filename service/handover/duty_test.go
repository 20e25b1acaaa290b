package handover_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/binding"
	"liuke/service/chat"
	"liuke/service/fault"
	"liuke/service/handover"
	"liuke/service/member"
)

func TestReceiver_owesEachMemberAFirstContactTheValuableFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		w.members(t, from, "", "B", "A", "C")
		rule := balanced(b)
		rule.PerDay = 2
		p, err := w.handover.Plan(t.Context(), w.Owner, handover.Plan{FromClerkID: from.StaffID, Leaving: true, Rule: rule})
		require.NoError(t, err)
		require.Equal(t, 2, p.Preview.Receivers[0].Days)
		w.run(t, p.Handover.ID)

		first, next, err := w.handover.Todos(t.Context(), b, handover.TodoFilter{Limit: 2})
		require.NoError(t, err)
		require.ElementsMatch(t, []string{"A", "B"}, []string{first[0].Level, first[1].Level})
		rest, next, err := w.handover.Todos(t.Context(), b, handover.TodoFilter{Limit: 10, After: next})
		require.NoError(t, err)
		require.Empty(t, next)
		require.ElementsMatch(t, []string{"C", ""}, []string{rest[0].Level, rest[1].Level})
		require.Equal(t, first[0].DueAt+24*time.Hour.Milliseconds(), rest[0].DueAt)

		_, err = w.handover.DoTodo(t.Context(), c, first[0].ID, model.TodoReached, "")
		require.True(t, fault.Is(err, fault.NotFound))
		done, err := w.handover.DoTodo(t.Context(), b, first[0].ID, model.TodoReached, "很高兴")
		require.NoError(t, err)
		require.NotEmpty(t, done.MemberName)
		_, err = w.handover.DoTodo(t.Context(), b, first[0].ID, model.TodoReached, "")
		require.Equal(t, "done", fault.Of(err).Reason)

		w.run(t, w.plan(t, b, true, c).Handover.ID) // what is open goes along, once
		open, _, err := w.handover.Todos(t.Context(), c, handover.TodoFilter{Limit: 10})
		require.NoError(t, err)
		require.Len(t, open, 4)
		watched, _, err := w.handover.Todos(t.Context(), w.Owner, handover.TodoFilter{Team: true, HandoverID: w.lastHandover(t), Limit: 10})
		require.NoError(t, err)
		require.Len(t, watched, 4, "each handover has its own")
		ended, _, err := w.handover.Todos(t.Context(), w.Owner, handover.TodoFilter{Team: true, HandoverID: p.Handover.ID, Done: true, Limit: 10})
		require.NoError(t, err)
		require.Len(t, ended, 4)

		h := w.undo(t, w.lastHandover(t))
		require.EqualValues(t, 4, h.Undone)
		back, _, err := w.handover.Todos(t.Context(), b, handover.TodoFilter{Limit: 10})
		require.NoError(t, err)
		require.Len(t, back, 3)
	})
}

func (w *world) lastHandover(t *testing.T) string {
	t.Helper()
	rows, _, err := w.handover.List(t.Context(), w.Owner, "", "", 1)
	require.NoError(t, err)
	return rows[0].ID
}

func TestLeaving_sendsNewMembersElsewhereAndShowsNoPhone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		code := w.Code(t, from, binding.Mint{Kind: model.CodeClerk})
		shop := w.Code(t, manager, binding.Mint{Kind: model.CodeStore})
		mine := w.follower(t, "老客", code.Scene)
		m := w.member(t, from, "A")
		_, err := w.Members.RevealPhone(t.Context(), from, m.ID)
		require.NoError(t, err)

		_, err = w.handover.SetLeaving(t.Context(), manager, from.StaffID, time.Now().AddDate(0, 0, -3))
		require.True(t, fault.Is(err, fault.Invalid))
		_, err = w.handover.SetLeaving(t.Context(), b, from.StaffID, time.Now())
		require.True(t, fault.Is(err, fault.Forbidden))
		p, err := w.handover.SetLeaving(t.Context(), manager, from.StaffID, time.Now().AddDate(0, 0, 14))
		require.NoError(t, err)
		require.Greater(t, p.LeavingAt, time.Now().UnixMilli())

		for range 3 {
			require.Equal(t, b.StaffID, w.Conversation(t, w.follower(t, "新客", code.Scene)).ClerkID)
			require.Equal(t, b.StaffID, w.Conversation(t, w.follower(t, "新客", shop.Scene)).ClerkID)
		}
		w.Scan(t, mine, code.Scene)
		require.Equal(t, from.StaffID, w.Conversation(t, mine).ClerkID)
		gone := from
		gone.Leaving = true // as his session says from then on
		_, err = w.Members.RevealPhone(t.Context(), gone, m.ID)
		require.Equal(t, "leaving", fault.Of(err).Reason)
		_, err = w.Members.Get(t.Context(), gone, m.ID)
		require.NoError(t, err, "he still serves his own")
		w.Reply(t, gone, mine, "last", "我月底离职")
		_, err = w.Members.Create(t.Context(), gone, member.Create{Name: "新客"})
		require.Equal(t, "leaving", fault.Of(err).Reason)
		_, err = w.Members.Create(t.Context(), manager, member.Create{Name: "新客", ClerkID: from.StaffID})
		require.Equal(t, "leaving", fault.Of(err).Fields[0].Reason)
		queued := w.Person("排队")
		w.Follow(t, queued)
		_, err = w.DB.Exec(t.Context(), "UPDATE members SET store_id = ? WHERE id = ?", w.Store.ID, w.Member(t, queued).ID)
		require.NoError(t, err)
		_, err = w.DB.Exec(t.Context(), "UPDATE conversations SET store_id = ? WHERE follower_id = ?", w.Store.ID, w.Follower(t, queued).ID)
		require.NoError(t, err)
		_, err = w.Chat.Claim(t.Context(), gone, w.Conversation(t, queued).ID)
		require.Equal(t, "leaving", fault.Of(err).Reason)
		_, err = w.Chat.Claim(t.Context(), b, w.Conversation(t, queued).ID)
		require.NoError(t, err)
		_, err = w.handover.Plan(t.Context(), w.Owner, handover.Plan{FromClerkID: b.StaffID, Rule: balanced(from)})
		require.Equal(t, "leaving", fault.Of(err).Fields[0].Reason)

		_, err = w.handover.EndLeaving(t.Context(), manager, from.StaffID)
		require.NoError(t, err)
		_, err = w.Members.RevealPhone(t.Context(), from, m.ID)
		require.NoError(t, err)
	})
}

func TestSubstitute_servesAllMembersFromDateToDate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		code := w.Code(t, from, binding.Mint{Kind: model.CodeClerk})
		p := w.follower(t, "客人", code.Scene)
		mine := func() int {
			rows, _, err := w.Chat.List(t.Context(), b, chat.QueueMine, "", "", 10)
			require.NoError(t, err)
			return len(rows)
		}
		ask := handover.StandIn{ClerkID: from.StaffID, SubstituteID: b.StaffID, From: time.Now(), To: time.Now().Add(time.Hour)}
		sub, err := w.handover.Substitute(t.Context(), w.Owner, ask)
		require.NoError(t, err)
		require.Equal(t, 1, mine())
		w.Write(t, p, "在吗")
		reply := w.Reply(t, b, p, "1", "我替甲回复您")
		require.Equal(t, from.StaffID, reply.OnBehalfOf)

		q := w.follower(t, "新客", code.Scene)
		require.NoError(t, w.handover.KeepSubstitutes(t.Context()))
		require.Equal(t, 2, mine())
		_, err = w.handover.Plan(t.Context(), w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: balanced(c)})
		require.NoError(t, err)
		w.run(t, w.lastHandover(t))
		require.NoError(t, w.handover.KeepSubstitutes(t.Context()))
		require.Zero(t, mine())
		require.Equal(t, c.StaffID, w.Conversation(t, q).ClerkID)

		require.NoError(t, w.handover.EndSubstitute(t.Context(), w.Owner, sub.ID))
		rows, _, err := w.handover.Substitutes(t.Context(), b, handover.SubstituteFilter{Limit: 10})
		require.NoError(t, err)
		require.NotZero(t, rows[0].EndedAt)
		require.Equal(t, "甲", rows[0].ClerkName)
		require.Equal(t, "乙", rows[0].SubstituteName)
		none, _, err := w.handover.Substitutes(t.Context(), c, handover.SubstituteFilter{Limit: 10})
		require.NoError(t, err)
		require.Empty(t, none)
		for _, bad := range []handover.StandIn{
			{ClerkID: from.StaffID, SubstituteID: from.StaffID, From: ask.From, To: ask.To},
			{ClerkID: from.StaffID, SubstituteID: model.NewID(), From: ask.From, To: ask.To},
			{ClerkID: from.StaffID, SubstituteID: b.StaffID, From: ask.To, To: ask.From},
			{ClerkID: from.StaffID, SubstituteID: b.StaffID, From: ask.From, To: ask.From.AddDate(2, 0, 0)},
		} {
			_, err := w.handover.Substitute(t.Context(), w.Owner, bad)
			require.NotNil(t, fault.Of(err), "%v", err)
		}
	})
}

func TestOwner_ofATimeIsWhoHadTheMemberThen(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		id := w.members(t, from, "A")[0]
		h := w.run(t, w.plan(t, from, true, b).Handover.ID)
		at := func(ms int64) string {
			o, err := w.handover.OwnerAt(t.Context(), w.Owner, id, ms)
			require.NoError(t, err)
			return o.ClerkID
		}
		require.Equal(t, from.StaffID, at(h.DoneAt-1))
		require.Equal(t, b.StaffID, at(h.DoneAt))
		require.Empty(t, at(1))
		_, err := w.handover.OwnerAt(t.Context(), from, id, h.DoneAt)
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestReceipts_nameEveryMember(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		w.members(t, from, "A", "B")
		h := w.run(t, w.plan(t, from, true, b).Handover.ID)
		var lines []handover.Receipt
		require.NoError(t, w.handover.Receipts(t.Context(), w.Owner, h.ID, func(r handover.Receipt) error {
			lines = append(lines, r)
			return nil
		}))
		require.Len(t, lines, 2)
		require.Equal(t, "甲", lines[0].FromClerk)
		require.Equal(t, "乙", lines[0].ToClerk)
		require.Equal(t, model.MoveMoved, lines[0].Result)
	})
}

func TestFeed_tellsReceiverLeaverAndStoreOnceEach(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		w.members(t, from, "A", "B", "C")
		plan := w.plan(t, from, true, b)
		_, err := w.handover.Run(t.Context(), w.Owner, plan.Handover.ID)
		require.NoError(t, err)
		_, err = w.DB.Exec(t.Context(), "DELETE FROM feed_events")
		require.NoError(t, err)
		require.NoError(t, w.handover.Work(t.Context()))
		kinds := func(stream string) []string {
			var kinds []string
			err := w.DB.Read(t.Context()).Model(&model.FeedEvent{}).Where("stream = ?", stream).Order("seq").Pluck("kind", &kinds).Error
			require.NoError(t, err)
			return kinds
		}
		require.Equal(t, []string{"handover", "todo"}, kinds("staff:"+b.StaffID))
		require.Equal(t, []string{"scope"}, kinds("staff:"+from.StaffID))
		require.Equal(t, []string{"handover", "conversation"}, kinds("store:"+w.Store.ID))
	})
}
