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

// NextOnDutyTx gives the clerk of a store whose turn it is, round robin, and moves his turn to the end; "" when nobody
// is there. now is Unix milliseconds; those in except are passed over. A clerk takes part who is active, not away, not
// leaving and below his daily cap, and whose timetable says so, or who was seen within PresentFor if he has none. When nobody does,
// those named as backup do, if they are not away and below their cap (A5). Transactions that ask for the same store
// wait for each other: without that, MariaDB keeps the locks of the turns they lost and many at once end in deadlocks.
func (s *Service) NextOnDutyTx(tx *database.Tx, accountID, storeID string, now int64, except ...string) (string, error) {
	if err := lockStore(tx, accountID, storeID); err != nil {
		return "", err
	}
	zone, err := zoneOf(tx.DB, accountID, storeID)
	if err != nil {
		return "", err
	}
	local := time.UnixMilli(now).In(zone)
	for range dutyTries {
		r, err := readRoster(tx.DB, accountID, storeID)
		if err != nil {
			return "", err
		}
		last := int64(0)
		for _, c := range r.clerks {
			last = max(last, c.AssignedAt)
		}
		c := r.next(local, except)
		if c == nil {
			return "", nil
		}
		// two turns within one millisecond must differ, or the first by id would have both
		won, err := takeTurn(tx, *c, max(now, last+1))
		if err != nil {
			return "", err
		}
		if won {
			return c.ID, countIntake(tx, r.plans[c.ID], local.Format(model.DayLayout))
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

// zoneOf is the zone of a store.
func zoneOf(db *gorm.DB, accountID, storeID string) (*time.Location, error) {
	var zones []string
	if err := db.Model(&model.Store{}).Where("account_id = ? AND id = ?", accountID, storeID).Pluck("time_zone", &zones).Error; err != nil {
		return nil, fmt.Errorf("read the zone of a store: %w", err)
	}
	if len(zones) == 0 {
		return model.Zone(""), nil
	}
	return model.Zone(zones[0]), nil
}

// roster is the clerks of a store who are not away, the next one first, and how they serve.
type roster struct {
	clerks []model.Staff
	plans  map[string]model.DutyPlan
	hours  map[string][]model.DutyHours
}

func readRoster(db *gorm.DB, accountID, storeID string) (roster, error) {
	var r roster
	err := db.Select("id", "assigned_at", "seen_at").
		Where("account_id = ? AND store_id = ? AND role = ? AND active = ? AND away = ? AND leaving_at = 0", accountID, storeID, model.RoleClerk, true, false).
		Order("assigned_at, id").Find(&r.clerks).Error
	if err != nil {
		return r, fmt.Errorf("find the clerks of a store: %w", err)
	}
	ids := make([]string, len(r.clerks))
	for i, c := range r.clerks {
		ids[i] = c.ID
	}
	r.plans, r.hours, err = dutyOf(db, ids)
	return r, err
}

// next is whose turn it is at a local time of the store, or nil.
func (r roster) next(local time.Time, except []string) *model.Staff {
	day := local.Format(model.DayLayout)
	var backup *model.Staff
	for i, c := range r.clerks {
		plan := r.plans[c.ID]
		full := plan.DailyCap > 0 && plan.IntakeDay == day && plan.Intake >= plan.DailyCap
		if full || slices.Contains(except, c.ID) {
			continue
		}
		if !plan.Backup && r.serves(c, local) {
			return &r.clerks[i]
		}
		if plan.Backup && backup == nil {
			backup = &r.clerks[i]
		}
	}
	return backup
}

// serves asks the timetable of a clerk, or whether he is present if he has none.
func (r roster) serves(c model.Staff, local time.Time) bool {
	if hours := r.hours[c.ID]; len(hours) > 0 {
		return model.OnDuty(hours, local)
	}
	return c.SeenAt >= local.UnixMilli()-PresentFor.Milliseconds()
}

// takeTurn moves the turn of a clerk to the end, unless he has gone away meanwhile.
func takeTurn(tx *database.Tx, clerk model.Staff, at int64) (bool, error) {
	r := tx.Model(&model.Staff{}).
		Where("id = ? AND assigned_at = ? AND active = ? AND away = ? AND leaving_at = 0", clerk.ID, clerk.AssignedAt, true, false).
		Update("assigned_at", at)
	if r.Error != nil {
		return false, fmt.Errorf("take the turn of a clerk: %w", r.Error)
	}
	return r.RowsAffected == 1, nil
}

// countIntake counts a new member of the day for a clerk with a plan. The store's lock keeps others from counting.
func countIntake(tx *database.Tx, plan model.DutyPlan, day string) error {
	if plan.StaffID == "" {
		return nil
	}
	count := int64(1)
	if plan.IntakeDay == day {
		count += plan.Intake
	}
	err := tx.Model(&model.DutyPlan{}).Where("staff_id = ?", plan.StaffID).Updates(map[string]any{"intake_day": day, "intake": count}).Error
	if err != nil {
		return fmt.Errorf("count the intake of a clerk: %w", err)
	}
	return nil
}
