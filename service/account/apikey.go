package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

const (
	// keyMark begins each key, so that one that leaked into a file is recognised.
	keyMark = "lk_"
	// keySize is the length of what is random in a key, in bytes.
	keySize = 32
	// keyHead is how much of a key is shown afterwards.
	keyHead = 8
	// keySeenEvery is how exactly the last use of a key is noted.
	keySeenEvery = time.Minute
)

// NewKey is a key that was just made. Secret cannot be read again.
type NewKey struct {
	model.APIKey

	Secret string
}

func hashKey(secret string) string {
	sum := sha256.Sum256([]byte(secret)) // long and random, so a plain hash is enough
	return hex.EncodeToString(sum[:])
}

// MakeKey makes an API key for a till or another program (M4). Only the owner may. Over model.MaxAPIKeys in use:
// Conflict too_many_keys.
func (s *Service) MakeKey(ctx context.Context, actor access.Actor, name string) (NewKey, error) {
	if !actor.Is(model.RoleOwner) {
		return NewKey{}, fault.New(fault.Forbidden, "role")
	}
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return NewKey{}, fault.Input("name", "required")
	case utf8.RuneCountInString(name) > model.MaxAPIKeyName:
		return NewKey{}, fault.Input("name", "too_long")
	}
	random := make([]byte, keySize)
	_, _ = rand.Read(random) // it never fails
	secret := keyMark + base64.RawURLEncoding.EncodeToString(random)
	key := NewKey{Secret: secret, APIKey: model.APIKey{
		ID: model.NewID(), AccountID: actor.AccountID, Name: name, Hash: hashKey(secret), Head: secret[:keyHead], CreatedBy: actor.StaffID,
	}}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		// The account's row keeps two at once from being the last one that fits.
		var account model.Account
		if err := tx.Lock().Select("id").First(&account, "id = ?", actor.AccountID).Error; err != nil {
			return fmt.Errorf("hold the account: %w", err)
		}
		var n int64
		if err := tx.Model(&model.APIKey{}).Where("account_id = ? AND revoked_at = 0", actor.AccountID).Count(&n).Error; err != nil {
			return fmt.Errorf("count keys: %w", err)
		}
		if n >= model.MaxAPIKeys {
			return fault.New(fault.Conflict, "too_many_keys")
		}
		key.CreatedAt = tx.Millis()
		if err := tx.Create(&key.APIKey).Error; err != nil {
			return fmt.Errorf("keep a key: %w", err)
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{Action: "api_key.create", Object: "api_key", ObjectID: key.ID})
	})
	if err != nil {
		return NewKey{}, err
	}
	return key, nil
}

// Keys pages through the keys of the account, the newest first.
func (s *Service) Keys(ctx context.Context, actor access.Actor, before string, limit int) ([]model.APIKey, string, error) {
	if !actor.Is(model.RoleOwner) {
		return nil, "", fault.New(fault.Forbidden, "role")
	}
	q := s.db.Read(ctx).Where("account_id = ?", actor.AccountID)
	if before != "" {
		q = q.Where("id < ?", before)
	}
	var rows []model.APIKey
	if err := q.Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list keys: %w", err)
	}
	if len(rows) > limit {
		return rows[:limit], rows[limit-1].ID, nil
	}
	return rows, "", nil
}

// RevokeKey ends a key at once. Again: nothing more happens.
func (s *Service) RevokeKey(ctx context.Context, actor access.Actor, id string) error {
	if !actor.Is(model.RoleOwner) {
		return fault.New(fault.Forbidden, "role")
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		var key model.APIKey
		err := tx.Lock().First(&key, "id = ? AND account_id = ?", id, actor.AccountID).Error
		if database.IsNotFound(err) {
			return fault.New(fault.NotFound, "api_key_not_found")
		}
		if err != nil {
			return fmt.Errorf("find a key: %w", err)
		}
		if key.RevokedAt > 0 {
			return nil
		}
		if err := tx.Model(&model.APIKey{}).Where("id = ?", id).Update("revoked_at", tx.Millis()).Error; err != nil {
			return fmt.Errorf("end a key: %w", err)
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{Action: "api_key.revoke", Object: "api_key", ObjectID: id})
	})
}

// AuthenticateKey gives who holds a key: the program it was made for, with the rights of the account's tills and no
// more. One that is wrong or ended: not_signed_in.
func (s *Service) AuthenticateKey(ctx context.Context, secret string) (access.Actor, error) {
	wrong := fault.New(fault.Unsigned, "not_signed_in")
	if len(secret) != len(keyMark)+base64.RawURLEncoding.EncodedLen(keySize) || !strings.HasPrefix(secret, keyMark) {
		return access.Actor{}, wrong
	}
	var key model.APIKey
	err := s.db.Read(ctx).First(&key, "hash = ? AND revoked_at = 0", hashKey(secret)).Error
	if database.IsNotFound(err) {
		return access.Actor{}, wrong
	}
	if err != nil {
		return access.Actor{}, fmt.Errorf("find a key: %w", err)
	}
	if now := s.db.Now().UnixMilli(); now-key.LastUsedAt >= keySeenEvery.Milliseconds() {
		_, err := s.db.Exec(ctx, "UPDATE api_keys SET last_used_at = ? WHERE id = ? AND last_used_at < ?", now, key.ID, now)
		if err != nil && !database.IsTransient(err) { // a busy database must not refuse a till: the next call notes it
			return access.Actor{}, fmt.Errorf("note the use of a key: %w", err)
		}
	}
	return access.Actor{Kind: model.ByKey, AccountID: key.AccountID, StaffID: key.ID}, nil
}
