// Package media keeps pictures, voices and videos: fetched from WeChat as soon as a member has sent them, because WeChat
// forgets them after three days, and uploaded by staff for their replies (C1, C2).
//
//	inbound: waiting -> fetching -> ready | failed     a row that is not done is taken up again, by any instance
//	upload:  ready at once, until a reply takes it; then it belongs to that message
//
// What a file is, its first bytes say; names and declared types are not believed. The bytes lie in a Store, the rows
// say who may open them: the scope is looked up at every request.
package media

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/account"
	"liuke/service/audit"
	"liuke/service/worker"
	"liuke/wechat"
)

// Observer counts what became of inbound media; it may be nil. It must not block.
type Observer interface {
	// Fetched reports one try: the state after it (ready, failed, waiting = again later) and a stable reason, "" if ready.
	Fetched(kind, state, reason string)
}

// Deps is what the room needs.
type Deps struct {
	DB       *database.DB
	Store    Store
	Accounts *account.Service
	WeChat   *wechat.Client
	Audit    *audit.Service
	Log      *slog.Logger
	Observer Observer
	Owner    string // names this process in leases; at most 64 ASCII letters
}

// Service is the room.
type Service struct {
	db       *database.DB
	store    Store
	accounts *account.Service
	wechat   *wechat.Client
	audit    *audit.Service
	log      *slog.Logger
	observer Observer
	owner    string
	done     []func(*database.Tx, model.Media) error
	loops    []*worker.Loop
	pauses   pauses
}

// New makes the room.
func New(d Deps) *Service {
	return &Service{
		db: d.DB, store: d.Store, accounts: d.Accounts, wechat: d.WeChat, audit: d.Audit, log: d.Log,
		observer: d.Observer, owner: d.Owner, pauses: pauses{until: map[string]time.Time{}},
	}
}

// OnDone registers what else must happen, in the same transaction, when an inbound media became ready or failed. Only
// the wiring calls it, before the start.
func (s *Service) OnDone(f func(*database.Tx, model.Media) error) { s.done = append(s.done, f) }

// Start adds the fetching to the group.
func (s *Service) Start(g *worker.Group) {
	for range parallel {
		s.loops = append(s.loops, g.Go("media.fetch", fetchEvery, s.fetch))
	}
}

// wake makes this instance look for due rows once the transaction has committed; the others look by themselves.
func (s *Service) wake(tx *database.Tx) {
	type key struct{}
	tx.Local(key{}, func() any {
		tx.AfterCommit(func(context.Context) {
			for _, l := range s.loops {
				l.Wake()
			}
		})
		return true
	})
}

// pauses remembers which accounts WeChat asked to wait.
type pauses struct {
	mu    sync.Mutex
	until map[string]time.Time
}

func (p *pauses) set(accountID string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until[accountID] = until
}

// accounts lists those that wait now.
func (p *pauses) accounts(now time.Time) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var ids []string
	for id, until := range p.until {
		if until.After(now) {
			ids = append(ids, id)
		} else {
			delete(p.until, id)
		}
	}
	return ids
}
