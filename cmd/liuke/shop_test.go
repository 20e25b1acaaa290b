package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// finding gives the finding of one name in an answer of the check of the connection.
func finding(a answer, name string) map[string]any {
	for _, item := range a.items() {
		if m, ok := item.(map[string]any); ok && m["check"] == name {
			return m
		}
	}
	return nil
}

func TestCheckAccount_tellsWhatIsWrongWithTheConnection(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		got := w.must(200, "POST", "/api/account/check", w.owner, nil)
		for _, name := range []string{"state", "secret", "api", "address", "callback", "aes_key", "token"} {
			require.Equal(t, true, finding(got, name)["ok"], name)
		}
		require.Equal(t, "none_yet", finding(got, "pushes")["reason"])

		p := w.push("o-check", "1")
		status, _ := w.send(p)
		require.Equal(t, 200, status)
		w.must(200, "PATCH", "/api/account", w.owner, map[string]any{"aes_key": strings.Repeat("A", 43)})
		w.must(200, "PATCH", "/api/account", w.owner, map[string]any{"aes_key": strings.Repeat("B", 42) + "A", "secret": "not-the-secret"})
		eventually(t, func() bool { status, _ := w.send(w.push("o-check", "2")); return status == 403 }, "the old key is forgotten")
		eventually(t, func() bool {
			got = w.must(200, "POST", "/api/account/check", w.owner, nil)
			return finding(got, "secret")["ok"] == false && finding(got, "pushes")["ok"] == true
		}, "the new secret is asked for, and the push is worked off")
		require.Equal(t, "config_secret", finding(got, "secret")["reason"])
		require.Equal(t, "no_token", finding(got, "api")["reason"])
		require.Equal(t, "aes_key", finding(got, "aes_key")["reason"])
		require.Equal(t, true, finding(got, "callback")["ok"])

		clerk := w.addStaff("clerk", "小李", w.addStore("一店"))
		w.must(403, "POST", "/api/account/check", clerk.token, nil)
	})
}

func TestDuty_isSetByTheManagerAndSeenByTheClerk(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		store := w.addStore("一店")
		manager, clerk := w.addStaff("manager", "店长", store), w.addStaff("clerk", "小李", store)
		path := "/api/staff/" + clerk.id + "/duty"
		require.Empty(t, w.must(200, "GET", path, clerk.token, nil).get("hours"))
		week := map[string]any{"hours": []any{
			map[string]any{"weekday": 1, "from": "09:00", "to": "18:00"}, map[string]any{"weekday": 5, "from": "20:00", "to": "00:00"},
		}, "daily_cap": 12, "backup": true}
		w.must(403, "PUT", path, clerk.token, week)
		got := w.must(200, "PUT", path, manager.token, week)
		require.Equal(t, "24:00", got.get("hours", 1, "to"))
		require.EqualValues(t, 12, got.get("daily_cap"))
		require.Equal(t, true, w.must(200, "GET", path, clerk.token, nil).get("backup"))
		for _, bad := range []string{`{"hours":[{"weekday":0,"from":"09:00","to":"18:00"}]}`, `{"hours":[{"weekday":1,"from":"9","to":"18:00"}]}`, `{}`} {
			w.must(422, "PUT", path, manager.token, bad)
		}
		w.must(404, "GET", "/api/staff/nobody/duty", clerk.token, nil)
	})
}

func TestFigures_ofCodesAndStoresAreShownAndPrinted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		store := w.addStore("一店")
		clerk, stranger := w.addStaff("clerk", "小李", store), w.addStaff("clerk", "小王", w.addStore("二店"))
		code := w.must(201, "POST", "/api/codes", clerk.token, map[string]string{"kind": "clerk"})
		p := w.sim.NewPerson("王宝妈")
		_, err := w.sim.Scan(w.appid, p.OpenID, code.str("scene"))
		require.NoError(t, err)
		eventually(t, func() bool {
			return w.must(200, "GET", "/api/reports/overview", clerk.token, nil).get("total", "scans") == 1.0
		}, "the scan is counted")
		path := "/api/codes/" + code.str("id")
		require.EqualValues(t, 1, w.must(200, "GET", path+"/statistics", clerk.token, nil).get("total", "followed"))
		w.must(404, "GET", path+"/statistics", stranger.token, nil)
		require.Len(t, w.must(200, "GET", path+"/statistics?from=2026-01-01&to=2026-01-03", clerk.token, nil).items(), 3)
		require.EqualValues(t, 1, w.must(200, "GET", "/api/scan_statistics", w.owner, nil).get("sources", 0, "scans"))
		require.Len(t, w.must(200, "GET", "/api/reports/days?store_id="+store, w.owner, nil).items(), 30)
		w.must(422, "GET", "/api/reports/days?from=2026-02-30", w.owner, nil)
		w.must(422, "GET", "/api/reports/days.csv?from=x", w.owner, nil)
		table := string(w.must(200, "GET", "/api/reports/days.csv?from=2026-01-01&to=2026-01-02", w.owner, nil).raw)
		require.Equal(t, "\ufeffday,new_members,scans,unfollows,messages_in,messages_out,answered,median_answer_seconds\n"+
			"2026-01-01,0,0,0,0,0,0,\n2026-01-02,0,0,0,0,0,0,\n", table)
		require.True(t, strings.HasPrefix(string(w.must(200, "GET", path+"/poster.pdf?size=a5", clerk.token, nil).raw), "%PDF-"))
		w.must(422, "GET", path+"/poster.pdf?size=A0", clerk.token, nil)
		w.must(404, "GET", path+"/poster.pdf", stranger.token, nil)
	})
}

func TestLink_isMadeByScanningAndEndedByTheClerk(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		clerk := w.addStaff("clerk", "小李", w.addStore("一店"))
		require.Equal(t, false, w.must(200, "GET", "/api/me/link", clerk.token, nil).get("linked"))
		code := w.must(201, "POST", "/api/me/link_code", clerk.token, nil)
		require.Contains(t, code.str("svg"), "<svg")
		row := struct{ Scene string }{}
		require.NoError(t, w.app.db.Read(t.Context()).Table("codes").Where("id = ?", code.str("id")).Scan(&row).Error)
		p := w.sim.NewPerson("小李的手机")
		_, err := w.sim.Scan(w.appid, p.OpenID, row.Scene)
		require.NoError(t, err)
		linked := func() bool { return w.must(200, "GET", "/api/me/link", clerk.token, nil).get("linked") == true }
		eventually(t, linked, "linked")
		w.must(204, "DELETE", "/api/me/link", clerk.token, nil)
		require.False(t, linked())

		w.must(403, "PUT", "/api/notice_settings", clerk.token, map[string]string{"template_id": "T", "field": "thing1"})
		w.must(200, "PUT", "/api/notice_settings", w.owner, map[string]string{"template_id": "T", "field": "thing1"})
		require.Equal(t, "thing1", w.must(200, "GET", "/api/notice_settings", w.owner, nil).str("field"))
		w.must(422, "PUT", "/api/notice_settings", w.owner, map[string]string{"template_id": "T", "field": "x"})
	})
}
