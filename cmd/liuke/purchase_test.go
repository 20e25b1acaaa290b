package main

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPurchases_comeFromTheTillByItsKey(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		store := w.addStore("一店")
		code := w.must(200, "GET", "/api/stores/"+store, w.owner, nil).str("code")
		clerk := w.addStaff("clerk", "小李", store)
		m := w.must(201, "POST", "/api/members", clerk.token, map[string]any{"name": "林小雨", "phone": "13912345678", "card_no": "C1"})

		made := w.must(201, "POST", "/api/api_keys", w.owner, map[string]any{"name": "收银"})
		secret := made.str("secret")
		w.must(403, "POST", "/api/api_keys", clerk.token, map[string]any{"name": "收银"})
		sale := func(number string, amount int) map[string]any {
			return map[string]any{
				"external_id": number, "member": map[string]any{"phone": "139 1234 5678"}, "store_code": code,
				"paid_at": time.Now().Add(-time.Hour).UTC().Truncate(time.Hour).Format(time.RFC3339), "amount": amount,
				"items": []any{map[string]any{"sku": "A", "name": "奶粉 1 段", "category": "奶粉", "quantity": 1.5, "amount": amount}},
			}
		}
		key := []string{"X-Api-Key", secret}
		one := w.do("POST", "/api/purchases", "", sale("1", 1000), key...)
		require.Equal(t, 200, one.status, "%s", one.raw)
		require.Equal(t, "created", one.str("result"))
		require.Equal(t, "created", one.str("items", 0, "result"))
		unknown := sale("4", 1)
		unknown["colour"] = "red"
		spoilt := sale("5", 1)
		spoilt["amount"] = "12.00"
		many := w.do("POST", "/api/purchases", "", []any{sale("1", 1000), sale("2", 5), unknown, spoilt, sale("1", 1), 7}, key...)
		require.Equal(t, 200, many.status, "%s", many.raw)
		var got []string
		for i := range many.items() {
			got = append(got, strings.TrimSuffix(many.str("items", i, "result")+" "+many.str("items", i, "reason"), " "))
		}
		require.Equal(t, []string{
			"unchanged", "created", "refused colour_unexpected", "refused amount_type", "refused external_id_used", "refused purchase_type",
		}, got)

		list := w.must(200, "GET", "/api/members/"+m.str("id")+"/purchases", clerk.token, nil)
		require.Len(t, list.items(), 2)
		require.InDelta(t, 1.5, list.get("items", 0, "items", 0, "quantity"), 0)

		// What is wrong with one sale alone, or with the call, is the caller's error.
		require.Equal(t, 422, w.do("POST", "/api/purchases", "", unknown, key...).status)
		require.Equal(t, 422, w.do("POST", "/api/purchases", "", []any{}, key...).status)
		require.Equal(t, 400, w.do("POST", "/api/purchases", "", `{"external_id":`, key...).status)
		tooMany := make([]any, 1001)
		for i := range tooMany {
			tooMany[i] = map[string]any{"external_id": strconv.Itoa(i)}
		}
		require.Equal(t, 422, w.do("POST", "/api/purchases", "", tooMany, key...).status)

		// A key opens nothing else, nobody but the owner records, and one that ended opens nothing.
		require.Equal(t, 401, w.do("GET", "/api/members", "", nil, key...).status)
		wrong := []byte(secret)
		wrong[10] ^= 1
		require.Equal(t, 401, w.do("POST", "/api/purchases", "", sale("9", 1), "X-Api-Key", string(wrong)).status)
		require.Equal(t, 401, w.do("POST", "/api/purchases", "", sale("9", 1)).status)
		w.must(403, "POST", "/api/purchases", clerk.token, sale("9", 1))
		w.must(200, "POST", "/api/purchases", w.owner, sale("9", 1))
		keys := w.must(200, "GET", "/api/api_keys", w.owner, nil)
		require.NotNil(t, keys.get("items", 0, "last_used_at"))
		require.Nil(t, keys.get("items", 0, "secret"))
		w.must(204, "DELETE", "/api/api_keys/"+made.str("id"), w.owner, nil)
		require.Equal(t, 401, w.do("POST", "/api/purchases", "", sale("1", 1000), key...).status)
		require.NotContains(t, w.logs.String(), secret)
	})
}
