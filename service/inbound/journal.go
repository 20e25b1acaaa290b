package inbound

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/journal"
	"liuke/service/worker"
)

const (
	// journalTopic is where instances tell each other that one has begun a journal.
	journalTopic = "inbound.journal"
	// recordTimeout bounds the writing into the journal.
	recordTimeout = 900 * time.Millisecond
	// bringTimeout bounds the bringing over of one part; shorter than what makes a heartbeat old.
	bringTimeout = 4 * time.Second
	// probeEvery is how often the database is asked whether it is back, and how soon others learn of a journal then.
	probeEvery = 250 * time.Millisecond
	// tendEvery is how often folders of dead instances are looked for.
	tendEvery = 10 * time.Second
)

// intake says where the next pushes go. It is locked while they are written, so that the last of a journal can be drained
// with nothing coming behind.
type intake struct {
	mu       sync.Mutex
	diverted atomic.Bool // into the journal; changed under the lock
	since    time.Time

	// The following belong to the loop that drains.
	tended    time.Time
	announced bool
	drained   int
	slow      bool // the last part could not be brought over in the time that pushes may be kept waiting
}

func (i *intake) begin(now time.Time) {
	i.since = now
	i.diverted.Store(true)
}

// store writes a batch where pushes go at present, and answers whoever waits for it.
func (s *Service) store(ctx context.Context, batch []*waiting) {
	s.intake.mu.Lock()
	defer s.intake.mu.Unlock()
	if !s.intake.diverted.Load() {
		left, why := s.commit(ctx, batch)
		if len(left) == 0 {
			return
		}
		s.divert(ctx, left[0].row.ID, why)
		batch = left
	}
	s.record(ctx, batch)
}

// divert makes pushes go into the journal until it has been drained. The caller holds the intake.
func (s *Service) divert(ctx context.Context, oldest string, why error) {
	s.intake.begin(s.db.Now())
	s.barrier.lost()
	s.bus.Publish(journalTopic, oldest)
	s.log.WarnContext(ctx, "the database is away or too slow: pushes go into the journal", slog.String("error", database.Describe(why)))
}

// Divert makes pushes go into the journal from the start on, for a program that starts without its database.
func (s *Service) Divert() {
	s.intake.mu.Lock()
	defer s.intake.mu.Unlock()
	s.intake.begin(s.db.Now())
	s.barrier.lost()
}

// record keeps a batch in the journal.
func (s *Service) record(ctx context.Context, batch []*waiting) {
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	rows := make([]*model.Push, len(batch))
	for i, w := range batch {
		rows[i] = w.row
	}
	err := s.journal.Append(ctx, rows)
	if err != nil {
		err = errors.Join(ErrBusy, err)
	}
	for _, w := range batch {
		w.done <- err
	}
}

// StartJournal adds the loop that brings what the journal holds into the database. Every instance with a journal runs it.
func (s *Service) StartJournal(g *worker.Group) {
	if s.journal.Status().Pushes > 0 { // left by the process before this one: newer pushes must not overtake
		s.Divert()
	}
	g.Go("inbound.drain", probeEvery, s.drain)
}

// JournalState tells whether pushes go into the journal, and what it holds.
func (s *Service) JournalState() (diverted bool, status journal.Status) {
	return s.intake.diverted.Load(), s.journal.Status()
}

// drain brings what the journal holds into the database, once that answers. The journal is announced before, so that
// no instance works off what came later.
func (s *Service) drain(ctx context.Context) error {
	if now := s.db.Now(); now.Sub(s.intake.tended) >= tendEvery || now.Before(s.intake.tended) {
		s.intake.tended = now
		if err := s.journal.Tend(ctx); err != nil {
			return err
		}
	}
	if !s.intake.diverted.Load() && s.journal.Status().Pushes == 0 && !s.intake.announced {
		return nil
	}
	for {
		err := s.announce(ctx)
		if err == nil && !s.intake.announced {
			return s.finish(ctx)
		}
		if err == nil {
			err = s.pour(ctx)
		}
		if errors.Is(err, errAway) {
			s.barrier.lost()
			return nil // asked again soon; that it is away was told when it went
		}
		if err != nil {
			return err
		}
	}
}

