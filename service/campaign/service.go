// Package campaign sends one message to the members of a segment, each by the cheapest channel that WeChat permits for
// him, and measures what came of it (H).
//
// The audience is fixed when a campaign starts: each recipient is a row. How he is reached is decided when it is his
// turn, in the transaction that also writes what is sent, so that nothing is sent twice and a restart goes on where it
// stopped.
package campaign

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/account"
	"liuke/service/audit"
	"liuke/service/bus"
	"liuke/service/complaint"
	"liuke/service/consent"
	"liuke/service/delivery"
	"liuke/service/feed"
	"liuke/service/worker"
	"liuke/wechat"
)

// Deps is what the room needs.
type Deps struct {
	DB         *database.DB
	Consents   *consent.Service
	Complaints *complaint.Service
	Delivery   *delivery.Service
	Feed       *feed.Service
	Audit      *audit.Service
	Bus        *bus.Bus
	Log        *slog.Logger

	// What mass messages go by.
	Accounts *account.Service
	WeChat   *wechat.Client
	Owner    string // names this process in leases
	// Draw gives lots, from 0 to 99, that shall not fall by chance; may be nil.
	Draw func(campaignID, memberID string) (lot int64, drawn bool)
}

// Service is the room.
type Service struct {
	db         *database.DB
	consents   *consent.Service
	complaints *complaint.Service
	delivery   *delivery.Service
	feed       *feed.Service
	audit      *audit.Service
	bus        *bus.Bus
	log        *slog.Logger
	loop       *worker.Loop
	left       atomic.Int64 // messages of campaigns that have left this instance

	accounts  *account.Service
	wechat    *wechat.Client
	owner     string
	draw      func(campaignID, memberID string) (lot int64, drawn bool)
	calling   calling
	massLoops []*worker.Loop
	shows     func(*database.Tx, []model.Message) error
	mends     func(tx *database.Tx, messageIDs []string, state, reason string) error
}

// New makes the room.
func New(d Deps) *Service {
	return &Service{
		db: d.DB, consents: d.Consents, complaints: d.Complaints, delivery: d.Delivery, feed: d.Feed, audit: d.Audit, bus: d.Bus, log: d.Log,
		accounts: d.Accounts, wechat: d.WeChat, owner: d.Owner, draw: d.Draw, calling: calling{busy: map[string]bool{}},
	}
}

// ShowWith registers who writes mass messages that have left into the conversations, many at once, and who puts right what
// is known of them later. Only the wiring calls it, before the start.
func (s *Service) ShowWith(shows func(*database.Tx, []model.Message) error, mends func(tx *database.Tx, messageIDs []string, state, reason string) error) {
	s.shows, s.mends = shows, mends
}

// How often campaigns are looked at that nobody woke the loop for.
const (
	workLease = "campaign.work"
	workEvery = 500 * time.Millisecond
	// wakeAfter is how many messages leave before whoever chooses the next ones is woken: so many fewer than may be under
	// way that the outbox never runs dry.
	wakeAfter = 25
)

// topic is where instances tell each other that messages have left.
const topic = "campaign"

// Start adds the room's loop to the group.
func (s *Service) Start(g *worker.Group, leases *worker.Leases) {
	s.loop = g.GoAlone(leases, workLease, workEvery, s.Work)
	s.bus.Subscribe(topic, func(string) { s.wake() })
	s.massLoops = []*worker.Loop{
		g.Go("campaign.mass_call", massEvery, s.CallMass),
		g.GoAlone(leases, "campaign.mass_follow", massEvery, s.FollowMass),
	}
	g.GoAlone(leases, "campaign.mass_sweep", sweepMassEvery, s.SweepMass)
}

// wakeMass lets this instance look after its mass jobs soon.
func (s *Service) wakeMass() {
	for _, l := range s.massLoops {
		l.Wake()
	}
}

func (s *Service) wake() {
	if s.loop != nil {
		s.loop.Wake()
	}
}

// refill wakes the instance that chooses the next recipients, once some have left.
func (s *Service) refill(tx *database.Tx) {
	tx.AfterCommit(func(context.Context) {
		if s.left.Add(1)%wakeAfter == 0 {
			s.bus.Publish(topic, "")
		}
	})
}

// tell lets the screens that show a campaign look again.
func (s *Service) tell(tx *database.Tx, c model.Campaign) {
	e := feed.Event{AccountID: c.AccountID, Kind: "campaign", Data: map[string]string{"campaign_id": c.ID, "state": c.State, "reason": c.Reason}}
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
