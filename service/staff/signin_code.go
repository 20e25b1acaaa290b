package staff

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

const (
	// SignInCodeLife is how long a sign-in code can be used: it is scanned from the screen of whoever made it.
	SignInCodeLife = 10 * time.Minute
	// codeRemembered is how long a code is known after that, to say in words that it is too old or was used.
	codeRemembered = 24 * time.Hour
)

// SignInCode is a new sign-in code. The secret cannot be read again.
type SignInCode struct {
	Secret    string
	ExpiresAt int64 // Unix milliseconds
}

// SignInCodeState tells how the code that was last made for a person stands.
type SignInCodeState struct {
	CreatedBy                    string
	CreatedAt, ExpiresAt, UsedAt int64 // Unix milliseconds; UsedAt 0 = not yet
}

// mayLend reports whether the actor may make a sign-in code for a person whom he sees: an owner for everybody but owners,
// a manager for his clerks. So nobody comes by rights that are not below his own, and nobody makes one for himself.
func mayLend(a access.Actor, p model.Staff) bool {
	return p.ID != a.StaffID && p.Role != model.RoleOwner && manages(a, p)
}

// lends locks a person for whom the actor may make a sign-in code.
func (s *Service) lends(tx *database.Tx, actor access.Actor, staffID string) (model.Staff, error) {
	p, err := findStaff(tx.Lock(), staffScope(actor), staffID)
	if err == nil && !mayLend(actor, p) {
		err = fault.New(fault.Forbidden, "not_allowed")
	}
	return p, err
}

// MakeSignInCode makes the one-time secret by which a person signs in on a phone without typing his password. It takes
// the place of an earlier one. Who left: Conflict left.
func (s *Service) MakeSignInCode(ctx context.Context, actor access.Actor, staffID string) (SignInCode, error) {
	code := SignInCode{Secret: newToken()}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		p, err := s.lends(tx, actor, staffID)
		if err != nil {
			return err
		}
		if !p.Active {
			return fault.New(fault.Conflict, "left")
		}
		if err := tx.Where("staff_id = ?", p.ID).Delete(&model.SignInCode{}).Error; err != nil {
			return fmt.Errorf("replace a sign-in code: %w", err)
		}
		code.ExpiresAt = tx.Now.Add(SignInCodeLife).UnixMilli()
		row := model.SignInCode{
			StaffID: p.ID, AccountID: p.AccountID, SecretHash: hashToken(code.Secret), CreatedBy: actor.StaffID,
			CreatedAt: tx.Millis(), ExpiresAt: code.ExpiresAt,
		}
		if err := insert(tx, &row); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, actor, entry("sign_in_code.create", p.ID, ""))
	})
	if err != nil {
		return SignInCode{}, err
	}
	return code, nil
}

// SignInCode tells how the code stands that was last made for a person. None, or none any more: not found.
func (s *Service) SignInCode(ctx context.Context, actor access.Actor, staffID string) (SignInCodeState, error) {
	db := s.db.Read(ctx)
	p, err := findStaff(db, staffScope(actor), staffID)
	if err != nil {
		return SignInCodeState{}, err
	}
	if !mayLend(actor, p) {
		return SignInCodeState{}, fault.New(fault.Forbidden, "not_allowed")
	}
	row, err := findSignInCode(db.Where("staff_id = ?", p.ID))
	if err != nil {
		return SignInCodeState{}, err
	}
	if row == nil {
		return SignInCodeState{}, notFound()
	}
	return SignInCodeState{row.CreatedBy, row.CreatedAt, row.ExpiresAt, row.UsedAt}, nil
}

// EndSignInCode takes a person's code back. One that was used, or none, changes nothing.
func (s *Service) EndSignInCode(ctx context.Context, actor access.Actor, staffID string) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		p, err := s.lends(tx, actor, staffID)
		if err != nil {
			return err
		}
		r := tx.Where("staff_id = ? AND used_at = 0", p.ID).Delete(&model.SignInCode{})
		if r.Error != nil {
			return fmt.Errorf("take a sign-in code back: %w", r.Error)
		}
		if r.RowsAffected == 0 {
			return nil
		}
		return s.audit.RecordTx(tx, actor, entry("sign_in_code.revoke", p.ID, ""))
	})
}

// SignInByCode is one try to sign in with the secret of a code. OTP and IP are as in SignIn.
type SignInByCode struct{ Secret, OTP, IP string }

