package segment

import (
	"slices"
	"time"
)

// Person is all that filters ask about a member.
type Person struct {
	Kind, Level, StoreID, ClerkID string
	Class, Sex, Channel           string
	Birthday                      string // 2006-01-02
	Tags, Consents                []string
	Children                      []string // birthdays
	Points                        int64
	JoinedAt, BoundAt, ContactAt  int64
	Purchases                     []Bought
	Scans                         []int64
	Follows, HasPhone             bool
	WindowUntil, WindowLeft       int64 // of the window that the member's last message opened
}

// Bought is one purchase of a person.
type Bought struct {
	At, Amount int64
	Categories []string
}

// Holds answers in plain Go whether a filter takes a person at a time. It is what the SQL is held against.
func (f Filter) Holds(p Person, now time.Time) bool { return f.holds(p, momentOf(now)) }

func (f Filter) holds(p Person, at moment) bool {
	switch {
	case f.Not != nil:
		return !f.Not.holds(p, at)
	case f.All != nil:
		return !slices.ContainsFunc(f.All, func(part Filter) bool { return !part.holds(p, at) })
	case f.Any != nil:
		return slices.ContainsFunc(f.Any, func(part Filter) bool { return part.holds(p, at) })
	}
	field := fields()[f.Field]
	return field.holds(condition{f, field, at}, p)
}

func (p Person) firstPurchase() (first int64) {
	for _, b := range p.Purchases {
		if b.Amount >= 0 && (first == 0 || b.At < first) {
			first = b.At
		}
	}
	return first
}

func (p Person) lastPurchase() (last int64) {
	for _, b := range p.Purchases {
		if b.Amount >= 0 {
			last = max(last, b.At)
		}
	}
	return last
}

func (p Person) lastVisit() int64 {
	return max(p.lastPurchase(), slices.Max(append(slices.Clone(p.Scans), 0)))
}

func boughtHolds(c condition, p Person) bool {
	return slices.ContainsFunc(p.Purchases, func(b Bought) bool { return b.Amount >= 0 && b.At >= c.begin() && c.any(b.Categories) })
}

func amountHolds(c condition, p Person) bool {
	var sum int64
	for _, b := range p.Purchases {
		if b.At >= c.begin() {
			sum += b.Amount
		}
	}
	return c.within(sum)
}

func purchasesHolds(c condition, p Person) bool {
	var n int64
	for _, b := range p.Purchases {
		if b.At >= c.begin() && b.Amount >= 0 {
			n++
		}
	}
	return c.within(n)
}

func boundSinceHolds(c condition, p Person) bool {
	if p.ClerkID == "" {
		return c.never()
	}
	return !c.never() && c.was(p.BoundAt)
}

// monthsOld counts whole months by the calendar: the day of the month has come again.
func monthsOld(birthday string, today time.Time) (int64, bool) {
	born, err := time.Parse(time.DateOnly, birthday)
	if err != nil || born.After(time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, time.UTC)) {
		return 0, false
	}
	months := int64(today.Year()-born.Year())*12 + int64(today.Month()-born.Month())
	if today.Day() < born.Day() {
		months--
	}
	return months, true
}

func childHolds(c condition, p Person) bool {
	return slices.ContainsFunc(p.Children, func(birthday string) bool {
		months, born := monthsOld(birthday, c.at.today)
		return born && c.within(months)
	})
}

func birthdayHolds(c condition, p Person) bool {
	born, err := time.Parse(time.DateOnly, p.Birthday)
	if err != nil {
		return false
	}
	from, to := c.bounds(c.field)
	for n := from; n <= to; n++ {
		day := c.at.today.AddDate(0, 0, int(n))
		if day.Month() == born.Month() && day.Day() == born.Day() {
			return true
		}
		leap := born.Month() == time.February && born.Day() == 29
		if leap && day.Month() == time.February && day.Day() == 28 && day.AddDate(0, 0, 1).Day() == 1 {
			return true
		}
	}
	return false
}

func sleepingHolds(c condition, p Person) bool {
	last := p.lastVisit()
	return slices.ContainsFunc(c.In, func(class string) bool {
		if class == SleepNever {
			return last == 0
		}
		first, end := c.at.slept(class)
		return last >= first && last < end
	})
}

func reachHolds(c condition, p Person) bool {
	return slices.Contains(c.In, ReachFollow) && p.Follows || slices.Contains(c.In, ReachPhone) && p.HasPhone ||
		slices.Contains(c.In, ReachMessage) && p.Follows && p.WindowUntil > c.at.now && p.WindowLeft > 1
}
