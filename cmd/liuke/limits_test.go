package main

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/config"
	"liuke/model"
	"liuke/model/database"
)

// few lets somebody call n times in a test; another call comes back after ten minutes.
func few(n int) config.Limit { return config.Limit{PerSecond: 1.0 / 600, Burst: n} }

// look gets what may be a page, and gives its status and Retry-After.
func (w *running) look(path string) (status int, retryAfter string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.url+path, http.NoBody)
	require.NoError(w.t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(w.t, err)
	require.NoError(w.t, resp.Body.Close())
	return resp.StatusCode, resp.Header.Get("Retry-After")
}

func (w *running) tooSoon(a answer) {
	w.t.Helper()
	require.Equal(w.t, "too_many_calls", a.str("reason"))
	after, err := strconv.Atoi(a.header.Get("Retry-After"))
	require.NoError(w.t, err)
	require.Greater(w.t, after, 500)
	require.LessOrEqual(w.t, after, 600)
}

func TestLimits_holdOnePersonOnAllInstancesAndNobodyElse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		store := w.addStore("一店")
		clerk, other := w.addStaff(model.RoleClerk, "小王", store), w.addStaff(model.RoleClerk, "小李", store)
		limit := func(o *options) { o.Config.LimitStaff = few(7) }
		here := w.start(t, roleAll, limit)
		doors := []*instance{here, here}
		if here.app.bus.Shared() {
			doors[1] = w.start(t, roleAll, limit)
		}
		first := w.instance
		defer func() { w.instance = first }()
		for n := range 7 {
			w.instance = doors[n%2]
			w.must(200, "GET", "/api/me", clerk.token, nil)
		}
		for _, door := range doors {
			w.instance = door
			w.tooSoon(w.must(429, "GET", "/api/me", clerk.token, nil))
			w.must(200, "GET", "/api/me", other.token, nil)
		}
		require.Contains(t, string(w.must(200, "GET", "/metrics", "", nil).raw), `liuke_calls_refused_total{limit="staff"} `)
	})
}

func TestLimits_holdAnAccountTogether(t *testing.T) {
	t.Parallel()
	w := startApp(t, database.SQLite)
	clerk := w.addStaff(model.RoleClerk, "小王", w.addStore("一店"))
	w.instance = w.start(t, roleAll, func(o *options) { o.Config.LimitAccount = few(3) })
	w.must(200, "GET", "/api/me", clerk.token, nil)
	w.must(200, "GET", "/api/me", w.owner, nil)
	w.must(200, "GET", "/api/me", clerk.token, nil)
	w.tooSoon(w.must(429, "GET", "/api/me", w.owner, nil))
	w.tooSoon(w.must(429, "GET", "/api/me", clerk.token, nil))
}

func TestLimits_holdAnAddressWithoutSignInAndNeverWeChat(t *testing.T) {
	t.Parallel()
	w := startApp(t, database.SQLite)
	w.instance = w.start(t, roleAll, func(o *options) { o.Config.LimitAddress = few(5) })
	forged := w.push("oSomebody", "1")
	forged.signature = "forged"
	w.must(401, "POST", "/api/session", "", map[string]any{"phone": "13811112222", "password": "wrong-password"})
	w.must(401, "GET", "/api/me", "nobody", nil)
	consents := "/m/" + w.appid + "/consent/none"
	status, _ := w.look(consents)
	require.Equal(t, http.StatusNotFound, status)
	status, _ = w.send(forged)
	require.Equal(t, http.StatusForbidden, status)
	w.must(200, "GET", "/api/openapi.yaml", "", nil)

	w.tooSoon(w.must(429, "POST", "/api/session", "", map[string]any{"phone": "13800000000", "password": ownerPassword}))
	w.tooSoon(w.must(429, "GET", "/api/me", "nobody", nil))
	for _, path := range []string{consents, "/api/openapi.yaml"} {
		status, after := w.look(path)
		require.Equal(t, http.StatusTooManyRequests, status, path)
		require.NotEmpty(t, after, path)
	}
	status, _ = w.send(forged)
	require.Equal(t, http.StatusTooManyRequests, status)
	w.must(200, "GET", "/api/me", w.owner, nil) // who is known is not held by his address
	for n := range 20 {
		status, body := w.send(w.push("oSomebody", strconv.Itoa(100+n)))
		require.Equal(t, 200, status)
		require.Equal(t, "success", body)
	}
}
