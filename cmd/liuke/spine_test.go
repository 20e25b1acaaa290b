package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
)

// served is a member who scanned a clerk's code, beside the clerk.
type served struct {
	clerk        person
	openid       string
	conversation string
}

// serve makes a store with a clerk whose code a new follower scans.
func (w *running) serve() served {
	w.t.Helper()
	s := served{clerk: w.addStaff(model.RoleClerk, "小王", w.addStore("一店"))}
	code := w.must(201, "POST", "/api/codes", s.clerk.token, map[string]string{"kind": "clerk", "clerk_id": s.clerk.id})
	s.openid = w.sim.NewPerson("小红").OpenIDs[w.appid]
	scanned, err := w.sim.Scan(w.appid, s.openid, code.str("scene"))
	require.NoError(w.t, err)
	require.True(w.t, scanned.Followed)
	eventually(w.t, func() bool {
		list := w.must(200, "GET", "/api/conversations?queue=mine", s.clerk.token, nil)
		s.conversation = list.str("items", 0, "id")
		return s.conversation != ""
	}, "the scan binds the member")
	return s
}

// write lets the member write and waits until WeChat has handed it over.
func (w *running) write(s served, text string) {
	w.t.Helper()
	_, err := w.sim.SendText(w.appid, s.openid, text)
	require.NoError(w.t, err)
	w.settle()
}

func TestSpine_scanMessageReply(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		s := w.serve()
		feed := w.feed(s.clerk.token, "")
		w.write(s, "在吗 <b>&")
		feed.until("message", s.conversation)
		path := "/api/conversations/" + s.conversation + "/messages"
		got := w.must(200, "GET", path, s.clerk.token, nil)
		require.Equal(t, "在吗 <b>&", got.str("items", 0, "text"))

		sent := w.must(202, "POST", path, s.clerk.token, map[string]string{"client_id": model.NewID(), "kind": "text", "text": "在的 <b>&😀"})
		eventually(t, func() bool {
			return w.must(200, "GET", path, s.clerk.token, nil).str("items", 0, "state") == model.StateAccepted
		}, "the reply is accepted")
		inbox := w.sim.Inbox(s.openid)
		require.Equal(t, "在的 <b>&😀", inbox[len(inbox)-1].Text)
		feed.until("message", sent.str("id"))
	})
}

func TestFeed_resumesOnAnotherInstanceWithNothingMissed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		s := w.serve()
		other := w.instance
		if w.kind != database.SQLite {
			other = w.start(t, roleAPI)
		}
		feed := other.feed(s.clerk.token, "")
		w.write(s, "一")
		last := feed.until("message", s.conversation)
		feed.close()
		for _, text := range []string{"二", "三", "四"} {
			w.write(s, text)
		}
		eventually(t, func() bool {
			return w.must(200, "GET", "/api/conversations/"+s.conversation, s.clerk.token, nil).get("unread") == 4.0
		}, "all are there")
		again := w.feed(s.clerk.token, last.id)
		seen := map[string]bool{}
		for len(seen) < 3 {
			e, ok := again.next()
			require.True(t, ok)
			require.NotEqual(t, "reset", e.kind)
			if e.kind == "message" {
				seen[e.data] = true
			}
		}
		require.NotContains(t, seen, last.data)
		live := other.feed(s.clerk.token, "")
		w.write(s, "五")
		live.until("message", s.conversation)
	})
}
