package delivery

import (
	"fmt"

	"liuke/model"
	"liuke/model/database"
)

// TakeBackTx withdraws all that a source has queued and that has not left, and gives the ids of those deliveries. One
// that an instance is sending at this moment is not among them.
func (s *Service) TakeBackTx(tx *database.Tx, sourceID string) ([]string, error) {
	var queued []model.Delivery
	if err := tx.Where("source_id = ? AND state = ?", sourceID, model.StateQueued).Order("follower_id, id").Find(&queued).Error; err != nil {
		return nil, fmt.Errorf("find what is queued: %w", err)
	}
	return s.withdraw(tx, queued)
}

// EndTx withdraws all that waits to leave for some followers, and of the deliveries named, and gives the ids of those it
// withdrew.
func (s *Service) EndTx(tx *database.Tx, followerIDs, ids []string) ([]string, error) {
	var waiting []model.Delivery
	err := tx.Where("(follower_id IN ? OR id IN ?) AND state IN ?", followerIDs, ids,
		[]string{model.StateQueued, model.StatePending}).Order("follower_id, id").Find(&waiting).Error
	if err != nil {
		return nil, fmt.Errorf("find what waits: %w", err)
	}
	return s.withdraw(tx, waiting)
}

// withdraw takes deliveries back that are still as they were read.
func (s *Service) withdraw(tx *database.Tx, all []model.Delivery) ([]string, error) {
	var taken []string
	for _, d := range all {
		a, err := s.lockLine(tx, d)
		if err != nil {
			return nil, err
		}
		r := tx.Model(&model.Delivery{}).Where("id = ? AND state = ?", d.ID, d.State).
			Updates(map[string]any{"state": model.StateWithdrawn, "reason": "", "updated_at": tx.Millis()})
		if r.Error != nil {
			return nil, fmt.Errorf("withdraw what waits: %w", r.Error)
		}
		if r.RowsAffected == 0 {
			continue
		}
		if err := returnGrant(tx, d); err != nil {
			return nil, err
		}
		a.Settle(d.WindowKind, false)
		if err := s.saveAllowance(tx, a); err != nil {
			return nil, err
		}
		taken = append(taken, d.ID)
		d.State, d.Reason = model.StateWithdrawn, ""
		if err := s.tell(tx, d); err != nil {
			return nil, err
		}
	}
	return taken, nil
}

// UnderWayTx counts what of a source is queued or being sent.
func (s *Service) UnderWayTx(tx *database.Tx, sourceID string) (int64, error) {
	var n int64
	err := tx.Model(&model.Delivery{}).Where("source_id = ? AND state IN ?", sourceID, []string{model.StateQueued, model.StateSending}).Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count what is under way: %w", err)
	}
	return n, nil
}

// SparesTx tells how many customer messages followers can be sent now, and locks the allowances until the end.
func (s *Service) SparesTx(tx *database.Tx, followers []model.Follower) (map[string]int64, error) {
	all, err := s.allowances(tx, followers)
	spares := make(map[string]int64, len(all))
	for id, a := range all {
		if a.UserUntil > tx.Millis() {
			left, _ := a.Left(tx.Millis())
			spares[id] = min(left, a.UserLeft)
		}
	}
	return spares, err
}
