package segment

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// at is an hour of a day in Beijing.
func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, time.FixedZone("CST", 8*60*60))
	if err != nil {
		panic(err)
	}
	return t
}

func TestMoment_countsDaysOfBeijing(t *testing.T) {
	t.Parallel()
	m := momentOf(at("2027-03-31 00:30"))
	require.Equal(t, at("2027-03-31 00:00").UnixMilli(), m.daysAgo(0))
	first, end := m.between(1, 2)
	require.Equal(t, at("2027-03-29 00:00").UnixMilli(), first)
	require.Equal(t, at("2027-03-31 00:00").UnixMilli(), end)
	for months, want := range map[int]string{0: "2027-03-31 00:00", 1: "2027-02-28 00:00", 2: "2027-01-31 00:00", 4: "2026-11-30 00:00", 15: "2025-12-31 00:00"} {
		require.Equal(t, at(want).UnixMilli(), m.monthsAgo(months), months)
	}
	one, oneEnd := m.slept(SleepOne)
	two, twoEnd := m.slept(SleepTwo)
	three, threeEnd := m.slept(SleepThree)
	_, moreEnd := m.slept(SleepMore)
	require.Equal(t, []int64{twoEnd, threeEnd, moreEnd}, []int64{one, two, three}, "the classes touch and do not overlap")
	require.Equal(t, m.monthsAgo(1), oneEnd)
}

func TestMoment_childrenGrowOnTheirDayOfTheMonth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		now, born string
		months    int64
	}{
		{"2027-03-31 12:00", "2027-02-28", 1},
		{"2027-02-28 12:00", "2027-01-31", 0},
		{"2027-03-01 12:00", "2027-01-31", 1},
		{"2027-03-30 23:59", "2026-03-31", 11},
		{"2027-03-31 00:00", "2026-03-31", 12},
	} {
		m := momentOf(at(c.now))
		old, born := monthsOld(c.born, m.today)
		require.True(t, born)
		require.Equal(t, c.months, old, c)
		require.LessOrEqual(t, c.born, m.bornBefore(c.months), c)
		require.Greater(t, c.born, m.bornBefore(c.months+1), c)
	}
	_, born := monthsOld("2027-04-01", momentOf(at("2027-03-31 12:00")).today)
	require.False(t, born)
}

func TestMoment_leapBirthdaysAreOnThe28thInOtherYears(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"02-27", "02-28", "02-29", "03-01"}, momentOf(at("2027-02-27 08:00")).birthdays(0, 2))
	require.Equal(t, []string{"02-28", "02-29", "03-01"}, momentOf(at("2028-02-28 08:00")).birthdays(0, 2))
	require.Equal(t, []string{"12-31", "01-01"}, momentOf(at("2027-12-30 08:00")).birthdays(1, 2))
}
