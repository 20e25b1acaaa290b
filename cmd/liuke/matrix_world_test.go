package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
)

// matrix is a chain with two stores, and another chain in the same database. Whatever has an id lies in the first store
// and is the clerk's where it can be somebody's.
type matrix struct {
	*running

	callers []caller
	ids     map[string]string // what stands for a parameter of a path, by the part before it
}

// caller is somebody who tries.
type caller struct{ name, token string }

// newMatrix fills the two chains.
func newMatrix(t *testing.T, w *running) *matrix {
	t.Helper()
	x := &matrix{running: w}
	region, elsewhere := x.region("华东"), x.region("华北")
	store, other := w.addStore("一店"), w.addStore("二店")
	w.must(200, "PATCH", "/api/stores/"+store, w.owner, map[string]any{"region_id": region})
	w.must(200, "PATCH", "/api/stores/"+other, w.owner, map[string]any{"region_id": elsewhere})
	manager, clerk := w.addStaff(model.RoleManager, "店长", store), w.addStaff(model.RoleClerk, "店员", store)
	colleague := w.addStaff(model.RoleClerk, "同事", store)
	farManager, farClerk := w.addStaff(model.RoleManager, "别店店长", other), w.addStaff(model.RoleClerk, "别店店员", other)
	support := w.addStaff(model.RoleSupport, "客服", "")
	supervisor, farSupervisor := x.supervisor("督导", region), x.supervisor("别区督导", elsewhere)
	w.command(t, ownerPassword+"\n", "account", "add", "--appid", "wx00000000another", "--secret", "s", "--token", "tok",
		"--name", "别家", "--owner-phone", "13800000099", "--owner-name", "别人")
	x.callers = []caller{
		{"owner", w.owner},
		{"manager", manager.token},
		{"clerk", clerk.token},
		{"colleague", colleague.token},
		{"manager elsewhere", farManager.token},
		{"clerk elsewhere", farClerk.token},
		{"supervisor", supervisor.token},
		{"supervisor elsewhere", farSupervisor.token},
		{"support", support.token},
		{"owner of another chain", w.signIn("13800000099", ownerPassword)},
	}
	x.ids = map[string]string{"regions": region, "stores": store, "staff": clerk.id}
	x.leaveSomebody(t, store, manager, clerk)
	x.fillMember(t, manager, clerk)
	x.fillStore(t, manager, clerk, colleague)
	return x
}

func (x *matrix) region(name string) string {
	x.t.Helper()
	return x.must(http.StatusCreated, "POST", "/api/regions", x.owner, map[string]string{"name": name}).str("id")
}

func (x *matrix) supervisor(name, region string) person {
	x.t.Helper()
	p := x.addStaff(model.RoleSupervisor, name, "")
	x.must(200, "PATCH", "/api/staff/"+p.id, x.owner, map[string]any{"region_id": region})
	return p
}

// leaveSomebody lets a clerk leave whose member comes to the clerk with a to-do: a member with a chat and a code.
func (x *matrix) leaveSomebody(t *testing.T, store string, manager, clerk person) {
	t.Helper()
	c := x.talk(t, store)
	plan := x.must(201, "POST", "/api/handovers", manager.token, map[string]any{
		"from_clerk_id": c.clerk.id, "rule": map[string]any{"kind": "balanced", "to": []string{clerk.id}}, "leaving": true,
	}).str("id")
	x.must(202, "POST", "/api/handovers/"+plan+"/run", manager.token, nil)
	x.reaches(manager.token, plan, "done")
	x.ids["members"], x.ids["conversations"] = c.member, c.chat
	x.ids["handovers"], x.ids["received_handovers"] = plan, plan
	x.ids["messages"] = x.must(200, "GET", "/api/conversations/"+c.chat+"/messages", clerk.token, nil).str("items", 0, "id")
	todos := func() answer { return x.must(200, "GET", "/api/todos?handover_id="+plan, clerk.token, nil) }
	eventually(t, func() bool { return len(todos().items()) == 1 }, "the to-do is written")
	x.ids["todos"] = todos().str("items", 0, "id")
}

