package notice

import (
	"context"
	"fmt"
	"regexp"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

// fieldName is what WeChat calls the fields of a template. Only those of these kinds take a name.
var fieldName = regexp.MustCompile(`^(thing|name)[0-9]{1,3}$`)

// maxTemplateID is the width of the column; WeChat's have 43 characters.
const maxTemplateID = 64

// Settings gives the template of the actor's account; an empty one if there is none. Owners only.
func (s *Service) Settings(ctx context.Context, actor access.Actor) (model.NoticeSettings, error) {
	if !actor.Is(model.RoleOwner) {
		return model.NoticeSettings{}, fault.New(fault.Forbidden, "owner_only")
	}
	return settingsOf(s.db.Read(ctx), actor.AccountID)
}

func settingsOf(db *gorm.DB, accountID string) (model.NoticeSettings, error) {
	var rows []model.NoticeSettings
	if err := db.Where("account_id = ?", accountID).Find(&rows).Error; err != nil {
		return model.NoticeSettings{}, fmt.Errorf("read the template of notices: %w", err)
	}
	if len(rows) == 0 {
		return model.NoticeSettings{AccountID: accountID}, nil
	}
	return rows[0], nil
}

// SetSettings names the template by which the account's staff are told that a member waits, and its field for the
// member's name; an empty template ends the notices. Owners only.
func (s *Service) SetSettings(ctx context.Context, actor access.Actor, templateID, field string) (model.NoticeSettings, error) {
	row := model.NoticeSettings{AccountID: actor.AccountID, TemplateID: templateID, Field: field}
	switch {
	case !actor.Is(model.RoleOwner):
		return row, fault.New(fault.Forbidden, "owner_only")
	case templateID != "" && model.ASCIIKey(templateID, maxTemplateID) == "":
		return row, fault.Input("template_id", "invalid")
	case templateID != "" && !fieldName.MatchString(field):
		return row, fault.Input("field", "invalid")
	case templateID == "":
		row.Field = ""
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		row.UpdatedAt = tx.Millis()
		if err := tx.Where("account_id = ?", row.AccountID).Delete(&model.NoticeSettings{}).Error; err != nil {
			return fmt.Errorf("replace the template of notices: %w", err)
		}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("write the template of notices: %w", err)
		}
		return s.deps.Audit.RecordTx(tx, actor, audit.Entry{Action: "notice.settings", Object: "account", ObjectID: row.AccountID})
	})
	return row, err
}

// Link tells whether the actor's phone gets notices.
type Link struct {
	LinkedAt int64 // Unix milliseconds; 0 = not linked
	Ready    bool  // the account has a template
}

// Link tells how the actor stands.
func (s *Service) Link(ctx context.Context, actor access.Actor) (Link, error) {
	var links []model.StaffLink
	if err := s.db.Read(ctx).Where("staff_id = ?", actor.StaffID).Find(&links).Error; err != nil {
		return Link{}, fmt.Errorf("find link: %w", err)
	}
	settings, err := settingsOf(s.db.Read(ctx), actor.AccountID)
	link := Link{Ready: settings.TemplateID != ""}
	if len(links) == 1 {
		link.LinkedAt = links[0].LinkedAt
	}
	return link, err
}

// Unlink ends the actor's notices.
func (s *Service) Unlink(ctx context.Context, actor access.Actor) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		if err := s.deps.Members.UnlinkStaffTx(tx, actor.StaffID); err != nil {
			return err
		}
		return s.deps.Audit.RecordTx(tx, actor, audit.Entry{Action: "staff.unlink", Object: "staff", ObjectID: actor.StaffID})
	})
}
