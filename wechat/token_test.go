package wechat

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const tokenKey = "wechat:token:{" + testAppID + "}"

func newTLS(t *testing.T) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

// accepts lets sends through that carry this token only, and answers others by code.
func (f *fakeWeChat) accepts(token string, code int) {
	f.on(sendPath, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("access_token") != token {
			_, _ = fmt.Fprintf(w, `{"errcode":%d,"errmsg":"invalid credential, access_token is invalid or not latest"}`, code)
			return
		}
		_, _ = io.WriteString(w, `{"errcode":0}`)
	})
}

func TestToken_isFetchedOnceAndSharedByAllCallers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.answer(sendPath, `{"errcode":0}`)
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if err := r.send(t); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	require.Len(t, r.fake.calls(tokenPath), 1)
	require.Len(t, r.fake.calls(sendPath), 50)
	require.Equal(t, []string{testAppID + " false"}, r.seen.refreshs)
	require.Equal(t, "token-1", r.store.values[tokenKey])
	require.Equal(t, 7200*time.Second-tokenMargin, r.store.lives[tokenKey])
	require.JSONEq(t,
		`{"grant_type":"client_credential","appid":"`+testAppID+`","secret":"`+testSecret+`","force_refresh":false}`,
		r.fake.calls(tokenPath)[0].body)
}

func TestToken_isRenewedOnceAndTheMessageSentAgain(t *testing.T) {
	t.Parallel()
	for _, code := range []int{40001, 40014, 42001} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.store.values[tokenKey] = "stale"
			r.fake.accepts("token-1", code)
			var group sync.WaitGroup
			for range 20 {
				group.Go(func() {
					if err := r.send(t); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			require.Len(t, r.fake.calls(tokenPath), 1)
			require.Zero(t, r.fake.forced)
			require.Equal(t, "token-1", r.store.values[tokenKey])
		})
	}
}

func TestToken_ofAnotherInstanceIsTakenInsteadOfANewOne(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.store.values[tokenKey] = "stale"
	r.fake.on(sendPath, func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Query().Get("access_token") == "stale" {
			_ = r.store.Set(req.Context(), tokenKey, "fresh", time.Hour) // the other instance was quicker
			_, _ = io.WriteString(w, `{"errcode":42001}`)
			return
		}
		_, _ = io.WriteString(w, `{"errcode":0}`)
	})
	require.NoError(t, r.send(t))
	require.Empty(t, r.fake.calls(tokenPath))
	require.Equal(t, "fresh", r.store.values[tokenKey])
}

func TestToken_isForcedOnlyWhenTheSameOneComesBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.store.values[tokenKey] = "same"
	r.fake.on(tokenPath, func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		token := "same"
		if strings.Contains(string(body), `"force_refresh":true`) {
			token = "token-new"
		}
		_, _ = fmt.Fprintf(w, `{"access_token":"%s","expires_in":7200}`, token)
	})
	r.fake.accepts("token-new", 40001)
	require.NoError(t, r.send(t))
	require.Len(t, r.fake.calls(tokenPath), 2)
	require.Equal(t, 1, r.fake.forced)
	require.Equal(t, []string{testAppID + " false", testAppID + " true"}, r.seen.refreshs)
	require.Equal(t, "token-new", r.store.values[tokenKey])
	r.requireClean(t, nil)
}

func TestToken_isForcedAtMostEvery30SecondsAnd20TimesADay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.answer(tokenPath, `{"access_token":"same","expires_in":7200}`) // even when forced
	r.fake.answer(sendPath, `{"errcode":40001}`)
	try := func(want int) {
		t.Helper()
		r.requireError(t, r.send(t), ReactRetryLater, "token_invalid")
		require.Equal(t, want, r.fake.forced)
	}
	try(1)
	try(1)
	r.clock.add(29 * time.Second)
	try(1)
	r.clock.add(time.Second)
	try(2)

	// Another instance sees the ration through the store.
	client, err := NewClient(Options{BaseURL: r.fake.server.URL, Tokens: r.store, Now: r.clock.Now})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	api := client.Account(Credentials{AppID: testAppID, Secret: testSecret})
	err = api.SendCustomer(t.Context(), CustomerMessage{ToUser: "o", Kind: KindText, Text: "a"})
	r.requireError(t, err, ReactRetryLater, "token_invalid")
	require.Equal(t, 2, r.fake.forced)

	for n := 3; n <= forcesPerDay; n++ {
		r.clock.add(forceGap)
		try(n)
	}
	r.clock.add(forceGap)
	try(forcesPerDay)
	r.clock.add(24 * time.Hour)
	try(forcesPerDay + 1)
}

