package segment

import (
	"fmt"
	"time"

	"liuke/model"
)

// moment is when a filter is asked: all its days are those of Beijing.
type moment struct {
	now   int64
	today time.Time // midnight at its beginning
}

func momentOf(now time.Time) moment {
	local := now.In(model.Zone(""))
	return moment{now.UnixMilli(), time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, local.Location())}
}

// daysAgo is the midnight at the beginning of the day so many days ago.
func (m moment) daysAgo(n int64) int64 { return m.today.AddDate(0, 0, -int(n)).UnixMilli() }

// between are the times that lie from to to days ago: [first, end).
func (m moment) between(from, to int64) (first, end int64) { return m.daysAgo(to), m.daysAgo(from - 1) }

// monthsAgo is the midnight at the beginning of the day so many months ago; of a shorter month its last day.
func (m moment) monthsAgo(n int) int64 {
	first := time.Date(m.today.Year(), m.today.Month()-time.Month(n), 1, 0, 0, 0, 0, m.today.Location())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(m.today.Day(), last)-1).UnixMilli()
}

// bornBefore is the latest birthday of a child that is so many months old. It may be no day of the calendar
// (2026-02-31) and compares as one all the same.
func (m moment) bornBefore(months int64) string {
	n := int64(m.today.Year())*12 + int64(m.today.Month()) - 1 - months
	return fmt.Sprintf("%04d-%02d-%02d", n/12, n%12+1, m.today.Day())
}

// birthdays are the days of the calendar (01-02) from to to days ahead. Who was born on a leap day has his birthday on
// the 28th of February in other years.
func (m moment) birthdays(from, to int64) []string {
	var days []string
	for n := from; n <= to; n++ {
		day := m.today.AddDate(0, 0, int(n))
		days = append(days, day.Format("01-02"))
		if day.Month() == time.February && day.Day() == 28 && day.AddDate(0, 0, 1).Month() == time.March {
			days = append(days, "02-29")
		}
	}
	return days
}
