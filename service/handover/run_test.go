package handover_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/binding"
	"liuke/service/chat"
	"liuke/service/fault"
	"liuke/service/handover"
	"liuke/service/staff"
	"liuke/service/worldtest"
)

func TestPlan_movesNothingAndShowsLoadsByLevel(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		w.members(t, from, "A", "A", "B", "B", "", "")
		w.members(t, b, "A")
		p := w.plan(t, from, true, b, c)
		require.Equal(t, model.HandoverPlanned, p.Handover.State)
		require.Equal(t, 6, p.Preview.Members)
		require.Equal(t, handover.Load{Total: 1, ByLevel: map[string]int{"A": 1}}, p.Preview.Receivers[0].Before)
		require.Equal(t, handover.Load{ByLevel: map[string]int{}}, p.Preview.Receivers[1].Before)
		sum := 0
		for _, r := range p.Preview.Receivers {
			require.Equal(t, r.Before.Total+r.Gets, r.After.Total)
			sum += r.Gets
		}
		require.Equal(t, 6, sum)
		flowing := map[string]int{}
		for _, f := range p.Preview.Flows {
			flowing[f.ToClerkID] += int(f.N)
		}
		for _, r := range p.Preview.Receivers {
			require.Equal(t, r.Gets, flowing[r.ClerkID])
		}
		require.InDelta(t, p.Preview.Receivers[0].After.ByLevel["A"], p.Preview.Receivers[1].After.ByLevel["A"], 1)
		for _, m := range w.moves(t, p.Handover.ID) {
			require.Equal(t, model.MovePlanned, m.Result)
			require.Equal(t, from.StaffID, w.owner(t, m.Move.MemberID))
		}
		again, err := w.handover.Get(t.Context(), w.Owner, p.Handover.ID)
		require.NoError(t, err)
		require.Equal(t, p.Preview, again.Preview)
		require.True(t, again.Fit.OK)
	})
}

func TestRun_ofALeaverMovesEverythingAndEndsHisAccess(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		code := w.Code(t, from, binding.Mint{Kind: model.CodeClerk})
		p := w.follower(t, "客人", code.Scene)
		w.Write(t, p, "在吗")
		w.members(t, from, "A", "B", "C")
		session, err := w.Staff.SignIn(t.Context(), staff.SignIn{Phone: "13800000001", Password: "password-of-clerk"})
		require.NoError(t, err)
		signed, err := w.Staff.Authenticate(t.Context(), session.Token)
		require.NoError(t, err)
		require.Equal(t, from.StaffID, signed.StaffID)

		plan := w.plan(t, from, true, b, c)
		require.EqualValues(t, 1, plan.Preview.Open.Waiting)
		require.EqualValues(t, 1, plan.Preview.Open.Codes)
		h := w.run(t, plan.Handover.ID)
		require.Equal(t, model.HandoverDone, h.State)
		require.EqualValues(t, 4, h.Moved)
		require.Zero(t, h.Skipped+h.Failed)
		w.requireSound(t)

		_, err = w.Staff.Authenticate(t.Context(), session.Token)
		require.True(t, fault.Is(err, fault.Unsigned))
		_, err = w.Staff.SignIn(t.Context(), staff.SignIn{Phone: "13800000001", Password: "password-of-clerk"})
		require.Error(t, err)

		talk := w.Conversation(t, p)
		require.NotEqual(t, from.StaffID, talk.ClerkID)
		require.NotZero(t, talk.WaitingSince)
		now := b
		if talk.ClerkID == c.StaffID {
			now = c
		}
		items, _, err := w.Chat.List(t.Context(), now, chat.QueueWaiting, "", "", 10)
		require.NoError(t, err)
		require.Len(t, items, 1)
		_, _, err = w.Chat.Messages(t.Context(), from, talk.ID, 0, 10)
		require.True(t, fault.Is(err, fault.NotFound))
		w.Write(t, p, "还在吗")
		answer := w.Reply(t, now, p, "1", "在的")
		w.Becomes(t, answer.ID, model.StateAccepted)

		bindings := w.Bindings(t, p)
		require.Equal(t, model.HowHandover, bindings[0].How)
		require.Equal(t, w.Owner.StaffID, bindings[0].ByID)
		require.Equal(t, h.ID, bindings[0].SourceID)
		require.Equal(t, bindings[0].FromAt, bindings[1].ToAt)
		for _, m := range w.moves(t, h.ID) {
			require.Equal(t, model.MoveMoved, m.Result)
		}
		_, err = w.handover.Run(t.Context(), w.Owner, h.ID)
		require.True(t, fault.Is(err, fault.Conflict))
		require.Equal(t, "not_planned", fault.Of(err).Reason)
	})
}

