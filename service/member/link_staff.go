package member

import (
	"fmt"

	"liuke/model"
	"liuke/model/database"
)

// IsStaff reports whether the person is one of the chain's own, whose follower only takes notices. He has then neither
// member nor conversation here.
func (p Person) IsStaff() bool { return p.Follower.Kind == model.FollowerStaff }

// LinkStaffTx makes an openid the follower of a person of staff, for notices to his phone. It takes the place of an
// earlier one of his, and of an earlier owner of the openid.
func (s *Service) LinkStaffTx(tx *database.Tx, accountID, openID, staffID string) error {
	if err := s.UnlinkStaffTx(tx, staffID); err != nil {
		return err
	}
	var found []model.Follower
	if err := tx.Lock().Where("account_id = ? AND openid = ?", accountID, openID).Find(&found).Error; err != nil {
		return fmt.Errorf("find follower to link: %w", err)
	}
	now := tx.Millis()
	f := model.Follower{
		ID: model.NewID(), AccountID: accountID, OpenID: openID, Kind: model.FollowerStaff, StaffID: staffID,
		Subscribed: true, SubscribedAt: now, CreatedAt: now,
	}
	var err error
	if len(found) == 1 {
		f.ID = found[0].ID
		if err := tx.Where("follower_id = ?", f.ID).Delete(&model.StaffLink{}).Error; err != nil {
			return fmt.Errorf("end an earlier link: %w", err)
		}
		err = tx.Model(&model.Follower{}).Where("id = ?", f.ID).
			Updates(map[string]any{"kind": f.Kind, "staff_id": staffID, "subscribed": true}).Error
	} else {
		err = tx.Create(&f).Error
	}
	if err != nil {
		return fmt.Errorf("make a follower staff: %w", err)
	}
	link := model.StaffLink{StaffID: staffID, AccountID: accountID, FollowerID: f.ID, LinkedAt: now}
	if err := tx.Create(&link).Error; err != nil {
		return fmt.Errorf("link staff: %w", err)
	}
	return nil
}

// UnlinkStaffTx ends the link of a person of staff, if he has one. A follower who was a member before is one again;
// any other is forgotten.
func (s *Service) UnlinkStaffTx(tx *database.Tx, staffID string) error {
	var links []model.StaffLink
	if err := tx.Where("staff_id = ?", staffID).Find(&links).Error; err != nil {
		return fmt.Errorf("find link: %w", err)
	}
	for _, l := range links {
		if err := tx.Where("staff_id = ?", staffID).Delete(&model.StaffLink{}).Error; err != nil {
			return fmt.Errorf("end link: %w", err)
		}
		err := tx.Model(&model.Follower{}).Where("id = ? AND member_id <> ''", l.FollowerID).
			Updates(map[string]any{"kind": model.FollowerMember, "staff_id": ""}).Error
		if err != nil {
			return fmt.Errorf("make a follower a member's again: %w", err)
		}
		if err := tx.Where("id = ? AND member_id = ''", l.FollowerID).Delete(&model.Follower{}).Error; err != nil {
			return fmt.Errorf("forget a follower: %w", err)
		}
	}
	return nil
}
