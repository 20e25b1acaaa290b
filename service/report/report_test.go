package report_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/binding"
	"liuke/service/fault"
	"liuke/service/inbound"
	"liuke/service/member"
	"liuke/service/report"
	"liuke/service/worldtest"
)

// each runs a story in a world of its own on every database.
func each(t *testing.T, story func(t *testing.T, w *worldtest.World)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { story(t, worldtest.New(t, db)) })
}

// counted waits until every fact and every sum stands in its day.
func counted(t *testing.T, w *worldtest.World) {
	t.Helper()
	worldtest.Eventually(t, func() bool {
		var facts, sums int64
		require.NoError(t, w.DB.Read(t.Context()).Model(&model.ReportFact{}).Count(&facts).Error)
		require.NoError(t, w.DB.Read(t.Context()).Model(&model.ReportSum{}).Count(&sums).Error)
		return facts+sums == 0
	}, "facts are counted")
}

func today(t *testing.T, w *worldtest.World, actor access.Actor, storeID string) report.Today {
	t.Helper()
	rows, err := w.Report.Overview(t.Context(), actor, storeID)
	require.NoError(t, err)
	require.Len(t, rows, 1)
	return rows[0]
}

func TestOverview_countsWhatHappenedOnceForWhoseMemberItWas(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk, other := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		p, q := w.Person("一"), w.Person("二")
		w.Scan(t, p, w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk}).Scene)
		w.Scan(t, q, w.Code(t, other, binding.Mint{Kind: model.CodeClerk}).Scene)
		w.Write(t, p, "在吗")
		w.Write(t, p, "还有货吗")
		w.Write(t, q, "你好")
		first := w.Reply(t, clerk, p, "1", "在的")
		w.Becomes(t, first.ID, model.StateAccepted)
		second := w.Reply(t, manager, p, "2", "有货")
		w.Becomes(t, second.ID, model.StateAccepted)
		require.NoError(t, w.Sim.Unfollow(worldtest.AppID, q.OpenID))
		worldtest.Eventually(t, func() bool { return !w.Follower(t, q).Subscribed }, "unfollow seen")
		counted(t, w)

		store := today(t, w, w.Owner, w.Store.ID)
		require.EqualValues(t, 1, store.Unanswered)
		d := store.Day
		require.Equal(t, []int64{2, 2, 1, 3, 2, 1}, []int64{d.NewMembers, d.Scans, d.Unfollows, d.MessagesIn, d.MessagesOut, d.Answered})
		median, ok := d.MedianAnswer()
		require.True(t, ok)
		require.EqualValues(t, 15, median, "an answer within half a minute")

		mine := today(t, w, clerk, "").Day
		require.Equal(t, []int64{1, 1, 0, 2, 1, 1}, []int64{mine.NewMembers, mine.Scans, mine.Unfollows, mine.MessagesIn, mine.MessagesOut, mine.Answered})
		require.EqualValues(t, 1, today(t, w, other, "").Unanswered)
		require.Zero(t, today(t, w, clerk, "").Unanswered)
		require.EqualValues(t, 1, today(t, w, manager, "").Unanswered)

		all, err := w.Report.Overview(t.Context(), w.Owner, "")
		require.NoError(t, err)
		require.Len(t, all, 3, "two stores, and what belongs to none")
	})
}

func TestNewMembers_mergedIntoOneWhoWasThereAreNotNew(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "甲")
		m, err := w.Members.Create(t.Context(), clerk, member.Create{Name: "王宝妈"})
		require.NoError(t, err)
		w.Scan(t, w.Person("她"), w.Code(t, clerk, binding.Mint{Kind: model.CodeMember, MemberID: m.ID}).Scene)
		counted(t, w)
		require.EqualValues(t, 1, today(t, w, clerk, "").Day.NewMembers)
	})
}

func TestFacts_areCountedOnceThoughTheTransactionFailedBefore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "甲")
		boom := fault.New(fault.Conflict, "boom")
		err := w.DB.InTx(t.Context(), func(tx *database.Tx) error {
			require.NoError(t, w.Report.NewMemberTx(tx, model.Member{ID: model.NewID(), AccountID: w.Account.ID}))
			return boom
		})
		require.ErrorIs(t, err, boom)
		for range 1200 { // more than two rounds
			require.NoError(t, w.DB.InsertNew(t.Context(), &model.ReportFact{
				ID: model.NewID(), AccountID: w.Account.ID, Kind: model.FactIn, StoreID: w.Store.ID, ClerkID: clerk.StaffID, At: w.DB.Now().UnixMilli(),
			}))
		}
		for range 700 {
			require.NoError(t, w.DB.InsertNew(t.Context(), &model.ReportSum{
				ID: model.NewID(), AccountID: w.Account.ID, StoreID: w.Store.ID, ClerkID: clerk.StaffID, At: w.DB.Now().UnixMilli(), MessagesIn: 3,
			}))
		}
		counted(t, w)
		d := today(t, w, clerk, "").Day
		require.EqualValues(t, 1200+3*700, d.MessagesIn)
		require.Zero(t, d.NewMembers)
	})
}