func TestCodes_ofALeaverLeadToHisSuccessorsInTurnAlsoAfterASecondHandover(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c, d := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙"), w.Clerk(t, "丁")
		code := w.Code(t, from, binding.Mint{Kind: model.CodeClerk})
		m := w.member(t, from, "A")
		own := w.Code(t, from, binding.Mint{Kind: model.CodeMember, MemberID: m.ID})
		w.run(t, w.plan(t, from, true, b, c).Handover.ID)

		p := w.Person("持码人")
		w.Scan(t, p, own.Scene)
		require.Equal(t, w.owner(t, m.ID), w.Conversation(t, p).ClerkID)
		require.NotEqual(t, from.StaffID, w.Conversation(t, p).ClerkID)

		got := map[string]int{}
		for range 4 {
			got[w.Conversation(t, w.follower(t, "新客", code.Scene)).ClerkID]++
		}
		require.Equal(t, map[string]int{b.StaffID: 2, c.StaffID: 2}, got)

		w.run(t, w.plan(t, b, true, d).Handover.ID)
		w.run(t, w.plan(t, c, true, d).Handover.ID)
		require.Equal(t, d.StaffID, w.Conversation(t, w.follower(t, "新客", code.Scene)).ClerkID)
		require.NoError(t, w.Staff.Deactivate(t.Context(), w.Owner, d.StaffID))
		last := w.follower(t, "新客", code.Scene)
		require.Empty(t, w.Conversation(t, last).ClerkID)
		require.Equal(t, w.Store.ID, w.Conversation(t, last).StoreID)
	})
}

func TestCodes_leadWhereThePlanSays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		code := w.Code(t, from, binding.Mint{Kind: model.CodeClerk})
		w.members(t, from, "", "")
		p, err := w.handover.Plan(t.Context(), w.Owner, handover.Plan{
			FromClerkID: from.StaffID, Leaving: true, Rule: balanced(b), CodesTo: ids(c),
		})
		require.NoError(t, err)
		w.run(t, p.Handover.ID)
		for range 2 {
			require.Equal(t, c.StaffID, w.Conversation(t, w.follower(t, "新客", code.Scene)).ClerkID)
		}
	})
}

func TestRun_skipsWhoWasBoundAnewAndSaysWhy(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		members := w.members(t, from, "A", "B", "C")
		hand := func(n int, to access.Actor) handover.Plan {
			return handover.Plan{FromClerkID: from.StaffID, Moves: []handover.ByHand{{MemberID: members[0], ToClerkID: to.StaffID}, {MemberID: members[n], ToClerkID: to.StaffID}}}
		}
		first, err := w.handover.Plan(t.Context(), w.Owner, hand(1, b))
		require.NoError(t, err)
		second, err := w.handover.Plan(t.Context(), w.Owner, hand(2, c))
		require.NoError(t, err)
		_, err = w.handover.Run(t.Context(), w.Owner, first.Handover.ID)
		require.NoError(t, err)
		_, err = w.handover.Run(t.Context(), w.Owner, second.Handover.ID)
		require.NoError(t, err)
		require.NoError(t, w.handover.Work(t.Context()))

		require.EqualValues(t, 2, w.state(t, first.Handover.ID).Moved)
		h := w.state(t, second.Handover.ID)
		require.Equal(t, model.HandoverDone, h.State)
		require.EqualValues(t, 1, h.Moved)
		require.EqualValues(t, 1, h.Skipped)
		lost := w.moves(t, h.ID)[members[0]]
		require.Equal(t, model.MoveSkipped, lost.Result)
		require.Equal(t, "rebound", lost.Move.Reason)
		require.Equal(t, b.StaffID, w.owner(t, members[0]))
		require.Equal(t, c.StaffID, w.owner(t, members[2]))
		w.requireSound(t)

		third, err := w.handover.Plan(t.Context(), w.Owner, handover.Plan{FromClerkID: b.StaffID, Moves: []handover.ByHand{{MemberID: members[0], ToClerkID: c.StaffID}}})
		require.NoError(t, err)
		w.run(t, w.plan(t, b, true, c).Handover.ID)
		_, err = w.handover.Run(t.Context(), w.Owner, third.Handover.ID)
		require.Equal(t, "plan_outdated", fault.Of(err).Reason)
	})
}

