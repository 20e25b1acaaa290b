// Package campaign sends one message to the members of a segment, each by the cheapest channel that WeChat permits for
// him, and measures what came of it (H).
//
// The audience is fixed when a campaign starts: each recipient is a row. How he is reached is decided when it is his
// turn, in the transaction that also writes what is sent, so that nothing is sent twice and a restart goes on where it
// stopped.
package campaign

import (
	"log/slog"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/complaint"
	"liuke/service/consent"
	"liuke/service/delivery"
	"liuke/service/feed"
	"liuke/service/worker"
)

// Deps is what the room needs.
type Deps struct {
	DB         *database.DB
	Consents   *consent.Service
	Complaints *complaint.Service
	Delivery   *delivery.Service
	Feed       *feed.Service
	Audit      *audit.Service
	Log        *slog.Logger
}

// Service is the room.
type Service struct {
	db         *database.DB
	consents   *consent.Service
	complaints *complaint.Service
	delivery   *delivery.Service
	feed       *feed.Service
	audit      *audit.Service
	log        *slog.Logger
	loop       *worker.Loop
}

// New makes the room.
func New(d Deps) *Service {
	return &Service{
		db: d.DB, consents: d.Consents, complaints: d.Complaints, delivery: d.Delivery, feed: d.Feed, audit: d.Audit, log: d.Log,
	}
}

// How often campaigns are looked at that nobody woke the loop for.
const (
	workLease = "campaign.work"
	workEvery = 500 * time.Millisecond
)

// Start adds the room's loop to the group.
func (s *Service) Start(g *worker.Group, leases *worker.Leases) {
	s.loop = g.GoAlone(leases, workLease, workEvery, s.Work)
}

func (s *Service) wake() {
	if s.loop != nil {
		s.loop.Wake()
	}
}

// tell lets the screens that show a campaign look again.
func (s *Service) tell(tx *database.Tx, c model.Campaign) {
	e := feed.Event{AccountID: c.AccountID, Kind: "campaign", Data: map[string]string{"campaign_id": c.ID, "state": c.State}}
	streams := []string{feed.Staff(c.CreatedBy), feed.Staff(c.ApprovedBy)}
	if c.StoreID != "" {
		streams = append(streams, feed.Store(c.StoreID))
	}
	s.feed.PublishTx(tx, e, streams...)
}

func entry(action string, c model.Campaign) audit.Entry {
	return audit.Entry{Action: action, Object: "campaign", ObjectID: c.ID}
}

// inReach are the campaigns that a person finds: the owner all, a manager his store's. What the account sends goes to his
// members too, so he finds those as well, to read.
func inReach(actor access.Actor) access.Where {
	switch {
	case actor.Is(model.RoleOwner):
		return access.Where{SQL: "account_id = ?", Args: []any{actor.AccountID}}
	case actor.Is(model.RoleManager):
		return access.Where{SQL: "account_id = ? AND store_id IN ('', ?)", Args: []any{actor.AccountID, actor.StoreID}}
	}
	return access.Where{SQL: "1 = 0"}
}

// mayChange says who writes, approves and stops a campaign: the owner every one, a manager his store's.
func mayChange(actor access.Actor, c model.Campaign) bool {
	return actor.Is(model.RoleOwner) || actor.Is(model.RoleManager) && c.StoreID != "" && c.StoreID == actor.StoreID
}

// audience acts for a campaign when its members are chosen: all of the account, or those of one store.
func audience(c model.Campaign) access.Actor {
	if c.StoreID == "" {
		return access.System(c.AccountID)
	}
	return access.Actor{Kind: model.ByStaff, AccountID: c.AccountID, Role: model.RoleManager, StoreID: c.StoreID}
}
