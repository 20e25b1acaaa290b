package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/wechat/simulator"
)

// audience is a store with one clerk whose members scanned his code.
type audience struct {
	*running

	store          string
	manager, clerk person
	scene          string
	of             map[string]simulator.Person // by name
	ids            map[string]string           // member ids
}

func (w *running) gather(t *testing.T) *audience {
	t.Helper()
	c := &audience{running: w, store: w.addStore("一店"), of: map[string]simulator.Person{}, ids: map[string]string{}}
	c.manager, c.clerk = w.addStaff(model.RoleManager, "店长", c.store), w.addStaff(model.RoleClerk, "王芳", c.store)
	c.scene = w.must(http.StatusCreated, "POST", "/api/codes", c.clerk.token, map[string]string{"kind": "clerk"}).str("scene")
	w.must(200, "PUT", "/api/campaign_settings", w.owner, map[string]any{"quiet_from": 0, "quiet_to": 0, "cap": 0, "cap_days": 0})
	return c
}

// join lets people scan the clerk's code, and waits until they are his members.
func (c *audience) join(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		c.of[name] = c.sim.NewPerson(name)
		_, err := c.sim.Scan(c.appid, c.of[name].OpenID, c.scene)
		require.NoError(t, err)
	}
	c.settle()
	eventually(t, func() bool {
		for _, name := range names {
			var found []model.Follower
			require.NoError(t, c.app.db.Read(t.Context()).Where("openid = ? AND member_id <> ''", c.of[name].OpenID).Find(&found).Error)
			if len(found) != 1 {
				return false
			}
			c.ids[name] = found[0].MemberID
		}
		return true
	}, "they are members")
	for _, name := range names {
		c.must(200, "PATCH", "/api/members/"+c.ids[name], c.clerk.token, map[string]any{"name": name})
		c.must(204, "POST", "/api/members/"+c.ids[name]+"/consents", c.clerk.token,
			map[string]any{"purpose": "marketing", "state": "given", "text": "同意接收活动消息"})
	}
}

// write lets some of them write; hours passes since, in which they were answered.
func (c *audience) wrote(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		c.write(t, c.of[name], "你好")
	}
	c.settle()
	eventually(t, func() bool {
		var n int64
		require.NoError(t, c.app.db.Read(t.Context()).Model(&model.Allowance{}).Where("user_left = ?", 5).Count(&n).Error)
		return n >= int64(len(names))
	}, "their windows are open")
	c.exec(t, "UPDATE conversations SET waiting_since = 0, last_at = last_at - ?", 3*time.Hour.Milliseconds())
}

func (c *audience) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	_, err := c.app.db.Exec(t.Context(), sql, args...)
	require.NoError(t, err)
}

// campaign writes a draft of the store, and gives its path.
func (c *audience) campaign(channels []string, content map[string]any) string {
	c.t.Helper()
	got := c.must(201, "POST", "/api/campaigns", c.manager.token, map[string]any{
		"name": "双十一", "filter": map[string]any{"field": "store", "in": []any{c.store}}, "channels": channels, "content": content,
	})
	return "/api/campaigns/" + got.str("id")
}

// begin approves and starts.
func (c *audience) begin(path string) {
	c.t.Helper()
	version := c.must(200, "GET", path, c.manager.token, nil).get("version")
	c.must(200, "POST", path+"/approve", c.manager.token, map[string]any{"version": version})
	c.must(200, "POST", path+"/schedule", c.manager.token, map[string]any{})
}

func (c *audience) becomes(t *testing.T, path, state string) {
	t.Helper()
	eventually(t, func() bool { return c.must(200, "GET", path, c.manager.token, nil).str("state") == state }, "the campaign becomes "+state)
}

// reached tells of each recipient: state, channel, reason.
func (c *audience) reached(path string) map[string]string {
	c.t.Helper()
	out := map[string]string{}
	for cursor := ""; ; {
		got := c.must(200, "GET", path+"/recipients?limit=100"+cursor, c.manager.token, nil)
		for i := range got.items() {
			words := []string{got.str("items", i, "state"), got.str("items", i, "channel"), got.str("items", i, "reason")}
			out[got.str("items", i, "name")] = strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), " ")
		}
		if cursor = "&cursor=" + got.str("next"); got.str("next") == "" {
			return out
		}
	}
}

