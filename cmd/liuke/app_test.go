package main

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/api/rest"
	"liuke/model"
	"liuke/model/database"
	"liuke/wechat"
)

func TestSignIn_givesATokenThatEndsWithTheSession(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		a := w.must(201, "POST", "/api/session", "", `{"phone":"+86 138 0000 0000","password":"`+ownerPassword+`"}`)
		require.Equal(t, w.ownerID, a.str("staff", "id"))
		require.Equal(t, "老板", a.str("staff", "name"))
		require.Equal(t, model.RoleOwner, a.str("staff", "role"))
		require.Nil(t, a.get("staff", "store_id"))
		token := a.str("token")

		me := w.must(200, "GET", "/api/me", token, nil)
		require.Equal(t, w.ownerID, me.str("staff", "id"))
		require.Equal(t, "138****0000", me.str("staff", "phone"))
		require.Equal(t, w.accountID, me.str("account", "id"))
		require.Equal(t, w.appid, me.str("account", "appid"))

		w.must(204, "DELETE", "/api/session", token, nil)
		refused := w.must(401, "GET", "/api/me", token, nil)
		require.Equal(t, "not_signed_in", refused.str("reason"))
		require.Equal(t, "Bearer", refused.header.Get("WWW-Authenticate"))
		w.must(200, "GET", "/api/me", w.owner, nil)
		w.must(204, "DELETE", "/api/sessions", w.owner, nil)
		w.must(401, "GET", "/api/me", w.owner, nil)
	})
}

func TestSignIn_ofABrowserGoesByCookieAndNeedsTheCSRFHeaderToChange(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		a := w.must(201, "POST", "/api/session", "", map[string]string{"phone": "13800000000", "password": ownerPassword})
		cookies := map[string]*http.Cookie{}
		for _, c := range (&http.Response{Header: a.header}).Cookies() {
			cookies[c.Name] = c
		}
		session, csrf := cookies[rest.SessionCookie], cookies[rest.CSRFCookie]
		require.True(t, session.HttpOnly)
		require.Equal(t, http.SameSiteLaxMode, session.SameSite)
		require.False(t, csrf.HttpOnly)
		cookie := session.Name + "=" + session.Value
		w.must(200, "GET", "/api/me", "", nil, "Cookie", cookie)
		require.Equal(t, "csrf", w.must(403, "PUT", "/api/me/away", "", `{"away":true}`, "Cookie", cookie).str("reason"))
		w.must(204, "PUT", "/api/me/away", "", `{"away":true}`, "Cookie", cookie, rest.CSRFHeader, csrf.Value)
		require.Equal(t, true, w.must(200, "GET", "/api/me", w.owner, nil).get("staff", "away"))
	})
}

func TestSignIn_refusesAfterFiveWrongTries(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		wrong := map[string]string{"phone": "13800000000", "password": "wrong"}
		for range 5 {
			require.Equal(t, "wrong_credentials", w.must(401, "POST", "/api/session", "", wrong).str("reason"))
		}
		a := w.must(429, "POST", "/api/session", "", wrong)
		require.NotEmpty(t, a.header.Get("Retry-After"))
		w.must(429, "POST", "/api/session", "", map[string]string{"phone": "13800000000", "password": ownerPassword})
		w.must(200, "GET", "/api/me", w.owner, nil)
	})
}

func TestSignIn_asksForTheAccountWhenAPhoneIsInTwo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		w.command(t, ownerPassword+"\n", "account", "add", "--appid", "wxanother0000001", "--secret", "s", "--token", "tok",
			"--name", "另一个", "--owner-phone", "13800000000", "--owner-name", "老板")
		both := map[string]string{"phone": "13800000000", "password": ownerPassword}
		require.Equal(t, "account_needed", w.must(409, "POST", "/api/session", "", both).str("reason"))
		both["appid"] = w.appid
		w.must(201, "POST", "/api/session", "", both)
	})
}