// fillMember gives the member of the clerk whatever hangs on a member.
func (x *matrix) fillMember(t *testing.T, manager, clerk person) {
	t.Helper()
	at := "/api/members/" + x.ids["members"]
	x.ids["notes"] = x.must(201, "POST", at+"/notes", clerk.token, `{"text":"怕冷"}`).str("id")
	x.must(201, "POST", at+"/complaints", x.owner, map[string]any{"channel": "phone", "text": "等了很久"})
	x.ids["complaints"] = x.must(200, "GET", "/api/complaints", x.owner, nil).str("items", 0, "id")
	double := x.must(201, "POST", "/api/members", clerk.token, `{"name":"王敏","card_no":"C-1"}`).str("id")
	x.ids["member_merges"] = x.must(200, "POST", "/api/member_merges", manager.token,
		map[string]string{"from": double, "into": x.ids["members"]}).str("id")
	var voice struct{ ID string }
	require.NoError(t, json.Unmarshal(x.must(201, "POST", "/api/media?kind=voice", clerk.token,
		"#!AMR\n\x3c\x91\x17\x16\xbe\x66\x79", "Content-Type", "audio/amr").raw, &voice))
	x.ids["media"] = voice.ID
	request := model.BindingRequest{
		ID: model.NewID(), AccountID: x.accountID, State: "open", Kind: "second_scan", MemberID: x.ids["members"],
		StoreID: x.ids["stores"], FromClerkID: clerk.id, ToClerkID: clerk.id, ToStoreID: x.ids["stores"], CreatedAt: 1,
	}
	require.NoError(t, x.app.db.InTx(t.Context(), func(tx *database.Tx) error { return tx.Create(&request).Error }))
	x.ids["binding_requests"] = request.ID
	erasure := model.Erasure{ID: model.NewID(), AccountID: x.accountID, StoreID: x.ids["stores"], State: model.ErasureDone, Cause: model.EraseWish, Counts: "{}"}
	require.NoError(t, x.app.db.InTx(t.Context(), func(tx *database.Tx) error { return tx.Create(&erasure).Error }))
	x.ids["erasures"] = erasure.ID
}

// fillStore gives the store what belongs to no member.
func (x *matrix) fillStore(t *testing.T, manager, clerk, colleague person) {
	t.Helper()
	x.ids["codes"] = x.must(201, "POST", "/api/codes", clerk.token, map[string]string{"kind": "clerk"}).str("id")
	x.ids["api_keys"] = x.must(201, "POST", "/api/api_keys", x.owner, `{"name":"till"}`).str("id")
	x.ids["phrases"] = x.must(201, "POST", "/api/phrases", clerk.token, `{"scope":"own","title":"t","text":"x"}`).str("id")
	x.must(201, "POST", "/api/staff/"+clerk.id+"/sign_in_code", manager.token, nil)
	filter := map[string]any{"field": "store", "in": []any{x.ids["stores"]}}
	x.ids["segments"] = x.must(201, "POST", "/api/segments", manager.token,
		map[string]any{"name": "本店", "scope": "store", "filter": filter}).str("id")
	x.ids["campaigns"] = x.must(201, "POST", "/api/campaigns", manager.token, map[string]any{
		"name": "双十一", "filter": filter, "channels": []string{"customer"}, "content": map[string]any{"purpose": "offer", "text": "你好"},
	}).str("id")
	x.ids["my_campaigns"] = x.ids["campaigns"]
	x.ids["member_imports"] = x.must(201, "POST", "/api/member_imports", manager.token, "姓名,手机\n王敏,13900010001\n").str("id")
	x.ids["purchase_imports"] = x.must(201, "POST", "/api/purchase_imports", manager.token, "单号,手机,时间,金额\n1,13900010001,2026-01-02,1\n").str("id")
	x.ids["substitutes"] = x.must(201, "POST", "/api/substitutes", manager.token, map[string]any{
		"clerk_id": clerk.id, "substitute_id": colleague.id, "from": "2099-01-01T00:00:00Z", "to": "2099-01-09T00:00:00Z",
	}).str("id")
	leaver := x.addStaff(model.RoleClerk, "要走的", x.ids["stores"])
	x.must(200, "PUT", "/api/staff/"+leaver.id+"/leaving", manager.token, map[string]any{"last_day": "2099-01-01"})
	x.ids["items"] = x.must(200, "GET", "/api/staff/"+leaver.id+"/hand_in", manager.token, nil).str("items", 0, "id")
	x.ids["hand_in"] = leaver.id
}

// at gives the path of an operation with ids of what there is, or with such as nobody has.
func (x *matrix) at(template string, there bool) string {
	parts := strings.Split(template, "/")
	for i, p := range parts {
		if !strings.HasPrefix(p, "{") {
			continue
		}
		kind := parts[i-1]
		if kind == "staff" && strings.Contains(template, "hand_in") {
			kind = "hand_in"
		}
		parts[i] = model.NewID()
		if there {
			parts[i] = x.ids[kind]
			require.NotEmpty(x.t, parts[i], "there is nothing for %s", template)
		}
	}
	return strings.Join(parts, "/")
}
