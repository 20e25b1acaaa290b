package staff

import (
	"fmt"
	"net/netip"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/fault"
)

// How many wrong tries are taken.
const (
	tryWindow   = 15 * time.Minute // wrong tries are counted this long, and then refused this long
	personTries = 5                // of one phone, or of one person
	// addressTries is for one network address. A whole office may stand behind it, with people who mistype on Monday
	// morning; what it must stop is a list of passwords tried on many phones.
	addressTries = 200
)

// limit is one count of wrong tries.
type limit struct {
	key  string
	most int64
}

// addressLimit counts by address; of IPv6 by the network that one customer has.
func (s *Service) addressLimit(ip string) []limit {
	const customersNetwork = 64
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return nil
	}
	if addr = addr.Unmap().WithZone(""); addr.Is6() {
		if network, err := addr.Prefix(customersNetwork); err == nil {
			addr = network.Addr()
		}
	}
	return []limit{{s.keys.Hash("try_address", addr.String()), addressTries}}
}

func (s *Service) personLimit(what, who string) limit {
	return limit{s.keys.Hash("try_"+what, who), personTries}
}

// blocked gives the fault of the first limit that is reached, or nil.
func blocked(db *gorm.DB, now int64, limits []limit) (*fault.Error, error) {
	keys := make([]string, len(limits))
	for i, l := range limits {
		keys[i] = l.key
	}
	var rows []model.Throttle
	if err := db.Where("key_hash IN ?", keys).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the wrong tries: %w", err)
	}
	for _, r := range rows {
		if now < r.BlockedUntil {
			return tooMany(r, now), nil
		}
	}
	return nil, nil
}

// tooMany tells in retry_after how many seconds the block lasts.
func tooMany(r model.Throttle, now int64) *fault.Error {
	const second = 1000
	return fault.New(fault.TooMany, "too_many_tries").With("retry_after", (r.BlockedUntil-now+second-1)/second)
}

// countWrong counts one wrong try and blocks what reached its limit. What tries made at the same time have blocked
// meanwhile gives that fault, so that nobody learns more by trying in parallel. Limits come in the same order
// everywhere, so that two transactions do not wait for each other.
func countWrong(tx *database.Tx, limits []limit) (*fault.Error, error) {
	now := tx.Millis()
	for _, l := range limits {
		row, err := lockThrottle(tx, l.key)
		if err != nil {
			return nil, err
		}
		if now < row.BlockedUntil {
			return tooMany(row, now), nil
		}
		if now-row.WindowAt >= tryWindow.Milliseconds() {
			row.Failures, row.WindowAt = 0, now
		}
		row.Failures++
		if row.Failures >= l.most {
			row.BlockedUntil = now + tryWindow.Milliseconds()
		}
		if err := saveThrottle(tx, row); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// lockThrottle gives the row of a key, made when new, for this transaction alone.
func lockThrottle(tx *database.Tx, key string) (model.Throttle, error) {
	row := model.Throttle{KeyHash: key}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return row, fmt.Errorf("count a wrong try: %w", err)
	}
	if err := tx.Lock().Where("key_hash = ?", key).Take(&row).Error; err != nil {
		return row, fmt.Errorf("count a wrong try: %w", err)
	}
	return row, nil
}

func saveThrottle(tx *database.Tx, row model.Throttle) error {
	err := tx.Model(&model.Throttle{}).Where("key_hash = ?", row.KeyHash).Updates(map[string]any{
		"failures": row.Failures, "window_at": row.WindowAt, "blocked_until": row.BlockedUntil,
	}).Error
	if err != nil {
		return fmt.Errorf("count a wrong try: %w", err)
	}
	return nil
}

// forgive forgets the wrong tries of a key.
func forgive(tx *database.Tx, l limit) error {
	if err := tx.Where("key_hash = ?", l.key).Delete(&model.Throttle{}).Error; err != nil {
		return fmt.Errorf("forget the wrong tries: %w", err)
	}
	return nil
}
