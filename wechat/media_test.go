package wechat

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	uploadPath = "/cgi-bin/media/upload"
	getPath    = "/cgi-bin/media/get"
)

func TestUploadMedia_streamsTheFileWithItsLengthAndType(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.store.values[tokenKey] = "stale"
	file := bytes.Repeat([]byte("jpeg"), 100_000)
	var runs int
	r.fake.on(uploadPath, func(w http.ResponseWriter, req *http.Request) {
		runs++
		if req.URL.Query().Get("access_token") == "stale" {
			_, _ = io.WriteString(w, `{"errcode":40001}`)
			return
		}
		_, params, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
		part, err := multipart.NewReader(req.Body, params["boundary"]).NextPart()
		if err != nil {
			_, _ = io.WriteString(w, `{"errcode":1}`)
			return
		}
		got, _ := io.ReadAll(part)
		if !bytes.Equal(got, file) || part.FormName() != "media" || part.FileName() != `图 "1".jpg` ||
			part.Header.Get("Content-Type") != "image/jpeg" || req.ContentLength <= int64(len(file)) {
			_, _ = io.WriteString(w, `{"errcode":2}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"type":"%s","media_id":"m1","created_at":1}`, req.URL.Query().Get("type"))
	})
	id, err := r.api.UploadMedia(t.Context(), KindImage, `图 "1".jpg`, "image/jpeg", int64(len(file)), bytes.NewReader(file))
	require.NoError(t, err)
	require.Equal(t, "m1", id)
	require.Equal(t, 2, runs)
}

func TestUploadMedia_takesTheOtherNameOfACoversID(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.answer(uploadPath, `{"type":"thumb","thumb_media_id":"t1"}`)
	id, err := r.api.UploadMedia(t.Context(), KindThumb, "a.jpg", "image/jpeg", 1, strings.NewReader("x"))
	require.NoError(t, err)
	require.Equal(t, "t1", id)
}

func TestUploadMedia_failsInAWayThatCanBeRepeated(t *testing.T) {
	t.Parallel()
	upload := func(r *rig, size int64, file io.Reader) error {
		_, err := r.api.UploadMedia(t.Context(), KindVoice, "a.amr", "audio/amr", size, file)
		return err
	}
	t.Run("file that cannot be read", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.fake.answer(uploadPath, `{"media_id":"m"}`)
		r.requireError(t, upload(r, 10, iotest.ErrReader(errors.New("disk"))), ReactRetryLater, "source_failed")
	})
	t.Run("file shorter than said", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.requireError(t, upload(r, 10, strings.NewReader("abc")), ReactRetryLater, "network")
	})
	t.Run("file that cannot be rewound", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.fake.answer(uploadPath, `{"errcode":40001}`)
		r.requireError(t, upload(r, 3, iotest.OneByteReader(strings.NewReader("abc"))), ReactRetryLater, "source_failed")
		require.Len(t, r.fake.calls(uploadPath), 1)
	})
	t.Run("bad gateway", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.fake.on(uploadPath, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
		err := upload(r, 3, strings.NewReader("abc"))
		r.requireError(t, err, ReactRetryLater, "http_status")
		failure := asError(t, err)
		require.Equal(t, http.StatusBadGateway, failure.Status)
	})
	t.Run("answer without an id", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.fake.answer(uploadPath, `{}`)
		r.requireError(t, upload(r, 3, strings.NewReader("abc")), ReactRetryLater, "bad_answer")
	})
	t.Run("bad input", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		_, err := r.api.UploadMedia(t.Context(), "hologram", "a", "b", 1, strings.NewReader("x"))
		r.requireError(t, err, ReactGiveUp, "bad_input")
		r.requireError(t, upload(r, 0, strings.NewReader("")), ReactGiveUp, "bad_input")
	})
}

func TestDownloadMedia_writesTheFile(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.on(getPath, func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = io.WriteString(w, "\xff\xd8"+req.URL.Query().Get("media_id"))
	})
	var out bytes.Buffer
	kind, n, err := r.api.DownloadMedia(t.Context(), "m+/=", 6, &out)
	require.NoError(t, err)
	require.Equal(t, "image/jpeg", kind)
	require.EqualValues(t, 6, n)
	require.Equal(t, "\xff\xd8m+/=", out.String())
}

