package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"liuke/model"
)

// reaches waits until a handover is in a state.
func (i *instance) reaches(token, id, state string) answer {
	i.t.Helper()
	var got answer
	eventually(i.t, func() bool {
		got = i.must(200, "GET", "/api/handovers/"+id, token, nil)
		return got.str("state") == state
	}, "handover is "+state)
	return got
}

func TestHandover_ofALeaverRunsAndIsTakenBackOverHTTP(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		store := w.addStore("一店")
		c := w.talk(t, store)
		manager, next, third := w.addStaff(model.RoleManager, "店长", store), w.addStaff(model.RoleClerk, "小李", store), w.addStaff(model.RoleClerk, "小张", store)
		second := w.must(201, "POST", "/api/members", c.clerk.token, map[string]string{"name": "=会员", "phone": "13700000001"}).str("id")
		body := map[string]any{"from_clerk_id": c.clerk.id, "rule": map[string]any{"kind": "balanced", "to": []string{next.id, third.id}}, "leaving": true}

		w.must(401, "POST", "/api/handovers", "", body)
		w.must(403, "POST", "/api/handovers", next.token, body)
		require.Equal(t, "invalid_input", w.must(422, "POST", "/api/handovers", manager.token, map[string]any{"from_clerk_id": c.clerk.id, "leaving": true, "whim": 1}).str("reason"))
		plan := w.must(201, "POST", "/api/handovers", manager.token, body)
		id := plan.str("id")
		require.Equal(t, "planned", plan.str("state"))
		require.EqualValues(t, 2, plan.get("preview", "members"))
		require.EqualValues(t, 1, plan.get("preview", "open", "waiting"))
		require.Equal(t, true, plan.get("fit", "ok"))
		require.Equal(t, c.clerk.id, w.must(200, "GET", "/api/members/"+c.member, w.owner, nil).str("clerk_id"))
		w.must(404, "GET", "/api/handovers/nonsense", manager.token, nil)

		w.must(202, "POST", "/api/handovers/"+id+"/run", manager.token, nil)
		done := w.reaches(manager.token, id, "done")
		require.EqualValues(t, 2, done.get("counts", "moved"))
		require.Equal(t, "not_planned", w.must(409, "POST", "/api/handovers/"+id+"/run", manager.token, nil).str("reason"))
		w.must(401, "GET", "/api/me", c.clerk.token, nil)

		owner := w.must(200, "GET", "/api/members/"+c.member, w.owner, nil).str("clerk_id")
		heir := map[string]person{next.id: next, third.id: third}[owner]
		require.NotEmpty(t, heir.id)
		waiting := w.must(200, "GET", "/api/conversations?queue=waiting", heir.token, nil)
		require.Equal(t, c.chat, waiting.str("items", 0, "id"))
		require.Len(t, w.must(200, "GET", "/api/todos?state=open", heir.token, nil).items(), 1)
		past := time.UnixMilli(1).UTC().Format(time.RFC3339)
		require.Nil(t, w.must(200, "GET", "/api/members/"+c.member+"/owner?at="+past, w.owner, nil).get("clerk_id"))
		now := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		require.Equal(t, heir.id, w.must(200, "GET", "/api/members/"+c.member+"/owner?at="+now, w.owner, nil).str("clerk_id"))

		moves := w.must(200, "GET", "/api/handovers/"+id+"/moves?limit=1", manager.token, nil)
		require.Equal(t, "moved", moves.str("items", 0, "result"))
		require.Nil(t, moves.get("items", 0, "reason"))
		require.Len(t, w.must(200, "GET", "/api/handovers/"+id+"/moves?cursor="+moves.str("next"), manager.token, nil).items(), 1)
		file := w.must(200, "GET", "/api/handovers/"+id+"/moves.csv", manager.token, nil)
		require.True(t, strings.HasPrefix(string(file.raw), "\ufeff会员编号,"))
		require.Equal(t, 3, strings.Count(string(file.raw), "\n"))
		require.Contains(t, string(file.raw), second+",'=会员,")
		file = w.must(200, "GET", "/api/handovers/"+id+"/moves.xlsx", manager.token, nil)
		require.Contains(t, file.header.Get("Content-Disposition"), id+".xlsx")
		book, err := excelize.OpenReader(bytes.NewReader(file.raw))
		require.NoError(t, err)
		rows, err := book.GetRows(book.GetSheetName(0))
		require.NoError(t, err)
		require.Len(t, rows, 3)
		require.Equal(t, []string{"会员编号", "姓名", "卡号"}, rows[0][:3])
		for _, row := range rows[1:] {
			require.Equal(t, "已交接", row[7])
			if row[0] == second {
				require.Equal(t, "=会员", row[1], "a text, no formula")
			}
		}
		require.NoError(t, book.Close())
		w.must(404, "GET", "/api/handovers/"+model.NewID()+"/moves.xlsx", manager.token, nil)
		w.must(403, "GET", "/api/handovers/"+id+"/moves.xlsx", next.token, nil)

		require.EqualValues(t, 0, done.get("left"))
		w.must(403, "POST", "/api/handovers/"+id+"/retry", next.token, nil)
		require.Equal(t, "nothing_to_retry", w.must(409, "POST", "/api/handovers/"+id+"/retry", manager.token, nil).str("reason"))
		w.must(422, "POST", "/api/handovers/"+id+"/retry", manager.token, `{"whim":1}`)
		w.must(409, "POST", "/api/handovers/"+id+"/retry", manager.token, map[string]any{"to": []string{third.id}})
		w.must(202, "POST", "/api/handovers/"+id+"/undo", manager.token, nil)
		back := w.reaches(manager.token, id, "undone")
		require.EqualValues(t, 2, back.get("counts", "undone"))
		require.Equal(t, "not_done", w.must(409, "POST", "/api/handovers/"+id+"/undo", manager.token, nil).str("reason"))
		c.clerk.token = w.signIn(c.clerk.phone, c.clerk.password)
		require.Equal(t, c.chat, w.must(200, "GET", "/api/conversations?queue=waiting", c.clerk.token, nil).str("items", 0, "id"))
	})
}

