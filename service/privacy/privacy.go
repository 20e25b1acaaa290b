// Package privacy keeps a member's rights over his data (N5): it is erased some time after he follows the account no more,
// or when he or the chain wants it, with a certificate; and he can have it all in one file.
//
// What becomes of which table stands in rules.go. An erasure is a row and goes on from it, on any instance and after any
// crash: each step is one transaction that proves the lease, does its part and notes it.
package privacy

import (
	"context"
	"log/slog"
	"time"

	"liuke/model/database"
	"liuke/model/keys"
	"liuke/service/audit"
	"liuke/service/delivery"
	"liuke/service/media"
	"liuke/service/member"
	"liuke/service/worker"
)

// Deps is what the room needs.
type Deps struct {
	DB       *database.DB
	Keys     *keys.Ring
	Members  *member.Service
	Delivery *delivery.Service
	Media    *media.Service
	Audit    *audit.Service
	Leases   *worker.Leases
	Log      *slog.Logger
}

// Service is the room.
type Service struct {
	db       *database.DB
	keys     *keys.Ring
	members  *member.Service
	delivery *delivery.Service
	media    *media.Service
	audit    *audit.Service
	leases   *worker.Leases
	log      *slog.Logger
	loop     *worker.Loop
	before   func(step string) error // a test's: called before each step, which an error keeps from being done
}

// New makes the room.
func New(d Deps) *Service {
	return &Service{
		db: d.DB, keys: d.Keys, members: d.Members, delivery: d.Delivery, media: d.Media, audit: d.Audit, leases: d.Leases, log: d.Log,
		before: func(string) error { return nil },
	}
}

const (
	// workLease lets one instance at a time erase.
	workLease = "privacy.erase"
	// workEvery is how often erasures that are due are looked for, which nobody woke the loop for.
	workEvery = 2 * time.Second
	// graceEvery is how often it is looked for whose grace is over.
	graceEvery = 10 * time.Minute
)

// Start adds the room's loops to the group.
func (s *Service) Start(g *worker.Group) {
	s.loop = g.GoAlone(s.leases, workLease, workEvery, s.Work)
	g.GoAlone(s.leases, "privacy.grace", graceEvery, s.Grace)
}

// wake lets this instance go on at once, if it is the one that erases.
func (s *Service) wake(tx *database.Tx) {
	tx.AfterCommit(func(context.Context) {
		if s.loop != nil {
			s.loop.Wake()
		}
	})
}
