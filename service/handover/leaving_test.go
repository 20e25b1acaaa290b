package handover_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/binding"
	"liuke/service/fault"
	"liuke/service/handover"
	"liuke/service/member"
	"liuke/service/report"
	"liuke/service/staff"
	"liuke/service/worldtest"
)

// notice gives notice and returns the leaver as his session knows him from then on.
func (w *world) notice(t *testing.T, by, leaver access.Actor) access.Actor {
	t.Helper()
	_, err := w.handover.SetLeaving(t.Context(), by, leaver.StaffID, time.Now().AddDate(0, 0, 14))
	require.NoError(t, err)
	leaver.Leaving = true
	return leaver
}

func TestLeaving_givesNoExportToAManagerWhoLeavesEither(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		w.members(t, from, "A")
		h := w.run(t, w.plan(t, from, true, b).Handover.ID)
		manager = w.notice(t, w.Owner, manager)
		for name, err := range map[string]error{
			"members": w.Members.Export(t.Context(), manager, member.Filter{}, false, nil),
			"receipt": w.handover.Receipts(t.Context(), manager, h.ID, nil),
			"report":  second(w.Report.Export(t.Context(), manager, report.Filter{})),
		} {
			require.Equal(t, "leaving", fault.Of(err).Reason, name)
		}
		rows, _, err := audit.New(audit.Deps{DB: w.DB}).List(t.Context(), w.Owner, audit.Filter{Action: "member.export"})
		require.NoError(t, err)
		require.Empty(t, rows)
	})
}

func second[T any](_ T, err error) error { return err }

func TestLeaving_isKnownToTheSessionAtOnceAndEndsWithIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		p, err := w.Staff.Create(t.Context(), w.Owner, staff.Create{
			Name: "甲", Phone: "13700000001", Password: "password-1", Role: model.RoleClerk, StoreID: w.Store.ID,
		})
		require.NoError(t, err)
		in, err := w.Staff.SignIn(t.Context(), staff.SignIn{Phone: "13700000001", Password: "password-1"})
		require.NoError(t, err)
		leaving := func() bool {
			actor, err := w.Staff.Authenticate(t.Context(), in.Token)
			require.NoError(t, err)
			return actor.Leaving
		}
		require.False(t, leaving())
		_, err = w.handover.SetLeaving(t.Context(), manager, p.ID, time.Now().AddDate(0, 0, 1))
		require.NoError(t, err)
		require.True(t, leaving())
		_, err = w.handover.EndLeaving(t.Context(), manager, p.ID)
		require.NoError(t, err)
		require.False(t, leaving())

		_, err = w.handover.SetLeaving(t.Context(), manager, p.ID, time.Now().AddDate(0, 0, 1))
		require.NoError(t, err)
		require.NoError(t, w.Staff.Deactivate(t.Context(), manager, p.ID))
		require.NoError(t, w.Staff.Reactivate(t.Context(), manager, p.ID))
		back, err := w.Staff.Get(t.Context(), manager, p.ID)
		require.NoError(t, err)
		require.Zero(t, back.LeavingAt, "who comes back has no notice from before")
	})
}

func TestLeaving_lastsThroughTheUndoOfTheHandover(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		w.members(t, from, "A")
		w.notice(t, w.Owner, from)
		h := w.run(t, w.plan(t, from, true, b).Handover.ID)
		require.EqualValues(t, 1, w.undo(t, h.ID).Undone)
		p, err := w.Staff.Get(t.Context(), w.Owner, from.StaffID)
		require.NoError(t, err)
		require.True(t, p.Active)
		require.Positive(t, p.LeavingAt, "his notice is not taken back with it")
		checklist, err := w.handover.HandIn(t.Context(), w.Owner, from.StaffID)
		require.NoError(t, err)
		require.Len(t, checklist.Items, 4)
	})
}

func TestLeaving_refusesASecondScanThatWasAskedBefore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		_, err := w.DB.Exec(t.Context(), "UPDATE accounts SET second_scan = ?", model.SecondScanAsk)
		require.NoError(t, err)
		p := w.follower(t, "客人", w.Code(t, b, binding.Mint{Kind: model.CodeClerk}).Scene)
		w.Scan(t, p, w.Code(t, from, binding.Mint{Kind: model.CodeClerk}).Scene)
		asked, _, err := w.Binding.Requests(t.Context(), manager, model.RequestOpen, "", "", 10)
		require.NoError(t, err)
		require.Len(t, asked, 1)
		w.notice(t, manager, from)
		_, err = w.Binding.Decide(t.Context(), manager, asked[0].ID, true)
		require.Equal(t, "clerk_leaves", fault.Of(err).Reason)
		require.Equal(t, b.StaffID, w.Conversation(t, p).ClerkID)
	})
}

