// Package audit keeps who saw, changed or exported what (L3).
package audit

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// Deps is what the service needs.
type Deps struct {
	DB *database.DB
}

// Service writes and lists the records.
type Service struct {
	db *database.DB
}

// New makes the service.
func New(d Deps) *Service { return &Service{d.DB} }

// Entry is what was done. It holds stable words and ids, never names, phones or texts.
type Entry struct {
	Action   string // such as staff.create; at most 64 ASCII characters
	Object   string // kind of the thing; at most 32 ASCII characters
	ObjectID string
	MemberID string // set when it was about a member
	Detail   string // further words and ids; cut at 500 characters
}

// RecordTx records a change in the transaction that makes it.
func (s *Service) RecordTx(tx *database.Tx, actor access.Actor, e Entry) error {
	row := newRow(tx.Millis(), actor, e)
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("record the audit entry: %w", err)
	}
	return nil
}

// Record records what was read. It must have succeeded before the answer is given.
func (s *Service) Record(ctx context.Context, actor access.Actor, e Entry) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error { return s.RecordTx(tx, actor, e) })
}

func newRow(at int64, actor access.Actor, e Entry) model.Audit {
	return model.Audit{
		ID:        model.NewID(),
		AccountID: actor.AccountID,
		At:        at,
		ActorKind: actor.Kind,
		ActorID:   actor.StaffID,
		Action:    e.Action,
		Object:    e.Object,
		ObjectID:  e.ObjectID,
		MemberID:  e.MemberID,
		Detail:    cut(e.Detail),
		RequestID: model.ASCIIKey(actor.RequestID, maxRequestID),
	}
}

// Widths of the columns.
const (
	maxDetail    = 500
	maxRequestID = 64
)

func cut(detail string) string {
	n := 0
	for i := range detail {
		if n == maxDetail {
			return detail[:i]
		}
		n++
	}
	return detail
}

// Filter says which records to list; a zero field does not limit.
type Filter struct {
	ActorID  string
	Action   string
	Object   string // kind of the thing
	ObjectID string
	MemberID string
	From, To int64 // Unix milliseconds: From <= at < To
	Cursor   string
	Limit    int // 1 to 200; 0 means 50
}

// Bounds of a page.
const (
	defaultLimit = 50
	maxLimit     = 200
)

// List gives the records of the actor's account, newest first, and the cursor of the next page ("" at the end).
// Owners only.
func (s *Service) List(ctx context.Context, actor access.Actor, f Filter) ([]model.Audit, string, error) {
	if !actor.Is(model.RoleOwner) {
		return nil, "", fault.New(fault.Forbidden, "owner_only")
	}
	if f.Limit == 0 {
		f.Limit = defaultLimit
	}
	f.Limit = max(1, min(f.Limit, maxLimit))
	q := s.db.Read(ctx).Where("account_id = ?", actor.AccountID)
	if f.ActorID != "" {
		q = q.Where("actor_id = ?", f.ActorID)
	}
	if f.Action != "" {
		q = q.Where("action = ?", f.Action)
	}
	if f.Object != "" {
		q = q.Where("object = ?", f.Object)
	}
	if f.ObjectID != "" {
		q = q.Where("object_id = ?", f.ObjectID)
	}
	if f.MemberID != "" {
		q = q.Where("member_id = ?", f.MemberID)
	}
	if f.From > 0 {
		q = q.Where("at >= ?", f.From)
	}
	if f.To > 0 {
		q = q.Where("at < ?", f.To)
	}
	if f.Cursor != "" {
		at, id, ok := parseCursor(f.Cursor)
		if !ok {
			return nil, "", fault.Input("cursor", "invalid")
		}
		q = q.Where("at <= ? AND (at < ? OR id < ?)", at, at, id)
	}
	var rows []model.Audit
	if err := q.Order("at DESC, id DESC").Limit(f.Limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list the audit records: %w", err)
	}
	if len(rows) <= f.Limit {
		return rows, "", nil
	}
	rows = rows[:f.Limit]
	return rows, formatCursor(rows[len(rows)-1]), nil
}
