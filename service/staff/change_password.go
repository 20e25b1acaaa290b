package staff

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// ChangePassword gives the actor another password. His other sessions end. Wrong old passwords are limited as at
// signing in. The old one may be left out where KnowsNoPassword holds.
func (s *Service) ChangePassword(ctx context.Context, actor access.Actor, old, password string) error {
	var bad problems
	bad.add("password", passwordReason(password))
	if err := bad.err(); err != nil {
		return err
	}
	limits := []limit{s.personLimit("password", actor.StaffID)}
	if f, err := blocked(s.db.Read(ctx), s.db.Now().UnixMilli(), limits); err != nil || f != nil {
		return either(f, err)
	}
	p, err := s.Get(ctx, actor, actor.StaffID)
	if err != nil {
		return err
	}
	var ok bool
	if old == "" {
		ok, err = s.KnowsNoPassword(ctx, actor, p)
	} else {
		ok, err = s.passwords.matches(ctx, old, p.PasswordHash)
	}
	if err != nil {
		return err
	}
	if !ok {
		return s.refuse(ctx, limits, fault.Input("old_password", "wrong"))
	}
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		now, err := findStaff(tx.Lock(), staffScope(actor), actor.StaffID)
		if err != nil {
			return err
		}
		if now.PasswordHash != p.PasswordHash {
			return fault.New(fault.Conflict, "changed_meanwhile")
		}
		return s.setPassword(tx, actor, now, hash, limits[0])
	})
}

// KnowsNoPassword reports whether the actor came by a sign-in code while his password is still the first one, which
// somebody else chose and he may never have been told.
func (s *Service) KnowsNoPassword(ctx context.Context, actor access.Actor, p model.Staff) (bool, error) {
	if p.ID != actor.StaffID || p.PasswordChangedAt != 0 {
		return false, nil
	}
	var n int64
	err := s.db.Read(ctx).Model(&model.Session{}).
		Where("token_hash = ? AND staff_id = ? AND by_code = ?", actor.SessionID, actor.StaffID, true).Count(&n).Error
	if err != nil {
		return false, fmt.Errorf("read how a session began: %w", err)
	}
	return n == 1, nil
}

func (s *Service) setPassword(tx *database.Tx, actor access.Actor, p model.Staff, hash string, tries limit) error {
	if err := forgive(tx, tries); err != nil {
		return err
	}
	if err := updateStaff(tx, p, map[string]any{"password_hash": hash, "password_changed_at": tx.Millis()}); err != nil {
		return err
	}
	if err := s.endSessions(tx, p.ID, actor.SessionID); err != nil {
		return err
	}
	return s.audit.RecordTx(tx, actor, entry("staff.password", p.ID, ""))
}

// refuse counts a wrong try and gives the fault.
func (s *Service) refuse(ctx context.Context, limits []limit, f *fault.Error) error {
	var meanwhile *fault.Error
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		var err error
		meanwhile, err = countWrong(tx, limits)
		return err
	})
	if meanwhile != nil {
		f = meanwhile
	}
	return either(f, err)
}