func TestPeople_haveStoresAndRoles(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		region := w.must(201, "POST", "/api/regions", w.owner, `{"name":"华东"}`).str("id")
		body := `{"name":"一店","code":"S1","region_id":"` + region + `"}`
		store := w.must(201, "POST", "/api/stores", w.owner, body)
		require.Equal(t, region, store.str("region_id"))
		require.Equal(t, "Asia/Shanghai", store.str("time_zone"))
		require.Equal(t, "duplicate", w.must(409, "POST", "/api/stores", w.owner, body).str("reason"))
		other := w.addStore("二店")
		changed := w.must(200, "PATCH", "/api/stores/"+store.str("id"), w.owner, `{"region_id":null,"greeting":"欢迎"}`)
		require.Nil(t, changed.get("region_id"))
		require.Equal(t, "欢迎", changed.str("greeting"))

		manager := w.addStaff(model.RoleManager, "店长", store.str("id"))
		clerk := w.addStaff(model.RoleClerk, "小王", store.str("id"))
		stranger := w.addStaff(model.RoleClerk, "小李", other)
		require.Len(t, w.must(200, "GET", "/api/staff", w.owner, nil).items(), 4)
		require.Len(t, w.must(200, "GET", "/api/staff", manager.token, nil).items(), 2)
		require.Len(t, w.must(200, "GET", "/api/stores", clerk.token, nil).items(), 1)
		page := w.must(200, "GET", "/api/staff?limit=3", w.owner, nil)
		require.Len(t, w.must(200, "GET", "/api/staff?limit=3&cursor="+page.str("next"), w.owner, nil).items(), 1)
		require.Equal(t, "138****0000", page.str("items", 0, "phone"))

		w.must(200, "GET", "/api/staff/"+clerk.id, manager.token, nil)
		w.must(404, "GET", "/api/staff/"+stranger.id, manager.token, nil)
		w.must(404, "PATCH", "/api/staff/"+stranger.id, manager.token, `{"name":"x"}`)
		w.must(403, "PATCH", "/api/staff/"+clerk.id, manager.token, `{"role":"manager"}`)
		w.must(200, "PATCH", "/api/staff/"+clerk.id, manager.token, `{"name":"王"}`)

		w.must(204, "DELETE", "/api/staff/"+clerk.id, manager.token, nil)
		w.must(401, "GET", "/api/me", clerk.token, nil)
		w.must(409, "DELETE", "/api/staff/"+w.ownerID, w.owner, nil)
		w.must(204, "POST", "/api/staff/"+clerk.id+"/reactivate", w.owner, nil)
		w.signIn(clerk.phone, clerk.password)
	})
}

func TestAccount_keepsItsSecretsAndSaysWhoChangedWhat(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		clerk := w.addStaff(model.RoleClerk, "小王", w.addStore("一店"))
		a := w.must(200, "PATCH", "/api/account", w.owner, `{"second_scan":"ask","secret":"a-new-secret"}`)
		require.Equal(t, "ask", a.str("second_scan"))
		require.NotContains(t, string(a.raw), "a-new-secret")
		require.Equal(t, w.url+"/wechat/"+w.appid, a.str("callback_url"))
		w.must(403, "PATCH", "/api/account", clerk.token, `{"name":`)
		w.must(422, "PATCH", "/api/account", w.owner, `{"second_scan":"other"}`)
		w.must(204, "POST", "/api/account/resume", w.owner, nil)

		list := w.must(200, "GET", "/api/audits?action=account.update&limit=1", w.owner, nil)
		require.Equal(t, w.ownerID, list.str("items", 0, "actor_id"))
		require.Equal(t, "second_scan,secret", list.str("items", 0, "detail"))
		require.NotEmpty(t, list.str("items", 0, "request_id"))
		w.must(403, "GET", "/api/audits", clerk.token, nil)
	})
}

