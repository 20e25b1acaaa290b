package notice

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/inbound"
)

// AsleepAfter is how long after his last call or open stream a phone counts as asleep.
const AsleepAfter = 2 * time.Minute

// Messages plans notices for members' messages after the given handler has taken them: for the clerk a member belongs
// to, if his own WeChat is linked. A person gets one per member and minute at most: the row's key says so.
func (s *Service) Messages(next inbound.Handler) inbound.Handler {
	return func(tx *database.Tx, batch []inbound.Received) error {
		if err := next(tx, batch); err != nil {
			return err
		}
		openIDs := map[string][]string{}
		for _, r := range batch {
			if id := model.ASCIIKey(r.Push.OpenID(), 64); id != "" {
				openIDs[r.AccountID] = append(openIDs[r.AccountID], id)
			}
		}
		for account, ids := range openIDs {
			if err := s.plan(tx, account, ids); err != nil {
				return err
			}
		}
		return nil
	}
}

func (s *Service) plan(tx *database.Tx, accountID string, openIDs []string) error {
	var waiting []model.Conversation
	err := tx.Table("followers").Select("conversations.id, conversations.member_id, conversations.clerk_id").
		Joins("JOIN conversations ON conversations.follower_id = followers.id").
		Joins("JOIN staff_links ON staff_links.staff_id = conversations.clerk_id").
		Where("followers.account_id = ? AND followers.openid IN ? AND followers.kind = ? AND conversations.waiting_since > 0",
			accountID, openIDs, model.FollowerMember).Scan(&waiting).Error
	if err != nil || len(waiting) == 0 {
		return err
	}
	rows := make([]model.Notice, len(waiting))
	for i, c := range waiting {
		rows[i] = model.Notice{
			ID: model.NewID(), AccountID: accountID, StaffID: c.ClerkID, MemberID: c.MemberID, ConversationID: c.ID,
			Minute: tx.Now.Unix() / 60, State: model.StateQueued, DueAt: tx.Millis(), CreatedAt: tx.Millis(),
		}
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
