package handover

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

// maxIntroduction is the width of the column, in runes.
const maxIntroduction = 600

// DutySettings gives what the actor's account wants of receivers and leavers.
func (s *Service) DutySettings(ctx context.Context, actor access.Actor) (model.DutySettings, error) {
	return dutyOf(s.db.Read(ctx), actor.AccountID)
}

// dutyOf reads the settings of an account, with what holds where it has set nothing.
func dutyOf(db *gorm.DB, accountID string) (model.DutySettings, error) {
	var rows []model.DutySettings
	if err := db.Where("account_id = ?", accountID).Find(&rows).Error; err != nil {
		return model.DutySettings{}, fmt.Errorf("read what receivers owe: %w", err)
	}
	row := model.DutySettings{AccountID: accountID, QuietDays: model.DefaultQuiet}
	if len(rows) == 1 {
		row = rows[0]
	}
	if row.Introduction == "" {
		row.Introduction = model.DefaultIntroduction
	}
	return row, nil
}

// SetDutySettings says what receivers owe. Owners only. An empty introduction is the usual one again.
func (s *Service) SetDutySettings(ctx context.Context, actor access.Actor, in model.DutySettings) (model.DutySettings, error) {
	if !actor.Is(model.RoleOwner) {
		return in, fault.New(fault.Forbidden, "owner_only")
	}
	row := model.DutySettings{
		AccountID: actor.AccountID, Introduction: strings.TrimSpace(in.Introduction), QuietDays: in.QuietDays, ToQueue: in.ToQueue,
		HandInRequired: in.HandInRequired,
	}
	if err := checkIntroduction(row.Introduction); err != nil {
		return in, err
	}
	if row.QuietDays < 0 || row.QuietDays > model.MaxQuiet {
		return in, fault.Input("quiet_days", "invalid")
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		row.UpdatedAt = tx.Millis()
		if err := tx.Where("account_id = ?", row.AccountID).Delete(&model.DutySettings{}).Error; err != nil {
			return fmt.Errorf("replace what receivers owe: %w", err)
		}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("write what receivers owe: %w", err)
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{Action: "duty.settings", Object: "account", ObjectID: row.AccountID})
	})
	if err != nil {
		return in, err
	}
	return dutyOf(s.db.Read(ctx), actor.AccountID)
}

func checkIntroduction(text string) error {
	switch {
	case utf8.RuneCountInString(text) > maxIntroduction || len(text) > model.MaxTextBytes:
		return fault.Input("introduction", "too_long")
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		return fault.Input("introduction", "invalid")
	}
	if field := model.UnknownField(text, model.IntroductionFields()); field != "" {
		return fault.Input("introduction", "unknown_field").With("name", field)
	}
	return nil
}
