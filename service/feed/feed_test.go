package feed_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/feed"
)

func TestFeed_reachesThoseOnOtherInstancesWithAndWithoutRedis(t *testing.T) {
	t.Parallel()
	t.Run("without_redis", func(t *testing.T) {
		t.Parallel()
		reachesOthers(t)
	})
	databasetest.EachRedis(t, reachesOthers)
}

func reachesOthers(t *testing.T, addrs ...string) {
	t.Helper()
	eachWorld(t, func(w world) {
		here, there := w.instance(addrs...), w.instance(addrs...)
		clerk := w.clerk()
		member := w.member(clerk.StoreID, clerk.StaffID)
		near, far := w.subscribe(here, clerk, ""), w.subscribe(there, clerk, "")
		w.publish(here, "own", member, feed.Staff(clerk.StaffID))
		first, second := w.take(near, 1), w.take(far, 1) // two streams know no order between them
		w.publish(here, "queue", "", feed.Queue(clerk.StoreID))
		first, second = append(first, w.take(near, 1)...), append(second, w.take(far, 1)...)
		require.Equal(w, []string{"own", "queue"}, words(first))
		require.Equal(w, []string{"own", "queue"}, words(second))
		require.Equal(w, map[string]string{"word": "own", "member_id": member}, data(first[0]))
		require.Equal(w, "message", first[0].Kind)

		far.Close()
		w.publish(there, "meanwhile", member, feed.Staff(clerk.StaffID))
		again := w.subscribe(there, clerk, second[0].ID)
		require.Equal(w, []string{"queue", "meanwhile"}, words(w.take(again, 2)))
		require.Equal(w, []string{"meanwhile"}, words(w.take(near, 1)))
	})
}

func TestPublishTx_tellsNobodyOfARollbackAndCountsRepeatsOnce(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w world) {
		s, clerk := w.instance(), w.clerk()
		sub := w.subscribe(s, clerk, "")
		mine := feed.Staff(clerk.StaffID)
		require.Error(w, w.db.InTx(w.Context(), func(tx *database.Tx) error {
			s.PublishTx(tx, w.event("undone", ""), mine)
			return errors.New("on purpose")
		}))
		require.NoError(w, w.db.InTx(w.Context(), func(tx *database.Tx) error {
			s.PublishTx(tx, w.event("nobody", ""), feed.Staff(""), feed.Store(""), "")
			return nil
		}))
		require.NoError(w, w.db.InTx(w.Context(), func(tx *database.Tx) error {
			s.PublishTx(tx, w.event("one", ""), mine, mine, feed.Staff(""), feed.Queue(clerk.StoreID))
			s.PublishTx(tx, w.event("one", ""), mine)
			require.NoError(w, tx.Savepoint(func(inner *database.Tx) error {
				s.PublishTx(inner, w.event("two", ""), mine)
				return nil
			}))
			require.Error(w, tx.Savepoint(func(inner *database.Tx) error {
				s.PublishTx(inner, w.event("undone", ""), mine)
				return errors.New("on purpose")
			}))
			return nil
		}))
		require.ElementsMatch(w, []string{"one", "one", "two"}, words(w.take(sub, 3)), "one per stream")
		var streams int64
		require.NoError(w, w.db.Read(w.Context()).Model(&model.FeedStream{}).Where("stream LIKE '%:'").Count(&streams).Error)
		require.Zero(w, streams)
	})
}

func TestPublishTx_writesManyEventsForManyStreams(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w world) {
		s, clerk := w.instance(), w.clerk()
		sub := w.subscribe(s, clerk, "")
		for range 2 { // streams new, then known
			require.NoError(w, w.db.InTx(w.Context(), func(tx *database.Tx) error {
				for n := range 1_200 {
					s.PublishTx(tx, w.event(strconv.Itoa(n), ""), feed.Staff(clerk.StaffID), feed.Staff(strconv.Itoa(n)))
				}
				return nil
			}))
		}
		got := words(w.take(sub, 2_400))
		for n := range 1_200 {
			require.Equal(w, strconv.Itoa(n), got[n])
			require.Equal(w, strconv.Itoa(n), got[n+1_200])
		}
	})
}

