package inbound

import (
	"context"
	"crypto/sha256"
	"errors"
	"strconv"
	"time"

	"liuke/model"
	"liuke/service/fault"
	"liuke/wechat"
)

// Limits of accepting.
const (
	acceptQueue   = 4096            // pushes waiting for the next commit
	acceptAtOnce  = 512             // rows of one commit
	acceptTimeout = 3 * time.Second // with the look-up before it, below WeChat's 5 s
)

// ErrBusy says that the push could not be stored in time; WeChat shall repeat it.
var ErrBusy = fault.New(fault.Unavailable, "not_stored")

// waiting is a push whose sender waits for the commit.
type waiting struct {
	row  *model.Push
	done chan error
}

// Accept stores a push and returns once it is durable. Pushes that come while a commit is under way share the next one.
// A repeat is taken and changes nothing. An error means that the push is not stored.
func (s *Service) Accept(ctx context.Context, accountID string, p wechat.Push, plain []byte) error {
	openID := model.ASCIIKey(p.OpenID(), 64)
	lane := openID
	if lane == "" {
		lane = accountID
	}
	key := p.DedupeKey()
	dedupe := sha256.Sum256(append([]byte(accountID+"\x00"), key[:]...))
	w := &waiting{done: make(chan error, 1), row: &model.Push{
		Lane: model.Shard(lane) % lanes, AccountID: accountID, Dedupe: dedupe[:], OpenID: openID,
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
			s.commit(context.WithoutCancel(ctx), s.gather(w))
		case <-ctx.Done():
			close(s.stopped)
			s.drain(context.WithoutCancel(ctx))
			return
		}
	}
}

func (s *Service) drain(ctx context.Context) {
	for {
		select {
		case w := <-s.queue:
			s.commit(ctx, s.gather(w))
		default:
			return
		}
	}
}

// gather takes whatever has queued up behind the first. Ids are given here, so that their order is that of arrival.
func (s *Service) gather(first *waiting) []*waiting {
	batch := []*waiting{first}
	for len(batch) < acceptAtOnce {
		select {
		case w := <-s.queue:
			batch = append(batch, w)
			continue
		default:
		}
		break
	}
	for _, w := range batch {
		w.row.ID = model.NewID()
	}
	return batch
}

// commit writes a batch in one statement. If that fails for a reason that lies in a row, each is tried alone, so that
// one bad row does not refuse the others.
func (s *Service) commit(ctx context.Context, batch []*waiting) {
	began := time.Duration(s.db.Now().UnixNano())
	ctx, cancel := context.WithTimeout(ctx, acceptTimeout)
	defer cancel()
	rows := make([]*model.Push, len(batch))
	for i, w := range batch {
		rows[i] = w.row
	}
	err := s.db.InsertPushes(ctx, rows)
	if s.observer != nil {
		s.observer.AcceptBatch(len(batch), time.Duration(s.db.Now().UnixNano())-began)
	}
	lanes := map[int]bool{}
	for _, w := range batch {
		one := err
		if err != nil && len(batch) > 1 && ctx.Err() == nil {
			one = s.db.InsertPushes(ctx, []*model.Push{w.row})
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
}
