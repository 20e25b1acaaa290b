package feed

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"liuke/model"
	"liuke/model/database"
)

// hub knows who is connected to this instance and wakes him when one of his streams moves on. It has no goroutines of
// its own and never waits for a subscriber.
type hub struct {
	db      *database.DB
	mu      sync.Mutex
	streams map[string]*line
	subs    map[*Subscription]struct{}
	staff   map[string]map[*Subscription]struct{}
	closed  bool
}

// line is one stream with readers here.
type line struct {
	end  int64 // highest number known
	subs map[*Subscription]struct{}
}

func newHub(db *database.DB) *hub {
	return &hub{
		db: db, streams: map[string]*line{}, subs: map[*Subscription]struct{}{},
		staff: map[string]map[*Subscription]struct{}{},
	}
}

func (h *hub) add(s *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		s.finish()
		return
	}
	h.subs[s] = struct{}{}
	if h.staff[s.actor.StaffID] == nil {
		h.staff[s.actor.StaffID] = map[*Subscription]struct{}{}
	}
	h.staff[s.actor.StaffID][s] = struct{}{}
	for _, name := range s.streams() {
		if h.streams[name] == nil {
			h.streams[name] = &line{subs: map[*Subscription]struct{}{}}
		}
		h.streams[name].subs[s] = struct{}{}
	}
}

func (h *hub) remove(s *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.subs, s)
	if delete(h.staff[s.actor.StaffID], s); len(h.staff[s.actor.StaffID]) == 0 {
		delete(h.staff, s.actor.StaffID)
	}
	for _, name := range s.streams() {
		if l := h.streams[name]; l != nil {
			if delete(l.subs, s); len(l.subs) == 0 {
				delete(h.streams, name)
			}
		}
	}
}

func (h *hub) size() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.subs)
}

// close ends every subscription and lets no new one begin.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.subs {
		s.finish()
	}
}

// ends tells the highest known numbers of a subscription's streams.
func (h *hub) ends(s *Subscription) position {
	h.mu.Lock()
	defer h.mu.Unlock()
	var p position
	if l := h.streams[s.own()]; l != nil {
		p.own = l.end
	}
	if l := h.streams[s.mapping.Stream]; l != nil {
		p.shared = l.end
	}
	return p
}

// hint takes a hint from the bus.
func (h *hub) hint(payload string) { h.moved(readHint(payload)) }

// moved notes the streams' numbers and wakes the readers of those that grew.
func (h *hub) moved(ends map[string]int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, end := range ends {
		l := h.streams[name]
		if l == nil || end <= l.end {
			continue
		}
		l.end = end
		for s := range l.subs {
			s.nudge()
		}
	}
}

// askPart is how many streams or sessions go into one question.
const askPart = 500

// poll looks the numbers of the connected streams up, in case a hint was lost.
func (h *hub) poll(ctx context.Context) error {
	h.mu.Lock()
	names := make([]string, 0, len(h.streams))
	for name := range h.streams {
		names = append(names, name)
	}
	h.mu.Unlock()
	for part := range slices.Chunk(names, askPart) {
		ends, err := numbers(h.db.Read(ctx), part)
		if err != nil {
			return err
		}
		seqs := make(map[string]int64, len(ends))
		for name, end := range ends {
			seqs[name] = end.Seq
		}
		h.moved(seqs)
	}
	return nil
}

// recheck makes a person's subscriptions ask themselves whether they still hold.
func (h *hub) recheck(staffID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.staff[staffID] {
		s.doubt.Store(true)
		s.nudge()
	}
}

// checkSessions ends the subscriptions whose session, role or store does not hold any more.
func (h *hub) checkSessions(ctx context.Context) error {
	h.mu.Lock()
	all := make([]*Subscription, 0, len(h.subs))
	for s := range h.subs {
		all = append(all, s)
	}
	h.mu.Unlock()
	for part := range slices.Chunk(all, askPart) {
		hashes := make([]string, 0, len(part))
		for _, s := range part {
			hashes = append(hashes, s.actor.SessionID)
		}
		holders, err := holders(h.db.Read(ctx), hashes, model.Millis(h.db.Now()))
		if err != nil {
			return fmt.Errorf("check the sessions of the feed: %w", err)
		}
		for _, s := range part {
			if holders[s.actor.SessionID] != holderOf(s.actor) {
				s.finish()
			}
		}
	}
	return nil
}
