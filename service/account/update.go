package account

import (
	"context"
	"strings"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

// Update says what to change; nil leaves a setting as it is. A new AESKey makes the one before it the previous one,
// still accepted; an empty AESKey puts the callback into plain mode and forgets both.
type Update struct {
	Name, OriginalID, Greeting, SecondScan *string
	Secret, Token, AESKey                  *string
	// Minutes until a waiting member turns amber and red (C3); red comes after amber.
	WaitAmberMinutes, WaitRedMinutes *int64
	// BusinessHours are when waiting counts; an empty week is always open.
	BusinessHours *model.Week
	UndoHours     *int64 // how long a handover can be taken back, from 1 to model.MaxUndoHours
}

// Update changes the actor's account. Owners only. Every instance follows within two seconds.
func (s *Service) Update(ctx context.Context, actor access.Actor, in Update) (model.Account, error) {
	if !actor.Is(model.RoleOwner) {
		return model.Account{}, fault.New(fault.Forbidden, "owner_only")
	}
	var row model.Account
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		var err error
		if row, err = findAccount(tx.Lock(), actor.AccountID); err != nil {
			return err
		}
		changed, err := s.apply(&row, in)
		if err != nil || len(changed) == 0 {
			return err
		}
		ok, err := updateAccount(tx, row)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "changed_meanwhile")
		}
		row.Version, row.UpdatedAt = row.Version+1, tx.Millis()
		tx.AfterCommit(func(context.Context) { s.cache.forget(row.ID) })
		return s.audit.RecordTx(tx, actor, audit.Entry{
			Action: "account.update", Object: "account", ObjectID: row.ID, Detail: strings.Join(changed, ","),
		})
	})
	if database.IsNotFound(err) {
		return model.Account{}, fault.New(fault.NotFound, "not_found")
	}
	return row, err
}

// apply puts the changes into the row and tells the names of what changed.
func (s *Service) apply(row *model.Account, in Update) (changed []string, err error) {
	if in.Name != nil {
		if row.Name, err = checkName(*in.Name); err != nil {
			return nil, err
		}
		changed = append(changed, "name")
	}
	plain := []struct {
		name  string
		value *string
		check func(string) error
		to    *string
	}{
		{"original_id", in.OriginalID, checkOriginalID, &row.OriginalID},
		{"greeting", in.Greeting, checkGreeting, &row.Greeting},
		{"second_scan", in.SecondScan, checkSecondScan, &row.SecondScan},
	}
	for _, p := range plain {
		if p.value == nil {
			continue
		}
		if err := p.check(*p.value); err != nil {
			return nil, err
		}
		*p.to = *p.value
		changed = append(changed, p.name)
	}
	secret := []struct {
		name  string
		value *string
		check func(string) error
		to    *[]byte
	}{
		{"secret", in.Secret, checkSecret, &row.SecretSealed},
		{"token", in.Token, checkToken, &row.TokenSealed},
	}
	for _, p := range secret {
		if p.value == nil {
			continue
		}
		if err := p.check(*p.value); err != nil {
			return nil, err
		}
		*p.to = s.keys.SealString(*p.value)
		changed = append(changed, p.name)
	}
	if in.WaitAmberMinutes != nil || in.WaitRedMinutes != nil {
		row.WaitAmberMinutes = or(in.WaitAmberMinutes, row.WaitAmberMinutes)
		row.WaitRedMinutes = or(in.WaitRedMinutes, row.WaitRedMinutes)
		if err := checkWaits(row.WaitAmberMinutes, row.WaitRedMinutes); err != nil {
			return nil, err
		}
		changed = append(changed, "waits")
	}
	if in.BusinessHours != nil {
		if err := checkHours(*in.BusinessHours); err != nil {
			return nil, err
		}
		row.BusinessHours = in.BusinessHours.String()
		changed = append(changed, "business_hours")
	}
	if in.UndoHours != nil {
		if *in.UndoHours < 1 || *in.UndoHours > model.MaxUndoHours {
			return nil, fault.Input("undo_hours", "range")
		}
		row.UndoHours = *in.UndoHours
		changed = append(changed, "undo_hours")
	}
	if in.AESKey != nil {
		different, err := s.applyAESKey(row, *in.AESKey)
		if err != nil {
			return nil, err
		}
		if different {
			changed = append(changed, "aes_key")
		}
	}
	return changed, nil
}

// applyAESKey keeps the key before, because WeChat may still repeat pushes sealed with it. The key in force given once
// more changes nothing, or the previous one would be lost.
func (s *Service) applyAESKey(row *model.Account, key string) (bool, error) {
	if err := checkAESKey(key); err != nil {
		return false, err
	}
	current, err := s.keys.OpenString(row.AESKeySealed)
	if err != nil {
		return false, err
	}
	switch key {
	case current:
		return false, nil
	case "":
		row.AESKeySealed, row.AESKeyPreviousSealed = nil, nil
	default:
		row.AESKeySealed, row.AESKeyPreviousSealed = s.keys.SealString(key), row.AESKeySealed
	}
	return true, nil
}

func or(p *int64, otherwise int64) int64 {
	if p != nil {
		return *p
	}
	return otherwise
}
