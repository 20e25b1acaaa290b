// Package rate keeps how fast each account calls each of WeChat's APIs (C14, H15): a budget per account and API
// that all instances share through Redis. A day's limit that WeChat says is used up stops the API until the next Beijing
// day, for every instance and across restarts; a minute's limit halves the rate, which comes back slowly.
//
// While Redis is away each instance goes on with a quarter of the budget on its own: four of them together keep it.
package rate

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"liuke/model/database"
	"liuke/service/bus"
)

// Budgets are calls a second by API, of one account on all instances together. They are far above what WeChat's day
// limits allow for long (fact page, section 10): they only even out bursts, the true limit is learnt from 45011.
type Budgets map[string]float64

// APIs whose usual limit is published or whose use is large. The names are those of wechat.Error.
const (
	APICustomer     = "message/custom/send"
	APITemplate     = "message/template/send"
	APISubscription = "message/subscribe/bizsend"
	// APISMS is no API of WeChat: the provider of text messages has a budget as well.
	APISMS = "sms/send"
)

// usual are the budgets that hold where none are given.
func usual() Budgets {
	return Budgets{APICustomer: 1_000, APITemplate: 1_000, APISubscription: 1_000}
}

const (
	// other is the budget of every other API.
	other = 100.0
	// alone is the share that an instance takes while Redis is away.
	alone = 0.25
	// awayFor is how long Redis is not asked after it did not answer, so that a dead one delays no send.
	awayFor = time.Second
)

// Deps is what the room needs. Budgets may be nil.
type Deps struct {
	DB      *database.DB
	Bus     *bus.Bus
	Log     *slog.Logger
	Budgets Budgets
}

// Service is the room.
type Service struct {
	db      *database.DB
	bus     *bus.Bus
	log     *slog.Logger
	budgets Budgets
	script  bus.Script
	stopped []func(*database.Tx, Stop) error
	stops   stops

	mu      sync.Mutex
	buckets map[key]*bucket
	away    time.Time // Redis is not asked before
}

type key struct{ accountID, api string }

// name is the budget's key in Redis. The braces keep it on one node of a cluster.
func (k key) name() string { return "rate:{" + k.accountID + ":" + k.api + "}" }

// New makes the room.
func New(d Deps) *Service {
	s := &Service{db: d.DB, bus: d.Bus, log: d.Log, budgets: usual(), script: bus.NewScript(sharedBucket), buckets: map[key]*bucket{}}
	for api, n := range d.Budgets {
		s.budgets[api] = n
	}
	s.bus.Subscribe(topic, func(string) { s.stops.forget() })
	return s
}

func (s *Service) perSecond(api string) float64 {
	if n := s.budgets[api]; n > 0 {
		return n
	}
	return other
}

// Take asks for up to want calls of an API now. None are granted when the budget is used up, or the API rests: then it
// may be asked again after wait. first says that these are clerks' answers, which may use all of the budget; others
// leave a fifth of it to them. What is granted and not used goes back by GiveBack. It never fails.
func (s *Service) Take(ctx context.Context, accountID, api string, want int, first bool) (granted int, wait time.Duration) {
	keep := reserve
	if first {
		keep = 0
	}
	k := key{accountID, api}
	if got, ok := s.ask(ctx, k, askTake, keep, want); ok && len(got) == 2 {
		return int(got[0]), time.Duration(got[1]) * time.Millisecond
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ms := s.local(k).take(s.db.Now().UnixMilli(), s.perSecond(api)*s.part(), keep, int64(want))
	return int(n), time.Duration(ms) * time.Millisecond
}

// GiveBack returns calls that were granted and not made.
func (s *Service) GiveBack(ctx context.Context, accountID, api string, n int) {
	if n <= 0 {
		return
	}
	k := key{accountID, api}
	if _, ok := s.ask(ctx, k, askGive, 0, n); ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.local(k).give(s.db.Now().UnixMilli(), s.perSecond(api)*s.part(), int64(n))
}

// Slow takes WeChat's word that an account called an API too often this minute (45011): nobody calls it for a minute,
// then at half the rate, which grows back within minutes. Many such words at once count as one.
func (s *Service) Slow(ctx context.Context, accountID, api string) {
	k := key{accountID, api}
	s.log.LogAttrs(ctx, slog.LevelWarn, "wechat wants fewer calls", slog.String("account_id", accountID), slog.String("api", api))
	s.ask(ctx, k, askSlow, 0, 0)
	s.mu.Lock() // here too, for when Redis is away
	defer s.mu.Unlock()
	s.local(k).slow(s.db.Now().UnixMilli(), s.perSecond(api)*s.part())
}

// local is the budget in this process. The caller holds the lock.
func (s *Service) local(k key) *bucket {
	b := s.buckets[k]
	if b == nil {
		b = &bucket{}
		s.buckets[k] = b
	}
	return b
}

// part is what this process may use on its own.
func (s *Service) part() float64 {
	if s.bus.Shared() {
		return alone
	}
	return 1
}

// ask lets Redis decide; ok is false where this process must.
func (s *Service) ask(ctx context.Context, k key, what string, keep float64, n int) (got []int64, ok bool) {
	now := s.db.Now()
	s.mu.Lock()
	away := now.Before(s.away)
	s.mu.Unlock()
	if away {
		return nil, false
	}
	got, err := s.bus.Run(ctx, s.script, k.name(), what, now.UnixMilli(), s.perSecond(k.api), keep, n,
		recovery.Milliseconds(), slowest, rest.Milliseconds(), keepBucket.Milliseconds())
	if err == nil {
		return got, true
	}
	if !errors.Is(err, bus.ErrAlone) && ctx.Err() == nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "budgets are not shared while redis is away", slog.Any("error", err))
		s.mu.Lock()
		s.away = now.Add(awayFor)
		s.mu.Unlock()
	}
	return nil, false
}
