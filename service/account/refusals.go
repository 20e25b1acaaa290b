package account

import (
	"sync"
	"time"
)

// refusalHour is how long refusals are remembered, in buckets of a minute.
const refusalHour = 60

// refusals counts the callbacks that this instance refused in the last hour, by account and by what is to be mended.
type refusals struct {
	mu     sync.Mutex
	counts map[refusalKey]*[refusalHour]bucket
}

type refusalKey struct{ accountID, reason string }

// bucket is one minute since 1970 and its count.
type bucket struct{ minute, n int64 }

func (r *refusals) add(key refusalKey, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = map[refusalKey]*[refusalHour]bucket{}
	}
	ring := r.counts[key]
	if ring == nil {
		ring = &[refusalHour]bucket{}
		r.counts[key] = ring
	}
	minute := now.Unix() / 60
	b := &ring[minute%refusalHour]
	if b.minute != minute {
		*b = bucket{minute: minute}
	}
	b.n++
}

func (r *refusals) count(key refusalKey, now time.Time) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	var n int64
	if ring := r.counts[key]; ring != nil {
		for _, b := range ring {
			if b.minute > now.Unix()/60-refusalHour {
				n += b.n
			}
		}
	}
	return n
}

// Refused notes that a callback was not believed; reason is one of wechat.Refused….
func (s *Service) Refused(accountID, reason string) {
	s.refusals.add(refusalKey{accountID, reason}, s.db.Now())
}