func TestDays_areThoseOfTheStoresZoneAndLeaveNoneOut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "甲")
		zone := "America/New_York"
		at := time.Date(2026, 11, 23, 4, 30, 0, 0, time.UTC) // noon in Beijing, still the 22nd in New York
		for _, store := range []model.Store{w.Store, w.Other} {
			_, err := w.DB.Exec(t.Context(), "UPDATE stores SET time_zone = ? WHERE id = ?", zone, store.ID)
			require.NoError(t, err)
			zone = "Asia/Shanghai"
			require.NoError(t, w.DB.InsertNew(t.Context(), &model.ReportSum{
				ID: model.NewID(), AccountID: w.Account.ID, StoreID: store.ID, ClerkID: clerk.StaffID, At: at.UnixMilli(), MessagesIn: 1,
			}))
		}
		counted(t, w)
		f := report.Filter{From: "2026-11-21", To: "2026-11-24"}
		in := func(actor access.Actor, f report.Filter) (counts []int64) {
			days, err := w.Report.Days(t.Context(), actor, f)
			require.NoError(t, err)
			for _, d := range days {
				counts = append(counts, d.MessagesIn)
			}
			return counts
		}
		require.Equal(t, []int64{0, 1, 1, 0}, in(w.Owner, f))
		manager := w.Hire(t, "店长", model.RoleManager, w.Other)
		require.Equal(t, []int64{0, 0, 1, 0}, in(manager, f))
		f.StoreID = w.Store.ID
		require.Equal(t, []int64{0, 1, 0, 0}, in(w.Owner, f))
		require.Equal(t, []int64{0, 0, 0, 0}, in(manager, f), "another store's figures are not there")
		f.StoreID, f.ClerkID = "", clerk.StaffID
		require.Equal(t, []int64{0, 1, 1, 0}, in(w.Owner, f))
		days, err := w.Report.Days(t.Context(), w.Owner, report.Filter{})
		require.NoError(t, err)
		require.Len(t, days, 30)

		for _, bad := range []report.Filter{{From: "2026-11-24", To: "2026-11-23"}, {From: "2020-01-01", To: "2026-01-01"}, {From: "gestern"}, {To: "x"}, {StoreID: "x"}} {
			_, err := w.Report.Days(t.Context(), w.Owner, bad)
			require.True(t, fault.Is(err, fault.Invalid), "%v", bad)
		}
		_, err = w.Report.Overview(t.Context(), manager, w.Store.ID)
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestExport_isWrittenToTheAudit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		days, err := w.Report.Export(t.Context(), w.Owner, report.Filter{})
		require.NoError(t, err)
		require.Len(t, days, 30)
		rows, _, err := audit.New(audit.Deps{DB: w.DB}).List(t.Context(), w.Owner, audit.Filter{Action: "report.export"})
		require.NoError(t, err)
		require.Len(t, rows, 1)
	})
}

func TestHeard_countsInTheDayInWhichItCame(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "甲")
		_, err := w.DB.Exec(t.Context(), "UPDATE stores SET time_zone = ? WHERE id = ?", "Asia/Kathmandu", w.Store.ID) // 5 hours and 45 minutes
		require.NoError(t, err)
		midnight := time.Date(2026, 11, 23, 18, 15, 0, 0, time.UTC)
		var all []inbound.Heard
		for i, at := range []time.Time{midnight.Add(-time.Millisecond), midnight, midnight.Add(time.Second), midnight.Add(-time.Hour)} {
			all = append(all, inbound.Heard{
				Received: inbound.Received{AccountID: w.Account.ID, ReceivedAt: at.UnixMilli()}, MemberID: model.NewID(),
				StoreID: w.Store.ID, ClerkID: clerk.StaffID, BoundAt: 1, Seq: int64(i + 1),
			})
		}
		require.NoError(t, w.DB.InTx(t.Context(), func(tx *database.Tx) error { return w.Report.HeardTx(tx, all) }))
		counted(t, w)
		days, err := w.Report.Days(t.Context(), w.Owner, report.Filter{From: "2026-11-23", To: "2026-11-24", StoreID: w.Store.ID})
		require.NoError(t, err)
		require.Len(t, days, 2)
		require.EqualValues(t, 2, days[0].MessagesIn)
		require.EqualValues(t, 2, days[1].MessagesIn)
	})
}