func TestHandover_byFileOverHTTP(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		store := w.addStore("一店")
		manager, from, next := w.addStaff(model.RoleManager, "店长", store), w.addStaff(model.RoleClerk, "小王", store), w.addStaff(model.RoleClerk, "小李", store)
		one := w.must(201, "POST", "/api/members", from.token, map[string]string{"name": "豆豆妈", "phone": "13700000001"}).str("id")
		list := "手机,接手导购\n13700000001,小李\n13700000009,小李\n"
		at := "/api/handovers/moves?from_clerk_id=" + from.id
		w.must(401, "POST", at, "", list)
		w.must(403, "POST", at, next.token, list)
		w.must(404, "POST", "/api/handovers/moves?from_clerk_id=x", manager.token, list)
		form := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n" + list + "\r\n--x--\r\n"
		w.must(200, "POST", at, manager.token, form, "Content-Type", "multipart/form-data; boundary=x")
		w.must(422, "POST", at, manager.token, "姓名\n豆豆妈\n", "Content-Type", "text/csv")
		w.must(413, "POST", at, manager.token, strings.Repeat("x", model.MaxImportBytes+1), "Content-Type", "text/csv")
		read := w.must(200, "POST", at, manager.token, list, "Content-Type", "text/csv")
		require.EqualValues(t, 2, read.get("total"))
		require.Equal(t, one, read.str("moves", 0, "member_id"))
		require.Equal(t, "豆豆妈", read.str("moves", 0, "member_name"))
		require.Equal(t, "member_unknown", read.str("refused", 0, "reason"))
		require.Equal(t, "13700000009", read.str("refused", 0, "phone"))
		moves := []map[string]string{{"member_id": one, "to_clerk_id": read.str("moves", 0, "to_clerk_id")}}
		plan := w.must(201, "POST", "/api/handovers", manager.token, map[string]any{"from_clerk_id": from.id, "moves": moves})
		require.EqualValues(t, 1, plan.get("preview", "why", "by_hand"))
	})
}

