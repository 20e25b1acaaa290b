package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

// mine tells of each member what he is to get in the clerk's name: state, channel or reason, text.
func (c *audience) mine(path string, p person) map[string][3]string {
	c.t.Helper()
	out := map[string][3]string{}
	for cursor := ""; ; {
		got := c.must(200, "GET", "/api/my_"+path[len("/api/"):]+"/letters?limit=2"+cursor, p.token, nil)
		for i := range got.items() {
			how := got.str("items", i, "channel")
			if how == "" {
				how = got.str("items", i, "reason")
			}
			out[got.str("items", i, "name")] = [3]string{got.str("items", i, "state"), how, got.str("items", i, "text")}
		}
		if cursor = "&cursor=" + got.str("next"); got.str("next") == "" {
			return out
		}
	}
}

func TestCampaign_aClerkSeesWhatGoesOutInHisNameAndKeepsItBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "甲", "乙", "丙", "没同意")
		c.wrote(t, "甲", "乙")
		c.must(204, "POST", "/api/members/"+c.ids["没同意"]+"/consents", c.clerk.token, map[string]any{"purpose": "marketing", "state": "withdrawn"})
		colleague := c.addStaff(model.RoleClerk, "李娜", c.store)
		c.must(201, "POST", "/api/members", colleague.token, map[string]any{"name": "别人的", "phone": "13912345678"})

		path := c.campaign([]string{"customer", "task"}, map[string]any{"purpose": "offer", "text": "{member}，{clerk}请您来活动", "task": "请{member}来活动"})
		require.Empty(t, c.must(200, "GET", "/api/my_campaigns", c.clerk.token, nil).items(), "a draft goes nowhere")
		c.must(404, "GET", "/api/my_"+path[len("/api/"):]+"/letters", c.clerk.token, nil)
		c.must(200, "POST", path+"/approve", c.manager.token, map[string]any{"version": 1})
		c.must(200, "POST", path+"/schedule", c.manager.token, map[string]any{"start_at": time.Now().Add(time.Hour).Format(time.RFC3339)})

		c.must(204, "POST", path+"/vetoes", c.clerk.token, map[string]any{"member_id": c.ids["乙"]})
		list := c.must(200, "GET", "/api/my_campaigns", c.clerk.token, nil)
		require.Equal(t, []any{"双十一", "scheduled", 3.0, 1.0}, []any{
			list.get("items", 0, "name"), list.get("items", 0, "state"), list.get("items", 0, "members"), list.get("items", 0, "vetoed"),
		})
		require.Equal(t, map[string][3]string{
			"甲":   {"waiting", "customer", "甲，王芳请您来活动"},
			"乙":   {"vetoed", "customer", "乙，王芳请您来活动"},
			"丙":   {"waiting", "task", "请丙来活动"},
			"没同意": {"waiting", "no_consent", "没同意，王芳请您来活动"},
		}, c.mine(path, c.clerk))
		require.Equal(t, map[string][3]string{"别人的": {"waiting", "no_consent", "别人的，李娜请您来活动"}}, c.mine(path, colleague))
		require.Empty(t, c.must(200, "GET", "/api/my_campaigns", c.manager.token, nil).items(), "in nobody's name but the clerks'")
		elsewhere := w.addStaff(model.RoleClerk, "外店", w.addStore("二店"))
		c.must(404, "GET", "/api/my_"+path[len("/api/"):]+"/letters", elsewhere.token, nil)
		c.must(404, "POST", path+"/vetoes", colleague.token, map[string]any{"member_id": c.ids["甲"]})

		c.must(200, "POST", path+"/schedule", c.manager.token, map[string]any{})
		c.becomes(t, path, "done")
		require.Len(t, c.ads("甲"), 1)
		require.Empty(t, c.ads("乙"))
		require.Empty(t, c.must(200, "GET", "/api/my_campaigns", c.clerk.token, nil).items())
		c.must(404, "GET", "/api/my_"+path[len("/api/"):]+"/letters", c.clerk.token, nil)

		// Who answers is marked with what he answers, until he has been answered; the message for good, and only the first.
		c.exec(t, "UPDATE conversations SET waiting_since = 0")
		c.write(t, c.of["甲"], "我来")
		c.write(t, c.of["甲"], "几点开门")
		c.write(t, c.of["丙"], "你好")
		c.settle()
		var chats answer
		eventually(t, func() bool {
			chats = c.must(200, "GET", "/api/conversations?queue=waiting", c.clerk.token, nil)
			return len(chats.items()) == 2
		}, "both wait")
		id := ""
		for i := range chats.items() {
			if chats.str("items", i, "member", "name") == "丙" {
				require.Nil(t, chats.get("items", i, "campaign"), "he was to be called")
				continue
			}
			id = chats.str("items", i, "id")
			require.Equal(t, "双十一", chats.str("items", i, "campaign", "name"))
		}
		marks := func(query string) map[string]any {
			page := c.must(200, "GET", "/api/conversations/"+id+"/messages"+query, c.clerk.token, nil)
			out := map[string]any{}
			for i := range page.items() {
				if text := page.str("items", i, "text"); text == "我来" || text == "几点开门" {
					out[text] = page.get("items", i, "campaign")
				}
			}
			return out
		}
		eventually(t, func() bool { return len(marks("")) == 2 }, "both messages are there")
		for _, query := range []string{"", "?from=first"} {
			said := marks(query)
			require.Equal(t, map[string]any{"id": path[len("/api/campaigns/"):], "name": "双十一"}, said["我来"])
			require.Nil(t, said["几点开门"])
		}
		c.must(http.StatusAccepted, "POST", "/api/conversations/"+id+"/messages", c.clerk.token, map[string]any{"client_id": "1", "kind": "text", "text": "九点"})
		eventually(t, func() bool {
			return c.must(200, "GET", "/api/conversations/"+id, c.clerk.token, nil).get("waiting_since") == nil
		}, "he is answered")
		require.Nil(t, c.must(200, "GET", "/api/conversations/"+id, c.clerk.token, nil).get("campaign"))
		require.NotNil(t, marks("")["我来"])
	})
}
