package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

// pages are the calls that are spared the question who asks, of one conversation.
func pages(chat string) []string {
	return []string{
		"/api/conversations?queue=mine", "/api/conversations?queue=all", "/api/conversations?queue=waiting&limit=1",
		"/api/conversations/" + chat + "/messages", "/api/conversations/" + chat + "/messages?from=first",
	}
}

// Two instances remember who called a moment ago. Whoever loses his session or his rights by the one gets nothing more from
// the other, from the next call on, and is told what everybody is told.
func TestPages_areRefusedAtOnceByEachInstance(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		both := []*instance{w.instance, w.two(t)}
		first, second := w.addStore("一店"), w.addStore("二店")
		c := w.talk(t, first)
		known := func(token string) { // every instance knows him, and answers from what it knows
			t.Helper()
			for range 2 {
				for _, i := range both {
					for _, page := range pages(c.chat) {
						require.NotEmpty(t, i.must(200, "GET", page, token, nil).items(), page)
					}
				}
			}
		}
		refused := func(token string) {
			t.Helper()
			for _, i := range both {
				for _, page := range append(pages(c.chat), "/api/conversations?queue=nonsense", "/api/conversations?limit=0",
					"/api/conversations?store_id=%ff", "/api/conversations?cursor=nonsense", "/api/conversations/nobody/messages",
					"/api/conversations/"+model.NewID()+"/messages?cursor=x") {
					a := i.must(401, "GET", page, token, nil)
					require.Equal(t, "not_signed_in", a.str("reason"))
					require.Equal(t, "Bearer", a.header.Get("WWW-Authenticate"))
				}
			}
		}

		known(c.clerk.token)
		w.must(204, "DELETE", "/api/session", c.clerk.token, nil)
		refused(c.clerk.token)

		again := w.signIn(c.clerk.phone, c.clerk.password)
		known(again)
		w.must(204, "DELETE", "/api/staff/"+c.clerk.id+"/sessions", w.owner, nil)
		refused(again)

		manager := w.addStaff(model.RoleManager, "店长", first)
		stranger := w.addStaff(model.RoleManager, "二店长", second)
		seen := func(who person, n int, queue string) {
			t.Helper()
			for _, i := range both {
				require.Len(t, i.must(200, "GET", "/api/conversations?queue="+queue, who.token, nil).items(), n)
				status := http.StatusNotFound
				if n > 0 {
					status = http.StatusOK
				}
				i.must(status, "GET", "/api/conversations/"+c.chat+"/messages", who.token, nil)
			}
		}
		for range 2 {
			seen(manager, 1, "all")
			seen(stranger, 0, "all")
		}
		// Of another store from now on, he sees that store's and nothing else.
		w.must(200, "PATCH", "/api/staff/"+manager.id, w.owner, map[string]string{"store_id": second})
		seen(manager, 0, "all")
		w.must(200, "PATCH", "/api/staff/"+manager.id, w.owner, map[string]string{"store_id": first})
		seen(manager, 1, "all")

		// A member who is handed over is out of sight, and in that of the next one.
		clerk := c.clerk
		clerk.token = w.signIn(clerk.phone, clerk.password)
		next := w.addStaff(model.RoleClerk, "小李", first)
		for range 2 {
			seen(clerk, 1, "mine")
			seen(next, 0, "mine")
		}
		w.must(200, "POST", "/api/conversations/"+c.chat+"/assign", manager.token, map[string]string{"clerk_id": next.id})
		seen(clerk, 0, "mine")
		seen(next, 1, "mine")
	})
}
