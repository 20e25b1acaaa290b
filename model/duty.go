package model

import (
	"sync"
	"time"
)

// DutyPlan says how one clerk takes new members from his store's code (A5).
type DutyPlan struct {
	StaffID   string `gorm:"column:staff_id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	DailyCap  int64  `gorm:"column:daily_cap"`  // new members a day at most; 0 = no limit
	Backup    bool   `gorm:"column:backup"`     // takes new members when nobody else of the store does
	IntakeDay string `gorm:"column:intake_day"` // day of the store, 2006-01-02, that Intake counts
	Intake    int64  `gorm:"column:intake"`
	UpdatedAt int64  `gorm:"column:updated_at"`
}

// TableName names the table.
func (DutyPlan) TableName() string { return "duty_plans" }

// DutyHours is one span of a clerk's week, in the zone of his store. A span that does not end after it begins goes on
// past midnight into the next day.
type DutyHours struct {
	StaffID    string `gorm:"column:staff_id;primaryKey"`
	Weekday    int    `gorm:"column:weekday;primaryKey;autoIncrement:false"`     // 1 = Monday … 7 = Sunday
	FromMinute int    `gorm:"column:from_minute;primaryKey;autoIncrement:false"` // of the day, 0 … 1439
	ToMinute   int    `gorm:"column:to_minute"`                                  // 1 … 1440, not itself within
	AccountID  string `gorm:"column:account_id"`
}

// TableName names the table.
func (DutyHours) TableName() string { return "duty_hours" }

// Span is the part of the week that it stands for.
func (h DutyHours) Span() Span { return Span{h.Weekday, h.FromMinute, h.ToMinute} }

// DayMinutes is how many minutes a day of the timetable has.
const DayMinutes = 24 * 60

// DayLayout is how a day of a store is written.
const DayLayout = time.DateOnly

// zones are those read so far: reading one opens a file.
var zones sync.Map //nolint:gochecknoglobals // a memory of what is the same for everybody and never changes

// Zone is the named IANA zone, or that of Beijing when the name is empty or unknown.
func Zone(name string) *time.Location {
	if zone, known := zones.Load(name); known {
		return zone.(*time.Location) //nolint:forcetypeassert // nothing else is stored
	}
	if name != "" {
		if zone, err := time.LoadLocation(name); err == nil {
			zones.Store(name, zone)
			return zone
		}
	}
	return time.FixedZone("CST", 8*60*60)
}

// OnDuty reports whether a local time of the store lies in one of the spans. The wall clock counts: an hour that a
// change of the clock repeats is on duty twice.
func OnDuty(hours []DutyHours, local time.Time) bool {
	day := (int(local.Weekday())+6)%7 + 1
	minute := local.Hour()*60 + local.Minute()
	yesterday := (day+5)%7 + 1
	for _, h := range hours {
		past := h.ToMinute <= h.FromMinute
		switch {
		case h.Weekday == day && !past && minute >= h.FromMinute && minute < h.ToMinute,
			h.Weekday == day && past && minute >= h.FromMinute,
			h.Weekday == yesterday && past && minute < h.ToMinute:
			return true
		}
	}
	return false
}
