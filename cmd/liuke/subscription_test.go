package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/rate"
	"liuke/wechat/simulator"
)

const noticePath = "/cgi-bin/message/subscribe/bizsend"

// notices makes a template of subscription notices.
func (c *audience) notices(t *testing.T) string {
	t.Helper()
	id, err := c.sim.AddTemplate(c.appid, simulator.Template{Title: "活动提醒", Content: "活动 {{thing1.DATA}}", Subscribe: true})
	require.NoError(t, err)
	return id
}

// grant lets people accept notices, once each.
func (c *audience) grant(t *testing.T, template string, names ...string) {
	t.Helper()
	for _, name := range names {
		require.NoError(t, c.sim.AnswerPopup(c.appid, c.of[name].OpenID, simulator.Consent{TemplateID: template, Accept: true}))
		eventually(t, func() bool { return c.remaining(t, name) > 0 }, "it is in the ledger")
	}
}

func (c *audience) remaining(t *testing.T, name string) int64 {
	t.Helper()
	var rows []model.SubscriptionGrant
	require.NoError(t, c.app.db.Read(t.Context()).Where("openid = ?", c.of[name].OpenID).Find(&rows).Error)
	if len(rows) == 0 {
		return 0
	}
	return rows[0].Remaining
}

func offerBy(template string) map[string]any {
	return map[string]any{"purpose": "offer", "text": "活动", "task": "请来活动", "subscription": map[string]any{
		"id": template, "url": "https://example.com/a", "fields": map[string]any{"thing1": "{member}的活动"},
	}}
}

func TestSubscription_reachesWhoGrantedOnceThoughTwoCampaignsWantIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		w.two(t)
		c.join(t, "甲", "乙")
		template := c.notices(t)
		c.grant(t, template, "甲")
		c.exec(t, "UPDATE conversations SET last_at = last_at - ?", 3*time.Hour.Milliseconds())
		first := c.campaign([]string{"customer", "subscription"}, offerBy(template))
		second := c.campaign([]string{"subscription", "task"}, offerBy(template))
		forecast := c.must(200, "GET", first+"/forecast", c.manager.token, nil)
		require.Equal(t, "subscription", forecast.str("samples", 0, "channel"))
		require.Equal(t, "甲的活动", forecast.str("samples", 0, "text"))
		// The first has it in the outbox and cannot send it yet; the second wants it as well.
		_, err := c.app.rates.StopToday(t.Context(), w.accountID, rate.APISubscription, "daily_quota")
		require.NoError(t, err)
		c.begin(first)
		eventually(t, func() bool { return c.reached(first)["甲"] == "queued subscription granted" }, "it is queued")
		c.begin(second)
		c.becomes(t, second, "done")
		require.Equal(t, "task task no_channel", c.reached(second)["甲"])
		require.Zero(t, c.remaining(t, "甲"))
		c.exec(t, "UPDATE api_stops SET stopped_until = 1")
		c.becomes(t, first, "done")
		eventually(t, func() bool { return c.reached(first)["甲"] == "delivered subscription granted" }, "the result has come")
		require.Equal(t, "skipped no_channel", c.reached(first)["乙"])
		require.Len(t, w.sim.Calls(noticePath), 1)
		require.Contains(t, strings.Join(c.inbox(c.of["甲"]), "|"), "甲的活动")
		require.Zero(t, c.remaining(t, "甲"))
		bad := c.must(422, "POST", "/api/campaigns", c.manager.token, map[string]any{
			"name": "x", "filter": map[string]any{"field": "bound", "is": true}, "channels": []any{"subscription"},
			"content": map[string]any{"purpose": "offer", "subscription": map[string]any{"id": template, "fields": map[string]any{"thing1": strings.Repeat("长", 21)}}},
		})
		require.Equal(t, "does_not_fit", bad.str("errors", 0, "reason"))
	})
}

