package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/api/rest"
	"liuke/model"
)

// soon is how long a stream may outlive the right to it, on an instance that did not end it: about a second.
const soon = 2 * time.Second

// endsAfter waits until the stream has ended and tells how long after a moment that was.
func (s *sse) endsAfter(at time.Time) time.Duration {
	s.t.Helper()
	s.ended()
	return s.end.Sub(at)
}

// With the commit of his handover nothing of a leaver opens any door, on whatever instance: his sessions by token and by
// cookie, his live streams, his password, the code that was made for his phone. (Notices to his WeChat: see notice.) Taking the
// handover back gives him his account with the same password and nothing else that he had open.
func TestHandover_endsTheLeaversAccessOnEveryInstanceAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		other := w.two(t)
		store := w.addStore("一店")
		c := w.talk(t, store)
		manager, next := w.addStaff(model.RoleManager, "店长", store), w.addStaff(model.RoleClerk, "小李", store)
		both := []*instance{w.instance, other}

		code := "/api/staff/" + c.clerk.id + "/sign_in_code"
		secret := func() string {
			_, secret, _ := strings.Cut(w.must(201, "POST", code, manager.token, nil).str("url"), "#")
			return secret
		}
		onPhone := other.must(201, "POST", "/api/session/code", "", map[string]string{"code": secret()})
		unused := secret()
		tokens := []string{c.clerk.token, other.signIn(c.clerk.phone, c.clerk.password), onPhone.str("token")}
		var cookie string
		for _, got := range (&http.Response{Header: onPhone.header}).Cookies() {
			if got.Name == rest.SessionCookie {
				cookie = got.Name + "=" + got.Value
			}
		}
		w.link(t, tokens[0])
		var streams []*sse
		for n, i := range both {
			streams = append(streams, i.feed(tokens[n], ""), i.feed(tokens[2], ""))
			i.must(200, "GET", "/api/me", tokens[n], nil)
			i.must(200, "GET", "/api/me", "", nil, "Cookie", cookie)
		}

		closed := func() {
			for _, i := range both {
				for _, token := range tokens {
					i.must(401, "GET", "/api/me", token, nil)
					i.must(401, "GET", "/api/conversations/"+c.chat, token, nil)
					require.Equal(t, 401, i.do("GET", "/api/feed", token, nil).status)
				}
				i.must(401, "GET", "/api/me", "", nil, "Cookie", cookie)
				require.Equal(t, "code_unknown", i.must(401, "POST", "/api/session/code", "", map[string]string{"code": unused}).str("reason"))
			}
		}
		plan := w.must(201, "POST", "/api/handovers", manager.token, map[string]any{
			"from_clerk_id": c.clerk.id, "leaving": true, "rule": map[string]any{"kind": "balanced", "to": []string{next.id}},
		}).str("id")
		w.must(202, "POST", "/api/handovers/"+plan+"/run", manager.token, nil)
		w.reaches(manager.token, plan, "done")
		closed()
		left := model.Time(w.handover(t, plan).DoneAt)
		for _, s := range streams {
			require.Less(t, s.endsAfter(left), soon)
		}
		for _, i := range both {
			i.must(401, "POST", "/api/session", "", map[string]string{"phone": c.clerk.phone, "password": c.clerk.password})
		}
		require.Equal(t, "left", w.must(409, "POST", code, manager.token, nil).str("reason"))

		w.must(202, "POST", "/api/handovers/"+plan+"/undo", manager.token, nil)
		w.reaches(manager.token, plan, "undone")
		closed()
		for _, i := range both {
			again := i.signIn(c.clerk.phone, c.clerk.password)
			require.Equal(t, c.clerk.id, i.must(200, "GET", "/api/me", again, nil).str("staff", "id"))
			i.must(200, "GET", "/api/conversations/"+c.chat, again, nil)
			i.feed(again, "")
			require.Equal(t, true, i.must(200, "GET", "/api/me/link", again, nil).get("linked"), "and so is his phone")
		}
	})
}

// link ties a person's own WeChat to his account, for notices.
func (w *running) link(t *testing.T, token string) {
	t.Helper()
	code := w.must(201, "POST", "/api/me/link_code", token, nil)
	row := struct{ Scene string }{}
	require.NoError(t, w.app.db.Read(t.Context()).Table("codes").Where("id = ?", code.str("id")).Scan(&row).Error)
	p := w.sim.NewPerson("自己的手机")
	_, err := w.sim.Scan(w.appid, p.OpenID, row.Scene)
	require.NoError(t, err)
	eventually(t, func() bool { return w.must(200, "GET", "/api/me/link", token, nil).get("linked") == true }, "linked")
}
