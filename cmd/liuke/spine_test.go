package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/wechat/simulator"
)

// talking is a clerk with one member who scanned her code and wrote.
type talking struct {
	clerk  person
	who    simulator.Person
	chat   string // conversation id
	member string // member id
}

// talk makes a clerk and a member who scans her code and writes.
func (w *running) talk(t *testing.T, storeID string) talking {
	t.Helper()
	c := talking{clerk: w.addStaff(model.RoleClerk, "小王", storeID), who: w.sim.NewPerson("王宝妈")}
	scene := w.must(http.StatusCreated, "POST", "/api/codes", c.clerk.token, map[string]string{"kind": "clerk"}).str("scene")
	_, err := w.sim.Scan(w.appid, c.who.OpenID, scene)
	require.NoError(t, err)
	w.write(t, c.who, "有奶粉吗")
	eventually(t, func() bool {
		got := w.must(200, "GET", "/api/conversations?queue=waiting", c.clerk.token, nil)
		c.chat, c.member = got.str("items", 0, "id"), got.str("items", 0, "member", "id")
		return c.chat != ""
	}, "the member waits")
	return c
}

func (w *running) write(t *testing.T, p simulator.Person, text string) {
	t.Helper()
	_, err := w.sim.SendText(w.appid, p.OpenID, text)
	require.NoError(t, err)
}

// reply writes as the clerk.
func (i *instance) reply(c talking, clientID, text string) answer {
	i.t.Helper()
	return i.must(http.StatusAccepted, "POST", "/api/conversations/"+c.chat+"/messages", c.clerk.token,
		map[string]string{"client_id": clientID, "kind": "text", "text": text})
}

// becomes waits until a message of the conversation has a state.
func (i *instance) becomes(c talking, messageID, state string) {
	i.t.Helper()
	eventually(i.t, func() bool {
		for n := range i.must(200, "GET", "/api/conversations/"+c.chat+"/messages", c.clerk.token, nil).items() {
			got := i.must(200, "GET", "/api/conversations/"+c.chat+"/messages", c.clerk.token, nil)
			if got.str("items", n, "id") == messageID {
				return got.str("items", n, "state") == state
			}
		}
		return false
	}, "message becomes "+state)
}

func (w *running) inbox(p simulator.Person) []string {
	var texts []string
	for _, r := range w.sim.Inbox(p.OpenID) {
		texts = append(texts, r.Text)
	}
	return texts
}

func TestSpine_scanWriteAnswer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.talk(t, w.addStore("一店"))
		item := w.must(200, "GET", "/api/conversations/"+c.chat, c.clerk.token, nil)
		require.EqualValues(t, 1, item.get("unread"))
		require.Equal(t, "有奶粉吗", item.str("last_message", "text"))
		require.EqualValues(t, 5, item.get("allowance", "left"))

		first := w.reply(c, "1", "有的 <a href=\"https://x.test?a=1&b=2\">看</a> 😀")
		require.Equal(t, first.str("id"), w.reply(c, "1", "有的 <a href=\"https://x.test?a=1&b=2\">看</a> 😀").str("id"))
		w.becomes(c, first.str("id"), model.StateAccepted)
		require.Equal(t, []string{"有的 <a href=\"https://x.test?a=1&b=2\">看</a> 😀"}, w.inbox(c.who))
		require.Empty(t, w.must(200, "GET", "/api/conversations?queue=waiting", c.clerk.token, nil).items())

		newest := w.must(200, "GET", "/api/conversations/"+c.chat+"/messages?limit=1", c.clerk.token, nil)
		w.must(204, "POST", "/api/conversations/"+c.chat+"/read", c.clerk.token, map[string]string{"up_to": newest.str("items", 0, "id")})
		require.EqualValues(t, 0, w.must(200, "GET", "/api/conversations/"+c.chat, c.clerk.token, nil).get("unread"))

		file := w.must(200, "GET", "/api/members/"+c.member, c.clerk.token, nil)
		require.Equal(t, c.who.OpenID, file.str("openid"))
		require.Equal(t, c.clerk.id, file.str("clerk_id"))
		bindings := w.must(200, "GET", "/api/members/"+c.member+"/bindings", c.clerk.token, nil)
		require.Len(t, bindings.items(), 1)
		require.Equal(t, "scan", bindings.str("items", 0, "how"))
	})
}

func TestSpine_sixthReplyIsPendingUntilTheMemberWritesAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.talk(t, w.addStore("一店"))
		var last answer
		for n := range 6 {
			last = w.reply(c, strconv.Itoa(n), fmt.Sprintf("第%d条", n+1))
		}
		require.Equal(t, model.StatePending, last.str("state"))
		w.write(t, c.who, "在吗")
		w.becomes(c, last.str("id"), model.StateAccepted)
		require.Equal(t, []string{"第1条", "第2条", "第3条", "第4条", "第5条", "第6条"}, w.inbox(c.who))
	})
}

