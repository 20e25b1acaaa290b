// Package notice reaches staff who do not look: a note to a sleeping phone when a member waits (D3), and warnings to
// the clerk and then to the manager when he waits too long (C3).
package notice

import (
	"log/slog"
	"time"

	"liuke/model/database"
	"liuke/service/account"
	"liuke/service/audit"
	"liuke/service/feed"
	"liuke/service/member"
	"liuke/service/staff"
	"liuke/service/worker"
	"liuke/wechat"
)

// Deps is what the room needs.
type Deps struct {
	DB       *database.DB
	Accounts *account.Service
	Staff    *staff.Service
	Members  *member.Service
	WeChat   *wechat.Client
	Feed     *feed.Service
	Audit    *audit.Service
	Leases   *worker.Leases
	Log      *slog.Logger
	Owner    string // names this process in leases
	// PublicURL is where the clerk's app lies.
	PublicURL string
}

// Service is the room.
type Service struct {
	deps Deps
	db   *database.DB
}

// New makes the room.
func New(d Deps) *Service { return &Service{deps: d, db: d.DB} }

const (
	sendEvery  = 2 * time.Second
	watchEvery = 5 * time.Second
	watchLease = "notice.waiting"
	sweepEvery = time.Hour
)

// Start adds the room's loops to the group.
func (s *Service) Start(g *worker.Group) {
	g.Go("notice.send", sendEvery, s.send)
	g.GoAlone(s.deps.Leases, watchLease, watchEvery, s.watch)
	g.GoAlone(s.deps.Leases, "notice.sweep", sweepEvery, s.sweep)
}
