// Package idempotency keeps the answers of creating calls, so that a call that comes again with the same key is
// answered as the first time and does nothing more.
package idempotency

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

const (
	// keepFor is how long an answer is kept.
	keepFor = 24 * time.Hour
	// runsFor is how long a call may be running. One that has no answer by then has died with its instance, and its
	// key is free again; whether it did its work is told by what it would create.
	runsFor = time.Minute
)

// Deps is what the service needs.
type Deps struct {
	DB *database.DB
}

// Service keeps the answers.
type Service struct {
	db *database.DB
}

// New makes the service.
func New(d Deps) *Service { return &Service{d.DB} }

// Call is a call with a key. Request tells calls apart: at most 64 ASCII characters, a hash.
type Call struct{ Key, Request string }

func (c Call) hash() string {
	sum := sha256.Sum256([]byte(c.Key))
	return hex.EncodeToString(sum[:])
}

// Answer is what the first call was answered.
type Answer struct {
	Status int
	Body   string
}

// Begin gives the kept answer of the call, or nil when it is the first and shall run: then Finish or Forget must
// follow. The faults: idempotency_mismatch when the key was used for another call, in_progress while the first runs.
func (s *Service) Begin(ctx context.Context, actor access.Actor, c Call) (*Answer, error) {
	row := model.IdempotencyKey{
		AccountID: actor.AccountID, StaffID: actor.StaffID, KeyHash: c.hash(), RequestHash: c.Request, CreatedAt: s.db.Now().UnixMilli(),
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error { return tx.Create(&row).Error })
	if err == nil {
		return nil, nil
	}
	if !database.IsDuplicate(err) {
		return nil, fmt.Errorf("note a key of a call: %w", err)
	}
	return s.again(ctx, row)
}

// again decides about a key that is there.
func (s *Service) again(ctx context.Context, row model.IdempotencyKey) (*Answer, error) {
	var found []model.IdempotencyKey
	err := s.db.Read(ctx).Where("account_id = ? AND staff_id = ? AND key_hash = ?", row.AccountID, row.StaffID, row.KeyHash).Find(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read a key of a call: %w", err)
	}
	running := fault.New(fault.Conflict, "in_progress")
	if len(found) == 0 {
		return nil, running // it ended this moment; the caller comes again
	}
	old := found[0]
	age := time.Duration(row.CreatedAt-old.CreatedAt) * time.Millisecond
	switch {
	case age >= keepFor, old.Status == 0 && age >= runsFor:
	case old.RequestHash != row.RequestHash:
		return nil, fault.New(fault.Conflict, "idempotency_mismatch")
	case old.Status == 0:
		return nil, running
	default:
		return &Answer{Status: int(old.Status), Body: old.Body}, nil
	}
	n, err := s.db.Exec(ctx, "UPDATE idempotency_keys SET request_hash = ?, status = 0, body = '', created_at = ? "+
		"WHERE account_id = ? AND staff_id = ? AND key_hash = ? AND created_at = ? AND status = ?",
		row.RequestHash, row.CreatedAt, row.AccountID, row.StaffID, row.KeyHash, old.CreatedAt, old.Status)
	if err != nil {
		return nil, fmt.Errorf("take a key of a call over: %w", err)
	}
	if n == 0 {
		return nil, running
	}
	return nil, nil
}

// Finish keeps the answer.
func (s *Service) Finish(ctx context.Context, actor access.Actor, c Call, a Answer) error {
	_, err := s.db.Exec(context.WithoutCancel(ctx), "UPDATE idempotency_keys SET status = ?, body = ? "+
		"WHERE account_id = ? AND staff_id = ? AND key_hash = ? AND request_hash = ? AND status = 0",
		a.Status, a.Body, actor.AccountID, actor.StaffID, c.hash(), c.Request)
	if err != nil {
		return fmt.Errorf("keep an answer: %w", err)
	}
	return nil
}

// Forget frees the key after a call that failed.
func (s *Service) Forget(ctx context.Context, actor access.Actor, c Call) error {
	_, err := s.db.Exec(context.WithoutCancel(ctx), "DELETE FROM idempotency_keys "+
		"WHERE account_id = ? AND staff_id = ? AND key_hash = ? AND request_hash = ? AND status = 0",
		actor.AccountID, actor.StaffID, c.hash(), c.Request)
	if err != nil {
		return fmt.Errorf("free a key of a call: %w", err)
	}
	return nil
}

// Sweep deletes answers that are kept no longer. A loop calls it now and then.
func (s *Service) Sweep(ctx context.Context) error {
	if _, err := s.db.Exec(ctx, "DELETE FROM idempotency_keys WHERE created_at < ?", s.db.Now().Add(-keepFor).UnixMilli()); err != nil {
		return fmt.Errorf("delete old answers: %w", err)
	}
	return nil
}
