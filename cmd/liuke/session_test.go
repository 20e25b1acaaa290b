package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/api/rest"
	"liuke/model"
)

func TestSignInCode_isMadeByAManagerAndOpensOnePhone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		store := w.addStore("一店")
		manager, clerk := w.addStaff(model.RoleManager, "店长", store), w.addStaff(model.RoleClerk, "小王", store)
		stranger := w.addStaff(model.RoleClerk, "小李", w.addStore("二店"))
		path := "/api/staff/" + clerk.id + "/sign_in_code"
		w.must(401, "POST", path, "", nil)
		w.must(403, "POST", path, clerk.token, nil)
		w.must(403, "POST", "/api/staff/"+manager.id+"/sign_in_code", manager.token, nil)
		w.must(404, "POST", "/api/staff/"+stranger.id+"/sign_in_code", manager.token, nil)
		w.must(404, "POST", "/api/staff/none/sign_in_code", manager.token, nil)
		w.must(404, "GET", path, manager.token, nil)

		code := w.must(201, "POST", path, manager.token, nil)
		page, secret, _ := strings.Cut(code.str("url"), "#")
		require.Equal(t, w.url+"/app/enter", page)
		require.Contains(t, code.str("svg"), "<svg")
		require.Nil(t, w.must(200, "GET", path, manager.token, nil).get("used_at"))

		require.Equal(t, "code_unknown", w.must(401, "POST", "/api/session/code", "", `{"code":"nonsense"}`).str("reason"))
		in := w.must(201, "POST", "/api/session/code", "", map[string]string{"code": secret})
		require.Equal(t, clerk.id, in.str("staff", "id"))
		names := map[string]bool{}
		for _, c := range (&http.Response{Header: in.header}).Cookies() {
			names[c.Name] = true
		}
		require.True(t, names[rest.SessionCookie] && names[rest.CSRFCookie])
		require.Equal(t, "code_used", w.must(401, "POST", "/api/session/code", "", map[string]string{"code": secret}).str("reason"))
		require.NotNil(t, w.must(200, "GET", path, manager.token, nil).get("used_at"))

		require.Equal(t, true, w.must(200, "GET", "/api/me", clerk.token, nil).get("staff", "old_password_needed"))
		require.Equal(t, false, w.must(200, "GET", "/api/me", in.str("token"), nil).get("staff", "old_password_needed"))
		w.must(422, "POST", "/api/me/password", clerk.token, `{"password":"a password of mine"}`)
		w.must(204, "POST", "/api/me/password", in.str("token"), `{"password":"a password of mine"}`)
		w.signIn(clerk.phone, "a password of mine")

		w.must(201, "POST", path, manager.token, nil)
		w.must(204, "DELETE", path, manager.token, nil)
		w.must(404, "GET", path, manager.token, nil)
		for _, action := range []string{"sign_in_code.create", "sign_in_code.revoke"} {
			list := w.must(200, "GET", "/api/audits?limit=1&action="+action, w.owner, nil)
			require.Equal(t, manager.id, list.str("items", 0, "actor_id"))
			require.Equal(t, clerk.id, list.str("items", 0, "object_id"))
		}
	})
}

func TestBusinessHours_areOfTheAccountAndOfAStore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		store := w.addStore("一店")
		require.Empty(t, w.must(200, "GET", "/api/account", w.owner, nil).get("business_hours"))
		const week = `[{"weekday":1,"from":"09:00","to":"18:00"},{"weekday":5,"from":"22:00","to":"02:00"},{"weekday":7,"from":"00:00","to":"24:00"}]`
		a := w.must(200, "PATCH", "/api/account", w.owner, `{"business_hours":`+week+`}`)
		require.Equal(t, "02:00", a.str("business_hours", 1, "to"))
		require.Equal(t, "24:00", a.str("business_hours", 2, "to"))
		for _, c := range []struct{ hours, field, reason string }{
			{`[{"weekday":1,"from":"09:00","to":"18:00"},{"weekday":1,"from":"17:00","to":"19:00"}]`, "business_hours[1]", "overlaps"},
			{`[{"weekday":1,"from":"09:00","to":"09:30"}]`, "business_hours", "too_short"},
		} {
			for _, path := range []string{"/api/account", "/api/stores/" + store} {
				refused := w.must(422, "PATCH", path, w.owner, `{"business_hours":`+c.hours+`}`)
				require.Equal(t, c.field, refused.str("errors", 0, "field"), c.hours)
				require.Equal(t, c.reason, refused.str("errors", 0, "reason"), c.hours)
			}
		}
		w.must(422, "PATCH", "/api/account", w.owner, `{"business_hours":[{"weekday":8,"from":"9","to":"25:00"}]}`)
		w.must(403, "PATCH", "/api/account", w.addStaff(model.RoleManager, "店长", store).token, `{"business_hours":[]}`)

		s := w.must(200, "PATCH", "/api/stores/"+store, w.owner, `{"business_hours":[{"weekday":2,"from":"10:00","to":"20:00"}]}`)
		require.Equal(t, "10:00", s.str("business_hours", 0, "from"))
		require.Len(t, w.must(200, "PATCH", "/api/stores/"+store, w.owner, `{"name":"一店改名"}`).get("business_hours"), 1, "it stays")
		require.Empty(t, w.must(200, "PATCH", "/api/stores/"+store, w.owner, `{"business_hours":[]}`).get("business_hours"))
		require.Len(t, w.must(200, "GET", "/api/account", w.owner, nil).get("business_hours"), 3)
	})
}
