package staff_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/staff"
)

func (w *world) next(storeID string, except ...string) string {
	w.t.Helper()
	var got string
	require.NoError(w.t, w.db.InTx(w.t.Context(), func(tx *database.Tx) error {
		var err error
		got, err = w.s.NextOnDutyTx(tx, w.owner.AccountID, storeID, tx.Millis(), except...)
		return err
	}))
	return got
}

func (w *world) seen(ids ...string) {
	w.t.Helper()
	for _, id := range ids {
		require.NoError(w.t, w.s.Seen(w.t.Context(), id))
	}
}

func TestNextOnDuty_goesRoundThosePresent(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store, other := w.store("A"), w.store("B")
		a, b, c := w.person(model.RoleClerk, store.ID), w.person(model.RoleClerk, store.ID), w.person(model.RoleClerk, store.ID)
		manager, far := w.person(model.RoleManager, store.ID), w.person(model.RoleClerk, other.ID)
		require.Empty(t, w.next(store.ID), "nobody was seen yet")
		w.seen(a.ID, b.ID, c.ID, manager.ID, far.ID)
		turns := func(n int) (ids []string) {
			for range n {
				ids = append(ids, w.next(store.ID))
			}
			return ids
		}
		require.Equal(t, []string{a.ID, b.ID, c.ID, a.ID, b.ID}, turns(5), "even within one millisecond")
		require.Equal(t, a.ID, w.next(store.ID, c.ID))
		require.Empty(t, w.next(store.ID, a.ID, b.ID, c.ID))

		require.NoError(t, w.s.SetAway(t.Context(), actor(c), true))
		require.Equal(t, []string{b.ID, a.ID}, turns(2))
		require.NoError(t, w.s.SetAway(t.Context(), actor(c), false))
		require.Equal(t, c.ID, w.next(store.ID), "who was away is next")
		require.Equal(t, 1, w.audited("staff.away"))

		require.NoError(t, w.s.Deactivate(t.Context(), w.owner, b.ID))
		w.clock.move(staff.PresentFor)
		w.seen(a.ID)
		require.Equal(t, []string{a.ID, c.ID}, turns(2), "seen ten minutes ago is present")
		w.clock.move(time.Millisecond)
		require.Equal(t, []string{a.ID, a.ID}, turns(2))
		require.Equal(t, far.ID, func() string { w.seen(far.ID); return w.next(other.ID) }())
	})
}

func TestNextOnDuty_isFairToManyAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store := w.store("A")
		count := map[string]int{}
		for range 3 {
			p := w.person(model.RoleClerk, store.ID)
			w.seen(p.ID)
		}
		services := []*staff.Service{w.s, w.instance()}
		got, errs := make([]string, 60), make([]error, 60)
		var all sync.WaitGroup
		for i := range got {
			all.Go(func() {
				errs[i] = w.db.InTx(t.Context(), func(tx *database.Tx) error {
					var err error
					got[i], err = services[i%2].NextOnDutyTx(tx, w.owner.AccountID, store.ID, tx.Millis())
					return err
				})
			})
		}
		all.Wait()
		for i := range got {
			require.NoError(t, errs[i])
			count[got[i]]++
		}
		require.Len(t, count, 3)
		for _, n := range count {
			require.Equal(t, 20, n)
		}
	})
}

func TestAuthenticate_keepsPresenceToTheMinute(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store := w.store("A")
		p := w.person(model.RoleClerk, store.ID)
		session := w.signIn(phone(1))
		require.Equal(t, p.ID, w.next(store.ID), "signing in is being there")
		seenAt := func() int64 {
			_, err := w.s.Authenticate(t.Context(), session.Token)
			require.NoError(t, err)
			got, err := w.s.Get(t.Context(), w.owner, p.ID)
			require.NoError(t, err)
			return got.SeenAt
		}
		began := w.clock.now().UnixMilli()
		w.clock.move(59 * time.Second)
		require.Equal(t, began, seenAt(), "no write within the minute")
		w.clock.move(time.Second)
		require.Equal(t, began+60_000, seenAt())
		w.clock.move(11 * time.Minute)
		require.Empty(t, w.next(store.ID))
		seenAt()
		require.Equal(t, p.ID, w.next(store.ID))
	})
}
