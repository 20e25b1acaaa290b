package inbound

import (
	"context"
	"crypto/sha256"
	"errors"
	"strconv"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/fault"
	"liuke/wechat"
)

// Limits of accepting.
const (
	acceptQueue   = 4096            // pushes waiting for the next commit
	acceptAtOnce  = 1024            // pushes of one commit
	acceptBytes   = 4 << 20         // of their contents: MariaDB takes statements of up to 16 MiB
	acceptTimeout = 3 * time.Second // with the look-up before it, below WeChat's 5 s
	// With a journal beside it the database gets this long, then the journal has the word.
	commitTimeout = 900 * time.Millisecond
)

// ErrBusy says that the push could not be stored in time; WeChat shall repeat it.
var ErrBusy = fault.New(fault.Unavailable, "not_stored")

// waiting is a push whose sender waits for the commit.
type waiting struct {
	row  *model.Push
	done chan error
}

// Accept stores a push and returns once it is durable: in the database or, while that is away, in the journal. Pushes
// that come while a commit is under way share the next one. The id is given on arrival, so that the order of the ids is
// that of arrival, however long the push waits and wherever it lies meanwhile. A repeat is taken and changes nothing. An
// error means that the push is not stored.
func (s *Service) Accept(ctx context.Context, accountID string, p wechat.Push, plain []byte) error {
	openID := model.ASCIIKey(p.OpenID(), 64)
	lane := LaneOf(openID)
	if openID == "" {
		lane = LaneOf(accountID)
	}
	key := p.DedupeKey()
	dedupe := sha256.Sum256(append([]byte(accountID+"\x00"), key[:]...))
	w := &waiting{done: make(chan error, 1), row: &model.Push{
		ID: model.NewID(), Lane: lane, AccountID: accountID, Dedupe: dedupe[:], OpenID: openID,
		MsgType: model.ASCIIKey(p.MsgType, 64), Event: model.ASCIIKey(p.Event, 64), Body: plain,
		ReceivedAt: s.db.Now().UnixMilli(),
	}}
	timer := time.NewTimer(acceptTimeout)
	defer timer.Stop()
	select {
	case s.queue <- w:
	case <-s.stopped:
		return ErrBusy
	case <-timer.C:
		return ErrBusy
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-w.done:
		return err
	case <-timer.C:
		return ErrBusy
	}
}

// RunAccept commits waiting pushes until ctx is done; then it commits what is left and lets nobody in any more.
func (s *Service) RunAccept(ctx context.Context) {
	for {
		select {
		case w := <-s.queue:
			s.store(context.WithoutCancel(ctx), s.gather(w))
			rest(ctx, s.pressure.hold(s.db.Now()))
		case <-ctx.Done():
			close(s.stopped)
			s.acceptRest(context.WithoutCancel(ctx))
			return
		}
	}
}

func (s *Service) acceptRest(ctx context.Context) {
	for {
		select {
		case w := <-s.queue:
			s.store(ctx, s.gather(w))
		default:
			return
		}
	}
}

// gather takes whatever has queued up behind the first.
func (s *Service) gather(first *waiting) []*waiting {
	batch, bytes := []*waiting{first}, len(first.row.Body)
	for len(batch) < acceptAtOnce && bytes < acceptBytes {
		select {
		case w := <-s.queue:
			batch, bytes = append(batch, w), bytes+len(w.row.Body)
			continue
		default:
		}
		break
	}
	return batch
}

// commit writes a batch in one statement. If that fails for a reason that lies in a push, each is tried alone, so that
// one bad push does not refuse the others. It gives back what could not be written because the database is away, if there
// is a journal for it. The pushes of a commit that ran out of time may be durable all the same: they keep their id, so
// that writing them once more changes nothing.
func (s *Service) commit(ctx context.Context, batch []*waiting) (left []*waiting, why error) {
	began := time.Duration(s.db.Now().UnixNano())
	limit := acceptTimeout
	if s.journal != nil {
		limit = commitTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	rows := make([]*model.Push, len(batch))
	for i, w := range batch {
		rows[i] = w.row
	}
	err := s.write(ctx, rows)
	s.pressure.committed(len(rows), s.db.Now())
	if s.observer != nil {
		s.observer.AcceptBatch(len(batch), time.Duration(s.db.Now().UnixNano())-began)
	}
	if s.journal != nil && database.IsAway(err) {
		return batch, err
	}
	lanes := map[int]bool{}
	for i, w := range batch {
		one := err
		if err != nil && len(batch) > 1 && ctx.Err() == nil {
			one = s.write(ctx, []*model.Push{w.row})
		}
		if s.journal != nil && database.IsTransient(one) {
			left, why = batch[i:], one // in the order of arrival
			break
		}
		if one == nil {
			lanes[w.row.Lane] = true
		} else {
			one = errors.Join(ErrBusy, one)
		}
		w.done <- one
	}
	for lane := range lanes {
		s.bus.Publish(topic, strconv.Itoa(lane))
	}
	return left, why
}
