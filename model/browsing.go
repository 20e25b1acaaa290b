package model

import "slices"

// What counts as browsing out of the ordinary (E5): files of different members opened within one day of the store.
const (
	BrowsingDays  = 28 // how many days before today say what is usual
	BrowsingKnown = 5  // with fewer days of work than this nothing is known of a person

	browsingLeast        = 30 // files that are never too many
	browsingTimes        = 3  // times the usual
	browsingLeastLeaving = 20 // both for who has given notice
	browsingTimesLeaving = 2
)

// BrowsingFloor is the fewest files in a day that can ever be out of the ordinary.
const BrowsingFloor = browsingLeastLeaving

// Browsing is a day on which somebody opened far more files than on his usual ones.
type Browsing struct {
	ID        string `gorm:"column:id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	StoreID   string `gorm:"column:store_id"` // of the person on that day
	StaffID   string `gorm:"column:staff_id"`
	Day       string `gorm:"column:day"` // of the store, 2006-01-02
	Files     int64  `gorm:"column:files"`
	Usual     int64  `gorm:"column:usual"` // 0 = not known
	Leaving   bool   `gorm:"column:leaving"`
	CreatedAt int64  `gorm:"column:created_at"`
}

// TableName names the table.
func (Browsing) TableName() string { return "browsings" }

// UsualFiles is how many files a person opens on a usual day: the median of the days on which he opened any. 0 = not
// known, for there were fewer than BrowsingKnown such days.
func UsualFiles(days []int64) int64 {
	worked := slices.DeleteFunc(slices.Clone(days), func(n int64) bool { return n <= 0 })
	if len(worked) < BrowsingKnown {
		return 0
	}
	slices.Sort(worked)
	middle := len(worked) / 2
	if len(worked)%2 == 1 {
		return worked[middle]
	}
	return (worked[middle-1] + worked[middle] + 1) / 2
}

// BrowsesTooMuch reports whether so many files in a day are out of the ordinary: three times the usual and at least 30,
// for who has given notice twice and at least 20. Of whom nothing is known, twice the least.
func BrowsesTooMuch(files, usual int64, leaving bool) bool {
	least, times := int64(browsingLeast), int64(browsingTimes)
	if leaving {
		least, times = browsingLeastLeaving, browsingTimesLeaving
	}
	if usual == 0 {
		return files >= 2*least
	}
	return files >= max(least, times*usual)
}
