package feed_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/feed"
)

// conversations publishes one event for each conversation.
func (w world) conversations(s instance, streams []string, ids ...string) {
	w.Helper()
	require.NoError(w, w.db.InTx(w.Context(), func(tx *database.Tx) error {
		for _, id := range ids {
			s.PublishTx(tx, feed.Event{AccountID: w.account, Kind: "message", ConversationID: id, Data: map[string]string{"word": id}}, streams...)
		}
		return nil
	}))
}

func named(items []feed.Item) []string {
	var all []string
	for _, i := range items {
		all = append(all, i.Kind+" "+data(i)["conversation_id"])
	}
	return all
}

func TestCoalescer_tellsTheUpperRanksWhichConversationsChanged(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w world) {
		top, low, store := model.NewID(), model.NewID(), model.NewID()
		w.create(&model.Region{ID: top, AccountID: w.account})
		w.create(&model.Region{ID: low, AccountID: w.account, ParentID: top})
		w.create(&model.Store{ID: store, AccountID: w.account, RegionID: low, Code: store})
		s := w.instance()
		boss := w.staff(model.RoleOwner, "", "")
		owner := w.subscribe(s, boss, "")
		above := w.subscribe(s, w.staff(model.RoleSupervisor, "", top), "")
		near := w.subscribe(s, w.staff(model.RoleSupervisor, "", low), "")
		manager := w.subscribe(s, w.staff(model.RoleManager, store, ""), "")

		both := []string{feed.Store(store), feed.Queue(store)}
		w.conversations(s, both, "a", "b")
		require.Equal(w, []string{"message a", "message b"}, named(w.take(manager, 2)))
		for _, sub := range []*feed.Subscription{owner, above, near} {
			require.Equal(w, []string{"conversation a", "conversation b"}, named(w.take(sub, 2)), "each once")
		}
		w.conversations(s, []string{feed.Desk(w.account)}, "unassigned")
		require.Equal(w, []string{"conversation unassigned"}, named(w.take(owner, 1)))

		var many []string
		for n := range 201 {
			many = append(many, strconv.Itoa(n))
		}
		w.conversations(s, both, many...)
		require.Equal(w, []string{"conversation "}, named(w.take(owner, 1)), "too many to name")
		require.NoError(w, s.group.Stop(w.Context()))

		w.conversations(s, both, "while none ran")
		next := w.instance() // goes on where the first one stopped
		w.conversations(next, both, "after")
		require.Equal(w, []string{"conversation while none ran", "conversation after"},
			named(w.take(w.subscribe(next, boss, owner.Position()), 2)))
	})
}

func TestCoalescer_readsNoMoreThanIsOfUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, database.SQLite)
	store := model.NewID()
	w.create(&model.Store{ID: store, AccountID: w.account, Code: store})
	s := w.stopped()
	owner := w.subscribe(s, w.staff(model.RoleOwner, "", ""), "")
	require.NoError(t, w.db.InTx(t.Context(), func(tx *database.Tx) error {
		for n := range 1_001 {
			e := w.event(strconv.Itoa(n), "")
			e.ConversationID = "the same"
			s.PublishTx(tx, e, feed.Store(store))
		}
		return nil
	}))
	w.conversations(s, []string{feed.Store("00000000-0000-0000-0000-000000000000")}, "of no store")
	s.group.Start(t.Context())
	require.Equal(t, []string{"conversation "}, named(w.take(owner, 1)))
}
