package inbound

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/wechat"
)

// Limits of working off.
const (
	workAtOnce = 1000 // pushes of one transaction, of which an event counts as
	eventCosts = 10   // because events are taken one by one, and so many bytes as
	bytesCost  = 4096 // one more
	// SQLite has one writer: accepting waits for this transaction there.
	workAtOnceLite = 100

	bundlesAtOnce = 200             // bundles read at once
	rowsAtOnce    = 100             // pushes of one transaction where they have rows of their own
	laneLease     = 6 * time.Second // how long a dead instance keeps a lane from the others
)

// errTaken says that another instance did the work meanwhile.
var errTaken = errors.New("push taken by another instance")

// work attends to lanes that have work, one after the other.
func (s *Service) work(ctx context.Context) error {
	for ctx.Err() == nil {
		if s.barrier.floor(s.db.Now()) == nothing {
			return nil // poll marks the lanes again
		}
		lane := s.lanes.take()
		if lane < 0 {
			return nil
		}
		if err := s.attend(ctx, lane); err != nil {
			return err
		}
	}
	return nil
}

// attend works off a part of a lane, if this instance holds it or can have it. What is left waits for its turn, so that under
// traffic that does not end no lane waits for another to be empty.
func (s *Service) attend(ctx context.Context, lane int) error {
	defer s.lanes.free(lane)
	// Not the name of versions that know no bundles: one of those beside this would never let go of the lane under traffic.
	// Both find the oldest rows first, and what one has done the other finds done.
	name := "inbound.lane." + strconv.Itoa(lane)
	if now := s.db.Now(); !s.lanes.holds(lane, now) {
		mine, err := s.leases.Acquire(ctx, name, laneLease)
		if err != nil || !mine {
			return err
		}
		s.lanes.hold(lane, now.Add(laneLease/2))
	}
	began, oldest, more, err := s.inTurn(ctx, name, lane)
	if err != nil {
		s.lanes.hold(lane, time.Time{})
		if errors.Is(err, errTaken) {
			s.lanes.mark(lane) // look again, with a lease asked for anew
			return nil
		}
		return err
	}
	if more {
		s.lanes.mark(lane)
	}
	if oldest > 0 {
		s.giveWay(ctx, began, oldest)
	}
	return nil
}

// inTurn is a visit that tells as well when it began, which in a crowd is when no other worker works.
func (s *Service) inTurn(ctx context.Context, lease string, lane int) (began time.Time, oldest int64, more bool, err error) {
	done, err := s.pressure.turn(ctx, s.db.Now())
	if err != nil {
		return time.Time{}, 0, false, err
	}
	defer done()
	began = s.db.Now()
	oldest, more, err = s.visit(ctx, lease, lane)
	return began, oldest, more, err
}

// visit works off some of the oldest pushes of a lane. It tells when the first of them came, 0 for none, and whether there
// may be more.
//
// Bundles are worked off as they are. Where a push has a row of its own, because it failed or because a version before
// wrote it, those in bundles get theirs as well, so that whoever has to wait for it can.
func (s *Service) visit(ctx context.Context, lease string, lane int) (oldest int64, more bool, err error) {
	due, waiting, err := s.next(ctx, lane)
	if err != nil {
		return 0, false, err
	}
	bs, all, more, err := s.nextBundles(ctx, lane)
	if err != nil {
		return 0, false, err
	}
	if len(bs) > 0 {
		if !waiting {
			err = s.takeBundles(ctx, lease, bs, all)
			if err == nil || errors.Is(err, errTaken) {
				return all[0].ReceivedAt, more, err
			}
			if passing(ctx, err) {
				return 0, false, fmt.Errorf("work off bundles: %w", err)
			}
		}
		if err := s.spread(ctx, lease, bs, all); err != nil {
			return 0, false, err
		}
		if due, _, err = s.next(ctx, lane); err != nil {
			return 0, false, err
		}
		oldest = all[0].ReceivedAt
	}
	if len(due) == 0 {
		return oldest, more, nil
	}
	return due[0].ReceivedAt, more || len(due) == rowsAtOnce, s.take(ctx, lease, due)
}

// next reads the oldest pushes of a lane that have rows of their own. Whoever has one that must wait, waits with all that
// came after it. It tells as well whether there are any at all.
func (s *Service) next(ctx context.Context, lane int) (due []*model.Push, waiting bool, err error) {
	var rows []*model.Push
	q := s.db.Read(ctx).Where("state = ? AND lane = ?", model.PushNew, lane)
	if floor := s.barrier.floor(s.db.Now()); floor != "" {
		q = q.Where("id < ?", floor)
	}
	if err := q.Order("id").Limit(rowsAtOnce).Find(&rows).Error; err != nil {
		return nil, false, fmt.Errorf("read lane: %w", err)
	}
	now := s.db.Now().UnixMilli()
	waits := map[string]bool{}
	for _, r := range rows {
		if r.DueAt > now || waits[r.AccountID+r.OpenID] {
			waits[r.AccountID+r.OpenID] = true
			continue
		}
		due = append(due, r)
	}
	return due, len(rows) > 0, nil
}

