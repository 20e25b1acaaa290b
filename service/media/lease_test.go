package media_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
)

func TestFetch_outlivesAStoreThatIsFull(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store := &brokenStore{Store: w.store}
		w.s = w.instance(store)
		w.wechat.put("pic", picture(t, 1, 1))
		store.fail.Store(true)
		id := w.request(model.KindImage, "pic")
		w.fetch()
		require.Equal(t, []string{model.MediaWaiting, "store"}, []string{w.row(id).State, w.row(id).Reason})
		store.fail.Store(false)
		w.clock.move(time.Second)
		w.fetch()
		require.Equal(t, model.MediaReady, w.row(id).State)
	})
}

func TestFetch_takesOverFromTheDeadAndTheLate(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for name, owners := range map[string][2]string{
			"another process": {model.NewID(), model.NewID()}, "another loop of the same one": {"same", "same"},
		} {
			w.done = nil
			file := "pic" + name[:1] + owners[0]
			w.wechat.put(file, picture(t, 1, 1))
			id := w.request(model.KindImage, file)
			var stuck [2]*brokenStore
			var ended [2]chan error
			for i, owner := range owners {
				stuck[i] = &brokenStore{Store: w.store, after: make(chan struct{}), full: make(chan struct{})}
				ended[i] = make(chan error, 1)
				s := w.instanceOf(owner, stuck[i])
				go func() { ended[i] <- s.FetchNow(t.Context()) }()
				<-stuck[i].full
				w.fetch()
				require.EqualValues(t, i+1, w.row(id).Tries, "nobody else takes it while the lease lasts")
				w.clock.move(20 * time.Second)
			}
			w.clock.move(-20 * time.Second)
			taken := w.row(id)
			close(stuck[0].after)
			require.NoError(t, <-ended[0])
			require.Equal(t, taken, w.row(id), "the late one changes nothing: %s", name)
			require.Empty(t, w.done)
			close(stuck[1].after)
			require.NoError(t, <-ended[1])
			require.Equal(t, model.MediaReady, w.row(id).State)
			require.Len(t, w.done, 1)
			require.Equal(t, 2, w.wechat.got(file))
		}
	})
}

func TestFetch_handsBackWhatTheEndOfTheProgramCutsOff(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		asked := make(chan struct{})
		w.wechat.put("pic", picture(t, 1, 1), func(_ http.ResponseWriter, r *http.Request) {
			close(asked)
			<-r.Context().Done()
		})
		id := w.request(model.KindImage, "pic")
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-asked; cancel() }()
		require.NoError(t, w.s.FetchNow(ctx))
		require.Equal(t, model.MediaWaiting, w.row(id).State)
		require.Zero(t, w.row(id).Tries)
		require.NoError(t, w.instance(w.store).FetchNow(t.Context()), "at once, by another")
		require.Equal(t, model.MediaReady, w.row(id).State)
	})
}

func TestFetch_isSharedByInstances(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		names := make([]string, 24)
		for i := range names {
			names[i] = "pic" + strings.Repeat("x", i)
			w.wechat.put(names[i], picture(t, 1+i, 1))
			w.request(model.KindImage, names[i])
		}
		var told atomic.Int64
		var all sync.WaitGroup
		for range 3 {
			s := w.instance(w.store)
			s.OnDone(func(*database.Tx, model.Media) error { told.Add(1); return nil })
			for range 2 {
				all.Go(func() {
					err := s.FetchNow(t.Context())
					for err != nil { // the database may be busy: the loop tries again
						err = s.FetchNow(t.Context())
					}
				})
			}
		}
		all.Wait()
		w.fetch()
		for _, name := range names {
			require.Equal(t, 1, w.wechat.got(name))
		}
		require.EqualValues(t, len(names), told.Load())
	})
}

func TestFetch_saysDoneOnlyWithTheRow(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.wechat.put("pic", picture(t, 1, 1))
		failing := true
		w.s.OnDone(func(*database.Tx, model.Media) error {
			if failing {
				return errors.New("on purpose")
			}
			return nil
		})
		id := w.request(model.KindImage, "pic")
		require.Error(t, w.s.FetchNow(t.Context()))
		require.Equal(t, model.MediaFetching, w.row(id).State)
		failing = false
		w.clock.move(20 * time.Second)
		w.fetch()
		require.Equal(t, model.MediaReady, w.row(id).State)
	})
}
