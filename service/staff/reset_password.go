package staff

import (
	"context"

	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// ResetPassword gives another person a first password again: he forgot his. His sessions end, his wrong tries are
// forgotten, and the apps ask him for one that only he knows. An owner anybody, a manager his clerks; one's own is
// changed with the old one (ChangePassword): Conflict own_password.
func (s *Service) ResetPassword(ctx context.Context, actor access.Actor, staffID, password string) error {
	var bad problems
	bad.add("password", passwordReason(password))
	if err := bad.err(); err != nil {
		return err
	}
	if staffID == actor.StaffID {
		return fault.New(fault.Conflict, "own_password")
	}
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		p, err := s.managed(tx, actor, staffID)
		if err != nil {
			return err
		}
		phone, err := s.keys.OpenString(p.PhoneSealed)
		if err != nil {
			return err
		}
		for _, tries := range []limit{s.personLimit("phone", phone), s.personLimit("password", p.ID)} {
			if err := forgive(tx, tries); err != nil {
				return err
			}
		}
		if err := updateStaff(tx, p, map[string]any{"password_hash": hash, "password_changed_at": 0}); err != nil {
			return err
		}
		if err := s.endSessions(tx, p.ID, ""); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, actor, entry("staff.password_reset", p.ID, ""))
	})
}
