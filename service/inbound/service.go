// Package inbound takes every push of WeChat: stored before it is answered, then worked off in order per person, exactly
// once, whatever crashes in between.
//
// A push lives in a lane chosen by its openid. What comes together is stored together, a row per lane (bundle.go). One
// instance at a time holds a lane, takes its bundles in the order of their arrival and commits together: effects, what the
// pushes are known by when they are repeated, and that the bundles are gone. Where a push cannot be worked off, those of
// its lane get a row each and go one by one (work.go). One that keeps failing by its own fault is set aside.
//
// While the database is away or too slow, pushes go into the journal on this machine's disk and from there into the
// database when it is back. Meanwhile newer pushes of this instance go the same way, and lanes wait for what older
// pushes the journals still hold (barrier), so that a member's messages stand in the order of their arrival.
package inbound

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/bus"
	"liuke/service/journal"
	"liuke/service/worker"
	"liuke/wechat"
)

// Observer counts what happens; it may be nil.
type Observer interface {
	AcceptBatch(size int, took time.Duration)
	PushSetAside(reason string)
	Backlog(count int64, oldest time.Duration)
	JournalDrained(count int)
}

// Deps is what the room needs.
type Deps struct {
	DB       *database.DB
	Leases   *worker.Leases
	Bus      *bus.Bus
	Log      *slog.Logger
	Observer Observer
	// Journal takes pushes while the database is away. It is nil with SQLite, whose disk is the same as the journal's.
	Journal *journal.Journal
}

// Received is one push on its way through the rooms.
type Received struct {
	ID         string
	AccountID  string
	ReceivedAt int64 // when it was accepted, Unix milliseconds
	Push       wechat.Push
	Raw        []byte
}

// Handler takes effects of pushes in the given transaction. It must not change anything outside of it.
type Handler func(tx *database.Tx, batch []Received) error

// Heard is a member's message that stands in its conversation.
type Heard struct {
	Received
	ConversationID string
	Seq            int64 // its number there
	MemberID       string
	StoreID        string // whose the member is; empty = nobody's
	ClerkID        string
	BoundAt        int64 // since when he is the clerk's, Unix milliseconds; 0 = he has none
}

// Service is the room.
type Service struct {
	db       *database.DB
	leases   *worker.Leases
	bus      *bus.Bus
	log      *slog.Logger
	observer Observer
	messages func(tx *database.Tx, batch []Received) ([]Heard, error)
	heard    []func(tx *database.Tx, all []Heard) error
	events   []Handler
	queue    chan *waiting
	stopped  chan struct{}
	lanes    laneSet
	journal  *journal.Journal
	intake   intake
	barrier  barrier
	pressure pressure
}

// New makes the room.
func New(d Deps) *Service {
	return &Service{
		db: d.DB, leases: d.Leases, bus: d.Bus, log: d.Log, observer: d.Observer,
		queue: make(chan *waiting, acceptQueue), stopped: make(chan struct{}),
		lanes:   laneSet{dirty: map[int]bool{}, busy: map[int]bool{}, held: map[int]time.Time{}},
		journal: d.Journal, barrier: barrier{open: d.Journal == nil, journals: map[string]sighting{}},
		pressure: newPressure(),
	}
}

// OnMessages registers who puts messages into conversations, and tells which stand in one now. They come in batches. Only the
// wiring calls it, before the start.
func (s *Service) OnMessages(f func(tx *database.Tx, batch []Received) ([]Heard, error)) {
	s.messages = f
}

// OnHeard registers who else takes messages of members, once they stand in their conversations. Only the wiring calls it,
// before the start.
func (s *Service) OnHeard(f func(tx *database.Tx, all []Heard) error) { s.heard = append(s.heard, f) }

// OnEvents registers who takes events; they come one by one, to every handler in the order of registration.
func (s *Service) OnEvents(h Handler) { s.events = append(s.events, h) }

// lanes is how many lanes there are: enough for the workers of a few instances, few enough that the pushes of one visit
// share their statements.
const lanes = 8

// LaneOf is the lane of the pushes of an openid.
func LaneOf(openID string) int { return model.Shard(openID) % lanes }

// topic is where instances tell each other that a lane has work.
const topic = "inbound"

// pollEvery bounds how long a push waits whose hint was lost.
const pollEvery = 500 * time.Millisecond

