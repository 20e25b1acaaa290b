package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database/databasetest"
)

func TestPurchaseImport_overHTTP(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		store, other := w.addStore("一店"), w.addStore("二店")
		manager, clerk := w.addStaff(model.RoleManager, "店长", store), w.addStaff(model.RoleClerk, "小王", store)
		m := w.must(201, "POST", "/api/members", clerk.token, map[string]any{"name": "林小雨", "phone": "13912345678"}).str("id")
		code := w.must(200, "GET", "/api/stores/"+other, w.owner, nil).str("code")
		list := "小票号,手机号,付款时间,金额,商品,分类,小计,门店编码\n" +
			"A1,13912345678,2026-01-02 10:00,\"1,200.50\",奶粉,奶粉,1200,\n" +
			"A1,13912345678,2026-01-02 10:00,\"1,200.50\",袋子,,0.50,\n" +
			"\n" +
			"A2,13912345678,2026-01-03,8,,,," + code + "\n" +
			"A3,13900000000,2026-01-03,8,,,,\n"
		w.must(403, "POST", "/api/purchase_imports", clerk.token, list)
		a := w.must(201, "POST", "/api/purchase_imports", manager.token, list)
		require.EqualValues(t, 4, a.get("total"))
		require.EqualValues(t, 3, a.get("mapping", "amount"))
		require.Equal(t, "too_large", w.must(413, "POST", "/api/purchase_imports", manager.token, strings.Repeat("x", model.MaxImportBytes+1)).str("reason"))
		at := "/api/purchase_imports/" + a.str("id")
		how := map[string]any{"mapping": a.get("mapping")}
		seen := w.must(200, "POST", at+"/preview", manager.token, how)
		require.Len(t, seen.items(), 3)
		require.Equal(t, []any{2.0, 2.0, 120_050.0, "created"}, []any{
			seen.get("items", 0, "row"), seen.get("items", 0, "rows"), seen.get("items", 0, "amount"), seen.get("items", 0, "result"),
		})
		require.Equal(t, "store_not_yours", seen.str("items", 1, "reason"))
		require.Empty(t, w.must(200, "GET", "/api/members/"+m+"/purchases", clerk.token, nil).items(), "nothing is taken in yet")
		require.Equal(t, "mapping.paid_at", w.must(422, "POST", at+"/run", manager.token, `{"mapping":{"external_id":0,"phone":1}}`).str("errors", 0, "field"))
		w.must(404, "POST", "/api/member_imports/"+a.str("id")+"/run", manager.token, `{"mapping":{"name":0}}`)
		w.must(404, "POST", at+"/run", w.addStaff(model.RoleManager, "二店长", other).token, how)

		w.must(202, "POST", at+"/run", manager.token, how)
		eventually(t, func() bool { return w.must(200, "GET", at, manager.token, nil).str("state") == model.ImportDone }, "the import ends")
		done := w.must(200, "GET", at, manager.token, nil)
		require.Equal(t, []any{4.0, 1.0, 0.0, 2.0}, []any{done.get("done"), done.get("created"), done.get("unchanged"), done.get("refused")})
		refused := string(w.must(200, "GET", at+"/refused.csv", manager.token, nil).raw)
		require.Contains(t, refused, "A2,13912345678,2026-01-03,8,,,,"+code+",5,store_not_yours")
		require.Contains(t, refused, "6,member_unknown")
		w.must(409, "POST", at+"/preview", manager.token, how)
		w.must(409, "POST", at+"/cancel", manager.token, nil)
		bought := w.must(200, "GET", "/api/members/"+m+"/purchases", clerk.token, nil)
		require.Equal(t, []any{120_050.0, "A1", 50.0}, []any{
			bought.get("items", 0, "amount"), bought.str("items", 0, "external_id"), bought.get("items", 0, "items", 1, "amount"),
		})
		require.Len(t, w.must(200, "GET", "/api/purchase_imports", w.owner, nil).items(), 1)
		require.Empty(t, w.must(200, "GET", "/api/member_imports", w.owner, nil).items())
		w.must(http.StatusForbidden, "GET", "/api/purchase_imports", clerk.token, nil)

		next := w.must(201, "POST", "/api/purchase_imports", w.owner, list)
		require.Equal(t, "cancelled", w.must(200, "POST", "/api/purchase_imports/"+next.str("id")+"/cancel", w.owner, nil).str("state"))
	})
}

