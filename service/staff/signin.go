package staff

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// SignIn is one try to sign in. AppID tells the account when a phone is known in several; OTP is the code of who has a
// second factor; IP is the caller's address, by which wrong tries are limited too ("" is not limited).
type SignIn struct{ Phone, Password, AppID, OTP, IP string }

// Session is what a device gets. Token and CSRF cannot be read again.
type Session struct {
	Token     string
	CSRF      string
	Staff     model.Staff
	ExpiresAt int64 // Unix milliseconds; moves on while the session is used
}

// SignIn begins a session. The faults: wrong_credentials, the same whether or not the phone is known;
// account_needed when it is known in several accounts; otp_needed and otp_wrong; too_many_tries after five wrong tries
// within 15 minutes, for 15 minutes, even with the right password.
func (s *Service) SignIn(ctx context.Context, in SignIn) (Session, error) {
	phone, known := model.NormalizePhone(in.Phone)
	if !known {
		phone = "?" + in.Phone // counted all the same, so that the answers do not differ
	}
	person := s.personLimit("phone", phone)
	limits := append([]limit{person}, s.addressLimit(in.IP)...)
	if f, err := blocked(s.db.Read(ctx), s.db.Now().UnixMilli(), limits); err != nil || f != nil {
		return Session{}, either(f, err)
	}
	people, err := findByPhone(s.db.Read(ctx), s.phoneHash(phone), in.AppID)
	if err != nil {
		return Session{}, err
	}
	fits, err := s.fitting(ctx, people, in.Password)
	if err != nil {
		return Session{}, err
	}
	var out Session
	var refused *fault.Error // counting a wrong try must be committed, so it is no error of the transaction
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		refused = nil
		var err error
		if refused, err = blocked(tx.DB, tx.Millis(), limits); err != nil || refused != nil {
			return err
		}
		if len(fits) > 0 && len(people) > 1 {
			refused = fault.New(fault.Conflict, "account_needed")
			return nil
		}
		var p model.Staff
		if p, refused, err = s.secondFactor(tx, fits, in.OTP); err != nil {
			return err
		}
		if refused != nil {
			if refused.Reason == otpNeeded {
				return nil
			}
			f, err := countWrong(tx, limits)
			if f != nil {
				refused = f
			}
			return err
		}
		if err := forgive(tx, person); err != nil {
			return err
		}
		out, err = s.begin(tx, p, false)
		return err
	})
	if err != nil || refused != nil {
		return Session{}, either(refused, err)
	}
	return out, nil
}

// either gives the fault if there is one, without making a nil pointer look like an error.
func either(f *fault.Error, err error) error {
	if err == nil && f != nil {
		return f
	}
	return err
}

// fitting gives those whose password it is. Where nobody is asked for, a hash is compared all the same.
func (s *Service) fitting(ctx context.Context, people []model.Staff, password string) ([]model.Staff, error) {
	if len(people) == 0 {
		_, err := s.passwords.matches(ctx, password, nobodysHash)
		return nil, err
	}
	var fits []model.Staff
	for _, p := range people {
		ok, err := s.passwords.matches(ctx, password, p.PasswordHash)
		if err != nil {
			return nil, err
		}
		if ok {
			fits = append(fits, p)
		}
	}
	return fits, nil
}

// secondFactor locks the person, so that he cannot be taken out meanwhile, and asks for the code if he enrolled.
func (s *Service) secondFactor(tx *database.Tx, fits []model.Staff, code string) (model.Staff, *fault.Error, error) {
	wrong := fault.New(fault.Unsigned, "wrong_credentials")
	if len(fits) == 0 {
		return model.Staff{}, wrong, nil
	}
	p, err := findStaff(tx.Lock(), staffScope(access.System(fits[0].AccountID)), fits[0].ID)
	switch {
	case fault.Is(err, fault.NotFound):
		return p, wrong, nil
	case err != nil:
		return p, nil, err
	case !p.Active || p.PasswordHash != fits[0].PasswordHash:
		return p, wrong, nil
	case !p.OTPEnabled:
		return p, nil, nil
	case code == "":
		return p, fault.New(fault.Unsigned, otpNeeded), nil
	}
	ok, err := s.useCode(tx, p, code)
	if err == nil && !ok {
		return p, fault.New(fault.Unsigned, "otp_wrong"), nil
	}
	return p, nil, err
}

// findByPhone finds who may sign in with a phone. It goes by the accounts, of which there are few, because phones are
// indexed within their account.
func findByPhone(db *gorm.DB, phoneHash, appid string) ([]model.Staff, error) {
	accounts := db.Session(&gorm.Session{NewDB: true}).Model(&model.Account{}).Select("id")
	if appid != "" {
		accounts = accounts.Where("appid = ?", appid)
	}
	var rows []model.Staff
	err := db.Where("account_id IN (?) AND phone_hash = ? AND active = ?", accounts, phoneHash, true).Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find who signs in: %w", err)
	}
	return rows, nil
}
