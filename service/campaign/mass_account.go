package campaign

import (
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
)

// reasonNoQuota is WeChat's word that the account has no mass sends left (45028): members go by other channels meanwhile.
const reasonNoQuota = "no_mass_quota"

const (
	// afterMidnight is how long after the beginning of a day or month it is used: clocks differ.
	afterMidnight = 30 * time.Second
	// beforeMonth is how long before the end of a month nothing leaves any more: it could count in the next.
	beforeMonth = 2 * time.Minute
)

// massAccount holds what an account has used of its mass calls.
func massAccount(tx *database.Tx, accountID string) (model.MassAccount, error) {
	row := model.MassAccount{AccountID: accountID}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return row, fmt.Errorf("begin to count mass calls: %w", err)
	}
	if err := tx.Lock().First(&row, "account_id = ?", accountID).Error; err != nil {
		return row, fmt.Errorf("hold the count of mass calls: %w", err)
	}
	return row, nil
}

// massOpens is when an account may make its next mass call: now, or later because WeChat said so, because the day's calls
// are used up or because the month is about to end.
func massOpens(a model.MassAccount, now time.Time) time.Time {
	opens := now
	if until := model.Time(a.ClosedUntil); until.After(opens) {
		opens = until
	}
	next := model.NextBeijingDay(now)
	full := a.CallsOn(model.MassDay(now)) >= model.MassPerDay
	ends := next.Sub(now) <= beforeMonth && model.MassMonth(next) != model.MassMonth(now)
	if tomorrow := next.Add(afterMidnight); (full || ends) && tomorrow.After(opens) {
		opens = tomorrow
	}
	return opens
}

// countCall counts one call of the held row's account.
func countCall(tx *database.Tx, a model.MassAccount) error {
	day := model.MassDay(tx.Now)
	err := tx.Model(&model.MassAccount{}).Where("account_id = ?", a.AccountID).Updates(map[string]any{"day": day, "calls": a.CallsOn(day) + 1}).Error
	if err != nil {
		return fmt.Errorf("count a mass call: %w", err)
	}
	return nil
}

// uncountCall takes a call back that never reached WeChat.
func uncountCall(tx *database.Tx, accountID string) error {
	err := tx.Model(&model.MassAccount{}).Where("account_id = ? AND day = ? AND calls > 0", accountID, model.MassDay(tx.Now)).
		Update("calls", clause.Expr{SQL: "calls - 1"}).Error
	if err != nil {
		return fmt.Errorf("take a mass call back: %w", err)
	}
	return nil
}

// closeAccount lets an account make no mass call for a while. A longer stop that is there already stays.
func closeAccount(tx *database.Tx, accountID, reason string, until time.Time) error {
	err := tx.Model(&model.MassAccount{}).Where("account_id = ? AND closed_until < ?", accountID, until.UnixMilli()).
		Updates(map[string]any{"closed_until": until.UnixMilli(), "reason": reason}).Error
	if err != nil {
		return fmt.Errorf("stop the mass calls of an account: %w", err)
	}
	return nil
}
