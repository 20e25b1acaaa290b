package model

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Span is a part of each week on a store's wall clock. One that does not end after it begins goes on past midnight into
// the next day.
type Span struct {
	Weekday    int // 1 = Monday … 7 = Sunday
	FromMinute int // of the day, 0 … 1439
	ToMinute   int // 1 … 1440, not itself within
}

// Week is the spans of a week; one without spans is always open (C3).
type Week []Span

// Bounds of a week.
const (
	// MaxSpans is how many spans a week may have: six a day.
	MaxSpans = 7 * 6
	// MinWeekMinutes is how long a week with spans is open at least. With less, waiting would hardly ever count.
	MinWeekMinutes = 60
)

const weekMinutes = 7 * DayMinutes

// length is how many minutes the span has on the wall clock.
func (s Span) length() int {
	n := s.ToMinute - s.FromMinute
	if n <= 0 {
		n += DayMinutes
	}
	return n
}

// begin is the minute of the week at which the span begins.
func (s Span) begin() int { return (s.Weekday-1)*DayMinutes + s.FromMinute }

// Overlaps reports whether two spans share a minute of the wheel of the week.
func (s Span) Overlaps(other Span) bool {
	ahead := (other.begin() - s.begin() + weekMinutes) % weekMinutes
	back := (s.begin() - other.begin() + weekMinutes) % weekMinutes
	return ahead < s.length() || back < other.length()
}

// WeekFault names a wrong part of a week by its path in the input, and why.
type WeekFault struct{ Name, Reason string }

// Faults lists what is wrong with a week that was typed into a field: spans that are none or overlap on the wheel of the
// week, too many of them, or, where there are any, fewer open minutes than least.
func (w Week) Faults(field string, least int) []WeekFault {
	if len(w) > MaxSpans {
		return []WeekFault{{field, "too_many"}}
	}
	var all []WeekFault
	for i, s := range w {
		if part, reason := s.wrong(w[:i]); reason != "" {
			all = append(all, WeekFault{field + "[" + strconv.Itoa(i) + "]" + part, reason})
		}
	}
	if len(all) == 0 && w.Minutes() < least {
		all = append(all, WeekFault{field, "too_short"})
	}
	return all
}

// wrong tells what is wrong with a span that stands after others, and with which part of it.
func (s Span) wrong(before Week) (part, reason string) {
	switch {
	case s.Weekday < 1 || s.Weekday > 7:
		return ".weekday", "out_of_range"
	case s.FromMinute < 0 || s.FromMinute >= DayMinutes:
		return ".from", "invalid"
	case s.ToMinute < 1 || s.ToMinute > DayMinutes || s.ToMinute == s.FromMinute:
		return ".to", "invalid"
	case slices.ContainsFunc(before, s.Overlaps):
		return "", "overlaps"
	}
	return "", ""
}

// Minutes is how long the week is open, on the wall clock.
func (w Week) Minutes() int {
	if len(w) == 0 {
		return weekMinutes
	}
	n := 0
	for _, s := range w {
		n += s.length()
	}
	return n
}

// String is how a week is stored: "1 540-1080;2 540-1080", "" for always open.
func (w Week) String() string {
	parts := make([]string, len(w))
	for i, s := range w {
		parts[i] = strconv.Itoa(s.Weekday) + " " + strconv.Itoa(s.FromMinute) + "-" + strconv.Itoa(s.ToMinute)
	}
	return strings.Join(parts, ";")
}

// ReadWeek reads what String wrote, in the order of the week. What it cannot read is left out.
func ReadWeek(text string) Week {
	var w Week
	for part := range strings.SplitSeq(text, ";") {
		day, hours, _ := strings.Cut(part, " ")
		from, to, _ := strings.Cut(hours, "-")
		var s Span
		var errs [3]error
		s.Weekday, errs[0] = strconv.Atoi(day)
		s.FromMinute, errs[1] = strconv.Atoi(from)
		s.ToMinute, errs[2] = strconv.Atoi(to)
		if errs == [3]error{} {
			w = append(w, s)
		}
	}
	slices.SortFunc(w, func(a, b Span) int { return a.begin() - b.begin() })
	return w
}

