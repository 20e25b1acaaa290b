package media_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/worker"
)

func TestFetch_keepsWhatAMemberSent(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		file := picture(t, 3, 2)
		w.wechat.put("pic", file)
		id := w.request(model.KindImage, "pic")
		require.Equal(t, model.MediaWaiting, w.row(id).State)
		w.fetch()
		m, sum := w.row(id), sha256.Sum256(file)
		require.Equal(t, model.MediaReady, m.State)
		require.Equal(t, "image/png", m.ContentType, "by content, not by WeChat's header")
		require.EqualValues(t, len(file), m.Size)
		require.Equal(t, hex.EncodeToString(sum[:]), m.SHA256)
		require.Equal(t, w.account.ID+"/2023/11/"+id, m.BlobKey)
		require.Empty(t, m.Owner)
		require.Equal(t, []model.Media{m}, w.done)
		var listed []string
		require.NoError(t, w.store.List(t.Context(), func(key string, size int64) error {
			listed = append(listed, key)
			require.EqualValues(t, len(file), size)
			return nil
		}))
		require.Equal(t, []string{m.BlobKey}, listed)
	})
}

func TestFetch_isWokenByTheCommit(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		g := worker.NewGroup(slog.New(slog.DiscardHandler))
		w.s.Start(g)
		g.Start(t.Context())
		defer func() { require.NoError(t, g.Stop(t.Context())) }()
		w.wechat.put("pic", picture(t, 1, 1))
		id := w.request(model.KindImage, "pic")
		require.Eventually(t, func() bool { return w.row(id).State == model.MediaReady }, 10*time.Second, 2*time.Millisecond)
	})
}

func TestFetch_triesAgainUntilItWorks(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		file := picture(t, 1, 1)
		cut := func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Length", "1000")
			_, _ = rw.Write(file)
		}
		w.wechat.put("pic", file, status(http.StatusBadGateway), cut, errcode(-1))
		id := w.request(model.KindImage, "pic")
		for i, wait := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
			w.fetch()
			m := w.row(id)
			require.Equal(t, model.MediaWaiting, m.State)
			require.NotEmpty(t, m.Reason)
			require.EqualValues(t, i+1, m.Tries)
			w.clock.move(wait - time.Millisecond)
			w.fetch()
			require.Equal(t, i+1, w.wechat.got("pic"), "not before its time")
			w.clock.move(time.Millisecond)
		}
		w.fetch()
		require.Equal(t, model.MediaReady, w.row(id).State)
		require.Empty(t, w.row(id).Reason)
		require.Len(t, w.done, 1)
	})
}

func TestFetch_endsWithTheReason(t *testing.T) {
	t.Parallel()
	huge := func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = rw.Write(make([]byte, model.MaxInboundMedia+1))
	}
	for reason, answer := range map[string]http.HandlerFunc{
		"media_expired": errcode(40007), "bad_media": errcode(40004), "api_not_granted": errcode(48001), "too_large": huge,
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, database.SQLite)
			w.wechat.put("pic", nil, answer)
			id := w.request(model.KindImage, "pic")
			w.fetch()
			m := w.row(id)
			require.Equal(t, []string{model.MediaFailed, reason, ""}, []string{m.State, m.Reason, m.BlobKey})
			require.Equal(t, []model.Media{m}, w.done)
			require.NoError(t, w.store.List(t.Context(), func(key string, _ int64) error { return errors.New(key) }), "nothing is left over")
		})
	}
}

func TestFetch_givesUpWhenWeChatHasForgotten(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		down := make([]http.HandlerFunc, 2000)
		for i := range down {
			down[i] = errcode(-1)
		}
		w.wechat.put("pic", nil, down...)
		id := w.request(model.KindImage, "pic")
		w.fetch()
		for range 15 {
			w.clock.move(5 * time.Minute)
			w.fetch()
		}
		require.LessOrEqual(t, w.row(id).DueAt-w.clock.now().UnixMilli(), (5 * time.Minute).Milliseconds())
		w.clock.move(72*time.Hour - 76*time.Minute)
		w.fetch()
		require.Equal(t, model.MediaWaiting, w.row(id).State)
		w.clock.move(time.Minute)
		tried := w.wechat.got("pic")
		w.fetch()
		require.Equal(t, []string{model.MediaFailed, "expired"}, []string{w.row(id).State, w.row(id).Reason})
		require.Equal(t, tried, w.wechat.got("pic"))
	})
}

func TestFetch_stopsTheAccountWhenItsSettingsAreWrong(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		file := picture(t, 1, 1)
		w.wechat.put("pic", file, errcode(40164))
		id := w.request(model.KindImage, "pic")
		w.fetch()
		a, err := w.accounts.Get(t.Context(), access.System(w.account.ID))
		require.NoError(t, err)
		require.Equal(t, []string{model.AccountStopped, "ip_not_allowed"}, []string{a.State, a.StateReason})
		require.Equal(t, model.MediaWaiting, w.row(id).State)
		w.clock.move(time.Minute)
		w.fetch()
		require.Equal(t, model.MediaReady, w.row(id).State)
	})
}

func TestFetch_waitsForTheNextDayWhenTheQuotaIsUsedUp(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) { // 22:13:20 UTC is 06:13:20 in Beijing: 17 h 46 m 40 s to go
		w.wechat.put("a", picture(t, 1, 1), errcode(45009))
		w.wechat.put("b", picture(t, 1, 1))
		a := w.request(model.KindImage, "a")
		w.fetch()
		b := w.request(model.KindImage, "b")
		w.fetch()
		require.Zero(t, w.wechat.got("b"), "the account's others wait as well")
		w.clock.move(17*time.Hour + 46*time.Minute)
		w.fetch()
		require.Equal(t, 1, w.wechat.got("a"))
		w.clock.move(2 * time.Minute)
		w.fetch()
		require.Equal(t, []string{model.MediaReady, model.MediaReady}, []string{w.row(a).State, w.row(b).State})
	})
}

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
		file := picture(t, 1, 1)
		w.wechat.put("pic", file)
		stuck := &brokenStore{Store: w.store, after: make(chan struct{}), full: make(chan struct{})}
		first := w.instance(stuck)
		id := w.request(model.KindImage, "pic")
		ended := make(chan error, 1)
		go func() { ended <- first.FetchNow(t.Context()) }()
		<-stuck.full
		w.fetch()
		require.Equal(t, model.MediaFetching, w.row(id).State, "in the first one's hands")
		w.clock.move(20 * time.Second)
		w.fetch()
		ready := w.row(id)
		require.Equal(t, model.MediaReady, ready.State)
		close(stuck.after)
		require.NoError(t, <-ended)
		require.Equal(t, ready, w.row(id))
		require.Len(t, w.done, 1, "the late one changes and tells nothing")
		require.Equal(t, 2, w.wechat.got("pic"))
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

func TestRequest_takesNoImpossibleID(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, bad := range []string{"", "素材", strings.Repeat("x", 256), "a\x00b"} {
			m := w.row(w.request(model.KindImage, bad))
			require.Equal(t, []string{model.MediaFailed, "bad_media_id", ""}, []string{m.State, m.Reason, m.WeChatMediaID})
		}
	})
}
