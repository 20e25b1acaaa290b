package main

import (
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

// Two ask for the same at the same moment, each on another instance: to run one plan, and to take one handover back. One
// of them has it done, once; the other reads what it is already.
func TestHandover_askedForTwiceAtOnceIsDoneOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		other := w.two(t)
		store := w.addStore("一店")
		c := w.talk(t, store)
		next, manager := w.addStaff(model.RoleClerk, "小李", store), w.addStaff(model.RoleManager, "店长", store)
		id := w.must(http.StatusCreated, "POST", "/api/handovers", manager.token, map[string]any{
			"from_clerk_id": c.clerk.id, "rule": map[string]any{"kind": "balanced", "to": []string{next.id}}, "leaving": true,
		}).str("id")
		for n, step := range []struct{ verb, reason, state string }{{"run", "not_planned", "done"}, {"undo", "not_done", "undone"}} {
			answers := make([]answer, 2)
			var wg sync.WaitGroup
			for k, i := range []*instance{w.instance, other} {
				wg.Go(func() {
					answers[k] = i.do("POST", "/api/handovers/"+id+"/"+step.verb, []string{manager.token, w.owner}[k], nil)
				})
			}
			wg.Wait()
			status := []int{answers[0].status, answers[1].status}
			slices.Sort(status)
			require.Equal(t, []int{202, 409}, status, step.verb)
			for _, a := range answers {
				if a.status == 409 {
					require.Equal(t, step.reason, a.str("reason"))
					require.NotEmpty(t, a.str("state"), "it says how it stands")
				}
			}
			w.reaches(manager.token, id, step.state)
			require.Len(t, w.must(200, "GET", "/api/members/"+c.member+"/bindings", w.owner, nil).items(), n+2)
			require.Equal(t, step.reason, other.must(409, "POST", "/api/handovers/"+id+"/"+step.verb, manager.token, nil).str("reason"))
		}
	})
}
