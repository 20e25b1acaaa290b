package staff

import (
	"sync"

	"liuke/service/access"
)

// mostRecalled bounds how many sessions are remembered.
const mostRecalled = 10_000

// recalled are the sessions that were used a moment ago, with the rights they gave. What is remembered gives no right: it
// spares whoever reads with access.Actor.Proof the question who asks, and whoever reads without it never gets to see it.
type recalled struct {
	lock sync.Mutex
	of   map[string]seen // by the hash of the token
}

type seen struct {
	actor access.Actor
	at    int64 // when its use was noted, in the database
}

func (r *recalled) keep(actor access.Actor, at int64) {
	actor.Recalled = true
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.of == nil || len(r.of) >= mostRecalled {
		r.of = map[string]seen{}
	}
	r.of[actor.SessionID] = seen{actor, at}
}

func (r *recalled) forget(sessionID string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	delete(r.of, sessionID)
}

func (r *recalled) find(sessionID string) (seen, bool) {
	r.lock.Lock()
	defer r.lock.Unlock()
	s, ok := r.of[sessionID]
	return s, ok
}

// Recall gives who held the token when it was last used, if that was a moment ago. His rights may have ended since: only
// a statement with his Proof may read for him. Whose use would have to be noted is not recalled.
func (s *Service) Recall(token string) (access.Actor, bool) {
	known, ok := s.recalled.find(hashToken(token))
	since := s.db.Now().UnixMilli() - known.at
	return known.actor, ok && since >= 0 && since < seenEvery.Milliseconds()
}