func TestDownloadMedia_stopsAtItsLimit(t *testing.T) {
	t.Parallel()
	for name, chunked := range map[string]bool{"told length": false, "untold length": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.fake.on(getPath, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "1234")
				if chunked {
					_ = http.NewResponseController(w).Flush()
				}
				_, _ = io.WriteString(w, "567")
			})
			var out bytes.Buffer
			_, _, err := r.api.DownloadMedia(t.Context(), "m", 6, &out)
			r.requireError(t, err, ReactGiveUp, "too_large")
			failure := asError(t, err)
			require.ErrorIs(t, failure, ErrTooLarge)
			require.LessOrEqual(t, out.Len(), 6)
		})
	}
}

func TestDownloadMedia_recognisesAnErrorThoughTheStatusIs200(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"application/json", "text/plain", "image/jpeg"} {
		r := newRig(t)
		r.store.values[tokenKey] = "stale"
		r.fake.on(getPath, func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("Content-Type", kind)
			code := 40007
			if req.URL.Query().Get("access_token") == "stale" {
				code = 42001
			}
			_, _ = fmt.Fprintf(w, `{"errcode":%d,"errmsg":"invalid media_id hint: [x] rid: 1-2"}`, code)
		})
		var out bytes.Buffer
		_, _, err := r.api.DownloadMedia(t.Context(), "m", 100, &out)
		r.requireError(t, err, ReactReupload, "media_expired")
		require.Zero(t, out.Len())
		require.Len(t, r.fake.calls(getPath), 2)
	}
}

func TestDownloadMedia_followsAVideoOnTheSameHostWithoutTheToken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.answer(getPath, `{"video_url":"`+r.fake.server.URL+`/video?id=1"}`)
	r.fake.on("/video", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "video/mp4")
		_, _ = io.WriteString(w, "mp4")
	})
	var out bytes.Buffer
	kind, n, err := r.api.DownloadMedia(t.Context(), "m", 100, &out)
	require.NoError(t, err)
	require.Equal(t, "video/mp4", kind)
	require.EqualValues(t, 3, n)
	require.Equal(t, "id=1", r.fake.calls("/video")[0].query)
}

func TestDownloadMedia_followsAVideoToTencentOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	other := newFake(t)
	for _, address := range []string{
		other.server.URL + "/video", "http://169.254.169.254/latest", "file:///etc/passwd", "http://qq.com.evil.example/",
		"http://evilqq.com/", "https://u:p@x.qq.com/", "https://x.qq.com:8443/", "//x.qq.com/", "http://%zz/", "x",
	} {
		r.fake.answer(getPath, `{"video_url":"`+address+`"}`)
		_, _, err := r.api.DownloadMedia(t.Context(), "m", 100, io.Discard)
		r.requireError(t, err, ReactGiveUp, "foreign_host")
	}
	require.Empty(t, other.seen)
	got, ok := r.client.videoAddress("http://vweixinp.tc.qq.com/1007_a?b=c")
	require.True(t, ok)
	require.Equal(t, "https://vweixinp.tc.qq.com/1007_a?b=c", got.String())
}

type fullDisk struct{ err error }

func (f fullDisk) Write([]byte) (int, error) { return 0, f.err }

func TestDownloadMedia_failsInAWayThatCanBeRepeated(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		answer http.HandlerFunc
	}{
		"empty":          {"bad_answer", func(http.ResponseWriter, *http.Request) {}},
		"broken JSON":    {"bad_answer", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{") }},
		"JSON of no use": {"bad_answer", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }},
		"bad gateway":    {"http_status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }},
		"cut": {"network", func(w http.ResponseWriter, _ *http.Request) {
			conn := hijack(t, w)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nabc")
			_ = conn.Close()
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.fake.on(getPath, c.answer)
			_, _, err := r.api.DownloadMedia(t.Context(), "m", 100, io.Discard)
			r.requireError(t, err, ReactRetryLater, c.reason)
		})
	}
	t.Run("full disk", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.fake.answer(getPath, "abc")
		full := errors.New("disk full")
		_, _, err := r.api.DownloadMedia(t.Context(), "m", 100, fullDisk{full})
		r.requireError(t, err, ReactRetryLater, "sink_failed")
		require.ErrorIs(t, err, full)
	})
	t.Run("bad input", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		_, _, err := r.api.DownloadMedia(t.Context(), "", 100, io.Discard)
		r.requireError(t, err, ReactGiveUp, "bad_input")
	})
}