// Hours is a week in the zone of a store.
type Hours struct {
	Week Week
	Zone *time.Location
}

// daysAhead bounds how far is looked: with MinWeekMinutes a week, the longest wait of a week of minutes ends within it.
const daysAhead = 7 * (weekMinutes/MinWeekMinutes + 2)

// opening is a span on a certain day.
type opening struct{ from, to time.Time }

// on gives the openings that begin on the day that lies n days from that of at, in order. A day on which the clock
// changes is longer or shorter, as it is in the shop.
func (h Hours) on(at time.Time, n int) []opening {
	y, m, d := at.In(h.Zone).Date()
	noon := time.Date(y, m, d+n, 12, 0, 0, 0, h.Zone) // midnight does not exist everywhere on every day
	weekday := (int(noon.Weekday())+6)%7 + 1
	var all []opening
	for _, s := range h.Week {
		if s.Weekday != weekday {
			continue
		}
		from := time.Date(y, m, d+n, 0, s.FromMinute, 0, 0, h.Zone)
		all = append(all, opening{from, time.Date(y, m, d+n, 0, s.FromMinute+s.length(), 0, 0, h.Zone)})
	}
	slices.SortFunc(all, func(a, b opening) int { return a.from.Compare(b.from) })
	return all
}

// After is when a time of opening hours has passed since a moment: at once for none. While closed it stands still.
func (h Hours) After(at time.Time, open time.Duration) time.Time {
	if len(h.Week) == 0 || open <= 0 {
		return at.Add(max(open, 0))
	}
	now := at
	for n := -1; n < daysAhead; n++ { // what began yesterday may go on past midnight
		for _, o := range h.on(at, n) {
			from := later(o.from, now)
			span := o.to.Sub(from)
			if span <= 0 {
				continue
			}
			if open <= span {
				return from.Add(open)
			}
			open -= span
			now = o.to
		}
	}
	return now
}

// Before is the latest moment since which a time of opening hours has passed: who has waited since then or longer has
// waited that long. It is the counterpart of After: After(t, open) <= at holds for each t <= Before(at, open), and for
// no other.
func (h Hours) Before(at time.Time, open time.Duration) time.Time {
	if len(h.Week) == 0 || open <= 0 {
		return at.Add(-max(open, 0))
	}
	now := at
	for n := 0; n > -daysAhead; n-- {
		day := h.on(at, n)
		for _, o := range slices.Backward(day) {
			to := earlier(o.to, now)
			span := to.Sub(o.from)
			if span <= 0 {
				continue
			}
			if open <= span {
				return to.Add(-open)
			}
			open -= span
			now = o.from
		}
	}
	return now
}

// Between is how long it was open from one moment to another.
func (h Hours) Between(from, to time.Time) time.Duration {
	if len(h.Week) == 0 || !from.Before(to) {
		return max(to.Sub(from), 0)
	}
	var sum time.Duration
	now := from
	for n := -1; now.Before(to) && n < daysAhead; n++ {
		for _, o := range h.on(from, n) {
			if span := earlier(o.to, to).Sub(later(o.from, now)); span > 0 {
				sum += span
				now = earlier(o.to, to)
			}
		}
		if y, m, d := from.In(h.Zone).Date(); !time.Date(y, m, d+n+1, 0, 0, 0, 0, h.Zone).Before(to) {
			break
		}
	}
	return sum
}

// Opens is the first moment from at on when it is open.
func (h Hours) Opens(at time.Time) time.Time {
	for n := -1; n < daysAhead && len(h.Week) > 0; n++ {
		for _, o := range h.on(at, n) {
			if at.Before(o.to) && o.from.Before(o.to) {
				return later(o.from, at)
			}
		}
	}
	return at
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