func TestResume_missesNothingWhenTransactionsCommitInAnotherOrder(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w world) {
		if w.db.Kind() == database.SQLite {
			w.Skip("SQLite has one writer: the order cannot differ")
		}
		s, clerk := w.instance(), w.clerk()
		sub := w.subscribe(s, clerk, "")
		mine, queue := feed.Staff(clerk.StaffID), feed.Queue(clerk.StoreID)
		published, commit, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			done <- w.db.InTx(w.Context(), func(tx *database.Tx) error {
				s.PublishTx(tx, w.event("begun first", ""), mine, queue)
				close(published)
				<-commit
				return nil
			})
		}()
		<-published
		w.publish(s, "committed first", "", queue, mine)
		seen := w.take(sub, 2)
		sub.Close()
		close(commit)
		require.NoError(w, <-done)
		again := w.subscribe(s, clerk, seen[1].ID)
		require.Equal(w, []string{"begun first", "begun first"}, words(w.take(again, 2)))
	})
}

func TestReplay_leavesOutWhomTheReaderLostOrNeverHad(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w world) {
		s, clerk := w.instance(), w.clerk()
		other := w.staff(model.RoleClerk, clerk.StoreID, "")
		kept, lost := w.member(clerk.StoreID, clerk.StaffID), w.member(clerk.StoreID, clerk.StaffID)
		waiting, taken := w.member(clerk.StoreID, ""), w.member(clerk.StoreID, other.StaffID)
		elsewhere := w.member(model.NewID(), "")
		sub := w.subscribe(s, clerk, "")
		from := sub.Position()
		all := map[string]string{"kept": kept, "lost": lost, "waiting": waiting, "taken": taken, "elsewhere": elsewhere}
		for word, member := range all {
			w.publish(s, word, member, feed.Staff(clerk.StaffID))
		}
		w.publish(s, "last", "", feed.Queue(clerk.StoreID))
		require.ElementsMatch(w, []string{"kept", "lost", "waiting", "last"}, words(w.take(sub, 4)))

		w.exec("UPDATE members SET clerk_id = ? WHERE id = ?", other.StaffID, lost)
		again := w.subscribe(s, clerk, from)
		require.ElementsMatch(w, []string{"kept", "waiting", "last"}, words(w.take(again, 3)))
		w.publish(s, "lost", lost, feed.Staff(clerk.StaffID))
		w.publish(s, "kept", kept, feed.Staff(clerk.StaffID))
		require.Equal(w, []string{"kept"}, words(w.take(again, 1)))
	})
}

func TestSubscription_endsWithTheRightsItRestsOn(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w world) {
		s := w.stopped()      // no loop looks for lost hints or ended sessions here
		there := w.instance() // and no hint comes from s to this one
		var untold []*feed.Subscription
		for what, change := range map[string]func(a access.Actor){
			"session ended": func(a access.Actor) { w.exec("DELETE FROM sessions WHERE token_hash = ?", a.SessionID) },
			"session expired": func(a access.Actor) {
				w.exec("UPDATE sessions SET expires_at = 1 WHERE token_hash = ?", a.SessionID)
			},
			"left":      func(a access.Actor) { w.exec("UPDATE staff SET active = ? WHERE id = ?", false, a.StaffID) },
			"new role":  func(a access.Actor) { w.exec("UPDATE staff SET role = 'manager' WHERE id = ?", a.StaffID) },
			"new store": func(a access.Actor) { w.exec("UPDATE staff SET store_id = ? WHERE id = ?", model.NewID(), a.StaffID) },
		} {
			busy, clerk := w.clerk(), w.clerk()
			delivering := w.subscribe(s, busy, "")
			told := w.subscribe(s, clerk, "")
			untold = append(untold, w.subscribe(there, clerk, ""))
			change(busy)
			w.publish(s, "secret", "", feed.Queue(busy.StoreID))
			w.ended(delivering) // asks before it delivers
			change(clerk)
			s.EndSessions(w.Context(), clerk.StaffID)
			w.ended(told)
			_, err := s.Subscribe(w.Context(), clerk, "")
			require.ErrorIs(w, err, feed.ErrEnded, what)
		}
		for _, sub := range untold { // after all changes: the check comes only every few seconds
			w.ended(sub)
		}
		stays := w.clerk()
		sub := w.subscribe(s, stays, "")
		s.EndSessions(w.Context(), stays.StaffID)
		w.publish(s, "still there", "", feed.Staff(stays.StaffID))
		require.Equal(w, []string{"still there"}, words(w.take(sub, 1)))
		require.Equal(w, 11, s.Subscribers(), "until they are closed")
	})
}

