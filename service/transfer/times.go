package transfer

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// moments are the ways in which people and tills write a day, perhaps with its time. Fractions of seconds may follow.
type moments []string

func newMoments() moments {
	days := []string{"2006-1-2", "2006/1/2", "2006.1.2", "2006年1月2日", "20060102"}
	times := []string{"", " 15:04:05", " 15:04", "T15:04:05", "T15:04", " 15时04分05秒", " 15时04分"}
	layouts := moments{time.RFC3339, "20060102150405", "200601021504"}
	for _, t := range times {
		for _, d := range days {
			layouts = append(layouts, d+t)
		}
	}
	return layouts
}

// read tells when something happened, by the wall clock of a zone; a day alone begins at midnight.
func (m moments) read(s string, zone *time.Location) (time.Time, bool) {
	s = strings.Join(strings.Fields(strings.Replace(s, "日", "日 ", 1)), " ")
	for _, layout := range m {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t.Truncate(time.Millisecond), true
		}
	}
	return serial(s, zone)
}

// serial reads a time as spreadsheets number it: days since the end of 1899, by the wall clock of a zone.
func serial(s string, zone *time.Location) (time.Time, bool) {
	n, err := strconv.ParseFloat(s, 64)
	const first, last = 61, 73051 // from March 1900, before which spreadsheets count a day too many, to the end of 2099
	if err != nil || math.IsNaN(n) || n < first || n >= last {
		return time.Time{}, false
	}
	day, rest := math.Modf(n)
	seconds := int(math.Round(rest * 24 * 60 * 60))
	return time.Date(1899, 12, 30+int(day), 0, 0, seconds, 0, zone), true
}
