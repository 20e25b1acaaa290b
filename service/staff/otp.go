package staff

import (
	"context"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/pquerna/otp/totp"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

const (
	otpNeeded = "otp_needed"
	// otpStep is how long a code lasts (RFC 6238); one step more is taken on either side for clocks that are off.
	otpStep   = 30 * time.Second
	otpIssuer = "Liuke"
)

// Enrolment is what the person's authenticator takes in. It is shown once.
type Enrolment struct {
	Secret string // base32
	URL    string // otpauth://…, to be drawn as a QR code
}

// EnrolOTP begins a second factor (L7). It counts once ConfirmOTP has seen a code of it. Who has one must end it first
// ("otp_enabled").
func (s *Service) EnrolOTP(ctx context.Context, actor access.Actor) (Enrolment, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: otpIssuer, AccountName: actor.Name})
	if err != nil {
		return Enrolment{}, fmt.Errorf("make a second factor: %w", err)
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		p, err := findStaff(tx.Lock(), staffScope(actor), actor.StaffID)
		if err != nil {
			return err
		}
		if p.OTPEnabled {
			return fault.New(fault.Conflict, "otp_enabled")
		}
		if err := updateStaff(tx, p, map[string]any{"otp_sealed": s.keys.SealString(key.Secret())}); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, actor, entry("staff.otp_enrol", p.ID, ""))
	})
	if err != nil {
		return Enrolment{}, err
	}
	return Enrolment{Secret: key.Secret(), URL: key.URL()}, nil
}

// ConfirmOTP puts the enrolled second factor into force, given a code of it. A wrong one: code wrong; none enrolled:
// otp_not_enrolled.
func (s *Service) ConfirmOTP(ctx context.Context, actor access.Actor, code string) error {
	return s.withCode(ctx, actor, code, func(tx *database.Tx, p model.Staff) error {
		if p.OTPEnabled {
			return fault.New(fault.Conflict, "otp_enabled")
		}
		if err := updateStaff(tx, p, map[string]any{"otp_enabled": true}); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, actor, entry("staff.otp_confirm", p.ID, ""))
	})
}

// DisableOTP ends a second factor: the actor's own ("" or his id) by a code of it, that of somebody he manages, who
// lost his phone, without.
func (s *Service) DisableOTP(ctx context.Context, actor access.Actor, staffID, code string) error {
	if staffID == "" || staffID == actor.StaffID {
		return s.withCode(ctx, actor, code, func(tx *database.Tx, p model.Staff) error { return s.endOTP(tx, actor, p) })
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		p, err := s.managed(tx, actor, staffID)
		if err != nil {
			return err
		}
		return s.endOTP(tx, actor, p)
	})
}

func (s *Service) endOTP(tx *database.Tx, actor access.Actor, p model.Staff) error {
	if err := updateStaff(tx, p, map[string]any{"otp_enabled": false, "otp_sealed": nil}); err != nil {
		return err
	}
	return s.audit.RecordTx(tx, actor, entry("staff.otp_disable", p.ID, ""))
}

// withCode runs f on the actor's own row once the code is right; wrong ones are limited.
func (s *Service) withCode(ctx context.Context, actor access.Actor, code string, f func(*database.Tx, model.Staff) error) error {
	limits := []limit{s.personLimit("otp", actor.StaffID)}
	var refused *fault.Error
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		var err error
		if refused, err = blocked(tx.DB, tx.Millis(), limits); err != nil || refused != nil {
			return err
		}
		p, err := findStaff(tx.Lock(), staffScope(actor), actor.StaffID)
		if err != nil {
			return err
		}
		if len(p.OTPSealed) == 0 {
			return fault.New(fault.Conflict, "otp_not_enrolled")
		}
		ok, err := s.useCode(tx, p, code)
		if err != nil {
			return err
		}
		if !ok {
			refused = fault.Input("otp", "wrong")
			meanwhile, err := countWrong(tx, limits)
			if meanwhile != nil {
				refused = meanwhile
			}
			return err
		}
		if err := forgive(tx, limits[0]); err != nil {
			return err
		}
		return f(tx, p)
	})
	return either(refused, err)
}

// useCode reports whether the code is right now, and takes care that it and those before it are not taken again.
func (s *Service) useCode(tx *database.Tx, p model.Staff, code string) (bool, error) {
	secret, err := s.keys.OpenString(p.OTPSealed)
	if err != nil {
		return false, err
	}
	for _, off := range []time.Duration{0, -otpStep, otpStep} {
		at := tx.Now.Add(off).Truncate(otpStep)
		want, err := totp.GenerateCode(secret, at)
		if err != nil {
			return false, fmt.Errorf("make a code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return s.useStep(tx, p.ID, at.UnixMilli())
		}
	}
	return false, nil
}

// useStep moves on the last step that was used. It is kept among the wrong tries, which live longer than a code.
func (s *Service) useStep(tx *database.Tx, staffID string, step int64) (bool, error) {
	row, err := lockThrottle(tx, s.keys.Hash("otp_step", staffID))
	if err != nil || step <= row.WindowAt {
		return false, err
	}
	row.WindowAt = step
	return true, saveThrottle(tx, row)
}