func TestFigures_ofAClerkAreTheSameAfterHandoverAndUndo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		code := w.Code(t, from, binding.Mint{Kind: model.CodeClerk})
		p, q := w.follower(t, "一", code.Scene), w.follower(t, "二", code.Scene)
		known := w.member(t, from, "A")
		w.Write(t, p, "在吗")
		w.Becomes(t, w.Reply(t, from, p, "1", "在的").ID, model.StateAccepted)
		figures := func(of access.Actor) []int64 {
			w.counted(t)
			days, err := w.Report.Days(t.Context(), w.Owner, report.Filter{ClerkID: of.StaffID})
			require.NoError(t, err)
			var sum model.ReportDay
			for _, d := range days {
				sum.Add(d)
			}
			return []int64{sum.NewMembers, sum.Scans, sum.Unfollows, sum.MessagesIn, sum.MessagesOut, sum.Answered}
		}
		before := figures(from)
		require.Equal(t, []int64{3, 2, 0, 1, 1, 1}, before)
		_, err := w.DB.Exec(t.Context(), "UPDATE report_days SET day = '2026-01-31' WHERE day <> ''") // long ago
		require.NoError(t, err)
		past := func(of access.Actor) model.ReportDay {
			days, err := w.Report.Days(t.Context(), w.Owner, report.Filter{From: "2026-01-31", To: "2026-01-31", ClerkID: of.StaffID})
			require.NoError(t, err)
			return days[0]
		}
		wasFrom, wasB := past(from), past(b)

		h := w.run(t, w.plan(t, from, true, b).Handover.ID)
		require.Equal(t, wasFrom, past(from))
		require.Equal(t, wasB, past(b))
		w.Write(t, p, "换人了吗")
		require.Equal(t, []int64{0, 0, 0, 1, 0, 0}, figures(b), "what comes after is the new clerk's")
		require.Equal(t, []int64{0, 0, 0, 0, 0, 0}, figures(from))

		w.undo(t, h.ID)
		require.Equal(t, wasFrom, past(from))
		w.Write(t, p, "又换回来了")
		require.NoError(t, w.Sim.Unfollow(worldtest.AppID, q.OpenID))
		require.Eventually(t, func() bool { return !w.Follower(t, q).Subscribed }, 20*time.Second, 10*time.Millisecond)
		require.Equal(t, []int64{0, 0, 1, 1, 0, 0}, figures(from))
		require.Equal(t, []int64{0, 0, 0, 1, 0, 0}, figures(b))

		_, err = w.Members.Merge(t.Context(), w.Owner, w.Member(t, q).ID, known.ID, false)
		require.NoError(t, err)
		require.Equal(t, wasFrom, past(from), "a merge changes no figure")
		require.Equal(t, []int64{0, 0, 1, 1, 0, 0}, figures(from))
	})
}

// counted waits until every fact and every sum stands in its day.
func (w *world) counted(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		var facts, sums int64
		require.NoError(t, w.DB.Read(t.Context()).Model(&model.ReportFact{}).Count(&facts).Error)
		require.NoError(t, w.DB.Read(t.Context()).Model(&model.ReportSum{}).Count(&sums).Error)
		return facts+sums == 0
	}, 20*time.Second, 10*time.Millisecond)
}

func TestOwner_ofATimeIsKnownThroughAMergeAndItsUndo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		p := w.follower(t, "一", w.Code(t, from, binding.Mint{Kind: model.CodeClerk}).Scene)
		old := w.Member(t, p)
		m := w.member(t, b, "A") // younger than the other's binding
		then := m.CreatedAt - 1
		require.GreaterOrEqual(t, then, old.BoundAt)
		owner := func() string {
			o, err := w.handover.OwnerAt(t.Context(), w.Owner, m.ID, then)
			require.NoError(t, err)
			return o.ClerkID
		}
		require.Empty(t, owner())
		merged, err := w.Members.Merge(t.Context(), w.Owner, old.ID, m.ID, false)
		require.NoError(t, err)
		require.Equal(t, from.StaffID, owner(), "whoever served him under his other name")
		o, err := w.handover.OwnerAt(t.Context(), w.Owner, m.ID, m.CreatedAt)
		require.NoError(t, err)
		require.Equal(t, b.StaffID, o.ClerkID, "his own binding goes before")
		_, err = w.Members.Unmerge(t.Context(), w.Owner, merged.ID)
		require.NoError(t, err)
		require.Empty(t, owner())
	})
}

