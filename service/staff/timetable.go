package staff

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
)

// Duty is how one person takes new members from his store's code (A5). Without hours he is on duty whenever he is
// present; with hours the timetable alone decides, in the zone of his store.
type Duty struct {
	Hours    []model.DutyHours
	DailyCap int64 // new members a day at most; 0 = no limit
	Backup   bool  // takes new members when nobody else of the store does, whatever his hours
	Intake   int64 // how many the store's code gave him today; only read
}

// maxDailyCap is the most that a daily cap can be.
const maxDailyCap = 10_000

// GetDuty gives the timetable of a person whom the actor sees.
func (s *Service) GetDuty(ctx context.Context, actor access.Actor, staffID string) (Duty, error) {
	db := s.db.Read(ctx)
	p, err := findStaff(db, staffScope(actor), staffID)
	if err != nil {
		return Duty{}, err
	}
	plans, hours, err := dutyOf(db, []string{p.ID})
	if err != nil {
		return Duty{}, err
	}
	zone, err := zoneOf(db, p.AccountID, p.StoreID)
	if err != nil {
		return Duty{}, err
	}
	plan := plans[p.ID]
	d := Duty{Hours: hours[p.ID], DailyCap: plan.DailyCap, Backup: plan.Backup}
	if plan.IntakeDay == s.db.Now().In(zone).Format(model.DayLayout) {
		d.Intake = plan.Intake
	}
	return d, nil
}

// SetDuty replaces the timetable of a person: the owner anybody's, a manager his clerks'. What he has had today stays
// counted.
func (s *Service) SetDuty(ctx context.Context, actor access.Actor, staffID string, in Duty) (Duty, error) {
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		p, err := s.managed(tx, actor, staffID)
		if err != nil {
			return err
		}
		if err := in.check(); err != nil {
			return err
		}
		var there int64
		if err := tx.Model(&model.DutyPlan{}).Where("staff_id = ?", p.ID).Count(&there).Error; err != nil {
			return fmt.Errorf("read a duty plan: %w", err)
		}
		plan := model.DutyPlan{StaffID: p.ID, AccountID: p.AccountID, DailyCap: in.DailyCap, Backup: in.Backup, UpdatedAt: tx.Millis()}
		if there == 0 {
			err = tx.Create(&plan).Error
		} else {
			err = tx.Model(&model.DutyPlan{}).Where("staff_id = ?", p.ID).
				Updates(map[string]any{"daily_cap": plan.DailyCap, "backup": plan.Backup, "updated_at": plan.UpdatedAt}).Error
		}
		if err != nil {
			return fmt.Errorf("write a duty plan: %w", err)
		}
		if err := tx.Where("staff_id = ?", p.ID).Delete(&model.DutyHours{}).Error; err != nil {
			return fmt.Errorf("clear a timetable: %w", err)
		}
		if len(in.Hours) > 0 {
			rows := slices.Clone(in.Hours)
			for i := range rows {
				rows[i].StaffID, rows[i].AccountID = p.ID, p.AccountID
			}
			if err := tx.Create(&rows).Error; err != nil {
				return fmt.Errorf("write a timetable: %w", err)
			}
		}
		return s.audit.RecordTx(tx, actor, entry("staff.duty", p.ID, ""))
	})
	if err != nil {
		return Duty{}, err
	}
	return s.GetDuty(ctx, actor, staffID)
}

// check refuses spans that are none, begin together, or overlap on the wheel of the week.
func (d Duty) check() error {
	var p problems
	if d.DailyCap < 0 || d.DailyCap > maxDailyCap {
		p.add("daily_cap", "out_of_range")
	}
	week := make(model.Week, len(d.Hours))
	for i, h := range d.Hours {
		week[i] = h.Span()
	}
	p.week("hours", week, 0)
	return p.err()
}

// dutyOf reads plans and timetables of people; who has none is missing.
func dutyOf(db *gorm.DB, ids []string) (map[string]model.DutyPlan, map[string][]model.DutyHours, error) {
	plans, hours := map[string]model.DutyPlan{}, map[string][]model.DutyHours{}
	if len(ids) == 0 {
		return plans, hours, nil
	}
	var rows []model.DutyPlan
	if err := db.Where("staff_id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, nil, fmt.Errorf("read duty plans: %w", err)
	}
	if len(rows) == 0 {
		return plans, hours, nil // hours are written with a plan
	}
	for _, r := range rows {
		plans[r.StaffID] = r
	}
	var spans []model.DutyHours
	if err := db.Where("staff_id IN ?", ids).Order("staff_id, weekday, from_minute").Find(&spans).Error; err != nil {
		return nil, nil, fmt.Errorf("read timetables: %w", err)
	}
	for _, h := range spans {
		hours[h.StaffID] = append(hours[h.StaffID], h)
	}
	return plans, hours, nil
}