// ads are the texts that somebody got after the clerk's greeting.
func (c *audience) ads(name string) []string {
	return slices.DeleteFunc(c.inbox(c.of[name]), func(text string) bool { return !strings.Contains(text, "活动") })
}

func TestCampaign_reachesEachByTheCheapestOpenChannel(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "窗口开", "只剩一条", "没同意", "等回复", "没说话", "被拦下", "投诉中")
		c.wrote(t, "窗口开", "只剩一条", "没同意", "等回复", "被拦下", "投诉中")
		c.must(201, "POST", "/api/members/"+c.ids["投诉中"]+"/complaints", c.owner, map[string]any{"channel": "phone", "text": "等了很久"})
		c.exec(t, "UPDATE allowances SET user_left = 1 WHERE follower_id IN (SELECT id FROM followers WHERE member_id = ?)", c.ids["只剩一条"])
		c.exec(t, "UPDATE conversations SET waiting_since = 1 WHERE member_id = ?", c.ids["等回复"])
		c.must(204, "POST", "/api/members/"+c.ids["没同意"]+"/consents", c.clerk.token, map[string]any{"purpose": "marketing", "state": "withdrawn"})
		till := c.must(201, "POST", "/api/members", c.clerk.token, map[string]any{"name": "没微信", "phone": "13912345678"}).str("id")
		c.must(204, "POST", "/api/members/"+till+"/consents", c.clerk.token, map[string]any{"purpose": "marketing", "state": "given", "text": "同意"})

		path := c.campaign([]string{"task", "customer"}, map[string]any{
			"purpose": "offer", "text": "{member}您好，{clerk}请您来{store}的活动", "task": "请{member}来活动",
		})
		forecast := c.must(200, "GET", path+"/forecast", c.manager.token, nil)
		require.Contains(t, string(forecast.raw), `"left_in_peace"`)
		require.NotContains(t, string(forecast.raw), `"open_complaint"`)
		require.EqualValues(t, 8, forecast.get("audience"))
		c.must(409, "POST", path+"/vetoes", c.clerk.token, map[string]any{"member_id": c.ids["被拦下"]})
		c.must(409, "POST", path+"/schedule", c.manager.token, map[string]any{})
		c.must(409, "POST", path+"/approve", c.manager.token, map[string]any{"version": 7})
		c.must(200, "POST", path+"/approve", c.manager.token, map[string]any{"version": 1})
		c.must(422, "POST", path+"/schedule", c.manager.token, map[string]any{"start_at": time.Now().Add(-time.Minute).Format(time.RFC3339)})
		c.must(200, "POST", path+"/schedule", c.manager.token, map[string]any{"start_at": time.Now().Add(time.Hour).Format(time.RFC3339)})
		c.must(204, "POST", path+"/vetoes", c.clerk.token, map[string]any{"member_id": c.ids["被拦下"]})
		c.must(200, "POST", path+"/schedule", c.manager.token, map[string]any{})
		c.becomes(t, path, "done")

		require.Equal(t, map[string]string{
			"窗口开": "accepted customer window_open", "只剩一条": "task task last_one_is_the_clerks", "没同意": "skipped no_consent",
			"等回复": "skipped waits_for_answer", "没说话": "task task no_channel", "被拦下": "vetoed", "没微信": "task task not_following",
			"投诉中": "skipped left_in_peace",
		}, c.reached(path))
		// Why is the owner's alone, in the counts as well.
		owned := c.must(200, "GET", path+"/recipients?limit=100&state=skipped", c.owner, nil)
		require.Contains(t, string(owned.raw), `"open_complaint"`)
		require.Contains(t, string(c.must(200, "GET", path, c.owner, nil).raw), `"open_complaint"`)
		require.NotContains(t, string(c.must(200, "GET", path, c.manager.token, nil).raw), `"open_complaint"`)
		require.NotContains(t, string(c.must(200, "GET", path+"/recipients.csv", c.manager.token, nil).raw), "open_complaint")
		require.Equal(t, []string{"窗口开您好，王芳请您来一店的活动"}, c.ads("窗口开"))
		for _, name := range []string{"只剩一条", "没同意", "等回复", "没说话", "被拦下", "投诉中"} {
			require.Empty(t, c.ads(name), name)
		}
		var calls []string
		for i := range c.must(200, "GET", "/api/todos", c.clerk.token, nil).items() {
			calls = append(calls, c.must(200, "GET", "/api/todos", c.clerk.token, nil).str("items", i, "note"))
		}
		require.ElementsMatch(t, []string{"请只剩一条来活动", "请没说话来活动", "请没微信来活动"}, calls)

		// An answer is counted, and a word ends it all.
		c.write(t, c.of["窗口开"], " td ")
		eventually(t, func() bool {
			return c.must(200, "GET", path+"/outcome", c.manager.token, nil).get("sent", "replied") == 1.0
		}, "the answer is counted")
		consents := c.must(200, "GET", "/api/members/"+c.ids["窗口开"]+"/consents", c.clerk.token, nil)
		require.Equal(t, "withdrawn", consents.str("items", 1, "state"))

		// Nobody else's: a manager of another store finds nothing, and a clerk nothing at all.
		other := c.addStaff(model.RoleManager, "别的店长", c.addStore("二店"))
		c.must(404, "GET", path, other.token, nil)
		c.must(403, "GET", path, c.clerk.token, nil)
		c.must(409, "POST", path+"/cancel", c.manager.token, nil)
	})
}

