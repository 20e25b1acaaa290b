package member

import (
	"fmt"
	"time"

	"liuke/model"
	"liuke/model/database"
)

// EndOfDayTx is the next midnight in the zone of a store; in Beijing's where there is none.
func EndOfDayTx(tx *database.Tx, storeID string) (time.Time, error) {
	var zones []string
	if err := tx.Model(&model.Store{}).Where("id = ?", storeID).Pluck("time_zone", &zones).Error; err != nil {
		return time.Time{}, fmt.Errorf("read zone of store: %w", err)
	}
	zone := time.FixedZone("CST", 8*60*60)
	if len(zones) == 1 {
		if z, err := time.LoadLocation(zones[0]); err == nil {
			zone = z
		}
	}
	y, m, d := tx.Now.In(zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone), nil
}
