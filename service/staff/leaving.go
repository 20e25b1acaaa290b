package staff

import (
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// SetLeavingTx writes down the last day of a person who has given notice (E5), or takes the notice back with nil: an
// owner anybody's but his own, a manager his clerks'. Of lastDay only year, month and day count; it ends at midnight in
// the zone of the person's store. A day that is over: invalid "past". Who left already: Conflict left.
func (s *Service) SetLeavingTx(tx *database.Tx, actor access.Actor, staffID string, lastDay *time.Time) (model.Staff, error) {
	p, err := s.managed(tx, actor, staffID)
	if err != nil {
		return p, err
	}
	if p.ID == actor.StaffID {
		return p, fault.New(fault.Forbidden, "not_allowed")
	}
	if !p.Active {
		return p, fault.New(fault.Conflict, "left")
	}
	p.LeavingAt = 0
	action := "staff.stays"
	if lastDay != nil {
		zone, err := zoneOf(tx.DB, p.AccountID, p.StoreID)
		if err != nil {
			return p, err
		}
		y, m, d := lastDay.Date()
		p.LeavingAt = time.Date(y, m, d+1, 0, 0, 0, 0, zone).UnixMilli()
		if p.LeavingAt <= tx.Millis() {
			return p, fault.Input("last_day", "past")
		}
		action = "staff.leaving"
	}
	if err := updateStaff(tx, p, map[string]any{"leaving_at": p.LeavingAt}); err != nil {
		return p, err
	}
	return p, s.audit.RecordTx(tx, actor, entry(action, p.ID, ""))
}