func TestHandover_dutiesOverHTTP(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		store := w.addStore("一店")
		c := w.talk(t, store)
		other := w.addStaff(model.RoleClerk, "小李", store)
		w.must(403, "PUT", "/api/staff/"+c.clerk.id+"/leaving", other.token, `{"last_day":"2099-01-31"}`)
		require.NotEmpty(t, w.must(200, "PUT", "/api/staff/"+c.clerk.id+"/leaving", w.owner, `{"last_day":"2099-01-31"}`).str("leaving_at"))
		require.NotEmpty(t, w.must(200, "GET", "/api/staff/"+c.clerk.id, w.owner, nil).str("leaving_at"))
		require.Equal(t, "leaving", w.must(403, "POST", "/api/members/"+c.member+"/phone_reveals", c.clerk.token, nil).str("reason"))
		require.NotEmpty(t, w.must(200, "GET", "/api/me", c.clerk.token, nil).str("staff", "leaving_at"))
		require.Equal(t, "leaving", w.must(403, "POST", "/api/members", c.clerk.token, `{"name":"新客"}`).str("reason"))
		handIn := "/api/staff/" + c.clerk.id + "/hand_in"
		w.must(404, "GET", handIn, other.token, nil)
		w.must(403, "POST", handIn+"/items", c.clerk.token, `{"title":"x"}`)
		list := w.must(201, "POST", handIn+"/items", w.owner, `{"title":"店门钥匙"}`)
		require.Equal(t, "店门钥匙", list.str("items", 4, "title"))
		list = w.must(200, "PATCH", handIn+"/items/"+list.str("items", 0, "id"), c.clerk.token, `{"done":true,"note":"都补齐了"}`)
		require.Equal(t, "leaver", list.str("side"))
		w.must(409, "POST", handIn+"/sign", c.clerk.token, `{"version":1}`)
		version := map[string]any{"version": list.get("version")}
		w.must(200, "POST", handIn+"/sign", c.clerk.token, version)
		signed := w.must(200, "POST", handIn+"/sign", w.owner, version)
		require.Equal(t, true, signed.get("signed"))
		require.Equal(t, "都补齐了", signed.str("signatures", 0, "items", 0, "note"))
		w.must(204, "DELETE", handIn+"/items/"+list.str("items", 4, "id"), w.owner, nil)
		require.Equal(t, false, w.must(200, "GET", handIn, c.clerk.token, nil).get("signed"))
		w.must(404, "PATCH", handIn+"/items/x", w.owner, `{"done":true}`)
		require.Len(t, w.must(200, "GET", "/api/staff/"+c.clerk.id+"/opened_files", w.owner, nil).get("days"), model.BrowsingDays)
		w.must(403, "GET", "/api/staff/"+c.clerk.id+"/opened_files", c.clerk.token, nil)
		require.Empty(t, w.must(200, "GET", "/api/browsings", w.owner, nil).items())
		w.must(204, "DELETE", "/api/staff/"+c.clerk.id+"/leaving", w.owner, nil)
		w.must(404, "GET", handIn, c.clerk.token, nil)

		body := map[string]any{
			"clerk_id": c.clerk.id, "substitute_id": other.id,
			"from": time.Now().UTC().Format(time.RFC3339), "to": time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
		}
		sub := w.must(http.StatusCreated, "POST", "/api/substitutes", w.owner, body).str("id")
		require.Equal(t, c.chat, w.must(200, "GET", "/api/conversations?queue=mine", other.token, nil).str("items", 0, "id"))
		require.Equal(t, "overlaps", w.must(409, "POST", "/api/substitutes", w.owner, body).str("reason"))
		require.Equal(t, "小李", w.must(200, "GET", "/api/substitutes", other.token, nil).str("items", 0, "substitute_name"))
		require.Empty(t, w.must(200, "GET", "/api/substitutes?from=2090-01-01T00:00:00Z", other.token, nil).items())
		w.must(204, "DELETE", "/api/substitutes/"+sub, w.owner, nil)
		require.Empty(t, w.must(200, "GET", "/api/conversations?queue=mine", other.token, nil).items())
		w.must(404, "DELETE", "/api/substitutes/"+model.NewID(), w.owner, nil)
	})
}
