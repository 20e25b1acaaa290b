package staff

import (
	"context"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// SetLeaving writes down the last day of a person who has given notice (E5), or takes the notice back with nil: an
// owner anybody's but his own, a manager his clerks'. Of lastDay only year, month and day count; it ends at midnight in
// the zone of the person's store. A day that is over: invalid "past". Who left already: Conflict left.
func (s *Service) SetLeaving(ctx context.Context, actor access.Actor, staffID string, lastDay *time.Time) (model.Staff, error) {
	var p model.Staff
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		var err error
		if p, err = s.managed(tx, actor, staffID); err != nil {
			return err
		}
		if p.ID == actor.StaffID {
			return fault.New(fault.Forbidden, "not_allowed")
		}
		if !p.Active {
			return fault.New(fault.Conflict, "left")
		}
		p.LeavingAt = 0
		action := "staff.stays"
		if lastDay != nil {
			zone, err := zoneOf(tx.DB, p.AccountID, p.StoreID)
			if err != nil {
				return err
			}
			y, m, d := lastDay.Date()
			p.LeavingAt = time.Date(y, m, d+1, 0, 0, 0, 0, zone).UnixMilli()
			if p.LeavingAt <= tx.Millis() {
				return fault.Input("last_day", "past")
			}
			action = "staff.leaving"
		}
		if err := updateStaff(tx, p, map[string]any{"leaving_at": p.LeavingAt}); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, actor, entry(action, p.ID, ""))
	})
	return p, err
}