func TestCampaign_noticesGoByTheTemplateAndTheirResultsCount(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "甲", "乙")
		id, err := c.sim.AddTemplate(c.appid, simulator.Template{Title: "到货通知", Content: "商品 {{thing1.DATA}}"})
		require.NoError(t, err)
		offer := map[string]any{"purpose": "offer", "text": "活动", "template": map[string]any{"id": id, "fields": map[string]any{"thing1": "{member}"}}}
		bad := c.must(422, "POST", "/api/campaigns", c.manager.token, map[string]any{
			"name": "x", "filter": map[string]any{"field": "bound", "is": true}, "channels": []any{"template"}, "content": offer,
		})
		require.Equal(t, "template_not_for_offers", bad.str("errors", 0, "reason"))

		notice := map[string]any{"purpose": "notice", "template": map[string]any{"id": id, "fields": map[string]any{"thing1": "{member}的货"}}}
		c.exec(t, "UPDATE conversations SET last_at = last_at - ?", 3*time.Hour.Milliseconds())
		path := c.campaign([]string{"template"}, notice)
		c.begin(path)
		c.becomes(t, path, "done")
		eventually(t, func() bool { return c.reached(path)["甲"] == "delivered template service_notice" }, "the result has come")
		require.Contains(t, strings.Join(c.inbox(c.of["甲"]), "|"), "甲的货")

		_, err = c.sim.AddPushFault(simulator.PushFault{AppID: c.appid, Event: "TEMPLATESENDJOBFINISH", Kind: simulator.PushStatus, Status: "failed:user block"})
		require.NoError(t, err)
		c.exec(t, "UPDATE conversations SET last_at = last_at - ?", 3*time.Hour.Milliseconds())
		path = c.campaign([]string{"template"}, notice)
		c.begin(path)
		eventually(t, func() bool { return c.reached(path)["乙"] == "refused template blocked" }, "the result has come")
	})
}

func TestCampaign_pausesAtOnceGoesOnWhereItStoppedAndSendsNothingTwice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		other := w.two(t)
		var names []string
		for n := range 60 {
			names = append(names, fmt.Sprintf("会员%02d", n))
		}
		c.join(t, names...)
		c.wrote(t, names...)
		_, err := c.sim.AddFault(simulator.Fault{AppID: c.appid, Path: "/cgi-bin/message/custom/send", Kind: simulator.FaultSlow, Delay: time.Second})
		require.NoError(t, err)
		got := func() (n int) {
			for _, name := range names {
				n += len(c.ads(name))
			}
			return n
		}
		path := c.campaign([]string{"customer"}, map[string]any{"purpose": "offer", "text": "活动"})
		c.begin(path)
		eventually(t, func() bool { return got() >= 5 }, "it has begun")
		other.must(200, "POST", path+"/pause", c.manager.token, nil)
		sent := func() (n int64) { // what had left by then arrives
			require.NoError(t, c.app.db.Read(t.Context()).Model(&model.Delivery{}).
				Where("purpose = ? AND state IN ?", model.PurposeCampaign, []string{model.StateSending, model.StateQueued}).Count(&n).Error)
			return n
		}
		eventually(t, func() bool { return sent() == 0 }, "nothing is under way")
		stopped := got()
		require.Less(t, stopped, len(names))
		require.Equal(t, "paused", c.must(200, "GET", path, c.manager.token, nil).str("state"))
		c.must(200, "POST", path+"/resume", c.manager.token, nil)
		c.becomes(t, path, "done")
		require.Equal(t, len(names), got())
		for _, name := range names {
			require.Len(t, c.ads(name), 1, name)
		}
	})
}

