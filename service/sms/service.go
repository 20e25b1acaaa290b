// Package sms sends text messages for accounts, each by the provider that its owner set (M3). Until he sets one, none is
// sent.
package sms

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/keys"
	"liuke/service/audit"
	"liuke/service/textmessage"
)

// Deps is what the room needs.
type Deps struct {
	DB      *database.DB
	Keys    *keys.Ring
	Audit   *audit.Service
	Tencent *textmessage.Tencent
}

// Service is the room.
type Service struct {
	db       *database.DB
	keys     *keys.Ring
	audit    *audit.Service
	tencent  *textmessage.Tencent
	recorder *textmessage.Recorder
}

// New makes the room.
func New(d Deps) *Service {
	return &Service{db: d.DB, keys: d.Keys, audit: d.Audit, tencent: d.Tencent, recorder: &textmessage.Recorder{}}
}

// ReasonOff says that the account sends no text messages.
const ReasonOff = "sms_off"

// Of reads an account's settings; where none were made it sends nothing.
func Of(db *gorm.DB, accountID string) (model.SMSSettings, error) {
	var rows []model.SMSSettings
	if err := db.Where("account_id = ?", accountID).Find(&rows).Error; err != nil {
		return model.SMSSettings{}, fmt.Errorf("read the settings of text messages: %w", err)
	}
	if len(rows) == 0 {
		return model.SMSSettings{AccountID: accountID, Provider: model.SMSOff}, nil
	}
	return rows[0], nil
}

// Send sends a message for an account, under its signature, and tells what that costs in fen. Where it is not known whether
// the message was sent, that is what it may have cost. Errors about the message are *textmessage.Error.
func (s *Service) Send(ctx context.Context, accountID string, m textmessage.Message) (cost int64, err error) {
	settings, err := Of(s.db.Read(ctx), accountID)
	if err != nil {
		return 0, err
	}
	provider, err := s.provider(settings)
	if err != nil {
		return 0, err
	}
	m.Signature = settings.Signature
	receipt, err := provider.Send(ctx, m)
	if e := asRefusal(err); e != nil && e.Reaction == textmessage.Unknown {
		return Cost(settings, textmessage.Filled(m.Text, m.Params)), err
	}
	return receipt.Parts * settings.Price, err
}

// MayCost is what a message costs in fen of which nobody knows whether it was sent.
func (s *Service) MayCost(ctx context.Context, accountID string, m textmessage.Message) (int64, error) {
	settings, err := Of(s.db.Read(ctx), accountID)
	return Cost(settings, textmessage.Filled(m.Text, m.Params)), err
}

// Cost is what a text costs in fen, by our own count of its parts.
func Cost(settings model.SMSSettings, text string) int64 {
	return textmessage.Parts(settings.Signature, text) * settings.Price
}

// Recorded lists what was recorded in place of being sent, by this process.
func (s *Service) Recorded() []textmessage.Message { return s.recorder.Sent() }

func (s *Service) provider(settings model.SMSSettings) (textmessage.Provider, error) {
	switch settings.Provider {
	case model.SMSRecording:
		return s.recorder, nil
	case model.SMSTencent:
		id, err := s.keys.OpenString(settings.SecretIDSealed)
		if err != nil {
			return nil, fmt.Errorf("open a secret id: %w", err)
		}
		key, err := s.keys.OpenString(settings.SecretKeySealed)
		if err != nil {
			return nil, fmt.Errorf("open a secret key: %w", err)
		}
		return s.tencent.Account(textmessage.TencentAccount{SecretID: id, SecretKey: key, AppID: settings.AppID, Region: settings.Region}), nil
	}
	return nil, &textmessage.Error{Reaction: textmessage.Mend, Reason: ReasonOff}
}
