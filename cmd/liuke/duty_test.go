package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

func TestDuty_ofAReceiverOverHTTP(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		store := w.addStore("一店")
		c := w.talk(t, store)
		manager, next := w.addStaff(model.RoleManager, "店长", store), w.addStaff(model.RoleClerk, "小李", store)
		plan := w.must(201, "POST", "/api/handovers", manager.token, map[string]any{
			"from_clerk_id": c.clerk.id, "rule": map[string]any{"kind": "balanced", "to": []string{next.id}}, "leaving": true,
		})
		id := plan.str("id")
		w.must(202, "POST", "/api/handovers/"+id+"/run", manager.token, nil)
		w.reaches(manager.token, id, "done")

		got := w.must(200, "GET", "/api/received_handovers", next.token, nil)
		require.EqualValues(t, 1, got.get("items", 0, "members"))
		todo := w.must(200, "GET", "/api/todos?handover_id="+id, next.token, nil)
		require.Equal(t, c.chat, todo.str("items", 0, "conversation_id"))
		path := "/api/received_handovers/" + id + "/members/" + c.member + "/introduction"
		draft := w.must(200, "GET", path, next.token, nil)
		require.Contains(t, draft.str("text"), "小李")
		w.must(404, "POST", path, manager.token, map[string]string{"text": draft.str("text")})
		require.NotEmpty(t, w.must(202, "POST", path, next.token, map[string]string{"text": draft.str("text")}).str("state"))
		eventually(t, func() bool {
			return w.must(200, "GET", path, next.token, nil).get("introduction", "state") == "accepted"
		}, "the introduction arrives")
		first := w.must(200, "GET", "/api/conversations/"+c.chat+"/messages?from=first&limit=1", next.token, nil)
		require.NotEmpty(t, first.str("next"))
		require.NotEmpty(t, w.must(200, "GET", "/api/conversations/"+c.chat, next.token, nil).get("received", "from_name"))

		one := "/api/todos/" + todo.str("items", 0, "id")
		w.must(422, "POST", one+"/snooze", next.token, map[string]string{"until": "2001-01-01"})
		w.must(200, "POST", one+"/done", next.token, map[string]string{"result": "reached"})
		w.must(200, "POST", one+"/reopen", next.token, nil)
		w.must(200, "GET", "/api/todos/counts", next.token, nil)
		w.must(403, "GET", "/api/todos/progress", next.token, nil)
		progress := w.must(200, "GET", "/api/todos/progress?handover_id="+id, manager.token, nil)
		require.EqualValues(t, 1, progress.get("items", 0, "introduced"))
		require.Empty(t, w.must(200, "GET", "/api/quiet_members", manager.token, nil).items())
		w.must(403, "PUT", "/api/duty_settings", manager.token, map[string]any{"introduction": "", "quiet_days": 7, "to_queue": false})
		w.must(200, "PUT", "/api/duty_settings", w.owner, map[string]any{"introduction": "", "quiet_days": 7, "to_queue": false})
		w.must(204, "POST", "/api/received_handovers/"+id+"/dismiss", next.token, nil)
		require.Empty(t, w.must(200, "GET", "/api/received_handovers", next.token, nil).items())
	})
}