// Start adds the room's loops to the group. Workers is how many lanes are worked off at once.
func (s *Service) Start(g *worker.Group, workers int) {
	for i := range workers {
		s.lanes.loops = append(s.lanes.loops, g.Go("inbound.work."+strconv.Itoa(i), time.Minute, s.work))
	}
	g.Go("inbound.poll", pollEvery, s.poll)
	g.Go("inbound.clean", time.Hour, s.clean)
	s.bus.Subscribe(topic, func(lane string) {
		if n, err := strconv.Atoi(lane); err == nil && n >= 0 && n < lanes {
			s.lanes.mark(n)
		}
	})
	s.bus.Subscribe(journalTopic, func(oldest string) {
		if model.ValidID(oldest) {
			s.barrier.warned(oldest, s.db.Now())
		}
	})
}

// poll marks lanes with due work, for hints that were lost, and measures the backlog.
func (s *Service) poll(ctx context.Context) error {
	if err := s.lookAtJournals(ctx); err != nil {
		if database.IsAway(err) {
			return nil // the intake or another loop tells; here it matters to notice soon that it is back
		}
		return err
	}
	now := s.db.Now().UnixMilli()
	var count, oldest int64
	for _, q := range []*gorm.DB{
		s.db.Read(ctx).Model(&model.PushBundle{}).Select("lane, SUM(pushes) AS n, MIN(received_at) AS oldest"),
		s.db.Read(ctx).Model(&model.Push{}).Select("lane, COUNT(*) AS n, MIN(received_at) AS oldest").Where("state = ?", model.PushNew),
	} {
		var rows []struct {
			Lane   int
			N      int64
			Oldest int64
		}
		if err := q.Group("lane").Find(&rows).Error; err != nil {
			return fmt.Errorf("measure the backlog: %w", err)
		}
		for _, r := range rows {
			s.lanes.mark(r.Lane)
			count += r.N
			oldest = max(oldest, now-r.Oldest)
		}
	}
	if s.observer != nil {
		s.observer.Backlog(count, time.Duration(oldest)*time.Millisecond)
	}
	return nil
}

// keepFor is how long a done push stays, so that repeats are recognised; WeChat repeats within seconds.
const keepFor = 3 * 24 * time.Hour

// clean deletes old pushes that are done.
func (s *Service) clean(ctx context.Context) error {
	for lane := range lanes {
		_, err := s.db.Exec(ctx, "DELETE FROM pushes WHERE state = ? AND lane = ? AND received_at < ?",
			model.PushDone, lane, s.db.Now().Add(-keepFor).UnixMilli())
		if err != nil {
			return err
		}
	}
	_, err := s.db.Exec(ctx, "DELETE FROM journals WHERE seen_at < ?", s.db.Now().Add(-forgetJournals).UnixMilli())
	return err
}

// laneSet remembers which lanes have work and which are being worked off here.
type laneSet struct {
	mu    sync.Mutex
	dirty map[int]bool
	busy  map[int]bool
	held  map[int]time.Time // until when a lane's lease needs no renewal
	last  int               // the lane that was taken last
	loops []*worker.Loop
}

func (l *laneSet) mark(lane int) {
	l.mu.Lock()
	l.dirty[lane] = true
	l.mu.Unlock()
	l.wake()
}

func (l *laneSet) wake() {
	for _, loop := range l.loops {
		loop.Wake()
	}
}

// take gives the next lane in turn that has work and is not being worked off, or -1.
func (l *laneSet) take() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n := range lanes {
		lane := (l.last + 1 + n) % lanes
		if l.dirty[lane] && !l.busy[lane] {
			delete(l.dirty, lane)
			l.busy[lane] = true
			l.last = lane
			return lane
		}
	}
	return -1
}

// laneRest is how long a lane is left alone after a visit, so that under load the next visit finds a batch worth its
// statements. A push that finds the lane at rest waits no longer than this.
const laneRest = 10 * time.Millisecond

// free gives a lane back after its rest.
func (l *laneSet) free(lane int) {
	time.AfterFunc(laneRest, func() {
		l.mu.Lock()
		delete(l.busy, lane)
		wanted := l.dirty[lane]
		l.mu.Unlock()
		if wanted {
			l.wake()
		}
	})
}

// holds reports whether this instance has the lane's lease for sure a while longer. It saves the renewal only: every
// transaction asks the row itself.
func (l *laneSet) holds(lane int, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return now.Before(l.held[lane])
}

// hold notes that the lease was just acquired; with a zero time, that it may be lost.
func (l *laneSet) hold(lane int, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[lane] = until
}
