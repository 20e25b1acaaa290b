package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
)

// PresentFor is how long after his last call or open stream a clerk counts as present.
const PresentFor = 10 * time.Minute

// Seen notes that a person is there. An open stream calls it each minute.
func (s *Service) Seen(ctx context.Context, staffID string) error {
	now := s.db.Now().UnixMilli()
	_, err := s.db.Exec(ctx, "UPDATE staff SET seen_at = ? WHERE id = ? AND seen_at < ?", now, staffID, now-seenEvery.Milliseconds()/2)
	if err != nil {
		return fmt.Errorf("note that a person is there: %w", err)
	}
	return nil
}

// dutyTries is how often the next clerk is looked for when the one found goes away at that moment.
const dutyTries = 10

// NextOnDutyTx gives the present clerk of a store whose turn it is, round robin, and moves his turn to the end; ""
// when nobody is present. now is Unix milliseconds; those in except are passed over. Present is a clerk who is active,
// not away, and was seen within PresentFor. Transactions that ask for the same store wait for each other: without that,
// MariaDB keeps the locks of the turns they lost and many at once end in deadlocks.
func (s *Service) NextOnDutyTx(tx *database.Tx, accountID, storeID string, now int64, except ...string) (string, error) {
	if err := lockStore(tx, accountID, storeID); err != nil {
		return "", err
	}
	for range dutyTries {
		clerks, err := presentClerks(tx.DB, accountID, storeID, now)
		if err != nil {
			return "", err
		}
		last := int64(0)
		for _, c := range clerks {
			last = max(last, c.AssignedAt)
		}
		clerks = slices.DeleteFunc(clerks, func(c model.Staff) bool { return slices.Contains(except, c.ID) })
		if len(clerks) == 0 {
			return "", nil
		}
		// two turns within one millisecond must differ, or the first by id would have both
		won, err := takeTurn(tx, clerks[0], max(now, last+1))
		if err != nil {
			return "", err
		}
		if won {
			return clerks[0].ID, nil
		}
	}
	return "", errors.New("find the next clerk: everyone found went away")
}

func lockStore(tx *database.Tx, accountID, storeID string) error {
	var rows []model.Store
	if err := tx.Lock().Select("id").Where("account_id = ? AND id = ?", accountID, storeID).Find(&rows).Error; err != nil {
		return fmt.Errorf("lock a store for its next clerk: %w", err)
	}
	return nil
}

// presentClerks gives the clerks who are there, the next one first.
func presentClerks(db *gorm.DB, accountID, storeID string, now int64) ([]model.Staff, error) {
	var rows []model.Staff
	err := db.Select("id", "assigned_at").
		Where("account_id = ? AND store_id = ? AND role = ? AND active = ? AND away = ? AND seen_at >= ?",
			accountID, storeID, model.RoleClerk, true, false, now-PresentFor.Milliseconds()).
		Order("assigned_at, id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find who is on duty: %w", err)
	}
	return rows, nil
}

// takeTurn moves the turn of a clerk to the end, unless he has gone away meanwhile.
func takeTurn(tx *database.Tx, clerk model.Staff, at int64) (bool, error) {
	r := tx.Model(&model.Staff{}).
		Where("id = ? AND assigned_at = ? AND active = ? AND away = ?", clerk.ID, clerk.AssignedAt, true, false).
		Update("assigned_at", at)
	if r.Error != nil {
		return false, fmt.Errorf("take the turn of a clerk: %w", r.Error)
	}
	return r.RowsAffected == 1, nil
}
