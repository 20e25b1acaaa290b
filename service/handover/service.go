// Package handover gives one clerk's members to others: planned, looked at beforehand, run as one transaction, with a
// receipt, and taken back as a whole (E). What the receivers owe the members, who stands in for whom and who is about
// to leave belongs here too.
package handover

import (
	"log/slog"

	"liuke/model/database"
	"liuke/service/audit"
	"liuke/service/bus"
	"liuke/service/delivery"
	"liuke/service/feed"
	"liuke/service/member"
	"liuke/service/sheet"
	"liuke/service/staff"
	"liuke/service/worker"
)

// Deps is what the room needs.
type Deps struct {
	DB       *database.DB
	Members  *member.Service
	Staff    *staff.Service
	Delivery *delivery.Service
	Feed     *feed.Service
	Audit    *audit.Service
	Bus      *bus.Bus
	Log      *slog.Logger
}

// Service is the room.
type Service struct {
	db       *database.DB
	members  *member.Service
	staff    *staff.Service
	delivery *delivery.Service
	feed     *feed.Service
	audit    *audit.Service
	bus      *bus.Bus
	log      *slog.Logger
	loop     *worker.Loop // nil where no loops run
	running  progresses
	files    *sheet.Reader
}

// New makes the room.
func New(d Deps) *Service {
	s := &Service{
		db: d.DB, members: d.Members, staff: d.Staff, delivery: d.Delivery, feed: d.Feed, audit: d.Audit, bus: d.Bus, log: d.Log,
		files: sheet.NewReader(fileReadAtOnce),
	}
	s.bus.Subscribe(progressTopic, s.running.note)
	return s
}
