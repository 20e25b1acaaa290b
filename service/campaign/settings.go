package campaign

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

func settingsOf(db *gorm.DB, accountID string) (model.CampaignSettings, error) {
	row := model.DefaultCampaignSettings(accountID)
	var found []model.CampaignSettings
	if err := db.Where("account_id = ?", accountID).Find(&found).Error; err != nil {
		return row, fmt.Errorf("read the settings of campaigns: %w", err)
	}
	if len(found) == 1 {
		return found[0], nil
	}
	return row, nil
}

// Settings are the account's rules for campaigns: quiet hours (H7) and the contact cap (H10).
func (s *Service) Settings(ctx context.Context, actor access.Actor) (model.CampaignSettings, error) {
	return settingsOf(s.db.Read(ctx), actor.AccountID)
}

// SetSettings changes them; only the owner may.
func (s *Service) SetSettings(ctx context.Context, actor access.Actor, in model.CampaignSettings) (model.CampaignSettings, error) {
	in.AccountID = actor.AccountID
	switch {
	case !actor.Is(model.RoleOwner):
		return in, fault.New(fault.Forbidden, "role")
	case in.QuietFrom < 0 || in.QuietFrom >= model.DayMinutes:
		return in, fault.Input("quiet_from", "range")
	case in.QuietTo < 0 || in.QuietTo >= model.DayMinutes:
		return in, fault.Input("quiet_to", "range")
	case in.Cap < 0 || in.Cap > model.MaxCampaignCap:
		return in, fault.Input("cap", "range")
	case in.CapDays < 0 || in.CapDays > model.MaxCapDays:
		return in, fault.Input("cap_days", "range")
	}
	return in, s.db.InTx(ctx, func(tx *database.Tx) error {
		err := tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "account_id"}}, DoUpdates: clause.AssignmentColumns([]string{"quiet_from", "quiet_to", "cap", "cap_days"}),
		}).Create(&in).Error
		if err != nil {
			return fmt.Errorf("keep the settings of campaigns: %w", err)
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{Action: "campaign.settings", Object: "account", ObjectID: actor.AccountID})
	})
}
