package model_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"liuke/model"
)

func span(weekday, from, to int) model.Span {
	return model.Span{Weekday: weekday, FromMinute: from * 60, ToMinute: to * 60}
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	moment, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return moment
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

// shop is open on weekdays 9 to 12 and 13 to 18, on Friday night from 22 to 2, on Sunday all day, and not on Saturday.
func shop() model.Week {
	w := model.Week{span(7, 0, 24), span(5, 22, 2)}
	for day := 1; day <= 5; day++ {
		w = append(w, span(day, 9, 12), span(day, 13, 18))
	}
	return w
}

func TestHours_countOnlyWhileTheShopIsOpen(t *testing.T) {
	t.Parallel()
	const china, newYork = "Asia/Shanghai", "America/New_York"
	always, night, whole := model.Week(nil), model.Week{span(6, 22, 6)}, model.Week{span(6, 0, 24), span(7, 0, 24)}
	for _, c := range []struct {
		name string
		week model.Week
		zone string
		from string
		open time.Duration
		want string
	}{
		{"always open", always, china, "2026-11-25T18:00:00Z", 30 * time.Minute, "2026-11-25T18:30:00Z"},
		{"within hours", shop(), china, "2026-11-25T02:00:00Z", 30 * time.Minute, "2026-11-25T02:30:00Z"}, // Wednesday 10:00
		{"over lunch", shop(), china, "2026-11-25T03:50:00Z", 30 * time.Minute, "2026-11-25T05:20:00Z"},
		{"ends as the shop closes", shop(), china, "2026-11-25T03:30:00Z", 30 * time.Minute, "2026-11-25T04:00:00Z"},
		{"written before opening", shop(), china, "2026-11-24T20:00:00Z", 10 * time.Minute, "2026-11-25T01:10:00Z"},
		{"written as the shop closes", shop(), china, "2026-11-25T10:00:00Z", 10 * time.Minute, "2026-11-26T01:10:00Z"},
		{"over night", shop(), china, "2026-11-25T09:55:00Z", 10 * time.Minute, "2026-11-26T01:05:00Z"},
		{"past midnight", shop(), china, "2026-11-27T17:50:00Z", 10 * time.Minute, "2026-11-27T18:00:00Z"}, // Saturday 01:50
		{"over the closed Saturday", shop(), china, "2026-11-27T17:55:00Z", 10 * time.Minute, "2026-11-28T16:05:00Z"},
		{"Sunday into Monday", shop(), china, "2026-11-29T15:55:00Z", 10 * time.Minute, "2026-11-30T01:05:00Z"},
		{"over several days", shop(), china, "2026-11-23T01:00:00Z", 17 * time.Hour, "2026-11-25T02:00:00Z"},
		{"the same moment in another zone", shop(), "Asia/Urumqi", "2026-11-25T02:00:00Z", 30 * time.Minute, "2026-11-25T03:30:00Z"},
		{"nothing asked", shop(), china, "2026-11-25T20:00:00Z", 0, "2026-11-25T20:00:00Z"},
		// clocks go back on 1 November 2026 at 2:00: this night has nine hours
		{"a night that an hour comes to", night, newYork, "2026-11-01T02:00:00Z", 9 * time.Hour, "2026-11-01T11:00:00Z"},
		{"and not one more", night, newYork, "2026-11-01T02:00:00Z", 9*time.Hour + time.Minute, "2026-11-08T03:01:00Z"},
		{"a day of 25 hours", whole, newYork, "2026-11-01T04:00:00Z", 25 * time.Hour, "2026-11-02T05:00:00Z"},
		// and forward on 8 March
		{"a night that an hour goes from", night, newYork, "2026-03-08T03:00:00Z", 7 * time.Hour, "2026-03-08T10:00:00Z"},
		{"a day of 23 hours", whole, newYork, "2026-03-08T05:00:00Z", 23 * time.Hour, "2026-03-09T04:00:00Z"},
		{"a midnight that does not exist", whole, "America/Havana", "2026-03-08T05:00:00Z", time.Hour, "2026-03-08T06:00:00Z"},
	} {
		h := model.Hours{Week: c.week, Zone: zone(t, c.zone)}
		from, want := at(t, c.from), at(t, c.want)
		require.Equal(t, want, h.After(from, c.open).UTC(), c.name)
		require.Equal(t, c.open, h.Between(from, want), c.name)
		if c.open > 0 {
			require.False(t, h.Before(want, c.open).Before(from), "%s: who wrote at %s has waited", c.name, c.from)
			require.True(t, h.Before(want.Add(-time.Second), c.open).Before(from), "%s: and a second before not yet", c.name)
		}
	}
}

func TestHours_opens(t *testing.T) {
	t.Parallel()
	h := model.Hours{Week: shop(), Zone: zone(t, "Asia/Shanghai")}
	for from, want := range map[string]string{
		"2026-11-25T00:59:59Z": "2026-11-25T01:00:00Z",
		"2026-11-25T01:00:00Z": "2026-11-25T01:00:00Z",
		"2026-11-25T02:10:00Z": "2026-11-25T02:10:00Z",
		"2026-11-25T04:00:00Z": "2026-11-25T05:00:00Z",
		"2026-11-27T17:59:00Z": "2026-11-27T17:59:00Z",
		"2026-11-27T18:00:00Z": "2026-11-28T16:00:00Z",
	} {
		require.Equal(t, at(t, want), h.Opens(at(t, from)).UTC(), from)
	}
	require.Equal(t, at(t, "2026-11-25T04:00:00Z"), model.Hours{Zone: time.UTC}.Opens(at(t, "2026-11-25T04:00:00Z")))
}

// After, Before and Between say the same of any week in any zone.
func TestHours_agreeWithEachOther(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{zone(t, "Asia/Shanghai"), zone(t, "America/New_York"), zone(t, "Australia/Lord_Howe"), time.UTC}
	rapid.Check(t, func(r *rapid.T) {
		var week model.Week
		for range rapid.IntRange(0, 8).Draw(r, "spans") {
			s := model.Span{
				Weekday: rapid.IntRange(1, 7).Draw(r, "day"), FromMinute: rapid.IntRange(0, 1439).Draw(r, "from"),
				ToMinute: rapid.IntRange(1, 1440).Draw(r, "to"),
			}
			if len(append(week, s).Faults("", 0)) == 0 {
				week = append(week, s)
			}
		}
		week = model.ReadWeek(week.String())
		if week.Minutes() < model.MinWeekMinutes {
			week = nil
		}
		h := model.Hours{Week: week, Zone: rapid.SampledFrom(zones).Draw(r, "zone")}
		from := time.Unix(1_780_000_000+int64(rapid.IntRange(0, 365*86_400).Draw(r, "at")), 0)
		open := time.Duration(rapid.IntRange(1, 2*24*60).Draw(r, "minutes")) * time.Minute
		due := h.After(from, open)
		if got := h.Between(from, due); got != open {
			r.Fatalf("between %s and %s it was open for %s, not %s", from, due, got, open)
		}
		for _, off := range []time.Duration{-time.Second, 0, time.Second} {
			now := due.Add(off)
			if ripe, byBefore := !due.After(now), !from.After(h.Before(now, open)); ripe != byBefore {
				r.Fatalf("at %s due=%v before=%v", now, ripe, byBefore)
			}
		}
		if opens := h.Opens(from); h.Between(from, opens) != 0 || !h.After(from, time.Second).After(opens) {
			r.Fatalf("opens at %s", opens)
		}
	})
}

func TestWeek_isKeptAndChecked(t *testing.T) {
	t.Parallel()
	require.Equal(t, "1 540-1080;2 1320-120", model.Week{span(1, 9, 18), span(2, 22, 2)}.String())
	require.Equal(t, model.Week{span(1, 9, 18), span(2, 22, 2)}, model.ReadWeek("2 1320-120;1 540-1080"))
	require.Empty(t, model.ReadWeek(""))
	require.Empty(t, model.ReadWeek("nonsense;1;2 x-y"))
	require.Equal(t, 7*24*60, model.Week{}.Minutes())

	full := make(model.Week, model.MaxSpans)
	for i := range full {
		full[i] = model.Span{Weekday: i/6 + 1, FromMinute: i % 6 * 240, ToMinute: i%6*240 + 239}
	}
	require.Empty(t, full.Faults("h", model.MinWeekMinutes))
	require.LessOrEqual(t, len(full.String()), 600, "the width of the columns")
	for _, c := range []struct {
		week model.Week
		want model.WeekFault
	}{
		{append(full, span(1, 1, 2)), model.WeekFault{"h", "too_many"}},
		{model.Week{{Weekday: 1, FromMinute: 540, ToMinute: 599}}, model.WeekFault{"h", "too_short"}},
		{model.Week{span(0, 9, 18)}, model.WeekFault{"h[0].weekday", "out_of_range"}},
		{model.Week{span(1, 24, 9)}, model.WeekFault{"h[0].from", "invalid"}},
		{model.Week{span(1, 9, 9)}, model.WeekFault{"h[0].to", "invalid"}},
		{model.Week{span(1, 9, 18), span(1, 17, 19)}, model.WeekFault{"h[1]", "overlaps"}},
		{model.Week{span(1, 0, 3), span(7, 20, 2)}, model.WeekFault{"h[1]", "overlaps"}},
	} {
		require.Equal(t, []model.WeekFault{c.want}, c.week.Faults("h", model.MinWeekMinutes))
	}
	require.Empty(t, model.Week{}.Faults("h", model.MinWeekMinutes))
}
