package callback_test

import (
	"context"
	"crypto/sha1" //nolint:gosec // WeChat prescribes it
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	callbackapi "liuke/api/callback"
	"liuke/service/account"
	"liuke/service/fault"
	"liuke/wechat"
)

const token = "aToken"

// world plays the rooms behind the callback: one account in plain mode.
type world struct {
	accept   func() error
	accounts error
	statuses []int
	wait     time.Duration // of strangers
	strange  int           // how often one came
	refused  int           // how often it was noted
}

func (w *world) ByAppID(_ context.Context, appid string) (*account.Callback, error) {
	if w.accounts != nil {
		return nil, w.accounts
	}
	if appid != "wx12345678" {
		return nil, fault.New(fault.NotFound, "not_found")
	}
	return &account.Callback{AccountID: "a", Secrets: wechat.Secrets{AppID: appid, Token: token}}, nil
}

func (w *world) Accept(context.Context, string, wechat.Push, []byte) error { return w.accept() }

func (w *world) Callback(status int, _ time.Duration) { w.statuses = append(w.statuses, status) }

func (w *world) handler() *callbackapi.Handler {
	return callbackapi.New(callbackapi.Deps{
		Accounts: w, Inbox: w, Stranger: w.stranger, Observer: w, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
}

func (w *world) stranger(*http.Request) time.Duration {
	w.strange++
	return w.wait
}

func (w *world) call(method, appid, body string) *httptest.ResponseRecorder {
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	q := url.Values{"timestamp": {stamp}, "nonce": {"n"}, "signature": {sign(token, stamp, "n")}, "echostr": {"e"}}
	rec := httptest.NewRecorder()
	w.handler().ServeHTTP(rec, httptest.NewRequest(method, "/wechat/"+appid+"?"+q.Encode(), strings.NewReader(body)))
	return rec
}

const text = "<xml><ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType><Content>c</Content><MsgId>1</MsgId></xml>"

func TestCallback_makesWeChatRepeatWhatIsNotStored(t *testing.T) {
	t.Parallel()
	stored := func() error { return nil }
	for _, c := range []struct {
		name, method, appid, body string
		world                     world
		status                    int
		answer                    string
	}{
		{"stored", http.MethodPost, "wx12345678", text, world{accept: stored}, 200, "success"},
		{"not stored", http.MethodPost, "wx12345678", text, world{accept: func() error { return errors.New("away") }}, 503, "Service Unavailable"},
		{"a bug", http.MethodPost, "wx12345678", text, world{accept: func() error { panic("a bug") }}, 503, "Service Unavailable"},
		{"accounts away", http.MethodPost, "wx12345678", text, world{accounts: errors.New("away")}, 503, "Service Unavailable"},
		{"unknown", http.MethodPost, "wx87654321", text, world{accept: stored}, 404, "Not Found"},
		{"unknown and too large", http.MethodPost, "wx87654321", strings.Repeat("x", wechat.MaxBody+1), world{accept: stored}, 404, "Not Found"},
		{"broken", http.MethodPost, "wx12345678", "no xml", world{accept: stored}, 400, "Bad Request"},
		{"largest", http.MethodPost, "wx12345678", strings.Repeat(" ", wechat.MaxBody), world{accept: stored}, 400, "Bad Request"},
		{"too large", http.MethodPost, "wx12345678", strings.Repeat("x", wechat.MaxBody+1), world{accept: stored}, 413, "Request Entity Too Large"},
		{"test of the address", http.MethodGet, "wx12345678", "", world{}, 200, "e"},
		{"other method", http.MethodPut, "wx12345678", text, world{accept: stored}, 405, "Method Not Allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := c.world
			rec := w.call(c.method, c.appid, c.body)
			require.Equal(t, c.status, rec.Code)
			require.Equal(t, c.answer, rec.Body.String())
			require.Equal(t, []int{c.status}, w.statuses)
		})
	}
}

func sign(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}