// take commits the effects of a batch. If that fails for a reason that lies in a push, each is tried alone.
func (s *Service) take(ctx context.Context, lease string, batch []*model.Push) error {
	err := s.apply(ctx, lease, batch)
	if err == nil || errors.Is(err, errTaken) {
		return err
	}
	if passing(ctx, err) {
		return fmt.Errorf("work off pushes: %w", err)
	}
	blocked := map[string]bool{}
	for _, row := range batch {
		who := row.AccountID + row.OpenID
		if blocked[who] {
			continue
		}
		err := s.apply(ctx, lease, []*model.Push{row})
		switch {
		case err == nil:
		case errors.Is(err, errTaken):
			return err
		case passing(ctx, err):
			return fmt.Errorf("work off push: %w", err)
		default:
			if err := s.fail(ctx, row, err); err != nil {
				return err
			}
			blocked[who] = row.Tries+1 < model.MaxPushTries
		}
	}
	return nil
}

// passing reports whether a failure lies outside the push, so that trying again makes sense without counting.
func passing(ctx context.Context, err error) bool {
	return ctx.Err() != nil || database.IsTransient(err)
}

// apply runs the handlers and marks the pushes done, all in one transaction.
func (s *Service) apply(ctx context.Context, lease string, batch []*model.Push) error {
	return s.inLane(ctx, lease, func(tx *database.Tx) error {
		ids := make([]string, len(batch))
		for i, row := range batch {
			ids[i] = row.ID
		}
		r := tx.Exec("UPDATE pushes SET state = ?, done_at = ?, body = NULL WHERE state = ? AND lane = ? AND id IN ?",
			model.PushDone, tx.Millis(), model.PushNew, batch[0].Lane, ids)
		if r.Error != nil {
			return fmt.Errorf("mark pushes done: %w", r.Error)
		}
		if int(r.RowsAffected) != len(batch) {
			return errTaken
		}
		return s.dispatch(tx, batch)
	})
}

// inLane runs f in a transaction that commits only if this instance holds the lane till then. A panic is f's failure.
func (s *Service) inLane(ctx context.Context, lease string, f func(tx *database.Tx) error) error {
	return s.db.InTx(ctx, func(tx *database.Tx) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic in a handler: %v", p)
			}
		}()
		if err := s.leases.HeldTx(tx, lease); err != nil {
			return errors.Join(errTaken, err)
		}
		return f(tx)
	})
}

// dispatch hands messages on in runs and events one by one, in the order of arrival.
func (s *Service) dispatch(tx *database.Tx, batch []*model.Push) error {
	var run []Received
	flush := func() error {
		if len(run) == 0 {
			return nil
		}
		defer func() { run = nil }()
		all, err := s.messages(tx, run)
		if err != nil || len(all) == 0 {
			return err
		}
		for _, f := range s.heard {
			if err := f(tx, all); err != nil {
				return err
			}
		}
		return nil
	}
	for _, row := range batch {
		push, err := wechat.Parse(row.Body)
		if err != nil {
			return fmt.Errorf("read push: %w", err)
		}
		one := Received{ID: row.ID, AccountID: row.AccountID, ReceivedAt: row.ReceivedAt, Push: push, Raw: row.Body}
		if push.Event == "" {
			if row.OpenID != "" {
				run = append(run, one)
			}
			continue
		}
		if err := flush(); err != nil {
			return err
		}
		for _, h := range s.events {
			if err := h(tx, []Received{one}); err != nil {
				return err
			}
		}
	}
	return flush()
}

// fail counts a try; the last one sets the push aside with its reason, and somebody must look.
func (s *Service) fail(ctx context.Context, row *model.Push, cause error) error {
	tries := row.Tries + 1
	state, due := model.PushNew, s.db.Now().Add(200*time.Millisecond<<tries).UnixMilli()
	if tries >= model.MaxPushTries {
		state = model.PushAside
		s.log.LogAttrs(ctx, slog.LevelError, "push set aside", slog.String("push_id", row.ID),
			slog.String("account_id", row.AccountID), slog.String("msg_type", row.MsgType), slog.String("event", row.Event),
			slog.String("reason", reasonOf(cause)))
		if s.observer != nil {
			s.observer.PushSetAside(row.MsgType)
		}
	}
	_, err := s.db.Exec(ctx, "UPDATE pushes SET state = ?, tries = ?, reason = ?, due_at = ? WHERE lane = ? AND id = ? AND state = ?",
		state, tries, reasonOf(cause), due, row.Lane, row.ID, model.PushNew)
	if err != nil {
		return fmt.Errorf("count failed push: %w", err)
	}
	return nil
}

// reasonOf shortens a cause to the width of its column. Errors hold no personal data.
func reasonOf(err error) string {
	text := database.Describe(err)
	if len(text) > 200 {
		text = text[:200]
	}
	clean := []byte(text)
	for i, c := range clean {
		if c < ' ' || c > '~' {
			clean[i] = '?'
		}
	}
	return string(clean)
}
