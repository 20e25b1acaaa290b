package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSegments_areCountedSavedAndSharedByScope(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		one, two := w.addStore("一店"), w.addStore("二店")
		manager, other, clerk := w.addStaff("manager", "店长", one), w.addStaff("manager", "邻店店长", two), w.addStaff("clerk", "小李", one)
		code := w.must(200, "GET", "/api/stores/"+one, w.owner, nil).str("code")
		buyer := w.must(201, "POST", "/api/members", clerk.token, map[string]any{"name": "林小雨", "phone": "13912345678"}).str("id")
		w.must(201, "POST", "/api/members", clerk.token, map[string]any{"name": "周婷", "phone": "13987654321"})
		w.must(200, "POST", "/api/purchases", w.owner, map[string]any{
			"external_id": "1", "member": map[string]any{"id": buyer}, "store_code": code, "amount": 30000,
			"paid_at": time.Now().Add(-time.Hour).UTC().Format(time.RFC3339), "items": []any{map[string]any{"category": "奶粉"}},
		})
		w.must(200, "PATCH", "/api/members/"+buyer, clerk.token, map[string]any{"children": []any{map[string]any{"birthday": time.Now().AddDate(0, -7, 0).Format(time.DateOnly)}}})

		filter := map[string]any{"all": []any{
			map[string]any{"field": "bought", "in": []any{"奶粉"}, "days": 30},
			map[string]any{"field": "child_months", "from": 6, "to": 8},
			map[string]any{"not": map[string]any{"field": "amount", "to": 29999}},
		}}
		got := w.must(200, "POST", "/api/segments/preview", manager.token, map[string]any{"filter": filter})
		require.InDelta(t, 1, got.get("count"), 0)
		require.Equal(t, buyer, got.str("examples", 0, "id"))
		require.InDelta(t, 0, w.must(200, "POST", "/api/segments/preview", other.token, map[string]any{"filter": filter}).get("count"), 0)
		w.must(403, "POST", "/api/segments/preview", clerk.token, map[string]any{"filter": filter})
		bad := w.must(422, "POST", "/api/segments/preview", manager.token, map[string]any{"filter": map[string]any{"all": []any{map[string]any{"field": "colour"}}}})
		require.Equal(t, "filter.all[0].field", bad.str("errors", 0, "field"))
		require.NotEmpty(t, w.must(200, "GET", "/api/segments/fields", manager.token, nil).items())

		saved := w.must(201, "POST", "/api/segments", manager.token, map[string]any{"scope": "store", "name": "奶粉妈妈", "filter": filter})
		path := "/api/segments/" + saved.str("id")
		w.must(403, "POST", "/api/segments", manager.token, map[string]any{"scope": "account", "name": "所有", "filter": filter})
		w.must(200, "GET", path, w.owner, nil)
		w.must(404, "GET", path, other.token, nil)
		w.must(404, "DELETE", path, other.token, nil)
		changed := w.must(200, "PATCH", path, manager.token, map[string]any{"name": "奶粉", "version": 1})
		require.InDelta(t, 2, changed.get("version"), 0)
		w.must(409, "PATCH", path, w.owner, map[string]any{"name": "奶粉", "version": 1})
		require.Len(t, w.must(200, "GET", "/api/segments", manager.token, nil).items(), 1)
		w.must(204, "DELETE", path, w.owner, nil)
		w.must(404, "GET", path, manager.token, nil)
	})
}
