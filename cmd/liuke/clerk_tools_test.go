package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

func TestMemberFile_overHTTP(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		store := w.addStore("一店")
		clerk, manager := w.addStaff(model.RoleClerk, "小王", store), w.addStaff(model.RoleManager, "店长", store)
		m := w.must(201, "POST", "/api/members", clerk.token, `{"name":"王敏","phone":"13900010001"}`).str("id")
		at := "/api/members/" + m
		a := w.must(200, "PATCH", at, clerk.token,
			`{"birthday":"1990-05-01","sex":"female","children":[{"birthday":"2024-02-29"}],"class":"key","preferred_hours":null}`)
		require.Equal(t, "key", a.str("class"))
		require.Equal(t, "2024-02-29", a.str("children", 0, "birthday"))
		require.Nil(t, w.must(200, "PATCH", at, clerk.token, `{"class":null}`).get("class"))
		w.must(422, "PATCH", at, clerk.token, `{"birthday":"heute"}`)
		w.must(404, "PATCH", "/api/members/never", clerk.token, `{"name":"x"}`)
		w.must(200, "PUT", at+"/tags", clerk.token, `{"tags":["二胎"]}`)
		require.Equal(t, "二胎", w.must(200, "GET", "/api/tags", clerk.token, nil).str("items", 0, "tag"))
		note := w.must(201, "POST", at+"/notes", clerk.token, `{"text":"怕冷"}`).str("id")
		require.Len(t, w.must(200, "GET", at+"/notes", clerk.token, nil).items(), 1)
		require.Len(t, w.must(200, "GET", at+"/timeline", clerk.token, nil).items(), 2)
		w.must(204, "DELETE", at+"/notes/"+note, clerk.token, nil)
		require.Len(t, w.must(200, "GET", "/api/members?tag=%E4%BA%8C%E8%83%8E&unbound=false&subscribed=false", clerk.token, nil).items(), 1)
		require.EqualValues(t, 1, w.must(200, "GET", "/api/member_counts", clerk.token, nil).get("total"))
		require.EqualValues(t, 0, w.must(200, "GET", "/api/member_counts?clerk_id=never", clerk.token, nil).get("total"))
		require.EqualValues(t, 0, w.must(200, "GET", "/api/member_counts?class=key&sub_class=x", clerk.token, nil).get("total"))
		require.Equal(t, "爱跑步", w.must(200, "PATCH", at+"/tags", clerk.token, `{"add":["爱跑步"],"remove":["二胎"]}`).str("tags", 0))
		require.Equal(t, "changed_meanwhile", w.must(409, "PATCH", at, clerk.token, `{"children":[],"children_were":[]}`).str("reason"))
		require.Nil(t, w.must(200, "GET", at, clerk.token, nil).get("conversation_id"))

		other := w.must(201, "POST", "/api/members", manager.token, `{"name":"王敏","card_no":"C-1"}`).str("id")
		pair := fmt.Sprintf(`{"from":%q,"into":%q}`, other, m)
		w.must(403, "POST", "/api/member_merges", clerk.token, pair)
		require.Nil(t, w.must(200, "POST", "/api/member_merges?dry_run=true", manager.token, pair).get("id"))
		merge := w.must(200, "POST", "/api/member_merges", manager.token, pair).str("id")
		require.Equal(t, "C-1", w.must(200, "GET", at, clerk.token, nil).str("card_no"))
		w.must(200, "POST", "/api/member_merges/"+merge+"/undo", manager.token, nil)
		require.Equal(t, "cannot_undo", w.must(409, "POST", "/api/member_merges/"+merge+"/undo", manager.token, nil).str("reason"))
		require.Len(t, w.must(200, "GET", "/api/member_merges?member_id="+m, manager.token, nil).items(), 1)

		w.must(403, "POST", "/api/phrases", clerk.token, `{"scope":"account","title":"t","text":"x"}`)
		phrase := w.must(201, "POST", "/api/phrases", clerk.token, `{"scope":"own","title":"t","text":"x"}`).str("id")
		w.must(404, "POST", "/api/phrases/"+phrase+"/render", clerk.token, `{"conversation_id":"never"}`)
		w.must(200, "PATCH", "/api/phrases/"+phrase, clerk.token, `{"sort":3}`)
		w.must(204, "DELETE", "/api/phrases/"+phrase, clerk.token, nil)
		w.must(404, "GET", "/api/conversations/never/draft", clerk.token, nil)
		w.must(404, "POST", "/api/conversations/never/takeover", manager.token, nil)
		w.must(200, "GET", "/api/conversations?queue=unanswered", manager.token, nil)
		w.must(422, "PATCH", "/api/account", w.owner, `{"wait_amber_minutes":40}`)
		require.EqualValues(t, 50, w.must(200, "PATCH", "/api/account", w.owner, `{"wait_red_minutes":50}`).get("wait_red_minutes"))
	})
}

func TestImport_overHTTP(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		store := w.addStore("一店")
		manager, clerk := w.addStaff(model.RoleManager, "店长", store), w.addStaff(model.RoleClerk, "小王", store)
		list := "姓名,手机\n王敏,13900010001\n坏,1\n"
		w.must(403, "POST", "/api/member_imports", clerk.token, list)
		a := w.must(201, "POST", "/api/member_imports", manager.token, list)
		require.EqualValues(t, 2, a.get("total"))
		require.Equal(t, map[string]any{"name": 0.0, "phone": 1.0}, a.get("mapping"))
		form := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n" + list + "\r\n--x--\r\n"
		w.must(201, "POST", "/api/member_imports", manager.token, form, "Content-Type", "multipart/form-data; boundary=x")
		require.Equal(t, "too_large", w.must(413, "POST", "/api/member_imports", manager.token,
			strings.Repeat("x", model.MaxImportBytes+1)).str("reason"))
		at := "/api/member_imports/" + a.str("id")
		w.must(422, "POST", at+"/run", manager.token, `{"mapping":{"phone":1}}`)
		w.must(202, "POST", at+"/run", manager.token, `{"mapping":{"name":0,"phone":1}}`)
		require.Eventually(t, func() bool {
			return w.must(200, "GET", at, manager.token, nil).str("state") == model.ImportDone
		}, patience, 20*time.Millisecond)
		w.must(409, "POST", at+"/cancel", manager.token, nil)
		require.Contains(t, string(w.must(200, "GET", at+"/refused.csv", manager.token, nil).raw), "坏,1,3,phone_not_a_phone")
		w.must(404, "GET", "/api/member_imports/never/refused.csv", manager.token, nil)
		require.Len(t, w.must(200, "GET", "/api/member_imports", w.owner, nil).items(), 2)
		require.Contains(t, string(w.must(200, "GET", "/api/member_exports.csv", manager.token, nil).raw), "王敏")
		w.must(403, "GET", "/api/member_exports.xlsx?phones=true", manager.token, nil)
		w.must(200, "GET", "/api/member_exports.xlsx?phones=true", w.owner, nil)
		w.must(http.StatusForbidden, "GET", "/api/member_exports.csv", clerk.token, nil)
	})
}