func TestRun_isAllOrNothingAndResumes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		code := w.Code(t, from, binding.Mint{Kind: model.CodeClerk})
		p := w.follower(t, "客人", code.Scene)
		members := w.members(t, from, "A", "B")
		plan := w.plan(t, from, true, b)
		_, err := w.handover.Run(t.Context(), w.Owner, plan.Handover.ID)
		require.NoError(t, err)
		_, err = w.DB.Exec(t.Context(), "ALTER TABLE handover_successors RENAME TO elsewhere") // fails late in the transaction
		require.NoError(t, err)
		require.Error(t, w.handover.Work(t.Context()))
		require.Equal(t, model.HandoverRunning, w.state(t, plan.Handover.ID).State)
		for _, id := range members {
			require.Equal(t, from.StaffID, w.owner(t, id))
		}
		require.Equal(t, from.StaffID, w.Conversation(t, p).ClerkID)
		require.Len(t, w.Bindings(t, p), 1)
		w.requireSound(t)
		_, err = w.DB.Exec(t.Context(), "ALTER TABLE elsewhere RENAME TO handover_successors")
		require.NoError(t, err)

		require.NoError(t, w.room().Work(t.Context())) // after a restart
		require.Equal(t, model.HandoverDone, w.state(t, plan.Handover.ID).State)
		require.Equal(t, b.StaffID, w.Conversation(t, p).ClerkID)
		w.requireSound(t)
	})
}

func TestRun_takesAlongWhoCameAfterThePlan(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		code := w.Code(t, from, binding.Mint{Kind: model.CodeClerk})
		w.members(t, from, "A")
		plan := w.plan(t, from, true, b)
		late := w.follower(t, "后来", code.Scene)
		seen, err := w.handover.Get(t.Context(), w.Owner, plan.Handover.ID)
		require.NoError(t, err)
		require.EqualValues(t, 1, seen.Fit.Late)
		h := w.run(t, plan.Handover.ID)
		require.EqualValues(t, 2, h.Moved)
		require.EqualValues(t, 2, h.Total)
		require.Equal(t, b.StaffID, w.Conversation(t, late).ClerkID)
		require.Equal(t, model.WhyLate, w.moves(t, h.ID)[w.Member(t, late).ID].Move.Why)
		w.requireSound(t)

		// a scan that saw him serve at that very moment commits only now
		stray := w.member(t, b, "")
		_, err = w.DB.Exec(t.Context(), "UPDATE members SET clerk_id = ? WHERE id = ?", from.StaffID, stray.ID)
		require.NoError(t, err)
		_, err = w.DB.Exec(t.Context(), "UPDATE bindings SET clerk_id = ? WHERE member_id = ? AND to_at = ?", from.StaffID, stray.ID, int64(model.OpenEnd))
		require.NoError(t, err)
		require.NoError(t, w.handover.Work(t.Context()))
		require.Equal(t, b.StaffID, w.owner(t, stray.ID))
		require.EqualValues(t, 3, w.state(t, h.ID).Moved)
		w.requireSound(t)
	})
}

func TestRun_duringTrafficLosesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		code := w.Code(t, from, binding.Mint{Kind: model.CodeClerk})
		p, q := w.follower(t, "客人", code.Scene), w.follower(t, "客人二", code.Scene)
		plan := w.plan(t, from, true, b)
		for i := range 20 {
			for _, who := range []string{p.OpenID, q.OpenID} {
				_, err := w.Sim.SendText(worldtest.AppID, who, "话"+string(rune('一'+i)))
				require.NoError(t, err)
			}
			if i == 10 {
				_, err := w.handover.Run(t.Context(), w.Owner, plan.Handover.ID)
				require.NoError(t, err)
				require.NoError(t, w.handover.Work(t.Context()))
			}
		}
		require.Equal(t, model.HandoverDone, w.state(t, plan.Handover.ID).State)
		for _, who := range []string{w.Conversation(t, p).ID, w.Conversation(t, q).ID} {
			require.Eventually(t, func() bool {
				rows, _, err := w.Chat.Messages(t.Context(), b, who, 0, 100)
				require.NoError(t, err)
				n := 0
				for _, m := range rows {
					if m.Kind == model.KindText {
						n++
					}
				}
				return n == 20
			}, 20*time.Second, 20*time.Millisecond)
		}
		w.requireSound(t)
	})
}
