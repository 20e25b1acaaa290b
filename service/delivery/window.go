package delivery

import (
	"fmt"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
)

// Opening is a window that a follower opened.
type Opening struct {
	Follower model.Follower
	Window   string // model.WindowUser or model.WindowEvent
	At       int64  // Unix milliseconds
}

// WindowsTx is WindowTx for many followers, each named once, in a few statements for all of them.
func (s *Service) WindowsTx(tx *database.Tx, openings []Opening) error {
	if len(openings) == 0 {
		return nil
	}
	followers := make([]model.Follower, len(openings))
	for i, o := range openings {
		followers[i] = o.Follower
	}
	known, err := s.allowances(tx, followers)
	if err != nil {
		return err
	}
	ids := make([]string, len(openings))
	for i, o := range openings {
		ids[i] = o.Follower.ID
	}
	var waiting []string
	err = tx.Model(&model.Delivery{}).Where("follower_id IN ? AND state = ?", ids, model.StatePending).Distinct().Pluck("follower_id", &waiting).Error
	if err != nil {
		return fmt.Errorf("find pending deliveries: %w", err)
	}
	for _, o := range openings {
		a := known[o.Follower.ID]
		if o.Window == model.WindowUser {
			a.OpenUser(o.At)
		} else {
			a.OpenEvent(o.At)
		}
		a.UpdatedAt = tx.Millis()
	}
	for _, id := range waiting {
		if err := s.release(tx, known[id]); err != nil {
			return err
		}
	}
	rows := make([]model.Allowance, 0, len(known))
	for _, o := range openings {
		rows = append(rows, *known[o.Follower.ID])
	}
	return saveAllowances(tx, rows)
}

func saveAllowances(tx *database.Tx, rows []model.Allowance) error {
	if err := tx.SaveAllowances(rows); err != nil {
		return fmt.Errorf("save allowances: %w", err)
	}
	return nil
}

// allowances reads and locks those of many followers, and starts the missing ones.
func (s *Service) allowances(tx *database.Tx, followers []model.Follower) (map[string]*model.Allowance, error) {
	known := make(map[string]*model.Allowance, len(followers))
	read := func() error {
		var missing []string
		for _, f := range followers {
			if known[f.ID] == nil {
				missing = append(missing, f.ID)
			}
		}
		if len(missing) == 0 {
			return nil
		}
		var found []model.Allowance
		if err := tx.Lock().Where("follower_id IN ?", missing).Order("follower_id").Find(&found).Error; err != nil {
			return fmt.Errorf("lock allowances: %w", err)
		}
		for i := range found {
			known[found[i].FollowerID] = &found[i]
		}
		return nil
	}
	if err := read(); err != nil {
		return nil, err
	}
	var fresh []model.Allowance
	for _, f := range followers {
		if known[f.ID] == nil {
			fresh = append(fresh, model.Allowance{FollowerID: f.ID, AccountID: f.AccountID})
		}
	}
	if len(fresh) == 0 {
		return known, nil
	}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh).Error; err != nil {
		return nil, fmt.Errorf("start allowances: %w", err)
	}
	if err := read(); err != nil {
		return nil, err
	}
	for _, a := range fresh {
		if known[a.FollowerID] == nil {
			return nil, database.ErrAgain
		}
	}
	return known, nil
}
