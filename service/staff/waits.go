package staff

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
)

// Waits says when a waiting member turns amber and red in the stores of an account (C3): minutes of business hours, in
// the zone of the store. Who stands in no store waits by the account's hours in the zone of Beijing.
type Waits struct {
	Amber, Red time.Duration

	places map[string]place // by store
	hours  map[place]model.Hours
}

// place is what stores have in common whose hours are the same.
type place struct{ zone, week string }

// WaitsTx reads them for one store, or for all of the account with "".
func (s *Service) WaitsTx(tx *database.Tx, accountID, storeID string) (Waits, error) {
	return waitsOf(tx.DB, accountID, func(q *gorm.DB) *gorm.DB {
		if storeID == "" {
			return q
		}
		return q.Where("id = ?", storeID)
	})
}

func waitsOf(db *gorm.DB, accountID string, which func(*gorm.DB) *gorm.DB) (Waits, error) {
	w := Waits{places: map[string]place{}, hours: map[place]model.Hours{}}
	var a model.Account
	err := db.Select("wait_amber_minutes", "wait_red_minutes", "business_hours").Where("id = ?", accountID).Take(&a).Error
	if err != nil {
		return w, fmt.Errorf("read how long members may wait: %w", err)
	}
	var stores []model.Store
	err = which(db.Select("id", "time_zone", "business_hours").Where("account_id = ?", accountID)).Find(&stores).Error
	if err != nil {
		return w, fmt.Errorf("read the hours of stores: %w", err)
	}
	w.Amber, w.Red = time.Duration(a.WaitAmberMinutes)*time.Minute, time.Duration(a.WaitRedMinutes)*time.Minute
	w.add(model.Store{}, a.BusinessHours)
	for _, s := range stores {
		w.add(s, a.BusinessHours)
	}
	return w, nil
}

func (w Waits) add(s model.Store, accounts string) {
	p := place{s.TimeZone, s.BusinessHours}
	if p.week == "" {
		p.week = accounts
	}
	w.places[s.ID] = p
	if _, known := w.hours[p]; !known {
		w.hours[p] = model.Hours{Week: model.ReadWeek(p.week), Zone: model.Zone(p.zone)}
	}
}

// Hours gives the hours of a store; of one that is not known, those of no store.
func (w Waits) Hours(storeID string) model.Hours {
	p, known := w.places[storeID]
	if !known {
		p = w.places[""]
	}
	return w.hours[p]
}

// Since gives, by the latest moment (Unix milliseconds) since which a time of business hours has passed, the stores of
// which that holds; "" stands for no store.
func (w Waits) Since(at time.Time, open time.Duration) map[int64][]string {
	moments := make(map[place]int64, len(w.hours))
	for p, h := range w.hours {
		moments[p] = h.Before(at, open).UnixMilli()
	}
	stores := map[int64][]string{}
	for id, p := range w.places {
		stores[moments[p]] = append(stores[moments[p]], id)
	}
	return stores
}
