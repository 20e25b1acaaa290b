// Package staff keeps stores, regions and the people who sign in: who may, who is on duty, who was what when (E14, L1).
package staff

import (
	"context"

	"liuke/model/database"
	"liuke/model/keys"
	"liuke/service/audit"
)

// Deps is what the room needs.
type Deps struct {
	DB    *database.DB
	Keys  *keys.Ring
	Audit *audit.Service
	// OnSessionsEnded is called after the commit that ended a session of a person or changed his rights, so that his
	// open streams ask Recheck at once. nil: nobody is told.
	OnSessionsEnded func(ctx context.Context, staffID string)
	Hashing         Hashing
}

// Service is the room.
type Service struct {
	db        *database.DB
	keys      *keys.Ring
	audit     *audit.Service
	ended     func(ctx context.Context, staffID string)
	passwords passwords
	recalled  recalled
}

// New makes the room.
func New(d Deps) *Service {
	s := &Service{db: d.DB, keys: d.Keys, audit: d.Audit, ended: d.OnSessionsEnded, passwords: newPasswords(d.Hashing)}
	if s.ended == nil {
		s.ended = func(context.Context, string) {}
	}
	return s
}

// tellEnded makes the person's open streams look again after the commit.
func (s *Service) tellEnded(tx *database.Tx, staffID string) {
	tx.AfterCommit(func(ctx context.Context) { s.ended(ctx, staffID) })
}

// Page asks for a part of a list.
type Page struct {
	Cursor string // what the page before gave; "" = the first
	Limit  int    // 1 to 200; 0 means 50
}

// Bounds of a page.
const (
	defaultLimit = 50
	maxLimit     = 200
)

func (p Page) limit() int {
	if p.Limit == 0 {
		return defaultLimit
	}
	return max(1, min(p.Limit, maxLimit))
}

// next cuts what was read with one row to spare and gives the cursor of the page after.
func next[T any](rows []T, limit int, id func(T) string) ([]T, string) {
	if len(rows) <= limit {
		return rows, ""
	}
	return rows[:limit], id(rows[limit-1])
}
