package staff

import (
	"context"
	"slices"
	"strings"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// Update says what to change; nil leaves it as it is.
type Update struct{ Name, Phone, Role, StoreID, RegionID *string }

// Update changes a person: an owner everything, a manager names and phones of his clerks. A phone that somebody of the
// account has, or had before he left, is a conflict ("duplicate"). Another role, store or region ends
// the dated assignment and begins one. The last owner cannot become something else ("last_owner").
func (s *Service) Update(ctx context.Context, actor access.Actor, staffID string, in Update) (model.Staff, error) {
	var row model.Staff
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		old, err := s.managed(tx, actor, staffID)
		if err != nil {
			return err
		}
		row = old
		if (in.Role != nil || in.StoreID != nil || in.RegionID != nil) && !rules(actor) {
			return fault.New(fault.Forbidden, "owner_only")
		}
		changed, err := in.apply(&row)
		if err != nil || len(changed) == 0 {
			return err
		}
		if err := checkPlace(tx.DB, row); err != nil {
			return err
		}
		if old.Role == model.RoleOwner && row.Role != model.RoleOwner && old.Active {
			if err := anotherOwner(tx, old); err != nil {
				return err
			}
		}
		columns := map[string]any{"name": row.Name, "role": row.Role, "store_id": row.StoreID, "region_id": row.RegionID}
		if in.Phone != nil {
			phone, ok := model.NormalizePhone(*in.Phone)
			if !ok {
				return fault.Input("phone", phoneReason(*in.Phone, ok))
			}
			row.PhoneHash, row.PhoneSealed = s.phoneHash(phone), s.keys.SealString(phone)
			columns["phone_hash"], columns["phone_sealed"] = row.PhoneHash, row.PhoneSealed
		}
		if err := updateStaff(tx, row, columns); err != nil {
			return err
		}
		moved := old.Role != row.Role || old.StoreID != row.StoreID || old.RegionID != row.RegionID
		if moved && row.Active {
			if err := closeAssignment(tx, row.ID); err != nil {
				return err
			}
			if err := openAssignment(tx, row); err != nil {
				return err
			}
			s.tellEnded(tx, row.ID)
		}
		return s.audit.RecordTx(tx, actor, entry("staff.update", row.ID, strings.Join(changed, ",")))
	})
	if database.IsDuplicate(err) {
		return model.Staff{}, fault.New(fault.Conflict, "duplicate")
	}
	return row, err
}

func (in Update) apply(row *model.Staff) (changed []string, err error) {
	var p problems
	if in.Name != nil {
		var reason string
		row.Name, reason = line(*in.Name, maxName)
		p.add("name", reason)
		changed = append(changed, "name")
	}
	if in.Phone != nil {
		changed = append(changed, "phone")
	}
	if in.Role != nil {
		row.Role = *in.Role
		changed = append(changed, "role")
		if in.RegionID == nil && row.Role != model.RoleSupervisor {
			row.RegionID = "" // a region goes with the role that has one
		}
	}
	if in.StoreID != nil {
		row.StoreID = *in.StoreID
		changed = append(changed, "store")
	}
	if in.RegionID != nil {
		row.RegionID = *in.RegionID
		changed = append(changed, "region")
	}
	p.place(row.Role, row.StoreID, row.RegionID)
	return changed, p.err()
}

// managed locks a person whom the actor sees and may change.
func (s *Service) managed(tx *database.Tx, actor access.Actor, staffID string) (model.Staff, error) {
	p, err := findStaff(tx.Lock(), staffScope(actor), staffID)
	if err == nil && !manages(actor, p) {
		err = fault.New(fault.Forbidden, "not_allowed")
	}
	return p, err
}

// anotherOwner makes sure that the account keeps an owner.
func anotherOwner(tx *database.Tx, p model.Staff) error {
	owners, err := lockOwners(tx, p.AccountID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(owners, func(id string) bool { return id != p.ID }) {
		return fault.New(fault.Conflict, "last_owner")
	}
	return nil
}

// SetAway says whether the actor wants no new members for now. It does not touch those he has.
func (s *Service) SetAway(ctx context.Context, actor access.Actor, away bool) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		p, err := findStaff(tx.Lock(), staffScope(actor), actor.StaffID)
		if err != nil || p.Away == away {
			return err
		}
		if err := updateStaff(tx, p, map[string]any{"away": away}); err != nil {
			return err
		}
		action := "staff.back"
		if away {
			action = "staff.away"
		}
		return s.audit.RecordTx(tx, actor, entry(action, p.ID, ""))
	})
}

// Deactivate takes a person who left out of the account: an owner anybody, a manager his clerks. His sessions end in
// the same transaction (E15). The last owner cannot leave ("last_owner"). Whoever left already stays so.
func (s *Service) Deactivate(ctx context.Context, actor access.Actor, staffID string) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error { return s.DeactivateTx(tx, actor, staffID) })
}

// DeactivateTx is Deactivate inside a transaction.
func (s *Service) DeactivateTx(tx *database.Tx, actor access.Actor, staffID string) error {
	p, err := s.managed(tx, actor, staffID)
	if err != nil || !p.Active {
		return err
	}
	if p.Role == model.RoleOwner {
		if err := anotherOwner(tx, p); err != nil {
			return err
		}
	}
	if err := updateStaff(tx, p, map[string]any{"active": false, "left_at": tx.Millis()}); err != nil {
		return err
	}
	if err := closeAssignment(tx, p.ID); err != nil {
		return err
	}
	if err := s.endSessions(tx, p.ID, ""); err != nil {
		return err
	}
	return s.audit.RecordTx(tx, actor, entry("staff.deactivate", p.ID, ""))
}

// Reactivate lets a person who left work again, with the same password and a new sign-in. His old notice is over.
func (s *Service) Reactivate(ctx context.Context, actor access.Actor, staffID string) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		p, err := s.managed(tx, actor, staffID)
		if err != nil || p.Active {
			return err
		}
		if err := updateStaff(tx, p, map[string]any{"leaving_at": 0}); err != nil {
			return err
		}
		return s.ReactivateTx(tx, actor, staffID)
	})
}

// ReactivateTx takes a person's leaving back: whatever was before holds again, his notice too.
func (s *Service) ReactivateTx(tx *database.Tx, actor access.Actor, staffID string) error {
	p, err := s.managed(tx, actor, staffID)
	if err != nil || p.Active {
		return err
	}
	if err := updateStaff(tx, p, map[string]any{"active": true, "left_at": 0}); err != nil {
		return err
	}
	if err := openAssignment(tx, p); err != nil {
		return err
	}
	return s.audit.RecordTx(tx, actor, entry("staff.reactivate", p.ID, ""))
}
