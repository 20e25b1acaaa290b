package sms

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/textmessage"
)

// Change is what the owner sets. Nil secrets stay as they are.
type Change struct {
	Provider            string
	SecretID, SecretKey *string
	AppID, Region       string
	Signature           string
	Price               int64
}

// Settings are those of the actor's account.
func (s *Service) Settings(ctx context.Context, actor access.Actor) (model.SMSSettings, error) {
	if !actor.Is(model.RoleOwner, model.RoleManager) {
		return model.SMSSettings{}, fault.New(fault.Forbidden, "role")
	}
	return Of(s.db.Read(ctx), actor.AccountID)
}

// What Tencent Cloud's ids look like; a slip of the hand is found before a message is lost to it.
var (
	secretText = regexp.MustCompile(`^[A-Za-z0-9]{8,128}$`)
	appIDText  = regexp.MustCompile(`^[0-9]{4,20}$`)
	regionText = regexp.MustCompile(`^[a-z]{2,8}(-[a-z0-9]{1,16}){1,3}$`)
)

// Set changes them; only the owner may. What the provider needs must be there before messages are sent by it.
func (s *Service) Set(ctx context.Context, actor access.Actor, in Change) (model.SMSSettings, error) {
	var row model.SMSSettings
	if !actor.Is(model.RoleOwner) {
		return row, fault.New(fault.Forbidden, "role")
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		var err error
		if row, err = Of(tx.Lock(), actor.AccountID); err != nil {
			return err
		}
		if err := s.fill(&row, in); err != nil {
			return err
		}
		row.UpdatedAt = tx.Millis()
		if err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "account_id"}}, UpdateAll: true}).Create(&row).Error; err != nil {
			return fmt.Errorf("keep the settings of text messages: %w", err)
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{Action: "sms.settings", Object: "account", ObjectID: actor.AccountID, Detail: "provider:" + row.Provider})
	})
	return row, err
}

func (s *Service) fill(row *model.SMSSettings, in Change) error {
	row.Provider, row.Price = in.Provider, in.Price
	row.AppID, row.Region, row.Signature = strings.TrimSpace(in.AppID), strings.TrimSpace(in.Region), strings.TrimSpace(in.Signature)
	for _, secret := range []struct {
		field string
		given *string
		keep  *[]byte
	}{{"secret_id", in.SecretID, &row.SecretIDSealed}, {"secret_key", in.SecretKey, &row.SecretKeySealed}} {
		if secret.given == nil {
			continue
		}
		plain := strings.TrimSpace(*secret.given)
		if plain != "" && !secretText.MatchString(plain) {
			return fault.Input(secret.field, "invalid")
		}
		*secret.keep = s.keys.SealString(plain)
	}
	switch {
	case row.Provider != model.SMSOff && !row.On():
		return fault.Input("provider", "unknown")
	case row.Price < 0 || row.Price > model.MaxSMSPrice:
		return fault.Input("price", "range")
	case row.Signature != "" && !isSignature(row.Signature) || row.On() && row.Signature == "":
		return fault.Input("signature", "invalid")
	case row.AppID != "" && !appIDText.MatchString(row.AppID) || row.Provider == model.SMSTencent && row.AppID == "":
		return fault.Input("app_id", "invalid")
	case row.Region != "" && !regionText.MatchString(row.Region) || row.Provider == model.SMSTencent && row.Region == "":
		return fault.Input("region", "invalid")
	case row.Provider == model.SMSTencent && len(row.SecretIDSealed) == 0:
		return fault.Input("secret_id", "required")
	case row.Provider == model.SMSTencent && len(row.SecretKeySealed) == 0:
		return fault.Input("secret_key", "required")
	}
	return nil
}

// isSignature holds a signature against its rule: 2 to 12 letters and digits, Chinese ones as well (Tencent Cloud, document
// 382/59177).
func isSignature(text string) bool {
	n := utf8.RuneCountInString(text)
	return utf8.ValidString(text) && n >= 2 && n <= 12 && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// asRefusal finds what a provider said inside an error.
func asRefusal(err error) *textmessage.Error {
	var e *textmessage.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}
