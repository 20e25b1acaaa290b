package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testSecret = "s3cr3t-of-the-account"

// fakeWeChat answers by one handler per path, and keeps what it was asked.
type fakeWeChat struct {
	t        *testing.T
	server   *httptest.Server
	mu       sync.Mutex
	handlers map[string]http.HandlerFunc
	seen     []seenCall
	tokens   int // how many token calls
	forced   int
}

type seenCall struct {
	path, token, query string
	body               string
}

func newFake(t *testing.T) *fakeWeChat {
	t.Helper()
	f := &fakeWeChat{t: t, handlers: map[string]http.HandlerFunc{}}
	f.server = httptest.NewServer(f)
	t.Cleanup(f.server.Close)
	f.on("/cgi-bin/stable_token", func(w http.ResponseWriter, _ *http.Request) {
		f.mu.Lock()
		f.tokens++
		n := f.tokens
		f.mu.Unlock()
		_, _ = fmt.Fprintf(w, `{"access_token":"token-%d","expires_in":7200}`, n)
	})
	return f
}

func (f *fakeWeChat) on(path string, handler http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.handlers[path] = handler
}

func (f *fakeWeChat) answer(path, text string) {
	f.on(path, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
}

func (f *fakeWeChat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.mu.Lock()
	f.seen = append(f.seen, seenCall{r.URL.Path, r.URL.Query().Get("access_token"), r.URL.RawQuery, string(body)})
	if strings.Contains(string(body), `"force_refresh":true`) {
		f.forced++
	}
	handler := f.handlers[r.URL.Path]
	f.mu.Unlock()
	if handler == nil {
		http.NotFound(w, r)
		return
	}
	handler(w, r)
}

// calls lists what was asked of one path.
func (f *fakeWeChat) calls(path string) []seenCall {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []seenCall
	for _, call := range f.seen {
		if call.path == path {
			found = append(found, call)
		}
	}
	return found
}

const (
	sendPath  = "/cgi-bin/message/custom/send"
	tokenPath = "/cgi-bin/stable_token"
)

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// rig is an account at a fake, with all that it logged and reported.
type rig struct {
	fake   *fakeWeChat
	client *Client
	api    *API
	clock  *clock
	store  *fakeStore
	seen   *observed
	log    *bytes.Buffer
}

func newRig(t *testing.T, change ...func(*Options)) *rig {
	t.Helper()
	r := &rig{fake: newFake(t), clock: &clock{now: testNow()}, store: newFakeStore(), seen: &observed{}, log: &bytes.Buffer{}}
	o := Options{
		BaseURL: r.fake.server.URL, Tokens: r.store, Observer: r.seen, Now: r.clock.Now,
		Log: slog.New(slog.NewJSONHandler(&lockedWriter{w: r.log}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&o)
	}
	client, err := NewClient(o)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	r.client = client
	r.api = client.Account(Credentials{AppID: testAppID, Secret: testSecret})
	return r
}

func (r *rig) send(t *testing.T) error {
	t.Helper()
	return r.api.SendCustomer(t.Context(), CustomerMessage{ToUser: "openid-of-a-member", Kind: KindText, Text: "private words"})
}

// requireError checks the reaction and that nothing secret or private is in the error or the log.
func (r *rig) requireError(t *testing.T, err error, reaction Reaction, reason string) {
	t.Helper()
	failure := asError(t, err)
	require.Equal(t, reaction.String()+" "+reason, failure.Reaction.String()+" "+failure.Reason)
	r.requireClean(t, err)
}

func asError(t *testing.T, err error) *Error {
	t.Helper()
	var failure *Error
	require.ErrorAs(t, err, &failure)
	return failure
}

func (r *rig) requireClean(t *testing.T, err error) {
	t.Helper()
	text := fmt.Sprintf("%v %+v %s", err, err, r.log.String())
	for e := err; e != nil; e = errors.Unwrap(e) {
		text += fmt.Sprintf(" %#v", e)
	}
	for _, secret := range []string{testSecret, "token-", "openid-of-a-member", "private words", "http://", "access_token=", "127.0.0.1"} {
		require.NotContains(t, text, secret)
	}
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// observed is an Observer that remembers.
type observed struct {
	mu       sync.Mutex
	calls    []string
	refreshs []string
}

func (o *observed) Call(api string, code int, outcome string, _ time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.calls = append(o.calls, fmt.Sprintf("%s %d %s", api, code, outcome))
}

func (o *observed) TokenRefresh(appid string, forced bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refreshs = append(o.refreshs, fmt.Sprintf("%s %t", appid, forced))
}

// fakeStore is a TokenStore as instances share it; broken makes every call fail with an error that tells a secret.
type fakeStore struct {
	mu     sync.Mutex
	values map[string]string
	lives  map[string]time.Duration
	broken bool
}

func newFakeStore() *fakeStore {
	return &fakeStore{values: map[string]string{}, lives: map[string]time.Duration{}}
}

var errStore = errors.New("redis: SET token-1 failed")

func (s *fakeStore) Get(_ context.Context, key string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return "", errStore
	}
	return s.values[key], nil
}

func (s *fakeStore) Set(_ context.Context, key, value string, ttl time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return errStore
	}
	s.values[key], s.lives[key] = value, ttl
	return nil
}

func (s *fakeStore) Delete(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return errStore
	}
	delete(s.values, key)
	return nil
}

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var out map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &out))
	return out
}

func contextOf(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(t.Context())
}
