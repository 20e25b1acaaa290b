package inbound

import (
	"sync"
	"time"

	"liuke/model"
)

// How long lanes wait for journals.
const (
	// settleFor is how long nothing is worked off after the database came back: within it every instance that holds
	// pushes has noticed and says so in the table journals.
	settleFor = 2 * time.Second
	// warnedFor is how long a hint over the bus counts that an instance has begun a journal; then it must stand in the table.
	warnedFor = 2 * time.Second
	// heartbeat is how old the last sign of a journal's instance may be. Nobody waits for one that died: what it holds
	// comes when it is started again or its folder is adopted, and takes its place in the chats then.
	heartbeat = 5 * time.Second
	// stalled is how long a journal is waited for that does not get shorter.
	stalled = 30 * time.Second
	// forgetJournals is when the sign of a dead instance is deleted.
	forgetJournals = time.Hour
)

// nothing is the floor below which no id lies.
const nothing = "0"

// barrier keeps lanes from pushes that came after one which still lies in the journal of some instance.
//
// What it cannot do: know of an instance that has lost the database alone, while the others go on with it. The hint over
// the bus holds them for a moment, no longer.
type barrier struct {
	mu       sync.Mutex
	open     bool      // there are no journals to wait for
	asked    bool      // the table was read, and since the database was last away again
	away     bool      // the database did not answer when it was last asked
	until    time.Time // nothing is worked off before
	warning  string    // id of the oldest push in a journal that was begun just now
	warnedAt time.Time
	journals map[string]sighting // by instance
}

// sighting is what is known of another instance's journal.
type sighting struct {
	oldest      string
	beat        int64
	moved, seen time.Time // when oldest and beat changed last, by this instance's clock
}

// lost notes that the database does not answer.
func (b *barrier) lost() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked, b.away = false, true
}

// warned notes that an instance has begun a journal with that push.
func (b *barrier) warned(oldest string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.warning == "" || oldest < b.warning || now.Sub(b.warnedAt) > warnedFor {
		b.warning = oldest
	}
	b.warnedAt = now
}

// found takes in what stands in the table.
func (b *barrier) found(rows []model.Journal, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := make(map[string]sighting, len(rows))
	for _, r := range rows {
		s, again := b.journals[r.ID]
		if !again || s.oldest != r.Oldest {
			s.oldest, s.moved = r.Oldest, now
		}
		if !again || s.beat != r.SeenAt {
			s.beat, s.seen = r.SeenAt, now
		}
		known[r.ID] = s
	}
	b.journals = known
	if b.away {
		b.until = now.Add(settleFor)
	}
	b.asked, b.away = true, false
}

// floor gives the id below which pushes may be worked off: "" for all, nothing for none.
func (b *barrier) floor(now time.Time) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open {
		return ""
	}
	if !b.asked || now.Before(b.until) {
		return nothing
	}
	floor := ""
	lower := func(id string) {
		if floor == "" || id < floor {
			floor = id
		}
	}
	for _, s := range b.journals {
		if now.Sub(s.seen) <= heartbeat && now.Sub(s.moved) <= stalled {
			lower(s.oldest)
		}
	}
	if b.warning != "" && now.Sub(b.warnedAt) <= warnedFor {
		lower(b.warning)
	}
	return floor
}