// importTakes bounds the whole import with its kills, on a busy machine too.
const importTakes = 2 * time.Minute

// Wherever a process is killed while it takes a file of purchases in, the next one goes on where it stood: what is
// counted is there, and no sale is there twice or in part.
func TestPurchaseImport_survivesKillsOfTheProcessThatRunsIt(t *testing.T) {
	t.Parallel()
	const members, sales = 50, 6000
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			kills, seed := number64(t, killsVariable, fewKills), number64(t, seedVariable, 1)
			rng := rand.New(rand.NewPCG(seed, uint64(len(kind))))
			w, worker := killable(t, kind)
			store := w.addStore("一店")
			for n := range members {
				w.must(201, "POST", "/api/members", w.owner, map[string]any{"name": fmt.Sprintf("会员%d", n), "card_no": fmt.Sprintf("C%d", n), "store_id": store})
			}
			var b strings.Builder
			b.WriteString("单号,卡号,时间,行金额\n")
			var rows, fen int64
			for n := range sales {
				for range 1 + n%3 { // one row, two or three
					fmt.Fprintf(&b, "S%d,C%d,2026-01-02,%d.%02d\n", n, n%members, n%90, n%100)
					rows, fen = rows+1, fen+int64(n%90*100+n%100)
				}
			}
			up := w.must(201, "POST", "/api/purchase_imports", w.owner, b.String())
			at := "/api/purchase_imports/" + up.str("id")
			w.must(202, "POST", at+"/run", w.owner, map[string]any{"mapping": up.get("mapping"), "store_id": store})

			amid := 0
			for range kills {
				stood := w.importRow(up.str("id")).Done
				require.Eventually(t, func() bool {
					i := w.importRow(up.str("id"))
					return i.Done > stood || i.State == model.ImportDone
				}, importTakes, 5*time.Millisecond, "it goes on")
				<-time.After(time.Duration(rng.Int64N(int64(150 * time.Millisecond))))
				worker.kill()
				i := w.importRow(up.str("id"))
				if i.State == model.ImportRunning {
					amid++
				}
				w.soundPurchases(i)
				_, err := w.app.db.Exec(t.Context(), "UPDATE member_imports SET lease_until = 0")
				require.NoError(t, err)
				_, err = w.app.db.Exec(t.Context(), "UPDATE leases SET until_at = 0")
				require.NoError(t, err)
				worker = w.spawn(t, roleAll)
			}
			require.Eventually(t, func() bool { return w.importRow(up.str("id")).State == model.ImportDone }, importTakes, 20*time.Millisecond)
			i := w.importRow(up.str("id"))
			t.Logf("seed %d: %d of %d kills hit the import", seed, amid, kills)
			require.Positive(t, amid)
			require.Equal(t, []int64{rows, rows, sales, 0, 0}, []int64{i.Total, i.Done, i.Created, i.Updated, i.Refused})
			w.soundPurchases(i)
			var total model.PurchaseTotal
			require.NoError(t, w.app.db.Read(t.Context()).Model(&model.PurchaseTotal{}).
				Select("SUM(purchases) AS purchases, SUM(amount) AS amount").Scan(&total).Error)
			require.Equal(t, []int64{sales, fen}, []int64{total.Purchases, total.Amount})
		})
	}
}

func (w *running) importRow(id string) model.Import {
	w.t.Helper()
	var i model.Import
	require.NoError(w.t, w.app.db.Read(w.t.Context()).First(&i, "id = ?", id).Error)
	return i
}

// soundPurchases holds what stands in the database to what an import counts.
func (w *running) soundPurchases(i model.Import) {
	w.t.Helper()
	var sales, items int64
	db := w.app.db.Read(w.t.Context())
	require.NoError(w.t, db.Model(&model.Purchase{}).Count(&sales).Error)
	require.NoError(w.t, db.Model(&model.PurchaseItem{}).Count(&items).Error)
	require.Equal(w.t, []int64{i.Created, i.Done}, []int64{sales, items}, "every row that is done has its line, each once")
}
