// Package delivery is the outbox: everything that goes to WeChat is a row here first, sent once, in order per
// follower, inside the allowance that WeChat gives (C4, C13, C14). Text messages are rows here too; they have no follower.
//
//	queued -> sending -> accepted
//	   ^         |-----> refused      WeChat will not take it; the reason says why
//	   |         |-----> unknown      it may have arrived: nothing resends it
//	   |         '-----> pending      no allowance; goes back to queued when a window opens
//	   '-- not sent for sure: again later
package delivery

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/account"
	"liuke/service/bus"
	"liuke/service/rate"
	"liuke/service/sms"
	"liuke/service/worker"
	"liuke/wechat"
)

// Limits of the sending side.
const (
	// sendTimeout bounds one call to WeChat, token and repeats included (contract: at most 8 s).
	sendTimeout = 8 * time.Second
	// lease is how long a delivery may be in one instance's hands. A crash leaves it unknown after that, within the
	// 15 s that the contract allows.
	lease = 11 * time.Second
	// leaseMargin is what the lease must outlast a call by, for clocks that differ.
	leaseMargin = time.Second
	// clocksAgree is by how much the instances' clocks may differ. A row that was written later than that from now is from a
	// clock that has since been put back; what it says of when to go on means nothing any more.
	clocksAgree = time.Minute
	// lookEvery is how often the outbox is looked at that nobody woke the loop for.
	lookEvery = time.Second
	// perAccount bounds the calls under way for one account on one instance, so that a slow one holds up no other.
	// Campaigns get forCampaigns of them at most: a place for a clerk's answer is always left.
	perAccount   = 24
	forCampaigns = 16
	// restFor is how long the outbox is left alone after something was begun.
	restFor = time.Millisecond
	// claimAtOnce is how many deliveries one look takes.
	claimAtOnce = 64
)

// Uploads gives the media id that WeChat knows one of our pictures, voices or videos by, uploading it if needed; renew
// asks for a fresh upload.
type Uploads interface {
	WeChatID(ctx context.Context, api *wechat.API, mediaID string, renew bool) (string, error)
}

// Observer counts outcomes; it may be nil.
type Observer interface {
	Delivered(purpose, state, reason string)
}

// Deps is what the room needs.
type Deps struct {
	DB       *database.DB
	Accounts *account.Service
	Rates    *rate.Service
	WeChat   *wechat.Client
	SMS      *sms.Service
	Uploads  Uploads
	Bus      *bus.Bus
	Log      *slog.Logger
	Observer Observer
	Owner    string // names this process in leases
}

// Service is the room.
type Service struct {
	db        *database.DB
	accounts  *account.Service
	rates     *rate.Service
	wechat    *wechat.Client
	sms       *sms.Service
	phones    func(ctx context.Context, accountID, memberID string) (string, error)
	uploads   Uploads
	bus       *bus.Bus
	log       *slog.Logger
	observer  Observer
	owner     string
	changed   []func(*database.Tx, []model.Delivery) error
	logged    func(*database.Tx, []Entry) ([]string, error)
	checks    map[string]func(context.Context, []model.Delivery) (map[string]string, error)
	results   []func(*database.Tx, model.Delivery, string) error
	answers   *worker.Loop
	campaigns *worker.Loop
	lanes     lanes
	ahead     ahead
	hands     hands
	calls     sync.WaitGroup // with the writing of what came of them

	unwritten results
}

// New makes the room.
func New(d Deps) *Service {
	return &Service{
		db: d.DB, accounts: d.Accounts, rates: d.Rates, wechat: d.WeChat, sms: d.SMS, uploads: d.Uploads, bus: d.Bus, log: d.Log,
		observer: d.Observer, owner: d.Owner, lanes: newLanes(), hands: hands{ids: map[string]bool{}},
	}
}

// topic is where instances tell each other that something is due.
const topic = "delivery"

// OnChange registers what else must happen, in the same transaction, when deliveries change their state. Only the
// wiring calls it, before the start.
func (s *Service) OnChange(f func(*database.Tx, []model.Delivery) error) {
	s.changed = append(s.changed, f)
}

// Each looks at changed deliveries one by one, for a room that has nothing to gain from all at once.
func Each(f func(*database.Tx, model.Delivery) error) func(*database.Tx, []model.Delivery) error {
	return func(tx *database.Tx, all []model.Delivery) error {
		for _, d := range all {
			if err := f(tx, d); err != nil {
				return err
			}
		}
		return nil
	}
}

// Entry is a delivery that came without a message, and what the conversation shall show of it.
type Entry struct {
	Delivery model.Delivery
	Content  Content
}

// LogWith registers who writes the messages of deliveries that came without one into their conversations, and gives their
// ids in the same order. Only the wiring calls it, before the start.
func (s *Service) LogWith(f func(*database.Tx, []Entry) ([]string, error)) { s.logged = f }

// CheckWith registers who is asked, right before deliveries of a purpose leave, which of them must not, and why; those are
// refused. Only the wiring calls it, before the start.
func (s *Service) CheckWith(purpose string, f func(context.Context, []model.Delivery) (reasons map[string]string, err error)) {
	if s.checks == nil {
		s.checks = map[string]func(context.Context, []model.Delivery) (map[string]string, error){}
	}
	s.checks[purpose] = f
}

// PhonesWith registers who knows a member's phone, for text messages. Only the wiring calls it, before the start.
func (s *Service) PhonesWith(f func(ctx context.Context, accountID, memberID string) (string, error)) {
	s.phones = f
}

// OnResult registers who is told, in the same transaction, what WeChat says later of a template message that it took:
// a reason, or nothing when it arrived. Only the wiring calls it, before the start.
func (s *Service) OnResult(f func(tx *database.Tx, d model.Delivery, reason string) error) {
	s.results = append(s.results, f)
}

// Start adds the room's loops to the group.
func (s *Service) Start(g *worker.Group) {
	s.answers = g.Go("delivery.send", lookEvery, s.sendAnswers)
	s.campaigns = g.Go("delivery.send_campaigns", lookEvery, s.sendCampaigns)
	g.Go("delivery.rescue", time.Second, s.rescue)
	g.Go("delivery.sweep_results", time.Hour, s.sweepResults)
	s.bus.Subscribe(topic, func(string) {
		s.wakeLoop(false)
		s.wakeLoop(true)
	})
}

// wakeLoop lets the loop that sends campaigns, or that which sends all else, look at the outbox.
func (s *Service) wakeLoop(campaign bool) {
	if campaign {
		s.campaigns.Wake()
	} else {
		s.answers.Wake()
	}
}

// Drain waits until the calls under way have ended and been written down, or ctx is done.
func (s *Service) Drain(ctx context.Context) {
	done := make(chan struct{})
	go func() { s.calls.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// wake makes every instance look for due deliveries once the transaction has committed.
func (s *Service) wake(tx *database.Tx) {
	type key struct{}
	tx.Local(key{}, func() any {
		tx.AfterCommit(func(context.Context) { s.bus.Publish(topic, "") })
		return true
	})
}

// tell runs what is registered for a change.
func (s *Service) tell(tx *database.Tx, changed ...model.Delivery) error {
	for _, f := range s.changed {
		if err := f(tx, changed); err != nil {
			return err
		}
	}
	return nil
}
