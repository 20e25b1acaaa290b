package notice

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/inbound"
)

// AsleepAfter is how long after his last call or open stream a phone counts as asleep.
const AsleepAfter = 2 * time.Minute

// HeardTx plans notices for members' messages: for the clerk a member belongs to, if his own WeChat is linked. A person gets
// one per member and minute at most: the row's key says so.
func (s *Service) HeardTx(tx *database.Tx, all []inbound.Heard) error {
	var clerks []string
	for _, h := range all {
		if h.ClerkID != "" && !slices.Contains(clerks, h.ClerkID) {
			clerks = append(clerks, h.ClerkID)
		}
	}
	if len(clerks) == 0 {
		return nil
	}
	var linked []string
	if err := tx.Model(&model.StaffLink{}).Where("staff_id IN ?", clerks).Pluck("staff_id", &linked).Error; err != nil {
		return fmt.Errorf("find whose WeChat is linked: %w", err)
	}
	var rows []model.Notice
	seen := map[string]bool{}
	for _, h := range all {
		if seen[h.ConversationID] || !slices.Contains(linked, h.ClerkID) {
			continue
		}
		seen[h.ConversationID] = true
		rows = append(rows, model.Notice{
			ID: model.NewID(), AccountID: h.AccountID, StaffID: h.ClerkID, MemberID: h.MemberID, ConversationID: h.ConversationID,
			Minute: tx.Now.Unix() / 60, State: model.StateQueued, DueAt: tx.Millis(), CreatedAt: tx.Millis(),
		})
	}
	if len(rows) == 0 {
		return nil
	}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error; err != nil {
		return fmt.Errorf("plan notices: %w", err)
	}
	for _, n := range rows { // this minute's may have been dropped, because he was answered before he wrote again
		err := tx.Model(&model.Notice{}).
			Where("staff_id = ? AND member_id = ? AND minute = ? AND state = ?", n.StaffID, n.MemberID, n.Minute, model.NoticeDropped).
			Updates(map[string]any{"state": model.StateQueued, "reason": "", "due_at": n.DueAt}).Error
		if err != nil {
			return fmt.Errorf("plan notices: %w", err)
		}
	}
	return nil
}

// keepFor is how long notices stay, for whoever asks why one did not come.
const keepFor = 7 * 24 * time.Hour

func (s *Service) sweep(ctx context.Context) error {
	_, err := s.db.Exec(ctx, "DELETE FROM notices WHERE created_at < ?", s.db.Now().Add(-keepFor).UnixMilli())
	if err != nil {
		return fmt.Errorf("delete old notices: %w", err)
	}
	_, err = s.db.Exec(ctx, "DELETE FROM waiting_marks WHERE at < ?", s.db.Now().Add(-markFor).UnixMilli())
	if err != nil {
		return fmt.Errorf("delete old marks: %w", err)
	}
	return nil
}
