package feed

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"liuke/model/database"
	"liuke/service/bus"
	"liuke/service/worker"
)

// Deps is what the feed stands on. All but Heartbeat are required.
type Deps struct {
	DB     *database.DB
	Bus    *bus.Bus
	Group  *worker.Group // New adds the feed's loops to it
	Leases *worker.Leases
	Log    *slog.Logger
	// Heartbeat is how long Wait waits before it returns idle; 0 means 15 s (the contract allows 20).
	Heartbeat time.Duration
}

// Service publishes events and hands them to the people connected to this instance.
type Service struct {
	db        *database.DB
	bus       *bus.Bus
	hub       *hub
	heartbeat time.Duration
	cancel    []func()
}

// Topics on the bus.
const (
	topicFeed     = "feed"     // payload: streams and their last numbers
	topicSessions = "sessions" // payload: a person whose sessions are to be checked
)

const (
	defaultHeartbeat = 15 * time.Second
	pollAlone        = time.Second     // how often numbers are looked up for lost hints, without Redis
	pollShared       = 2 * time.Second // and with it
	recheckSessions  = 5 * time.Second
	coalesceEvery    = 800 * time.Millisecond // below a second, jitter and work included
	pruneEvery       = time.Hour
)

// New makes the feed and adds its loops to the group.
func New(d Deps) (*Service, error) {
	if d.DB == nil || d.Bus == nil || d.Group == nil || d.Leases == nil || d.Log == nil {
		return nil, errors.New("feed: a dependency is missing")
	}
	s := &Service{db: d.DB, bus: d.Bus, hub: newHub(d.DB), heartbeat: d.Heartbeat}
	if s.heartbeat == 0 {
		s.heartbeat = defaultHeartbeat
	}
	poll := pollAlone
	if d.Bus.Shared() {
		poll = pollShared
	}
	d.Group.Go("feed.poll", poll, s.hub.poll)
	d.Group.Go("feed.sessions", recheckSessions, s.hub.checkSessions)
	d.Group.GoAlone(d.Leases, coalesceLease, coalesceEvery, newCoalescer(s, d.Leases).run)
	d.Group.GoAlone(d.Leases, pruneLease, pruneEvery, (&pruner{s.db, d.Leases}).run)
	s.cancel = []func(){
		d.Bus.Subscribe(topicFeed, s.hub.hint),
		d.Bus.Subscribe(topicSessions, s.hub.recheck),
	}
	return s, nil
}

// EndSessions makes every open subscription of a person, on every instance, check at once whether its session, role
// and store still hold, and end if not. Call it after the change has committed.
func (s *Service) EndSessions(_ context.Context, staffID string) {
	s.bus.Publish(topicSessions, staffID)
}

// Subscribers counts the people connected to this instance.
func (s *Service) Subscribers() int { return s.hub.size() }

// Close ends all subscriptions of this instance.
func (s *Service) Close() {
	for _, cancel := range s.cancel {
		cancel()
	}
	s.hub.close()
}