// announce says in the database what this instance's journal holds, or takes that back. It is the question whether the
// database answers as well.
func (s *Service) announce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, commitTimeout)
	defer cancel()
	oldest, err := s.journal.Oldest(ctx)
	if err != nil {
		return err
	}
	if oldest == "" {
		_, err := s.db.Exec(ctx, "DELETE FROM journals WHERE id = ?", s.journal.ID())
		s.intake.announced = s.intake.announced && err != nil
		return away(err)
	}
	row := model.Journal{ID: s.journal.ID(), Oldest: oldest, Pushes: s.journal.Status().Pushes, SeenAt: s.db.Now().UnixMilli()}
	n, err := s.db.Exec(ctx, "UPDATE journals SET oldest = ?, pushes = ?, seen_at = ? WHERE id = ?", row.Oldest, row.Pushes, row.SeenAt, row.ID)
	if err == nil && n == 0 {
		err = s.db.InsertNew(ctx, &row)
	}
	if err == nil {
		s.intake.announced = true
	}
	return away(err)
}

// errAway says that it is the database that is away, and not the journal.
var errAway = errors.New("the database is away")

func away(err error) error {
	if database.IsAway(err) {
		return errors.Join(errAway, err)
	}
	return err
}

// pour brings the oldest pushes over. The last of them go while nothing can come behind, and the next ones go straight
// into the database: under steady traffic a journal would never be empty otherwise. Pushes wait for that no longer than
// for a commit; where it takes longer, the part goes beside them and what came meanwhile is tried next.
func (s *Service) pour(ctx context.Context) error {
	if s.intake.slow || s.journal.Status().Pushes > journal.PartPushes {
		err := s.pourWithin(ctx, bringTimeout)
		s.intake.slow = err != nil && s.intake.slow
		return err
	}
	s.intake.mu.Lock()
	defer s.intake.mu.Unlock()
	err := s.pourWithin(ctx, commitTimeout)
	s.intake.slow = err != nil
	if s.journal.Status().Pushes == 0 {
		s.intake.diverted.Store(false)
	}
	return err
}

func (s *Service) pourWithin(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	part, err := s.journal.Next(ctx)
	if err != nil || len(part.Pushes) == 0 {
		return err
	}
	if err := s.bring(ctx, &part); err != nil {
		return err
	}
	s.intake.drained += len(part.Pushes)
	if s.observer != nil {
		s.observer.JournalDrained(len(part.Pushes))
	}
	return s.journal.Remove(ctx, part)
}

// bring writes a part into the database. A push that it refuses for a reason of its own is set aside in the journal, if
// it takes others: so it is no fault of the database.
func (s *Service) bring(ctx context.Context, part *journal.Part) error {
	err := s.write(ctx, part.Pushes)
	if err == nil || database.IsAway(err) {
		return away(err)
	}
	refused := map[int]error{}
	for i, row := range part.Pushes {
		one := s.write(ctx, []*model.Push{row})
		if database.IsTransient(one) {
			return away(one)
		}
		if one != nil {
			refused[i] = one
		}
	}
	if len(refused) == len(part.Pushes) {
		return fmt.Errorf("bring pushes out of the journal: %w", err)
	}
	for i := len(part.Pushes) - 1; i >= 0; i-- {
		if cause := refused[i]; cause != nil {
			if err := s.journal.SetAside(ctx, part, i, errors.New(database.Describe(cause))); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish lets pushes go into the database again, if nothing came into the journal meanwhile.
func (s *Service) finish(ctx context.Context) error {
	s.intake.mu.Lock()
	defer s.intake.mu.Unlock()
	if s.journal.Status().Pushes > 0 {
		return nil // the next run of the loop takes them
	}
	if s.intake.drained > 0 {
		s.log.InfoContext(ctx, "the database is back and the journal is empty", slog.Int("pushes", s.intake.drained),
			slog.Duration("after", s.db.Now().Sub(s.intake.since)))
	}
	s.intake.diverted.Store(false)
	s.intake.drained = 0
	return s.journal.Shrink(ctx)
}

// lookAtJournals asks which journals the lanes have to wait for.
func (s *Service) lookAtJournals(ctx context.Context) error {
	if s.journal == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*commitTimeout)
	defer cancel()
	var rows []model.Journal
	err := s.db.Read(ctx).Where("seen_at > ?", s.db.Now().Add(-forgetJournals).UnixMilli()).Find(&rows).Error
	if database.IsAway(err) {
		s.barrier.lost()
	}
	if err != nil {
		return fmt.Errorf("look for journals: %w", err)
	}
	s.barrier.found(rows, s.db.Now())
	return nil
}