func TestCampaign_aRunOfErrorsPausesItAndCancelSparesTheRest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		var names []string
		for n := range model.CampaignErrors + 10 {
			names = append(names, fmt.Sprintf("会员%02d", n))
		}
		c.join(t, names...)
		c.wrote(t, names...)
		_, err := c.sim.AddFault(simulator.Fault{AppID: c.appid, Path: "/cgi-bin/message/custom/send", Kind: simulator.FaultCode, Code: 48008})
		require.NoError(t, err)
		path := c.campaign([]string{"customer"}, map[string]any{"purpose": "offer", "text": "活动"})
		c.begin(path)
		c.becomes(t, path, "paused")
		require.Contains(t, c.must(200, "GET", path, c.manager.token, nil).str("reason"), "refused:")
		c.must(200, "POST", path+"/cancel", c.manager.token, nil)
		c.becomes(t, path, "cancelled")
		for _, state := range c.reached(path) {
			require.NotContains(t, state, "waiting")
		}
	})
}

func TestCampaign_quietHoursWaitAndTheCapAndControlGroupAreKept(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "甲")
		c.wrote(t, "甲")
		local := time.Now().In(model.Zone(""))
		minute := local.Hour()*60 + local.Minute()
		c.must(200, "PUT", "/api/campaign_settings", w.owner, map[string]any{
			"quiet_from": (minute + model.DayMinutes - 60) % model.DayMinutes, "quiet_to": (minute + 60) % model.DayMinutes, "cap": 1, "cap_days": 30,
		})
		path := c.campaign([]string{"customer"}, map[string]any{"purpose": "offer", "text": "活动"})
		c.begin(path)
		eventually(t, func() bool { return c.reached(path)["甲"] == "waiting quiet_hours" }, "it waits")
		c.must(200, "PUT", "/api/campaign_settings", w.owner, map[string]any{"quiet_from": 0, "quiet_to": 0, "cap": 1, "cap_days": 30})
		c.exec(t, "UPDATE campaign_recipients SET due_at = 0")
		c.becomes(t, path, "done")
		require.Len(t, c.ads("甲"), 1)

		c.exec(t, "UPDATE conversations SET last_at = last_at - ?", 3*time.Hour.Milliseconds())
		again := c.campaign([]string{"customer"}, map[string]any{"purpose": "offer", "text": "活动"})
		c.begin(again)
		c.becomes(t, again, "done")
		require.Equal(t, "skipped left_in_peace", c.reached(again)["甲"])

		// A fifth stays without it; which ones does not change from run to run.
		rows := make([]model.Member, 200)
		for i := range rows {
			rows[i] = model.Member{ID: model.NewID(), AccountID: w.accountID, Kind: model.MemberKnown, Name: "x", StoreID: c.store, CreatedAt: 1}
		}
		require.NoError(t, w.app.db.InTx(t.Context(), func(tx *database.Tx) error { return tx.Create(&rows).Error }))
		large := c.campaign([]string{"customer"}, map[string]any{"purpose": "offer", "text": "活动"})
		c.must(200, "PATCH", large, c.manager.token, map[string]any{"control": 20})
		c.begin(large)
		c.becomes(t, large, "done")
		outcome := c.must(200, "GET", large+"/outcome", c.manager.token, nil)
		control, _ := outcome.get("control", "members").(float64)
		require.InDelta(t, 40, control, 25)
	})
}