func TestSpine_liveOnTheOtherInstanceAndResumable(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		if w.kind != "mysql" {
			return // SQLite has one instance
		}
		other := w.start(t, roleAll)
		c := w.talk(t, w.addStore("一店"))
		feed := other.feed(c.clerk.token, "")
		w.write(t, c.who, "第一句") // WeChat pushes to the first instance
		seen := feed.until("message", c.chat)
		feed.close()
		w.write(t, c.who, "第二句")
		w.write(t, c.who, "第三句")
		w.settle()
		reply := other.reply(c, "1", "来了")
		other.becomes(c, reply.str("id"), model.StateAccepted)

		resumed := w.feed(c.clerk.token, seen.id)
		ids := map[string]bool{}
		last := seen.id
		for len(ids) < 3 {
			e := resumed.until("message", c.chat)
			require.Greater(t, number(t, e.id), number(t, last), "ids grow")
			last = e.id
			ids[strings.Split(e.data, `"message_id":"`)[1][:36]] = true
		}
		require.True(t, ids[reply.str("id")])
	})
}

func number(t *testing.T, id string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(id, 10, 64)
	require.NoError(t, err)
	return n
}

func TestSpine_whoLostAMemberHearsNothingMoreOfHim(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		store := w.addStore("一店")
		c := w.talk(t, store)
		next := w.addStaff(model.RoleClerk, "小李", store)
		before := w.feed(c.clerk.token, "")
		w.write(t, c.who, "还是小王的")
		start := before.until("message", c.chat)

		// The second scan changes the clerk.
		w.must(200, "PATCH", "/api/account", w.owner, map[string]string{"second_scan": "change"})
		scene := w.must(http.StatusCreated, "POST", "/api/codes", next.token, map[string]string{"kind": "clerk"}).str("scene")
		w.sim.Advance(2 * time.Second)
		_, err := w.sim.Scan(w.appid, c.who.OpenID, scene)
		require.NoError(t, err)
		eventually(t, func() bool {
			return w.do("GET", "/api/conversations/"+c.chat, c.clerk.token, nil).status == http.StatusNotFound
		}, "the member has moved")
		mine := w.feed(next.token, "")
		w.write(t, c.who, "现在是小李的")
		mine.until("message", c.chat)

		replay := w.feed(c.clerk.token, start.id)
		secret := w.must(http.StatusCreated, "POST", "/api/members", c.clerk.token, map[string]string{"name": "自己的会员"}).str("id")
		for _, stream := range []*sse{before, replay} {
			for {
				e, ok := stream.next()
				require.True(t, ok)
				require.NotContains(t, e.data, c.chat)
				require.NotContains(t, e.data, c.member)
				if strings.Contains(e.data, secret) {
					break
				}
			}
		}
	})
}

func TestSpine_crashOfAnInstanceLosesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.talk(t, w.addStore("一店"))
		for n := range 20 {
			w.write(t, c.who, fmt.Sprintf("%02d", n))
		}
		w.stop() // pushes that were accepted are rows; the others WeChat repeats
		next := w.start(t, roleAll)
		require.NoError(t, w.sim.AddAccount(simulator.Account{
			AppID: w.appid, Secret: testSecret, Token: testToken, AESKey: testAESKey, Callback: next.url + "/wechat/" + w.appid,
		}))
		eventually(t, func() bool {
			got := next.must(200, "GET", "/api/conversations/"+c.chat+"/messages?limit=100", c.clerk.token, nil)
			return len(got.items()) == 22 // the scan, the first message and these
		}, "all are there once")
	})
}

func TestErrors_anIDThatCannotExistIsNotFoundWhateverTheRest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		clerk := w.addStaff(model.RoleClerk, "小王", w.addStore("一店"))
		odd := `{"zz":1}`
		for _, call := range [][3]string{
			{"POST", "/api/conversations/nope/messages", odd},
			{"POST", "/api/conversations/nope/read", odd},
			{"POST", "/api/members/%F0%9F%98%80/link", `{"phone":"13712345678"}`},
			{"POST", "/api/members/%ff/link", `{"phone":"13712345678"}`},
			{"POST", "/api/codes", `{"kind":"member","member_id":"nope"}`},
			{"POST", "/api/codes", `{"kind":"member","member_id":"` + model.NewID() + `"}`},
			{"GET", "/api/members/😀/bindings", ""},
		} {
			var body any
			if call[2] != "" {
				body = call[2]
			}
			require.Equal(t, http.StatusNotFound, w.do(call[0], call[1], clerk.token, body).status, "%v", call)
		}
		require.Equal(t, http.StatusUnauthorized, w.do("POST", "/api/session", "", map[string]string{
			"phone": "13800000000", "password": ownerPassword, "appid": "😀",
		}).status)
		require.Empty(t, w.must(200, "GET", "/api/staff?store_id=%F0%9F%98%80", w.owner, nil).items())
		require.Equal(t, http.StatusUnprocessableEntity, w.do("GET", "/api/audits?actor_id=%ff", w.owner, nil).status)
	})
}
