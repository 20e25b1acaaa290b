package media_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"strings"
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
		var id string
		var n int
		require.Eventually(t, func() bool { // the ticks alone, one in half a second, would take 20 s
			if id == "" || w.row(id).State == model.MediaReady {
				id = w.request(model.KindImage, "pic")
				n++
			}
			return n == 40
		}, 10*time.Second, 2*time.Millisecond)
	})
}

func TestFetch_isNotKeptBackByAClockThatWasPutBack(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.wechat.put("pic", picture(t, 1, 1), status(http.StatusBadGateway))
		id := w.request(model.KindImage, "pic")
		w.clock.move(9 * time.Minute)
		w.fetch()
		require.Equal(t, model.MediaWaiting, w.row(id).State)
		w.clock.move(-9 * time.Minute)
		w.fetch()
		require.Equal(t, model.MediaReady, w.row(id).State)
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

func TestRequest_takesNoImpossibleID(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, bad := range []string{"", "素材", strings.Repeat("x", 256), "a\x00b"} {
			m := w.row(w.request(model.KindImage, bad))
			require.Equal(t, []string{model.MediaFailed, "bad_media_id", ""}, []string{m.State, m.Reason, m.WeChatMediaID})
		}
	})
}
