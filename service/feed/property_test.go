package feed_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/feed"
)

// Whatever is published, read, broken off and resumed in whatever order: ids grow, and the events after an id are
// exactly those that the reader has not had.
func TestFeed_idsGrowAndResumeIsExact(t *testing.T) {
	t.Parallel()
	w := newWorld(t, database.SQLite)
	s := w.instance()
	rapid.Check(t, func(r *rapid.T) {
		clerk := w.clerk()
		var log []string    // all words published to the present streams, in order of publishing
		var got []feed.Item // what the reader has had since his last reset
		sub, sum := w.subscribe(s, clerk, ""), 0
		last := sub.Position()
		read := func(n int) {
			for _, item := range w.take(sub, n) {
				require.Less(r, number(r, last), number(r, item.ID))
				last = item.ID
				got = append(got, item)
			}
		}
		r.Repeat(map[string]func(*rapid.T){
			"publish": func(r *rapid.T) {
				streams := rapid.SampledFrom([][]string{
					{feed.Staff(clerk.StaffID)},
					{feed.Queue(clerk.StoreID)},
					{feed.Queue(clerk.StoreID), feed.Staff(clerk.StaffID)},
				}).Draw(r, "streams")
				for range rapid.IntRange(1, 3).Draw(r, "times") {
					sum++
					w.publish(s, strconv.Itoa(sum), "", streams...)
					for range streams {
						log = append(log, strconv.Itoa(sum))
					}
				}
			},
			"read": func(*rapid.T) { read(len(log) - len(got)) },
			"break off and resume": func(r *rapid.T) {
				if len(got) == 0 {
					return
				}
				sub.Close()
				keep := rapid.IntRange(1, len(got)).Draw(r, "seen")
				got, last = slices.Clone(got[:keep]), got[keep-1].ID
				sub = w.subscribe(s, clerk, last)
			},
			"move to another store": func(r *rapid.T) {
				sub.Close()
				clerk = w.move(clerk)
				old := last
				sub = w.subscribe(s, clerk, last)
				items := w.take(sub, 1)
				require.Equal(r, feed.KindReset, items[0].Kind)
				last = items[0].ID
				require.Less(r, number(r, old), number(r, last))
				log, got = nil, nil
			},
		})
		read(len(log) - len(got))
		require.ElementsMatch(r, log, words(got))
		sub.Close()
	})
}

// move gives a clerk another store.
func (w world) move(a access.Actor) access.Actor {
	w.Helper()
	a.StoreID = model.NewID()
	w.exec("UPDATE staff SET store_id = ? WHERE id = ?", a.StoreID, a.StaffID)
	return a
}

func number(r *rapid.T, id string) int64 {
	r.Helper()
	n, err := strconv.ParseInt(id, 10, 64)
	require.NoError(r, err)
	return n
}

// Many transactions at once, each for several streams in any order: they do not end each other, and a reader who keeps
// breaking off and resuming gets every event once, without a reset.
func TestFeed_losesNothingUnderManyWritersAtOnce(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w world) {
		const writers, each = 6, 25
		s, clerk := w.instance(), w.clerk()
		mine, queue := feed.Staff(clerk.StaffID), feed.Queue(clerk.StoreID)
		streams := []string{mine, feed.Staff("a"), queue, feed.Staff("z")}
		sub := w.subscribe(s, clerk, "")
		done := make(chan error, writers)
		for writer := range writers {
			go func() {
				var all error
				for n := range each {
					all = errors.Join(all, w.db.InTx(w.Context(), func(tx *database.Tx) error {
						for i := range streams {
							s.PublishTx(tx, w.event(strconv.Itoa(writer)+"."+strconv.Itoa(n), ""), streams[(writer+n+i)%len(streams)])
						}
						return nil
					}))
				}
				done <- all
			}()
		}
		var got []string
		for len(got) < 2*writers*each {
			items, err := w.next(sub)
			require.NoError(w, err)
			got = append(got, words(items)...)
			if len(items) > 0 {
				sub.Close()
				sub = w.subscribe(s, clerk, items[len(items)-1].ID)
			}
		}
		for range writers {
			require.NoError(w, <-done)
		}
		var want []string
		for writer := range writers {
			for n := range each {
				word := strconv.Itoa(writer) + "." + strconv.Itoa(n)
				want = append(want, word, word)
			}
		}
		require.ElementsMatch(w, want, got)
	})
}
