package feed_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/bus"
	"liuke/service/feed"
	"liuke/service/worker"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

// wait is how long a test waits for what must happen.
const wait = 10 * time.Second

// world is one account on a fresh database.
type world struct {
	*testing.T
	db      *database.DB
	ahead   *atomic.Int64 // moves the clock
	account string
}

func eachWorld(t *testing.T, f func(w world)) {
	t.Helper()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f(newWorld(t, kind))
		})
	}
}

func newWorld(t *testing.T, kind string) world {
	t.Helper()
	ahead := new(atomic.Int64)
	db := databasetest.Open(t, databasetest.Fresh(t, kind), func() time.Time {
		return time.Now().Add(time.Duration(ahead.Load()))
	})
	return world{t, db, ahead, model.NewID()}
}

func (w world) create(row any) {
	w.Helper()
	require.NoError(w, w.db.InTx(w.Context(), func(tx *database.Tx) error { return tx.Create(row).Error }))
}

func (w world) exec(statement string, args ...any) {
	w.Helper()
	n, err := w.db.Exec(w.Context(), statement, args...)
	require.NoError(w, err)
	require.Positive(w, n)
}

// staff makes a person with a session.
func (w world) staff(role, store, region string) access.Actor {
	w.Helper()
	a := access.Actor{
		Kind: model.ByStaff, AccountID: w.account, StaffID: model.NewID(), Role: role, StoreID: store, RegionID: region,
		SessionID: model.NewID(),
	}
	w.create(&model.Staff{
		ID: a.StaffID, AccountID: w.account, PhoneHash: a.StaffID, Role: role, StoreID: store, RegionID: region, Active: true,
	})
	w.create(&model.Session{
		TokenHash: a.SessionID, AccountID: w.account, StaffID: a.StaffID,
		ExpiresAt: model.Millis(time.Now().Add(30 * 24 * time.Hour)),
	})
	return a
}

func (w world) clerk() access.Actor { return w.staff(model.RoleClerk, model.NewID(), "") }

// member makes a member of the clerk; without a clerk he waits in the store's queue.
func (w world) member(store, clerk string) string {
	w.Helper()
	m := &model.Member{ID: model.NewID(), AccountID: w.account, StoreID: store, ClerkID: clerk}
	w.create(m)
	return m.ID
}

// instance is one running copy of the program's feed.
type instance struct {
	*feed.Service
	group *worker.Group
}

// stopped makes an instance whose loops do not run yet.
func (w world) stopped(addrs ...string) instance {
	w.Helper()
	log := slog.New(slog.DiscardHandler)
	b, err := bus.Open(w.Context(), bus.Options{Addrs: addrs, Now: time.Now, Log: log})
	require.NoError(w, err)
	g := worker.NewGroup(log)
	s, err := feed.New(feed.Deps{
		DB: w.db, Bus: b, Group: g, Leases: worker.NewLeases(w.db, model.NewID()), Log: log, Heartbeat: 50 * time.Millisecond,
	})
	require.NoError(w, err)
	w.Cleanup(func() {
		require.NoError(w, g.Stop(context.Background()))
		s.Close()
		require.NoError(w, b.Close())
	})
	return instance{s, g}
}

func (w world) instance(addrs ...string) instance {
	w.Helper()
	i := w.stopped(addrs...)
	i.group.Start(w.Context())
	return i
}

// publish publishes one event with the given word in a transaction of its own.
func (w world) publish(s instance, word, member string, streams ...string) {
	w.Helper()
	require.NoError(w, w.db.InTx(w.Context(), func(tx *database.Tx) error {
		s.PublishTx(tx, w.event(word, member), streams...)
		return nil
	}))
}

func (w world) event(word, member string) feed.Event {
	return feed.Event{AccountID: w.account, Kind: "message", MemberID: member, Data: map[string]string{"word": word}}
}

func (w world) subscribe(s instance, a access.Actor, last string) *feed.Subscription {
	w.Helper()
	sub, err := s.Subscribe(w.Context(), a, last)
	require.NoError(w, err)
	w.Cleanup(sub.Close)
	return sub
}

// next waits for items, or for the heartbeat.
func (w world) next(sub *feed.Subscription) ([]feed.Item, error) {
	w.Helper()
	for idle := false; ; {
		items, err := sub.Read(w.Context())
		if idle || err != nil || len(items) > 0 {
			return items, err
		}
		idle, err = sub.Wait(w.Context())
		require.NoError(w, err)
	}
}

// take waits for n items.
func (w world) take(sub *feed.Subscription, n int) []feed.Item {
	w.Helper()
	var all []feed.Item
	for deadline := time.Now().Add(wait); len(all) < n; {
		require.True(w, time.Now().Before(deadline), "%d of %d items came", len(all), n)
		items, err := w.next(sub)
		require.NoError(w, err)
		all = append(all, items...)
	}
	require.Len(w, all, n, "more than expected: %s", words(all))
	return all
}

// ended waits for the end of a subscription, before which nothing more may come.
func (w world) ended(sub *feed.Subscription) {
	w.Helper()
	for deadline := time.Now().Add(wait); ; {
		items, err := w.next(sub)
		require.Empty(w, items)
		if err != nil {
			require.ErrorIs(w, err, feed.ErrEnded)
			return
		}
		require.True(w, time.Now().Before(deadline), "it did not end")
	}
}

func data(item feed.Item) map[string]string {
	var d map[string]string
	if json.Unmarshal(item.Data, &d) != nil {
		return map[string]string{"not": "json"}
	}
	return d
}

func words(items []feed.Item) []string {
	var all []string
	for _, i := range items {
		if i.Kind == feed.KindReset {
			all = append(all, "reset")
			continue
		}
		all = append(all, data(i)["word"])
	}
	return all
}
