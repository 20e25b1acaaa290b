package account

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"liuke/model"
	"liuke/wechat"
)

// How old what the cache tells may be.
const (
	// freshFor is how long it is taken without asking; then one call asks for the version and the others go on.
	freshFor = time.Second
	// staleAfter is when every call waits for that answer: the two seconds within which a change is followed.
	staleAfter = 2 * time.Second
	// askTimeout bounds the question. When the database is away the cache goes on with what it has, so that pushes can
	// still be opened and kept.
	askTimeout = time.Second
	// awayFor is how long after a question without an answer nobody waits for the next one.
	awayFor = 5 * time.Second
	// maxUnknown bounds how many appids that do not exist are remembered.
	maxUnknown = 1024
)

// value is one account as it was read; it is never changed.
type value struct {
	row         model.Account // without the sealed columns
	callback    Callback
	credentials wechat.Credentials
}

// entry is the cached state of one account.
type entry struct {
	value   atomic.Pointer[value] // nil = read anew
	asked   atomic.Int64          // when the value was last known to be right, Unix milliseconds
	away    atomic.Bool           // the last question had no answer
	refresh sync.Mutex            // held by the one call that asks
}

// cache keeps the accounts in use. Reading takes no lock.
type cache struct {
	byAppID *sync.Map // appid -> *entry
	byID    *sync.Map // account id -> *entry
	unknown *unknown
}

func newCache() cache {
	return cache{byAppID: &sync.Map{}, byID: &sync.Map{}, unknown: &unknown{until: map[string]int64{}}}
}

// put keeps what was read at the given time, in the entry of the account.
func (c cache) put(v *value, at int64) *entry {
	kept, _ := c.byID.LoadOrStore(v.row.ID, &entry{})
	e, _ := kept.(*entry)
	e.set(v, at)
	c.byAppID.Store(v.row.AppID, e)
	return e
}

// set keeps v unless a later version is there already.
func (e *entry) set(v *value, at int64) {
	for {
		old := e.value.Load()
		if old != nil && old.row.Version > v.row.Version {
			return
		}
		if e.value.CompareAndSwap(old, v) {
			e.asked.Store(at)
			return
		}
	}
}

// forget makes the next call ask, after a change made here.
func (c cache) forget(accountID string) {
	if e := load(c.byID, accountID); e != nil {
		e.asked.Store(0)
	}
}

// drop takes an account out that is no longer there.
func (c cache) drop(v *value) {
	c.byAppID.Delete(v.row.AppID)
	c.byID.Delete(v.row.ID)
}

func load(m *sync.Map, key string) *entry {
	kept, _ := m.Load(key)
	e, _ := kept.(*entry)
	return e
}

// current gives the entry's value, at most staleAfter old while the database answers. ask tells whether the value is
// still right: the same, a newer one, or nil when the account is gone. While the database is away nobody waits for it.
func (e *entry) current(ctx context.Context, now func() time.Time, ask func(context.Context, *value) (*value, error)) *value {
	v := e.value.Load()
	age := now().UnixMilli() - e.asked.Load()
	if age >= 0 && age < freshFor.Milliseconds() {
		return v
	}
	if e.away.Load() && age >= 0 && age < awayFor.Milliseconds() {
		if e.refresh.TryLock() {
			go func() {
				defer e.refresh.Unlock()
				e.renew(ctx, now, ask)
			}()
		}
		return v
	}
	if age >= 0 && age < staleAfter.Milliseconds() {
		if !e.refresh.TryLock() {
			return v
		}
	} else {
		e.refresh.Lock()
		age = now().UnixMilli() - e.asked.Load()
		if age >= 0 && age < freshFor.Milliseconds() { // another call has asked meanwhile
			e.refresh.Unlock()
			return e.value.Load()
		}
	}
	defer e.refresh.Unlock()
	return e.renew(ctx, now, ask)
}

// renew asks. The caller holds refresh.
func (e *entry) renew(ctx context.Context, now func() time.Time, ask func(context.Context, *value) (*value, error)) *value {
	before := e.value.Load()
	at := now().UnixMilli()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTimeout) // others rely on the answer too
	defer cancel()
	fresh, err := ask(ctx, before)
	e.away.Store(err != nil)
	if err != nil {
		e.asked.Store(now().UnixMilli()) // ask again in a second, not at every call
		return before
	}
	if fresh == nil {
		return nil
	}
	e.set(fresh, at)
	return e.value.Load()
}

// unknown remembers for a moment which appids do not exist, so that noise does not reach the database.
type unknown struct {
	mu    sync.Mutex
	until map[string]int64
}

func (u *unknown) has(appid string, now int64) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	until, ok := u.until[appid]
	return ok && now < until && until-now <= freshFor.Milliseconds()
}

func (u *unknown) add(appid string, now int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.until) >= maxUnknown {
		clear(u.until)
	}
	u.until[appid] = now + freshFor.Milliseconds()
}
