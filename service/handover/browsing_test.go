package handover_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// opens records that somebody opened so many members' files at a time, each twice.
func (w *world) opens(t *testing.T, who access.Actor, files int, at time.Time) {
	t.Helper()
	var rows []model.Audit
	for range files {
		id := model.NewID()
		for _, action := range []string{"member.read", "member.reveal_phone"} {
			rows = append(rows, model.Audit{
				ID: model.NewID(), AccountID: who.AccountID, At: at.UnixMilli(), ActorKind: model.ByStaff, ActorID: who.StaffID,
				Action: action, Object: "member", ObjectID: id, MemberID: id,
			})
		}
	}
	require.NoError(t, w.DB.InsertNew(t.Context(), &rows))
}

// noon is the middle of the store's day so many days ago; 0 is the first second of today.
func noon(ago int) time.Time {
	y, m, d := time.Now().In(model.Zone("")).Date()
	if ago == 0 {
		return time.Date(y, m, d, 0, 0, 1, 0, model.Zone(""))
	}
	return time.Date(y, m, d-ago, 12, 0, 0, 0, model.Zone(""))
}

func TestBrowsing_farBeyondTheUsualIsToldOnceADay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		clerk, busy, leaver := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		manager, other := w.Hire(t, "店长", model.RoleManager, w.Store), w.Hire(t, "二店长", model.RoleManager, w.Other)
		for ago := 1; ago <= 8; ago++ {
			w.opens(t, clerk, 12, noon(ago))
			w.opens(t, busy, 40, noon(ago))
			w.opens(t, leaver, 12, noon(ago))
		}
		w.opens(t, clerk, 83, noon(0))
		w.opens(t, busy, 83, noon(0)) // he does so every day
		w.opens(t, leaver, 25, noon(0))
		w.notice(t, manager, leaver)
		require.NoError(t, w.handover.WatchBrowsing(t.Context()))
		require.NoError(t, w.handover.WatchBrowsing(t.Context()))

		rows, next, err := w.handover.Browsings(t.Context(), manager, "", 10)
		require.NoError(t, err)
		require.Empty(t, next)
		require.Len(t, rows, 2)
		of := map[string]int{rows[0].StaffName: 0, rows[1].StaffName: 1}
		first := rows[of["甲"]]
		require.Equal(t, []int64{83, 12}, []int64{first.Files, first.Usual})
		require.Equal(t, time.Now().In(model.Zone("")).Format(model.DayLayout), first.Day)
		require.True(t, rows[of["丙"]].Leaving)
		require.EqualValues(t, 25, rows[of["丙"]].Files)
		for stream, want := range map[string]int64{"store:" + w.Store.ID: 2, "account:" + w.Account.ID: 2, "store:" + w.Other.ID: 0} {
			var n int64
			require.NoError(t, w.DB.Read(t.Context()).Model(&model.FeedEvent{}).Where("stream = ? AND kind = 'browsing'", stream).Count(&n).Error)
			require.Equal(t, want, n, stream)
		}

		w.opens(t, clerk, 10, noon(0))
		require.NoError(t, w.handover.WatchBrowsing(t.Context()))
		rows, _, err = w.handover.Browsings(t.Context(), w.Owner, "", 10)
		require.NoError(t, err)
		require.Len(t, rows, 2)
		require.EqualValues(t, 93, rows[of["甲"]].Files, "the number goes up, nobody is told again")
		none, _, err := w.handover.Browsings(t.Context(), other, "", 10)
		require.NoError(t, err)
		require.Empty(t, none)

		o, err := w.handover.OpenedBy(t.Context(), manager, clerk.StaffID)
		require.NoError(t, err)
		require.Equal(t, []int64{93, 12}, []int64{o.Today, o.Usual})
		require.True(t, o.TooMany)
		require.Len(t, o.Days, model.BrowsingDays)
		require.EqualValues(t, 12, o.Days[model.BrowsingDays-1].Files)
		require.Equal(t, noon(1).Format(model.DayLayout), o.Days[model.BrowsingDays-1].Day)
		require.Zero(t, o.Days[0].Files)
		_, err = w.handover.OpenedBy(t.Context(), clerk, clerk.StaffID)
		require.True(t, fault.Is(err, fault.Forbidden))
	})
}

func TestBrowsing_isCountedFromAnIndexAlone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		clerk := w.Clerk(t, "甲")
		for ago := range 20 {
			w.opens(t, clerk, 50, noon(ago+1))
		}
		explain := "EXPLAIN "
		if w.DB.Kind() == database.SQLite {
			explain = "EXPLAIN QUERY PLAN "
		}
		rows, err := w.DB.Read(t.Context()).Raw(explain+"SELECT actor_id, COUNT(DISTINCT member_id) FROM audits WHERE actor_id IN ? AND action IN ? AND at >= ? AND at < ? GROUP BY actor_id",
			[]string{clerk.StaffID}, []string{"member.read", "member.reveal_phone"}, noon(3).UnixMilli(), noon(0).UnixMilli()).Rows()
		require.NoError(t, err)
		defer func() { require.NoError(t, rows.Close()) }()
		plan := text(t, rows)
		require.Contains(t, plan, "audits_actor")
		require.Contains(t, strings.ToLower(plan), map[bool]string{true: "covering index", false: "using index"}[w.DB.Kind() == database.SQLite])
	})
}

// text is everything that a query gives, in words.
func text(t *testing.T, rows *sql.Rows) string {
	t.Helper()
	names, err := rows.Columns()
	require.NoError(t, err)
	var all strings.Builder
	for rows.Next() {
		cells := make([]sql.NullString, len(names))
		into := make([]any, len(names))
		for i := range cells {
			into[i] = &cells[i]
		}
		require.NoError(t, rows.Scan(into...))
		for _, c := range cells {
			all.WriteString(c.String + " ")
		}
	}
	require.NoError(t, rows.Err())
	return all.String()
}

func TestBrowsing_twoInstancesTellOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		clerk := w.Clerk(t, "甲")
		w.opens(t, clerk, 83, noon(0))
		errs := make(chan error, 2)
		for _, room := range []func(context.Context) error{w.handover.WatchBrowsing, w.room().WatchBrowsing} {
			go func() { errs <- room(t.Context()) }()
		}
		require.NoError(t, <-errs)
		require.NoError(t, <-errs)
		rows, _, err := w.handover.Browsings(t.Context(), w.Owner, "", 10)
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Zero(t, rows[0].Usual, "nothing is known of him yet")
	})
}