func TestCreateQR_asksForTextScenesAndAlwaysTellsTheirLife(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.answer("/cgi-bin/qrcode/create", `{"ticket":"T+/=","expire_seconds":600,"url":"http://weixin.qq.com/q/x"}`)
	got, err := r.api.CreateQR(t.Context(), QRRequest{Scene: "c7&<店", ExpireIn: 10 * time.Minute})
	require.NoError(t, err)
	require.Equal(t, QRTicket{"T+/=", "http://weixin.qq.com/q/x", 10 * time.Minute}, got)
	_, err = r.api.CreateQR(t.Context(), QRRequest{Scene: strings.Repeat("店", 64), Permanent: true})
	require.NoError(t, err)
	calls := r.fake.calls("/cgi-bin/qrcode/create")
	require.JSONEq(t, `{"expire_seconds":600,"action_name":"QR_STR_SCENE","action_info":{"scene":{"scene_str":"c7&<店"}}}`, calls[0].body)
	require.Equal(t, map[string]any{
		"action_name": "QR_LIMIT_STR_SCENE",
		"action_info": map[string]any{"scene": map[string]any{"scene_str": strings.Repeat("店", 64)}},
	}, decode(t, calls[1].body))
	for _, bad := range []QRRequest{
		{ExpireIn: time.Hour},
		{Scene: strings.Repeat("a", 65), ExpireIn: time.Hour},
		{Scene: "a"},
		{Scene: "a", ExpireIn: time.Millisecond},
		{Scene: "a", ExpireIn: MaxQRLife + time.Second},
	} {
		_, err := r.api.CreateQR(t.Context(), bad)
		r.requireError(t, err, ReactGiveUp, "bad_input")
	}
	r.fake.answer("/cgi-bin/qrcode/create", `{"errcode":-1}`)
	_, err = r.api.CreateQR(t.Context(), QRRequest{Scene: "a", Permanent: true})
	r.requireError(t, err, ReactRetryLater, "system_busy")
	r.fake.answer("/cgi-bin/qrcode/create", `{}`)
	_, err = r.api.CreateQR(t.Context(), QRRequest{Scene: "a", Permanent: true})
	r.requireError(t, err, ReactRetryLater, "bad_answer")
}

func TestUserInfo_readsWhatWeChatStillTells(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.answer("/cgi-bin/user/info", `{"subscribe":1,"openid":"o1","subscribe_time":1795305600,"unionid":"u","remark":"r",
"groupid":0,"tagid_list":[2,101],"subscribe_scene":"ADD_SCENE_QR_CODE","qr_scene":0,"qr_scene_str":"c7"}`)
	got, err := r.api.UserInfo(t.Context(), "o1")
	require.NoError(t, err)
	require.Equal(t, UserInfo{
		Subscribed: true, OpenID: "o1", UnionID: "u", SubscribedAt: testNow(), Remark: "r", TagIDs: []int{2, 101},
		SubscribeScene: "ADD_SCENE_QR_CODE", QRSceneText: "c7",
	}, got)
	r.fake.answer("/cgi-bin/user/info", `{"subscribe":0,"openid":"o1"}`)
	got, err = r.api.UserInfo(t.Context(), "o1")
	require.NoError(t, err)
	require.Equal(t, UserInfo{OpenID: "o1"}, got)
	r.fake.answer("/cgi-bin/user/info", `{"errcode":40003}`)
	_, err = r.api.UserInfo(t.Context(), "openid-of-a-member")
	r.requireError(t, err, ReactGiveUp, "bad_openid")
	r.fake.answer("/cgi-bin/user/info", `[]`)
	_, err = r.api.UserInfo(t.Context(), "openid-of-a-member")
	r.requireError(t, err, ReactRetryLater, "bad_answer")
	_, err = r.api.UserInfo(t.Context(), "")
	r.requireError(t, err, ReactGiveUp, "bad_input")
}