// SignInByCode begins a session with the secret of a code. The faults: code_unknown, for what was never one or was
// taken back; code_used; code_expired; otp_needed and otp_wrong, which leave the code as it is; too_many_tries by address
// for unknown secrets, and by person for wrong codes of the second factor. Whoever made the code must still be allowed to.
func (s *Service) SignInByCode(ctx context.Context, in SignInByCode) (Session, error) {
	byAddress := s.addressLimit(in.IP)
	if f, err := blocked(s.db.Read(ctx), s.db.Now().UnixMilli(), byAddress); err != nil || f != nil {
		return Session{}, either(f, err)
	}
	var out Session
	var refused *fault.Error // counting a wrong try must be committed, so it is no error of the transaction
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		var p model.Staff
		var err error
		if p, refused, err = s.lent(tx, in.Secret); err == nil && refused == nil {
			refused, err = s.ownOTP(tx, p, in.OTP)
		}
		if err != nil {
			return err
		}
		if refused != nil {
			if refused.Reason != codeUnknown {
				return nil
			}
			f, err := countWrong(tx, byAddress)
			if f != nil {
				refused = f
			}
			return err
		}
		won, err := useSignInCode(tx, p.ID, hashToken(in.Secret))
		if err != nil {
			return err
		}
		if !won { // another phone was faster, or it was taken back at this moment
			refused = fault.New(fault.Unsigned, codeUsed)
			return nil
		}
		out, err = s.begin(tx, p, true)
		return err
	})
	if err != nil || refused != nil {
		return Session{}, either(refused, err)
	}
	return out, nil
}

const (
	codeUnknown = "code_unknown"
	codeUsed    = "code_used"
	codeExpired = "code_expired"
)

// lent finds the person of a secret and locks him, so that he cannot be taken out or promoted meanwhile.
func (s *Service) lent(tx *database.Tx, secret string) (model.Staff, *fault.Error, error) {
	unknown := fault.New(fault.Unsigned, codeUnknown)
	if len(secret) != base64.RawURLEncoding.EncodedLen(tokenSize) {
		return model.Staff{}, unknown, nil
	}
	row, err := findSignInCode(tx.Where("secret_hash = ?", hashToken(secret)))
	switch {
	case err != nil:
		return model.Staff{}, nil, err
	case row == nil:
		return model.Staff{}, unknown, nil
	case row.UsedAt != 0:
		return model.Staff{}, fault.New(fault.Unsigned, codeUsed), nil
	case tx.Millis() >= row.ExpiresAt:
		return model.Staff{}, fault.New(fault.Unsigned, codeExpired), nil
	}
	p, err := findStaff(tx.Lock(), staffScope(access.System(row.AccountID)), row.StaffID)
	if err != nil {
		return p, nil, err
	}
	maker, err := findStaff(tx.DB, staffScope(access.System(row.AccountID)), row.CreatedBy)
	if err != nil {
		return p, nil, err
	}
	_, err = findStaff(tx.DB, staffScope(actorOf(maker, "")), p.ID)
	switch {
	case fault.Is(err, fault.NotFound) || err == nil && (!p.Active || !maker.Active || !mayLend(actorOf(maker, ""), p)):
		return p, unknown, nil
	case err != nil:
		return p, nil, err
	}
	return p, nil, nil
}

// ownOTP asks who has a second factor for it; wrong codes are limited as where he changes it.
func (s *Service) ownOTP(tx *database.Tx, p model.Staff, code string) (*fault.Error, error) {
	if !p.OTPEnabled {
		return nil, nil
	}
	limits := []limit{s.personLimit("otp", p.ID)}
	if f, err := blocked(tx.DB, tx.Millis(), limits); err != nil || f != nil {
		return f, err
	}
	if code == "" {
		return fault.New(fault.Unsigned, otpNeeded), nil
	}
	ok, err := s.useCode(tx, p, code)
	if err != nil || ok {
		return nil, err
	}
	meanwhile, err := countWrong(tx, limits)
	if meanwhile != nil {
		return meanwhile, err
	}
	return fault.New(fault.Unsigned, "otp_wrong"), err
}

func findSignInCode(q *gorm.DB) (*model.SignInCode, error) {
	var rows []model.SignInCode
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read a sign-in code: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return &rows[0], nil
}

// useSignInCode uses a code up. Of two phones at the same time one wins.
func useSignInCode(tx *database.Tx, staffID, secretHash string) (bool, error) {
	r := tx.Model(&model.SignInCode{}).
		Where("staff_id = ? AND secret_hash = ? AND used_at = 0 AND expires_at > ?", staffID, secretHash, tx.Millis()).
		Update("used_at", tx.Millis())
	if r.Error != nil {
		return false, fmt.Errorf("use a sign-in code up: %w", r.Error)
	}
	return r.RowsAffected == 1, nil
}

// endSignInCode ends the code that waits for a person. One that was used stays known, to say so.
func endSignInCode(tx *database.Tx, staffID string) error {
	if err := tx.Where("staff_id = ? AND used_at = 0", staffID).Delete(&model.SignInCode{}).Error; err != nil {
		return fmt.Errorf("end a sign-in code: %w", err)
	}
	return nil
}
