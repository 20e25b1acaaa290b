package delivery

import (
	"sync/atomic"
	"time"

	"liuke/model"
)

const (
	// aheadFor is how long deliveries that were read stand ahead for a place; then they are read anew.
	aheadFor = 250 * time.Millisecond
	// othersEvery is how often accounts are looked for that have none ahead.
	othersEvery = 50 * time.Millisecond
)

// ahead are due deliveries of campaigns that were read when no place was free, so that not every place that becomes free
// costs a look at the outbox. They are in nobody's hands: whoever begins one claims it first. Only the loop uses them, but
// for forget.
type ahead struct {
	rows   []model.Delivery
	read   time.Time   // when the oldest of them were read
	asked  time.Time   // when the outbox was last looked at
	forget atomic.Bool // something changed: read them anew
}

// take gives them, if they are fresh.
func (a *ahead) take(now time.Time) []model.Delivery {
	rows := a.rows
	a.rows = nil
	if a.forget.Swap(false) || !within(a.read, now, aheadFor) {
		return nil
	}
	return rows
}

// others reports whether it is time to look for accounts that have none ahead.
func (a *ahead) others(now time.Time) bool { return !within(a.asked, now, othersEvery) }

// within reports whether a moment lies that little back; not if the clock was put back since.
func within(at, now time.Time, limit time.Duration) bool {
	since := now.Sub(at)
	return since >= 0 && since <= limit
}

func (a *ahead) keep(rows []model.Delivery) { a.rows = rows }

func accountsOf(all []model.Delivery) []string {
	var ids []string
	seen := map[string]bool{}
	for _, d := range all {
		if !seen[d.AccountID] {
			seen[d.AccountID] = true
			ids = append(ids, d.AccountID)
		}
	}
	return ids
}