func TestSubstitute_tellsBothWhenItBeginsAndEndsByItself(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		w.member(t, from, "A")
		ask := handover.StandIn{ClerkID: from.StaffID, SubstituteID: b.StaffID, From: time.Now().Add(time.Hour), To: time.Now().Add(2 * time.Hour)}
		sub, err := w.handover.Substitute(t.Context(), w.Owner, ask)
		require.NoError(t, err)
		kinds := func() (kinds []string) {
			require.NoError(t, w.handover.TellSubstitutes(t.Context()))
			err := w.DB.Read(t.Context()).Model(&model.FeedEvent{}).Where("stream = ?", "staff:"+b.StaffID).Order("seq").Pluck("kind", &kinds).Error
			require.NoError(t, err)
			_, err = w.DB.Exec(t.Context(), "DELETE FROM feed_events")
			require.NoError(t, err)
			return kinds
		}
		move := func(d time.Duration) { // as if so much time had gone by
			t.Helper()
			_, err := w.DB.Exec(t.Context(), "UPDATE substitutes SET from_at = from_at - ?, to_at = to_at - ? WHERE id = ?", d.Milliseconds(), d.Milliseconds(), sub.ID)
			require.NoError(t, err)
		}
		kinds()
		require.Empty(t, kinds(), "it has not begun")
		move(90 * time.Minute)
		require.Equal(t, []string{"substitute", "scope"}, kinds())
		require.Empty(t, kinds(), "told once")
		move(90 * time.Minute)
		require.Equal(t, []string{"substitute", "scope"}, kinds())
		require.Empty(t, kinds())
	})
}

func TestSubstitute_refusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, left := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		far := w.Hire(t, "丁", model.RoleClerk, w.Other)
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		require.NoError(t, w.Staff.Deactivate(t.Context(), w.Owner, left.StaffID))
		now := time.Now()
		good := handover.StandIn{ClerkID: from.StaffID, SubstituteID: b.StaffID, From: now, To: now.AddDate(0, 0, 7)}
		field := func(change func(*handover.StandIn)) string {
			in := good
			change(&in)
			_, err := w.handover.Substitute(t.Context(), manager, in)
			f := fault.Of(err)
			require.NotNil(t, f)
			if len(f.Fields) == 0 {
				return f.Reason
			}
			return f.Fields[0].Name + ":" + f.Fields[0].Reason
		}
		require.Equal(t, "substitute_id:same_clerk", field(func(in *handover.StandIn) { in.SubstituteID = from.StaffID }))
		require.Equal(t, "substitute_id:left", field(func(in *handover.StandIn) { in.SubstituteID = left.StaffID }))
		require.Equal(t, "clerk_id:left", field(func(in *handover.StandIn) { in.ClerkID = left.StaffID }))
		require.Equal(t, "to:past", field(func(in *handover.StandIn) { in.From, in.To = now.AddDate(0, 0, -3), now.AddDate(0, 0, -1) }))
		require.Equal(t, "to:not_after_from", field(func(in *handover.StandIn) { in.From = now.AddDate(0, 0, 8) }))
		require.Equal(t, "to:too_long", field(func(in *handover.StandIn) { in.To = now.AddDate(2, 0, 0) }))
		require.Equal(t, "receiver_not_found", field(func(in *handover.StandIn) { in.SubstituteID = far.StaffID }), "another store's")
		require.Equal(t, "clerk_not_found", field(func(in *handover.StandIn) { in.ClerkID = far.StaffID }))

		sub, err := w.handover.Substitute(t.Context(), manager, good)
		require.NoError(t, err)
		require.Equal(t, "overlaps", field(func(in *handover.StandIn) { in.From, in.To = now.AddDate(0, 0, 6), now.AddDate(0, 0, 9) }))
		next := good
		next.From, next.To = good.To, good.To.AddDate(0, 0, 1)
		_, err = w.handover.Substitute(t.Context(), manager, next)
		require.NoError(t, err, "one after the other")
		require.NoError(t, w.handover.EndSubstitute(t.Context(), manager, sub.ID))
		_, err = w.handover.Substitute(t.Context(), manager, good)
		require.NoError(t, err, "one that was ended is not in the way")

		in := func(from, to time.Time) int {
			rows, _, err := w.handover.Substitutes(t.Context(), manager, handover.SubstituteFilter{From: model.Millis(from), To: model.Millis(to), Limit: 10})
			require.NoError(t, err)
			return len(rows)
		}
		require.Equal(t, 1, in(now.AddDate(0, 0, 2), now.AddDate(0, 0, 3)), "the ended one is not in force then")
		require.Equal(t, 2, in(now.AddDate(0, 0, 6), now.AddDate(0, 0, 8)))
		require.Zero(t, in(now.AddDate(0, 0, 9), now.AddDate(0, 0, 10)))
	})
}