func TestErrors_comeInOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		clerk := w.addStaff(model.RoleClerk, "小王", w.addStore("一店"))
		for _, c := range []struct {
			status              int
			method, path, token string
			body                any
		}{
			{401, "POST", "/api/stores", "", `{`},
			{401, "POST", "/api/stores", "nobody", `{`},
			{403, "POST", "/api/stores", clerk.token, `{`},
			{400, "POST", "/api/stores", w.owner, `{`},
			{422, "POST", "/api/stores", w.owner, `{}`},
			{422, "POST", "/api/stores", w.owner, `{"name":"x","code":"c","colour":"red"}`},
			{422, "POST", "/api/stores", w.owner, `{"name":"x","code":"c","time_zone":"Mars/Olympus"}`},
			{422, "POST", "/api/stores", w.owner, `{"name":"` + strings.Repeat("长", 201) + `","code":"c"}`},
			{422, "POST", "/api/stores", w.owner, `{"name":"a\u0000b","code":"c"}`},
			{404, "POST", "/api/stores", w.owner, `{"name":"x","code":"c","region_id":"never"}`},
			{413, "POST", "/api/stores", w.owner, `{"name":"` + strings.Repeat("x", rest.DefaultMaxBody) + `"}`},
			{404, "GET", "/api/stores/never", w.owner, nil},
			{404, "GET", "/api/stores/" + model.NewID(), w.owner, nil},
			{404, "GET", "/api/stores/%00", w.owner, nil},
			{422, "GET", "/api/stores?limit=0", w.owner, nil},
			{422, "GET", "/api/stores?cursor=x", w.owner, nil},
			{404, "GET", "/api/nothing", w.owner, nil},
			{405, "PUT", "/api/stores", w.owner, nil},
		} {
			a := w.must(c.status, c.method, c.path, c.token, c.body)
			require.Equal(t, "application/problem+json", a.header.Get("Content-Type"))
			require.NotEmpty(t, a.str("reason"))
		}
	})
}

func TestIdempotencyKey_makesTwoCallsOne(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		body := `{"name":"一店","code":"S1"}`
		first := w.must(201, "POST", "/api/stores", w.owner, body, "Idempotency-Key", "k1")
		again := w.must(201, "POST", "/api/stores", w.owner, body, "Idempotency-Key", "k1")
		require.Equal(t, first.raw, again.raw)
		require.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
		a := w.must(409, "POST", "/api/stores", w.owner, `{"name":"二店","code":"S2"}`, "Idempotency-Key", "k1")
		require.Equal(t, "idempotency_mismatch", a.str("reason"))
		w.must(409, "POST", "/api/stores", w.owner, body, "Idempotency-Key", "k2")
		// What failed is not kept: the same key may succeed later.
		w.must(422, "POST", "/api/stores", w.owner, `{"name":"","code":"S3"}`, "Idempotency-Key", "k3")
		w.must(201, "POST", "/api/stores", w.owner, `{"name":"三店","code":"S3"}`, "Idempotency-Key", "k3")
		require.Len(t, w.must(200, "GET", "/api/stores", w.owner, nil).items(), 2)
	})
}

func TestIdempotencyKey_holdsForCallsAtTheSameTimeOnTwoInstances(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		if w.kind == database.SQLite {
			t.Skip("SQLite is for one instance")
		}
		instances := []*instance{w.instance, w.start(t, roleAPI)}
		statuses := make([]int, 16)
		var wg sync.WaitGroup
		for n := range statuses {
			wg.Go(func() {
				a := instances[n%2].do("POST", "/api/regions", w.owner, `{"name":"华东"}`, "Idempotency-Key", "same")
				statuses[n] = a.status
			})
		}
		wg.Wait()
		for _, s := range statuses {
			require.Contains(t, []int{201, 409}, s)
		}
		require.Len(t, w.must(200, "GET", "/api/regions", w.owner, nil).items(), 1)
	})
}

