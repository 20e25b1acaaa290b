package feed

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"liuke/model"
	"liuke/service/access"
)

// ErrEnded says that a subscription is over: the session ended, the person left, has another role or store now, or the
// program stops.
var ErrEnded = errors.New("the feed has ended")

// Item is one event for one reader.
type Item struct {
	ID   string // decimal; grows within one person's feed
	Kind string
	Data []byte // a flat JSON object
}

// Subscription is one connected reader. Read and Wait are for one goroutine at a time.
type Subscription struct {
	feed    *Service
	actor   access.Actor
	mapping model.FeedReader
	at      position
	reset   bool        // owes the reader a reset
	doubt   atomic.Bool // must check itself before the next items
	over    atomic.Bool
	wake    chan struct{}
}

// Subscribe connects a signed-in person. With the id of the last event that he got he resumes after it; without one he
// begins at the present. If he cannot resume from there he gets one reset. The caller must Close the subscription.
func (s *Service) Subscribe(ctx context.Context, actor access.Actor, lastEventID string) (*Subscription, error) {
	if actor.Kind != model.ByStaff || actor.StaffID == "" {
		return nil, ErrEnded
	}
	sub := &Subscription{feed: s, actor: actor, wake: make(chan struct{}, 1)}
	err := sub.check(ctx) // first, so that who is not in that role any more changes no mapping
	if err != nil {
		return nil, err
	}
	if sub.mapping, err = s.mappingOf(ctx, actor.StaffID, shared(actor)); err != nil {
		return nil, err
	}
	s.hub.add(sub) // before the look at the numbers, so that no hint falls in between
	if err := sub.begin(ctx, lastEventID); err != nil {
		sub.Close()
		return nil, err
	}
	return sub, nil
}

// begin finds the place to start from.
func (s *Subscription) begin(ctx context.Context, lastEventID string) error {
	now, err := numbers(s.feed.db.Read(ctx), s.streams())
	if err != nil {
		return err
	}
	own, shared := now[s.own()], now[s.mapping.Stream]
	s.at = position{own.Seq, max(shared.Seq, s.mapping.BaseSeq)}
	if lastEventID != "" {
		from, ok := resume(lastEventID, s.mapping, s.at, position{own.PrunedSeq, shared.PrunedSeq})
		if ok {
			s.at = from
		}
		s.reset = !ok
	}
	s.feed.hub.moved(map[string]int64{own.Stream: own.Seq, shared.Stream: shared.Seq})
	return s.check(ctx)
}

// Position is the id of where the reader has come to. Sent without an event it lets him resume from here even if
// nothing has happened yet that he may see.
func (s *Subscription) Position() string { return formatID(s.at.id(s.mapping)) }

// Close disconnects the reader. It may be called twice.
func (s *Subscription) Close() { s.feed.hub.remove(s) }

// Wait returns when there may be something to Read, or after the heartbeat interval: idle says so. Its error says that
// ctx is over. It needs little stack, as many wait for long.
func (s *Subscription) Wait(ctx context.Context) (idle bool, err error) {
	beat := time.NewTimer(s.feed.heartbeat)
	defer beat.Stop()
	select {
	case <-s.wake:
		return false, nil
	case <-beat.C:
		return true, nil
	case <-ctx.Done():
		return false, fmt.Errorf("wait for events: %w", ctx.Err())
	}
}

// own is the stream that only this person reads.
func (s *Subscription) own() string { return Staff(s.actor.StaffID) }

func (s *Subscription) streams() []string {
	if s.mapping.Stream == "" {
		return []string{s.own()}
	}
	return []string{s.own(), s.mapping.Stream}
}

// nudge makes Wait return, without ever waiting for its reader.
func (s *Subscription) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// finish makes Read return ErrEnded.
func (s *Subscription) finish() {
	s.over.Store(true)
	s.nudge()
}

// check asks the rows whether the subscription still holds.
func (s *Subscription) check(ctx context.Context) error {
	if s.over.Load() {
		return ErrEnded
	}
	s.doubt.Store(false) // before the question: a doubt raised meanwhile asks again
	db := s.feed.db
	found, err := holders(db.Read(ctx), []string{s.actor.SessionID}, model.Millis(db.Now()))
	if err != nil {
		return err
	}
	if found[s.actor.SessionID] != holderOf(s.actor) {
		s.over.Store(true)
		return ErrEnded
	}
	return nil
}
