package account

import (
	"fmt"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
)

func insertAccount(tx *database.Tx, row *model.Account) error {
	if err := tx.Create(row).Error; err != nil {
		return fmt.Errorf("add an account: %w", err)
	}
	return nil
}

func findAccount(db *gorm.DB, id string) (model.Account, error) {
	var row model.Account
	if err := db.Where("id = ?", id).Take(&row).Error; err != nil {
		return row, fmt.Errorf("read an account: %w", err)
	}
	return row, nil
}

func findByAppID(db *gorm.DB, appid string) (model.Account, error) {
	var row model.Account
	if err := db.Where("appid = ?", appid).Take(&row).Error; err != nil {
		return row, fmt.Errorf("read an account: %w", err)
	}
	return row, nil
}

// findVersion reads what tells whether a cached account is still right.
func findVersion(db *gorm.DB, id string) (int64, error) {
	var row model.Account
	if err := db.Select("version").Where("id = ?", id).Take(&row).Error; err != nil {
		return 0, fmt.Errorf("read the version of an account: %w", err)
	}
	return row.Version, nil
}

func listAccounts(db *gorm.DB) ([]model.Account, error) {
	var rows []model.Account
	if err := db.Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list the accounts: %w", err)
	}
	return rows, nil
}

// updateAccount writes the columns that a change of settings may touch, if nobody else changed the row meanwhile.
func updateAccount(tx *database.Tx, row model.Account) (bool, error) {
	r := tx.Model(&model.Account{}).Where("id = ? AND version = ?", row.ID, row.Version).Updates(map[string]any{
		"name":                    row.Name,
		"original_id":             row.OriginalID,
		"greeting":                row.Greeting,
		"second_scan":             row.SecondScan,
		"secret_sealed":           row.SecretSealed,
		"token_sealed":            row.TokenSealed,
		"aes_key_sealed":          row.AESKeySealed,
		"aes_key_previous_sealed": row.AESKeyPreviousSealed,
		"wait_amber_minutes":      row.WaitAmberMinutes,
		"wait_red_minutes":        row.WaitRedMinutes,
		"business_hours":          row.BusinessHours,
		"undo_hours":              row.UndoHours,
		"version":                 row.Version + 1,
		"updated_at":              tx.Millis(),
	})
	if r.Error != nil {
		return false, fmt.Errorf("change an account: %w", r.Error)
	}
	return r.RowsAffected == 1, nil
}

type stateChange struct{ from, to, reason string }

func changeState(tx *database.Tx, id string, c stateChange) (bool, error) {
	r := tx.Model(&model.Account{}).Where("id = ? AND state = ?", id, c.from).Updates(map[string]any{
		"state":        c.to,
		"state_reason": c.reason,
		"version":      gorm.Expr("version + 1"),
		"updated_at":   tx.Millis(),
	})
	return r.RowsAffected == 1, r.Error
}
