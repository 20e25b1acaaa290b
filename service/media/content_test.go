package media_test

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
)

func TestFetch_tellsContentByItsBytes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, database.SQLite)
	const unknown = "application/octet-stream"
	cases := []struct{ name, kind, declared, file, want string }{
		{"amr", model.KindVoice, "audio/amr", amr, "audio/amr"},
		{"wide amr", model.KindVoice, "audio/amr", "#!AMR-WB\n\x04", "audio/amr-wb"},
		{"speex in ogg", model.KindVoice, "", "OggS\x00\x02\x00\x00Speex   1.2", "audio/speex"},
		{"bare speex", model.KindVoice, "voice/Speex", "\x04\x46\x00\x01\x9a\x00", "audio/speex"},
		{"bare bytes", model.KindVoice, "audio/amr", "\x04\x46\x00\x01\x9a\x00", unknown},
		{"html as speex", model.KindVoice, "voice/speex", "<!DOCTYPE html>", unknown},
		{"a program as speex", model.KindVoice, "voice/speex", "\x7fELF\x02\x01\x01\x00", unknown},
		{"mp3", model.KindVoice, "audio/amr", mp3, "audio/mpeg"},
		{"video", model.KindVideo, "video/mpeg4", mp4, "video/mp4"},
		{"short video", model.KindShortVideo, "", mp4, "video/mp4"},
		{"gif", model.KindImage, "text/html", string(gifPicture(t)), "image/gif"},
		{"html as a picture", model.KindImage, "image/jpeg", "<html><body onload=alert(1)>", unknown},
		{"svg as a picture", model.KindImage, "image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg"/>`, unknown},
		{"a script as a picture", model.KindImage, "image/jpeg", "#!/bin/sh\n", unknown},
		{"a video as a picture", model.KindImage, "image/jpeg", mp4, unknown},
		{"a picture as a video", model.KindVideo, "video/mp4", string(picture(t, 1, 1)), unknown},
	}
	ids := make([]string, len(cases))
	for i, c := range cases {
		id := "media-" + strconv.Itoa(i)
		w.wechat.put(id, nil, func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", c.declared)
			_, _ = rw.Write([]byte(c.file))
		})
		ids[i] = w.request(c.kind, id)
	}
	w.fetch()
	for i, c := range cases {
		m := w.row(ids[i])
		require.Equal(t, model.MediaReady, m.State, c.name)
		require.Equal(t, c.want, m.ContentType, c.name)
	}
}