func TestCallback_answersByTheContract(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		good := w.push("oOne", "1001")
		check := func(status int, text string, change func(*push)) {
			t.Helper()
			p := good
			change(&p)
			got, body := w.send(p)
			require.Equal(t, status, got, body)
			if text != "" {
				require.Equal(t, text, body)
			}
		}
		check(200, "success", func(*push) {})
		check(200, "success", func(*push) {}) // a repeat
		check(404, "", func(p *push) { p.appid = "wx0000000000000000" })
		check(404, "", func(p *push) { p.appid = "x" })
		check(403, "", func(p *push) { p.token = "another" })
		check(403, "", func(p *push) { p.signature = strings.Repeat("0", 40) })
		check(403, "", func(p *push) { p.key = strings.Repeat("A", 43) })
		check(403, "", func(p *push) { p.inner = "wx0000000000000000" })
		check(403, "", func(p *push) { p.plain = true })
		check(403, "", func(p *push) { p.at = p.at.Add(-wechat.MaxClockSkew - time.Minute) })
		check(403, "", func(p *push) { p.at = p.at.Add(wechat.MaxClockSkew + time.Minute) })
		check(200, "success", func(p *push) { p.at = p.at.Add(time.Minute - wechat.MaxClockSkew) })
		check(400, "", func(p *push) { p.body = "no xml" })
		check(400, "", func(p *push) { p.xml = "<xml><MsgType>" })
		check(400, "", func(p *push) { p.xml = `<!DOCTYPE x [<!ENTITY a "b">]>` + p.xml })
		check(413, "", func(p *push) { p.body = strings.Repeat("x", wechat.MaxBody+1) })
		check(413, "", func(p *push) { p.body, p.signature = strings.Repeat("x", wechat.MaxBody*2), "wrong" })

		status, body := w.verify(w.appid, "")
		require.Equal(t, 200, status)
		require.Equal(t, "echo<1>", body)
		status, _ = w.verify(w.appid, strings.Repeat("0", 40))
		require.Equal(t, 403, status)
		status, _ = w.verify("wx0000000000000000", "")
		require.Equal(t, 404, status)
		require.NoError(t, w.sim.VerifyCallback(t.Context(), w.appid))
	})
}

func TestHealth_tellsAliveReadyAndFigures(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		status, body := w.send(w.push("oOne", "1"))
		require.Equal(t, 200, status, body)
		worker := w.start(t, roleWorker)
		for _, url := range []string{w.url, worker.url} {
			i := &instance{t: t, url: url, contract: w.contract}
			require.Equal(t, "ok\n", string(i.must(200, "GET", "/healthz", "", nil).raw))
			require.Equal(t, "ok", i.must(200, "GET", "/readyz", "", nil).str("status"))
			require.Contains(t, string(i.must(200, "GET", "/metrics", "", nil).raw), "liuke_feed_clients 0")
		}
		figures := string(w.must(200, "GET", "/metrics", "", nil).raw)
		require.Contains(t, figures, `liuke_callback_seconds_count{status="200"} 1`)
		require.Contains(t, figures, "liuke_accept_batch_size_count 1")
		require.NotContains(t, figures, "oOne")
		worker.stop()

		var stderr strings.Builder
		_, port, err := net.SplitHostPort(w.app.Addr())
		require.NoError(t, err)
		code := run(t.Context(), []string{"healthcheck"}, []string{"LIUKE_LISTEN=0.0.0.0:" + port}, strings.NewReader(""), io.Discard, &stderr)
		require.Equal(t, exitDone, code, "%s", &stderr)
	})
}

func TestFeed_tellsWhatHappensAndEndsWithTheRight(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		clerk := w.addStaff(model.RoleClerk, "小王", w.addStore("一店"))
		feed := w.feed(clerk.token, "")
		eventually(t, func() bool {
			return strings.Contains(string(w.must(200, "GET", "/metrics", "", nil).raw), "liuke_feed_clients 1")
		}, "the feed is counted")
		require.Equal(t, 401, w.do("GET", "/api/feed", "", nil).status)
		feed.until("member", w.must(201, "POST", "/api/members", clerk.token, `{"name":"小红"}`).str("id"))
		w.must(204, "DELETE", "/api/staff/"+clerk.id, w.owner, nil)
		feed.ended()
	})
}

func TestFeed_letsOnePersonHaveFiveStreams(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		oldest := w.feed(w.owner, "")
		for range 5 {
			w.feed(w.owner, "")
		}
		oldest.ended()
	})
}

func TestStop_endsStreamsAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		feed := w.feed(w.owner, "")
		began := time.Now()
		w.stop()
		feed.ended()
		require.Less(t, time.Since(began), 5*time.Second)
	})
}

func TestLogs_holdNoSecretAndNoPhone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		w.must(200, "GET", "/api/members?q=13800000000", w.owner, nil)
		status, _ := w.send(w.push("oSecretPerson", "1"))
		require.Equal(t, 200, status)
		w.stop()
		text := w.logs.String()
		require.Contains(t, text, `"route":"/api/members"`)
		for _, secret := range []string{"13800000000", ownerPassword, w.owner, "oSecretPerson", "你好", "老板", testSecret, testToken, testAESKey} {
			require.NotContains(t, text, secret)
		}
	})
}
