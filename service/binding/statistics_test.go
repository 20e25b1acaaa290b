package binding_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/binding"
	"liuke/service/fault"
	"liuke/service/worldtest"
)

func TestStatistics_countScansByDaySourceAndOutcome(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk, other := w.Clerk(t, "甲"), w.Hire(t, "乙", model.RoleClerk, w.Other)
		mine := w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk})
		shop := w.Code(t, w.Owner, binding.Mint{Kind: model.CodeStore, StoreID: w.Store.ID})
		far := w.Code(t, other, binding.Mint{Kind: model.CodeClerk})
		p := w.Person("一")
		w.Scan(t, p, mine.Scene)
		w.Scan(t, p, mine.Scene)
		w.Scan(t, w.Person("二"), shop.Scene)
		w.Scan(t, p, far.Scene)
		// five minutes before midnight in Beijing, and five after it
		at := time.Date(2026, 3, 10, 16, 0, 0, 0, time.UTC)
		for i, scan := range []time.Time{at.Add(-5 * time.Minute), at.Add(5 * time.Minute)} {
			require.NoError(t, w.DB.InsertNew(t.Context(), &model.Scan{
				ID: model.NewID(), AccountID: w.Account.ID, CodeID: mine.ID, Outcome: model.ScanBound, Followed: i == 0, At: scan.UnixMilli(),
			}))
		}

		days, err := w.Binding.CodeStatistics(t.Context(), clerk, mine.ID, binding.Span{From: "2026-03-09", To: "2026-03-12"})
		require.NoError(t, err)
		require.Equal(t, []binding.DayScans{
			{Day: "2026-03-09", Outcomes: map[string]int64{}},
			{Day: "2026-03-10", Scans: 1, Followed: 1, Outcomes: map[string]int64{model.ScanBound: 1}},
			{Day: "2026-03-11", Scans: 1, Outcomes: map[string]int64{model.ScanBound: 1}},
			{Day: "2026-03-12", Outcomes: map[string]int64{}},
		}, days)
		days, err = w.Binding.CodeStatistics(t.Context(), clerk, mine.ID, binding.Span{})
		require.NoError(t, err)
		require.Len(t, days, 30)
		today := days[29]
		require.EqualValues(t, 2, today.Scans)
		require.EqualValues(t, 1, today.Followed)
		require.Equal(t, map[string]int64{model.ScanBound: 1, model.ScanKept: 1}, today.Outcomes)

		_, sources, err := w.Binding.Statistics(t.Context(), clerk, "", "", binding.Span{})
		require.NoError(t, err)
		require.Equal(t, []binding.SourceScans{
			{Kind: model.CodeClerk, Scans: 2, Followed: 1}, {Kind: model.CodeStore, Scans: 1, Followed: 1},
		}, sources, "his own and his store's")
		_, sources, err = w.Binding.Statistics(t.Context(), w.Owner, w.Other.ID, "", binding.Span{})
		require.NoError(t, err)
		require.Equal(t, []binding.SourceScans{{Kind: model.CodeClerk, Scans: 1}}, sources)
		_, sources, err = w.Binding.Statistics(t.Context(), clerk, w.Other.ID, "", binding.Span{})
		require.NoError(t, err)
		require.Empty(t, sources)

		_, err = w.Binding.CodeStatistics(t.Context(), other, mine.ID, binding.Span{})
		require.True(t, fault.Is(err, fault.NotFound))
		_, err = w.Binding.CodeStatistics(t.Context(), clerk, mine.ID, binding.Span{From: "2026-02-02", To: "2026-02-01"})
		require.True(t, fault.Is(err, fault.Invalid))
	})
}

func TestPoster_isForPermanentCodesInScope(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk, other := w.Clerk(t, "甲"), w.Hire(t, "乙", model.RoleClerk, w.Other)
		code := w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk})
		got, err := w.Binding.Poster(t.Context(), clerk, code.ID)
		require.NoError(t, err)
		require.Equal(t, binding.Poster{URL: code.URL, Account: "小禾母婴", Store: "一店", Clerk: "甲"}, got)
		shop, err := w.Binding.Poster(t.Context(), w.Owner, w.Code(t, w.Owner, binding.Mint{Kind: model.CodeStore, StoreID: w.Other.ID}).ID)
		require.NoError(t, err)
		require.Empty(t, shop.Clerk)
		_, err = w.Binding.Poster(t.Context(), other, code.ID)
		require.True(t, fault.Is(err, fault.NotFound))
		p := w.Person("一")
		w.Scan(t, p, code.Scene)
		temporary := w.Code(t, clerk, binding.Mint{Kind: model.CodeMember, MemberID: w.Member(t, p).ID})
		_, err = w.Binding.Poster(t.Context(), clerk, temporary.ID)
		require.Equal(t, "temporary", fault.Of(err).Reason)
	})
}