func TestSubscription_followsWeChatsWordAboutGrants(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "用完", "退回", "失联", "关掉")
		template := c.notices(t)
		c.grant(t, template, "用完", "退回", "失联", "关掉")
		require.NoError(t, c.sim.WithdrawConsent(c.appid, c.of["关掉"].OpenID, template))
		eventually(t, func() bool { return c.remaining(t, "关掉") == 0 }, "he switched it off")
		one := func(name string, f simulator.Fault) string {
			c.exec(t, "UPDATE conversations SET last_at = last_at - ?", 3*time.Hour.Milliseconds())
			c.exec(t, "UPDATE members SET store_id = CASE WHEN id = ? THEN ? ELSE '' END", c.ids[name], c.store)
			if f.Kind != "" {
				f.AppID, f.Path, f.Count = c.appid, noticePath, 1
				_, err := c.sim.AddFault(f)
				require.NoError(t, err)
			}
			path := c.campaign([]string{"subscription", "task"}, offerBy(template))
			c.begin(path)
			c.becomes(t, path, "done")
			c.must(200, "GET", path+"/recipients", c.manager.token, nil)
			return c.reached(path)[name]
		}
		require.Equal(t, "task task no_channel", one("关掉", simulator.Fault{}))
		// WeChat knows better: nothing is left, and he is called.
		require.Equal(t, "task task no_channel", one("用完", simulator.Fault{Kind: simulator.FaultCode, Code: 43101}))
		require.Zero(t, c.remaining(t, "用完"))
		// It surely was not sent: the grant is there again.
		require.Equal(t, "refused subscription bad_format", one("退回", simulator.Fault{Kind: simulator.FaultCode, Code: 47003}))
		require.EqualValues(t, 1, c.remaining(t, "退回"))
		// It may have been sent: it is used, and never sent again; the result tells that it arrived.
		calls := len(w.sim.Calls(noticePath))
		got := one("失联", simulator.Fault{Kind: simulator.FaultCutAfter})
		require.True(t, strings.HasPrefix(got, "unknown subscription") || strings.HasPrefix(got, "delivered subscription"), got)
		require.Len(t, w.sim.Calls(noticePath), calls+1)
		require.Zero(t, c.remaining(t, "失联"))
		c.settle()
	})
}

func TestSubscription_isGivenBackByWhoLeavesBeforeItDoes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "甲", "乙")
		template := c.notices(t)
		c.grant(t, template, "甲", "乙")
		c.exec(t, "UPDATE conversations SET last_at = last_at - ?", 3*time.Hour.Milliseconds())
		// The API is stopped, so that what is queued stays.
		_, err := c.app.rates.StopToday(t.Context(), w.accountID, "message/subscribe/bizsend", "daily_quota")
		require.NoError(t, err)
		path := c.campaign([]string{"subscription"}, offerBy(template))
		c.begin(path)
		eventually(t, func() bool { return c.reached(path)["甲"] == "queued subscription granted" }, "it is queued")
		require.Zero(t, c.remaining(t, "甲"))
		require.NoError(t, c.sim.Unfollow(c.appid, c.of["甲"].OpenID))
		c.settle()
		eventually(t, func() bool {
			var f model.Follower
			require.NoError(t, c.app.db.Read(t.Context()).First(&f, "openid = ?", c.of["甲"].OpenID).Error)
			return !f.Subscribed
		}, "he has left")
		c.exec(t, "UPDATE api_stops SET stopped_until = 1")
		eventually(t, func() bool { return strings.HasPrefix(c.reached(path)["甲"], "refused subscription") }, "nothing is sent to him")
		require.EqualValues(t, 1, c.remaining(t, "甲"))
		c.becomes(t, path, "done")
		require.Zero(t, c.remaining(t, "乙"))

		// A cancelled campaign gives back what it held.
		c.exec(t, "UPDATE conversations SET last_at = last_at - ?", 3*time.Hour.Milliseconds())
		c.grant(t, template, "乙")
		_, err = c.app.rates.StopToday(t.Context(), w.accountID, "message/subscribe/bizsend", "daily_quota")
		require.NoError(t, err)
		path = c.campaign([]string{"subscription"}, offerBy(template))
		c.begin(path)
		eventually(t, func() bool { return c.reached(path)["乙"] == "queued subscription granted" }, "it is queued")
		require.Zero(t, c.remaining(t, "乙"))
		c.must(200, "POST", path+"/cancel", c.manager.token, nil)
		require.EqualValues(t, 1, c.remaining(t, "乙"))
	})
}
