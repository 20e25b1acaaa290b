package delivery

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/model/database"
)

// allowance reads and locks what WeChat still lets us send a follower.
func (s *Service) allowance(tx *database.Tx, f model.Follower) (model.Allowance, error) {
	found, err := s.allowances(tx, []model.Follower{f})
	if err != nil {
		return model.Allowance{}, err
	}
	return *found[f.ID], nil
}

func (s *Service) saveAllowance(tx *database.Tx, a model.Allowance) error {
	err := tx.Model(&model.Allowance{}).Where("follower_id = ?", a.FollowerID).Updates(map[string]any{
		"user_left": a.UserLeft, "user_until": a.UserUntil, "event_left": a.EventLeft, "event_until": a.EventUntil,
		"inflight": a.Inflight, "updated_at": tx.Millis(),
	}).Error
	if err != nil {
		return fmt.Errorf("save allowance: %w", err)
	}
	return nil
}

// WindowTx notes that a follower opened a window at that moment, and lets his pending deliveries go, the oldest
// first, as far as it reaches (C14).
func (s *Service) WindowTx(tx *database.Tx, f model.Follower, window string, at int64) error {
	return s.WindowsTx(tx, []Opening{{Follower: f, Window: window, At: at}})
}

// release turns pending deliveries into queued ones while the allowance lasts.
func (s *Service) release(tx *database.Tx, a *model.Allowance) error {
	var pending []model.Delivery
	err := tx.Where("follower_id = ? AND state = ?", a.FollowerID, model.StatePending).Order("id").
		Limit(model.UserWindowSends + model.EventWindowSends).Find(&pending).Error
	if err != nil {
		return fmt.Errorf("find pending deliveries: %w", err)
	}
	for _, d := range pending {
		window := a.Reserve(tx.Millis())
		if window == model.WindowNone {
			return nil
		}
		r := tx.Model(&model.Delivery{}).Where("id = ? AND state = ?", d.ID, model.StatePending).Updates(map[string]any{
			"state": model.StateQueued, "reason": "", "window_kind": window, "due_at": tx.Millis(), "updated_at": tx.Millis(),
		})
		if r.Error != nil {
			return fmt.Errorf("release delivery: %w", r.Error)
		}
		if r.RowsAffected == 0 { // withdrawn meanwhile
			a.Settle(window, false)
			continue
		}
		d.State, d.Reason, d.WindowKind = model.StateQueued, "", window
		if err := s.tell(tx, d); err != nil {
			return err
		}
		s.wake(tx)
	}
	return nil
}

// CloseTx notes that nothing can be sent to a follower now: he has left.
func (s *Service) CloseTx(tx *database.Tx, f model.Follower) error {
	a, err := s.allowance(tx, f)
	if err != nil {
		return err
	}
	a.Close()
	return s.saveAllowance(tx, a)
}

// Sending tells which of these messages are on their way: a claimed delivery is "sending" before its message's row says so.
func (s *Service) Sending(ctx context.Context, messageIDs []string) (map[string]bool, error) {
	if len(messageIDs) == 0 {
		return nil, nil
	}
	var ids []string
	err := s.db.Read(ctx).Model(&model.Delivery{}).Where("message_id IN ? AND state = ?", messageIDs, model.StateSending).Pluck("message_id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("read states of deliveries: %w", err)
	}
	sending := make(map[string]bool, len(ids))
	for _, id := range ids {
		sending[id] = true
	}
	return sending, nil
}
