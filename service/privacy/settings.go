package privacy

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

// Settings tell how long the data of who follows no more is kept. For owner and managers.
func (s *Service) Settings(ctx context.Context, actor access.Actor) (model.RetentionSettings, error) {
	if !actor.Is(model.RoleOwner, model.RoleManager) {
		return model.RetentionSettings{}, fault.New(fault.Forbidden, "managers_only")
	}
	var rows []model.RetentionSettings
	if err := s.db.Read(ctx).Where("account_id = ?", actor.AccountID).Find(&rows).Error; err != nil {
		return model.RetentionSettings{}, fmt.Errorf("read how long data is kept: %w", err)
	}
	if len(rows) == 0 {
		return model.RetentionSettings{AccountID: actor.AccountID, GraceDays: model.DefaultGraceDays}, nil
	}
	return rows[0], nil
}

// Set changes the days, for the owner: 1 to model.MaxGraceDays, or 0 for never. A stricter rule counts from now on.
func (s *Service) Set(ctx context.Context, actor access.Actor, days int64) (model.RetentionSettings, error) {
	row := model.RetentionSettings{AccountID: actor.AccountID, GraceDays: model.DefaultGraceDays}
	if !actor.Is(model.RoleOwner) {
		return row, fault.New(fault.Forbidden, "owner_only")
	}
	if err := actor.Stays(); err != nil {
		return row, err
	}
	if days < 0 || days > model.MaxGraceDays {
		return row, fault.Input("grace_days", "range")
	}
	if err := s.begin(ctx, actor.AccountID); err != nil {
		return row, err
	}
	return row, s.db.InTx(ctx, func(tx *database.Tx) error {
		if err := tx.Lock().First(&row, "account_id = ?", actor.AccountID).Error; err != nil {
			return fmt.Errorf("read how long data is kept: %w", err)
		}
		if days > 0 && (row.GraceDays == 0 || days < row.GraceDays) {
			row.FromAt = tx.Millis()
		}
		row.GraceDays, row.UpdatedAt = days, tx.Millis()
		err := tx.Model(&model.RetentionSettings{}).Where("account_id = ?", row.AccountID).
			Updates(map[string]any{"grace_days": row.GraceDays, "from_at": row.FromAt, "updated_at": row.UpdatedAt}).Error
		if err != nil {
			return fmt.Errorf("change how long data is kept: %w", err)
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{
			Action: "privacy.settings", Object: "account", ObjectID: row.AccountID, Detail: fmt.Sprintf("grace_days:%d", days),
		})
	})
}

// begin lets the days of an account that has no settings yet count from now on.
func (s *Service) begin(ctx context.Context, accountID string) error {
	row := &model.RetentionSettings{AccountID: accountID, GraceDays: model.DefaultGraceDays, FromAt: s.db.Now().UnixMilli()}
	if err := s.db.InsertNew(ctx, row); err != nil {
		return fmt.Errorf("begin to keep data for a time: %w", err)
	}
	return nil
}