func TestSubscribe_refusesWhoIsNotSignedIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, database.SQLite)
	s := w.instance()
	_, err := s.Subscribe(t.Context(), access.System(w.account), "")
	require.ErrorIs(t, err, feed.ErrEnded)
	s.Close()
	_, err = s.Subscribe(t.Context(), w.clerk(), "")
	require.ErrorIs(t, err, feed.ErrEnded)
}

func TestSubscribe_resetsWhereItCannotResume(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w world) {
		s, clerk := w.stopped(), w.clerk()
		mine, queue := feed.Staff(clerk.StaffID), feed.Queue(clerk.StoreID)
		before := w.subscribe(s, clerk, "").Position()
		w.publish(s, "old", "", mine, queue)
		w.ahead.Store(int64(8 * 24 * time.Hour))
		w.publish(s, "young", "", mine)
		kept := w.subscribe(s, clerk, "").Position()
		w.publish(s, "younger", "", queue)
		s.group.Start(w.Context()) // prunes at once
		require.Eventually(w, func() bool {
			var n int64
			require.NoError(w, w.db.Read(w.Context()).Model(&model.FeedEvent{}).Where("stream IN ?", []string{mine, queue}).Count(&n).Error)
			return n == 2
		}, wait, 5*time.Millisecond)

		var pruned []int64
		require.NoError(w, w.db.Read(w.Context()).Model(&model.FeedStream{}).Where("stream IN ?", []string{mine, queue}).Pluck("pruned_seq", &pruned).Error)
		require.Equal(w, []int64{1, 1}, pruned)
		require.Equal(w, []string{"younger"}, words(w.take(w.subscribe(s, clerk, kept), 1)))
		end, err := strconv.ParseInt(w.subscribe(s, clerk, "").Position(), 10, 64)
		require.NoError(w, err)
		for _, id := range []string{before, "0", "-1", "x", "1", "99999999999999999999", strconv.FormatInt(end+1, 10), strconv.FormatInt(end+1<<31, 10)} {
			sub := w.subscribe(s, clerk, id)
			items := w.take(sub, 1)
			require.Equal(w, feed.Item{ID: strconv.FormatInt(end, 10), Kind: feed.KindReset, Data: []byte("{}")}, items[0], id)
			require.Equal(w, items[0].ID, sub.Position())
		}
		sub := w.subscribe(s, clerk, before)
		w.take(sub, 1)
		w.publish(s, "live", "", mine)
		require.Equal(w, []string{"live"}, words(w.take(sub, 1)))
	})
}

func TestWait_returnsAtTheHeartbeat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, database.SQLite)
	s := w.instance()
	sub := w.subscribe(s, w.staff(model.RoleManager, "", ""), "") // shares no stream
	items, err := sub.Read(t.Context())
	require.NoError(t, err)
	require.Empty(t, items)
	idle, err := sub.Wait(t.Context())
	require.NoError(t, err)
	require.True(t, idle)
	sub.Close()
	sub.Close()
	require.Zero(t, s.Subscribers())
}