func TestToken_callRefusedForTheSecretStopsTheAccount(t *testing.T) {
	t.Parallel()
	for code, reason := range map[int]string{
		40001: "config_secret", 40125: "config_secret", 40013: "config_appid", 40164: "ip_not_allowed", 40243: "secret_frozen",
	} {
		r := newRig(t)
		r.fake.answer(tokenPath, fmt.Sprintf(`{"errcode":%d,"errmsg":"invalid appsecret rid: 1-2"}`, code))
		err := r.send(t)
		r.requireError(t, err, ReactStopAccount, reason)
		failure := asError(t, err)
		require.Equal(t, apiToken, failure.API)
		require.Equal(t, "1-2", failure.RID)
		require.Len(t, r.fake.calls(tokenPath), 1)
		require.Empty(t, r.fake.calls(sendPath))
	}
}

func TestToken_lifeIsNeverZeroOrLess(t *testing.T) {
	t.Parallel()
	for expires, want := range map[int64]time.Duration{
		7200: 6900 * time.Second, 301: time.Second, 300: 150 * time.Second, 60: 30 * time.Second, 2: time.Second,
		1: 0, 0: 0, -5: 0, 1 << 62: 24*time.Hour - tokenMargin,
	} {
		require.Equal(t, want, tokenLife(expires), expires)
	}
}

func TestToken_storeThatFailsFailsNoSendAndCostsOneFetch(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.store.broken = true
	r.fake.answer(sendPath, `{"errcode":0}`)
	for range 5 {
		require.NoError(t, r.send(t))
	}
	require.Len(t, r.fake.calls(tokenPath), 1)
	require.Contains(t, r.log.String(), "token store failed")
	r.requireClean(t, nil)
	r.clock.add(2 * time.Hour) // what was kept aside expires too
	require.NoError(t, r.send(t))
	require.Len(t, r.fake.calls(tokenPath), 2)
	r.fake.accepts("token-3", 40001)
	require.NoError(t, r.send(t))
}

func TestToken_livesInMemoryWithoutAStore(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Tokens = nil })
	for range 3 {
		token, err := r.api.Token(t.Context())
		require.NoError(t, err)
		require.Equal(t, "token-1", token)
	}
	r.clock.add(7200*time.Second - tokenMargin)
	token, err := r.api.Token(t.Context())
	require.NoError(t, err)
	require.Equal(t, "token-2", token)
}

func TestToken_fetchOutlivesTheCallerWhoBeganIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.answer(sendPath, `{"errcode":0}`)
	asked, release := make(chan struct{}), make(chan struct{})
	var once atomic.Bool
	r.fake.on(tokenPath, func(w http.ResponseWriter, _ *http.Request) {
		if once.CompareAndSwap(false, true) {
			close(asked)
		}
		<-release
		_, _ = io.WriteString(w, `{"access_token":"token-1","expires_in":7200}`)
	})
	ctx, leave := contextOf(t)
	first := make(chan error, 1)
	go func() { _, err := r.api.Token(ctx); first <- err }()
	<-asked
	second := make(chan error, 1)
	go func() { _, err := r.api.Token(t.Context()); second <- err }()
	leave()
	r.requireError(t, <-first, ReactRetryLater, "canceled")
	close(release)
	require.NoError(t, <-second)
	require.Len(t, r.fake.calls(tokenPath), 1)
}

func TestClient_givesTheSameAPIForTheSameCredentials(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	require.Same(t, r.api, r.client.Account(Credentials{AppID: testAppID, Secret: testSecret}))
	require.NotSame(t, r.api, r.client.Account(Credentials{AppID: testAppID, Secret: "changed"}))
}

func TestNewClient_refusesOptionsThatCannotWork(t *testing.T) {
	t.Parallel()
	good := Options{BaseURL: "https://api.weixin.qq.com", Now: testNow}
	client, err := NewClient(good)
	require.NoError(t, err)
	require.Equal(t, MaxTimeout, client.timeout)
	for name, change := range map[string]func(*Options){
		"no address":    func(o *Options) { o.BaseURL = "" },
		"other scheme":  func(o *Options) { o.BaseURL = "ftp://host" },
		"unparsable":    func(o *Options) { o.BaseURL = "http://%zz" },
		"user":          func(o *Options) { o.BaseURL = "https://u:" + testSecret + "@host" },
		"query":         func(o *Options) { o.BaseURL = "https://host/?a=b" },
		"no clock":      func(o *Options) { o.Now = nil },
		"too long":      func(o *Options) { o.Timeout = MaxTimeout + 1 },
		"negative time": func(o *Options) { o.Timeout = -1 },
	} {
		o := good
		change(&o)
		_, err := NewClient(o)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), testSecret)
	}
}

func TestClient_keepsThePathOfItsBaseAddress(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	client, err := NewClient(Options{BaseURL: r.fake.server.URL + "/gate/", Now: r.clock.Now})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	r.fake.answer("/gate/cgi-bin/stable_token", `{"access_token":"t","expires_in":7200}`)
	token, err := client.Account(Credentials{AppID: "a", Secret: "b"}).Token(t.Context())
	require.NoError(t, err)
	require.Equal(t, "t", token)
}
