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

// Left is what may still be sent to one follower, and until when (0 = no window is open).
type Left struct {
	Count int64
	Until int64
}

// Allowances tells for each follower what may still be sent now.
func (s *Service) Allowances(ctx context.Context, followerIDs []string) (map[string]Left, error) {
	left := make(map[string]Left, len(followerIDs))
	if len(followerIDs) == 0 {
		return left, nil
	}
	var rows []model.Allowance
	if err := s.db.Read(ctx).Where("follower_id IN ?", followerIDs).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read allowances: %w", err)
	}
	now := s.db.Now().UnixMilli()
	for _, a := range rows {
		count, until := a.Left(now)
		left[a.FollowerID] = Left{count, until}
	}
	return left, nil
}

// LatestStates brings the states of messages on their way up to date: a claimed delivery is "sending" before its
// message's row says so.
func (s *Service) LatestStates(ctx context.Context, messages []model.Message) error {
	var ids []string
	for _, m := range messages {
		if m.State == model.StateQueued {
			ids = append(ids, m.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []model.Delivery
	err := s.db.Read(ctx).Select("message_id", "state").Where("message_id IN ? AND state = ?", ids, model.StateSending).Find(&rows).Error
	if err != nil {
		return fmt.Errorf("read states of deliveries: %w", err)
	}
	for _, d := range rows {
		for i := range messages {
			if messages[i].ID == d.MessageID {
				messages[i].State = d.State
			}
		}
	}
	return nil
}
