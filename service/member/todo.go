package member

import (
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/feed"
)

// passTodosTx gives the open to-dos about a member to his next clerk, so that no promise is lost with a change of owner.
// They wait without anybody while he is in a queue. What was due is due anew, and the days without contact are counted
// from now.
func (s *Service) passTodosTx(tx *database.Tx, before, after model.Member) error {
	if before.ClerkID == after.ClerkID {
		return nil
	}
	now := tx.Millis()
	r := tx.Exec("UPDATE todos SET staff_id = ?, assigned_at = ?, contacted_at = 0, neglected_at = 0 WHERE member_id = ? AND staff_id = ? AND done_at = 0",
		after.ClerkID, now, after.ID, before.ClerkID)
	if r.Error != nil {
		return fmt.Errorf("pass to-dos on: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return nil
	}
	s.feed.PublishTx(tx, feed.Event{AccountID: after.AccountID, Kind: "todo"}, feed.Staff(before.ClerkID), feed.Staff(after.ClerkID))
	if after.ClerkID == "" {
		return nil
	}
	var zones []string
	if err := tx.Model(&model.Store{}).Where("id = ?", after.StoreID).Pluck("time_zone", &zones).Error; err != nil {
		return fmt.Errorf("read zone of store: %w", err)
	}
	zone := model.Zone("")
	if len(zones) == 1 {
		zone = model.Zone(zones[0])
	}
	due := model.TodoDue(tx.Now, zone, 0).UnixMilli()
	err := tx.Exec("UPDATE todos SET due_at = ? WHERE member_id = ? AND staff_id = ? AND done_at = 0 AND due_at < ?", due, after.ID, after.ClerkID, due).Error
	if err != nil {
		return fmt.Errorf("make to-dos due anew: %w", err)
	}
	return nil
}

// mergeTodosTx moves the open to-dos of a member who is merged to the remaining one, and gives their ids.
func (s *Service) mergeTodosTx(tx *database.Tx, from, into model.Member) ([]string, error) {
	var ids []string
	err := tx.Model(&model.Todo{}).Where("member_id = ? AND done_at = 0", from.ID).Order("id").Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	owner := from.ClerkID
	if !inherits(from, into) {
		owner = into.ClerkID
	}
	err = tx.Model(&model.Todo{}).Where("id IN ? AND done_at = 0", ids).Updates(map[string]any{"member_id": into.ID, "staff_id": owner}).Error
	if err != nil {
		return nil, fmt.Errorf("move to-dos: %w", err)
	}
	return ids, nil
}

// unmergeTodosTx moves them back; the returning member's clerk gets them when he is bound.
func (s *Service) unmergeTodosTx(tx *database.Tx, ids []string, from, into model.Member) error {
	err := tx.Model(&model.Todo{}).Where("id IN ? AND member_id = ? AND done_at = 0", ids, into.ID).
		Updates(map[string]any{"member_id": from.ID, "staff_id": ""}).Error
	if err != nil {
		return fmt.Errorf("move to-dos back: %w", err)
	}
	return nil
}
