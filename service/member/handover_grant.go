package member

import (
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/feed"
)

// EndGrantsTx ends every dated right of a person who leaves (E15).
func (s *Service) EndGrantsTx(tx *database.Tx, staffID string) error {
	err := tx.Model(&model.Access{}).Where("staff_id = ? AND to_at > ?", staffID, tx.Millis()).Update("to_at", tx.Millis()).Error
	if err != nil {
		return fmt.Errorf("end rights of a person: %w", err)
	}
	return nil
}

// grantRows is how many rights go into one statement.
const grantRows = 500

// SubstituteTx lets a substitute serve every member that the clerk has now and to whom this substitution does not yet
// open the way, and ends it for those who are no longer the clerk's. It may be called again and again.
func (s *Service) SubstituteTx(tx *database.Tx, sub model.Substitute) error {
	const mine = "SELECT members.id FROM members WHERE members.account_id = ? AND members.clerk_id = ? AND members.merged_into = ''"
	now := tx.Millis()
	ended := tx.Model(&model.Access{}).
		Where("staff_id = ? AND to_at > ? AND source_id = ?", sub.SubstituteID, now, sub.ID).
		Where("member_id NOT IN ("+mine+")", sub.AccountID, sub.ClerkID).Update("to_at", now)
	if ended.Error != nil {
		return fmt.Errorf("end a substitution for members who left: %w", ended.Error)
	}
	var ids []string
	err := tx.Model(&model.Member{}).Where("account_id = ? AND clerk_id = ? AND merged_into = ''", sub.AccountID, sub.ClerkID).
		Where("id NOT IN (SELECT member_access.member_id FROM member_access WHERE member_access.staff_id = ? AND member_access.to_at > ? AND member_access.source_id = ?)",
			sub.SubstituteID, now, sub.ID).Order("id").Pluck("id", &ids).Error
	if err != nil {
		return fmt.Errorf("find members to substitute: %w", err)
	}
	rows := make([]model.Access, len(ids))
	for i, id := range ids {
		rows[i] = model.Access{
			ID: model.NewID(), AccountID: sub.AccountID, MemberID: id, StaffID: sub.SubstituteID, Kind: model.AccessSubstitute,
			FromAt: max(sub.FromAt, now), ToAt: sub.ToAt, SourceID: sub.ID,
		}
	}
	if len(rows) > 0 {
		if err := tx.CreateInBatches(&rows, grantRows).Error; err != nil {
			return fmt.Errorf("open members to a substitute: %w", err)
		}
	}
	if len(rows) > 0 || ended.RowsAffected > 0 {
		s.feed.PublishTx(tx, feed.Event{AccountID: sub.AccountID, Kind: feed.KindConversation}, feed.Staff(sub.SubstituteID))
	}
	return nil
}

// EndSubstituteTx ends a substitution now.
func (s *Service) EndSubstituteTx(tx *database.Tx, sub model.Substitute) error {
	err := tx.Model(&model.Access{}).Where("staff_id = ? AND to_at > ? AND source_id = ?", sub.SubstituteID, tx.Millis(), sub.ID).
		Update("to_at", tx.Millis()).Error
	if err != nil {
		return fmt.Errorf("end a substitution: %w", err)
	}
	s.feed.PublishTx(tx, feed.Event{AccountID: sub.AccountID, Kind: "scope"}, feed.Staff(sub.SubstituteID))
	return nil
}
