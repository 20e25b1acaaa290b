// Package account keeps the service accounts (公众号): their settings and, sealed, their secrets.
package account

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/keys"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

// Deps is what the room needs.
type Deps struct {
	DB    *database.DB
	Keys  *keys.Ring
	Audit *audit.Service
	// Shelf keeps a copy of the accounts for the time when the database is away; nil: there is none.
	Shelf Shelf
}

// Service is the room.
type Service struct {
	db    *database.DB
	keys  *keys.Ring
	audit *audit.Service
	cache cache
	shelf shelf

	refusals refusals
}

// New makes the room.
func New(d Deps) *Service {
	return &Service{db: d.DB, keys: d.Keys, audit: d.Audit, cache: newCache(), shelf: shelf{to: d.Shelf}}
}

// Add is a new account. AESKey is empty (plain mode) or WeChat's EncodingAESKey of 43 characters.
type Add struct {
	AppID, Secret, Token, AESKey string
	Name                         string
	OriginalID                   string // gh_… id; may be empty
}

// Add takes a new account in. Only the program itself may (the command line). An appid that is there already is a
// conflict ("duplicate").
func (s *Service) Add(ctx context.Context, actor access.Actor, in Add) (model.Account, error) {
	if actor.Kind != model.BySystem {
		return model.Account{}, fault.New(fault.Forbidden, "system_only")
	}
	name, err := in.check()
	if err != nil {
		return model.Account{}, err
	}
	row := model.Account{
		ID:           model.NewID(),
		AppID:        in.AppID,
		Name:         name,
		OriginalID:   in.OriginalID,
		SecretSealed: s.keys.SealString(in.Secret),
		TokenSealed:  s.keys.SealString(in.Token),
		AESKeySealed: s.keys.SealString(in.AESKey),
		State:        model.AccountActive,
		SecondScan:   model.SecondScanKeep,

		WaitAmberMinutes: defaultAmber,
		WaitRedMinutes:   defaultRed,
		UndoHours:        model.UndoHours,

		Version: 1,
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		row.CreatedAt, row.UpdatedAt = tx.Millis(), tx.Millis()
		if err := insertAccount(tx, &row); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, access.System(row.ID), audit.Entry{Action: "account.add", Object: "account", ObjectID: row.ID})
	})
	if database.IsDuplicate(err) {
		return model.Account{}, fault.New(fault.Conflict, "duplicate")
	}
	return row, err
}

// Get gives the actor's account.
func (s *Service) Get(ctx context.Context, actor access.Actor) (model.Account, error) {
	row, err := findAccount(s.db.Read(ctx), actor.AccountID)
	if database.IsNotFound(err) {
		return model.Account{}, fault.New(fault.NotFound, "not_found")
	}
	return row, err
}

// List gives all accounts, for background work.
func (s *Service) List(ctx context.Context) ([]model.Account, error) {
	return listAccounts(s.db.Read(ctx))
}

// StopSending stops what is sent for an account after WeChat refused in a way that only people can mend; reason is a
// stable word. An account that is stopped already keeps its first reason.
func (s *Service) StopSending(ctx context.Context, accountID, reason string) error {
	if model.ASCIIKey(reason, maxReason) == "" {
		reason = "other"
	}
	return s.setState(ctx, access.System(accountID), stateChange{from: model.AccountActive, to: model.AccountStopped, reason: reason})
}

// ResumeSending lets the account send again. Owners only; nothing changes if it does.
func (s *Service) ResumeSending(ctx context.Context, actor access.Actor) error {
	if !actor.Is(model.RoleOwner) {
		return fault.New(fault.Forbidden, "owner_only")
	}
	return s.setState(ctx, actor, stateChange{from: model.AccountStopped, to: model.AccountActive})
}

func (s *Service) setState(ctx context.Context, actor access.Actor, c stateChange) error {
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		changed, err := changeState(tx, actor.AccountID, c)
		if err != nil || !changed {
			return err
		}
		tx.AfterCommit(func(context.Context) { s.cache.forget(actor.AccountID) })
		return s.audit.RecordTx(tx, actor, audit.Entry{
			Action: "account." + c.to, Object: "account", ObjectID: actor.AccountID, Detail: c.reason,
		})
	})
	if err != nil {
		return fmt.Errorf("change the state of an account: %w", err)
	}
	return nil
}
