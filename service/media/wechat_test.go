package media_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/fault"
	"liuke/wechat"
)

func TestWeChatID_uploadsOnceWhileItLasts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		file := picture(t, 5, 5)
		up, err := w.s.Upload(t.Context(), w.clerk(), model.KindImage, strings.NewReader(string(file)))
		require.NoError(t, err)
		other := w.instance(w.store)
		ask := func(renew bool, want string) {
			t.Helper()
			id, err := other.WeChatID(t.Context(), w.api, up.ID, renew)
			require.NoError(t, err)
			require.Equal(t, want, id)
		}
		id, err := w.s.WeChatID(t.Context(), w.api, up.ID, false)
		require.NoError(t, err)
		require.Equal(t, "wx-1", id)
		require.Equal(t, [][]byte{file}, w.wechat.uploads)
		require.Equal(t, []string{"image " + up.ID + ".png"}, w.wechat.names)
		ask(false, "wx-1")
		w.clock.move(71*time.Hour - time.Second)
		ask(false, "wx-1")
		w.clock.move(time.Second)
		ask(false, "wx-2")
		ask(false, "wx-2")
		ask(true, "wx-3")
		ask(false, "wx-3")
	})
}

func TestWeChatID_namesTheFileByItsContent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, database.SQLite)
	want := make([]string, 0, 5)
	for _, c := range []struct{ kind, file, name string }{
		{model.KindImage, string(jpegPicture(t)), ".jpg"},
		{model.KindImage, string(gifPicture(t)), ".gif"},
		{model.KindVoice, amr, ".amr"},
		{model.KindVoice, mp3, ".mp3"},
		{model.KindVideo, mp4, ".mp4"},
	} {
		up, err := w.s.Upload(t.Context(), w.clerk(), c.kind, strings.NewReader(c.file))
		require.NoError(t, err)
		_, err = w.s.WeChatID(t.Context(), w.api, up.ID, false)
		require.NoError(t, err)
		want = append(want, c.kind+" "+up.ID+c.name)
	}
	require.Equal(t, want, w.wechat.names)
}

func TestWeChatID_saysWhatMayWorkLater(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		up, err := w.s.Upload(t.Context(), w.clerk(), model.KindVoice, strings.NewReader(amr))
		require.NoError(t, err)
		ask := func() (reaction wechat.Reaction, err error) {
			_, err = w.s.WeChatID(t.Context(), w.api, up.ID, false)
			var e *wechat.Error
			if errors.As(err, &e) {
				reaction = e.Reaction
			}
			return reaction, err
		}
		for code, want := range map[int]wechat.Reaction{45009: wechat.ReactStopAPIToday, 40005: wechat.ReactGiveUp} {
			w.wechat.answers["upload"] = []http.HandlerFunc{errcode(code)}
			got, err := ask()
			require.Equal(t, want, got, "%v", err)
		}
		away := &brokenStore{Store: w.store}
		away.fail.Store(true)
		w.s = w.instance(away)
		got, err := ask()
		require.ErrorContains(t, err, "store away")
		require.Equal(t, wechat.ReactRetryLater, got)
		away.fail.Store(false)
		_, err = w.s.WeChatID(t.Context(), w.api, model.NewID(), false)
		refused(t, err, fault.NotFound, "media_not_found")
		require.NoError(t, w.store.Delete(t.Context(), up.BlobKey))
		got, err = ask()
		require.Error(t, err)
		require.Equal(t, wechat.ReactNone, got, "what is lost does not come back")
	})
}
