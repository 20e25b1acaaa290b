// Package report keeps daily figures of stores and clerks, and shows them (K2, K4, C3).
//
// What happens is written down as a fact in the very transaction in which it happens: one insert, no row that others
// want. Members' messages, which are many, are summed up first: a row for each clerk whose members wrote in the
// transaction. A loop, on one instance at a time, adds facts and sums to the days and deletes them in one transaction. So a
// crash leaves a fact either uncounted and there, or counted and gone; each counts exactly once, and no report ever reads
// messages.
package report

import (
	"time"

	"liuke/model/database"
	"liuke/service/audit"
	"liuke/service/worker"
)

// Deps is what the room needs.
type Deps struct {
	DB     *database.DB
	Leases *worker.Leases
	Audit  *audit.Service
}

// Service is the room.
type Service struct {
	db     *database.DB
	leases *worker.Leases
	audit  *audit.Service
}

// New makes the room.
func New(d Deps) *Service { return &Service{db: d.DB, leases: d.Leases, audit: d.Audit} }

const (
	countLease = "report.count"
	countEvery = time.Second
)

// Start adds the room's loop to the group.
func (s *Service) Start(g *worker.Group) {
	g.GoAlone(s.leases, countLease, countEvery, s.count)
}
