package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database/databasetest"
	"liuke/service/rate"
	"liuke/wechat/simulator"
)

const (
	customPath   = "/cgi-bin/message/custom/send"
	templateSend = "/cgi-bin/message/template/send"
)

func (c *audience) someWithOpenWindows(t *testing.T, n int) {
	t.Helper()
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("会员%02d", i)
	}
	c.join(t, names...)
	c.wrote(t, names...)
}

// Two instances that meet in Redis send no faster together than one alone: the budget is the account's.
func TestRates_instancesShareTheBudgetOfAnAccount(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			slow := func(o *options) { o.Budgets = rate.Budgets{rate.APICustomer: 10} }
			w := startApp(t, kind, slow)
			both := []*instance{w.instance}
			if w.app.bus.Shared() {
				both = append(both, w.start(t, roleAll, slow))
			}
			c := w.gather(t)
			c.someWithOpenWindows(t, 50)
			began := len(w.sim.Calls(customPath))
			path := c.campaign([]string{"customer"}, map[string]any{"purpose": "offer", "text": "活动"})
			c.begin(path)
			eventually(t, func() bool { return len(w.sim.Calls(customPath)) == began+50 }, "all have left")
			calls := w.sim.Calls(customPath)[began:]
			took := calls[len(calls)-1].RealAt.Sub(calls[0].RealAt)
			// 8 at once, for the rest is the clerks', then ten a second.
			require.Greater(t, took, 4*time.Second)
			for _, i := range both {
				require.Contains(t, i.logs.String(), `"purpose":"campaign","state":"accepted"`, "each instance sent some")
			}
		})
	}
}

func TestRates_aDayLimitOutlivesARestartAndIsShown(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.someWithOpenWindows(t, 12)
		require.NoError(t, w.sim.SetQuota(w.appid, customPath, 1, 0))
		path := c.campaign([]string{"customer"}, map[string]any{"purpose": "offer", "text": "活动"})
		c.begin(path)
		stopped := func() (rows []model.APIStop) {
			require.NoError(t, c.app.db.Read(t.Context()).Where("account_id = ?", w.accountID).Find(&rows).Error)
			return rows
		}
		eventually(t, func() bool { return len(stopped()) == 1 }, "the API is stopped")
		require.Equal(t, []string{rate.APICustomer, "daily_quota"}, []string{stopped()[0].API, stopped()[0].Reason})
		got := finding(w.must(200, "POST", "/api/account/check", w.owner, nil), "quota")
		require.Equal(t, []any{false, "daily_quota", rate.APICustomer}, []any{got["ok"], got["reason"], got["detail"]})
		var told []model.FeedEvent
		require.NoError(t, c.app.db.Read(t.Context()).Where("kind = ? AND data LIKE ?", "account", "%daily_quota%").Find(&told).Error)
		require.Len(t, told, 1, "the owner's screens were told, once")

		w.stop()
		w.instance = w.start(t, roleAll)
		w.callback(t, w.url)
		calls := len(w.sim.Calls(customPath))
		c.exec(t, "UPDATE deliveries SET due_at = 1 WHERE state = ?", model.StateQueued)
		id, err := c.sim.AddTemplate(c.appid, simulator.Template{Title: "到货通知", Content: "商品 {{thing1.DATA}}"})
		require.NoError(t, err)
		c.exec(t, "UPDATE conversations SET last_at = last_at - ?", 3*time.Hour.Milliseconds())
		notice := c.campaign([]string{"template"}, map[string]any{"purpose": "notice", "template": map[string]any{"id": id, "fields": map[string]any{"thing1": "{member}的货"}}})
		c.begin(notice)
		c.becomes(t, notice, "done") // so the outbox was looked through, and another API goes on
		require.Len(t, w.sim.Calls(customPath), calls, "nothing was asked of the API that is stopped")
		kept := 0
		for _, state := range c.reached(path) {
			if strings.HasPrefix(state, "queued") || strings.HasPrefix(state, "waiting") {
				kept++
			}
		}
		require.Equal(t, 11, kept, "all but the one that WeChat took wait")

		require.NoError(t, w.sim.SetQuota(w.appid, customPath, 0, 0))
		c.exec(t, "UPDATE api_stops SET stopped_until = 1") // the next day
		c.exec(t, "UPDATE deliveries SET due_at = 1 WHERE state = ?", model.StateQueued)
		c.becomes(t, path, "done")
		for name, state := range c.reached(path) {
			require.Equal(t, "accepted customer window_open", state, name)
		}
		require.Equal(t, true, finding(w.must(200, "POST", "/api/account/check", w.owner, nil), "quota")["ok"])
	})
}

// What WeChat no longer answers pauses a campaign as refusals do, before it has used its audience up.
func TestRates_lostAnswersInARowPauseACampaign(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.someWithOpenWindows(t, 60)
		_, err := c.sim.AddFault(simulator.Fault{AppID: c.appid, Path: customPath, Kind: simulator.FaultNonsense})
		require.NoError(t, err)
		path := c.campaign([]string{"customer"}, map[string]any{"purpose": "offer", "text": "活动"})
		c.begin(path)
		// After ten lost answers WeChat is left alone for three seconds, and again after each probe: four times before it is enough.
		require.Eventually(t, func() bool { return c.must(200, "GET", path, c.manager.token, nil).str("state") == "paused" },
			12*time.Second+patience, 10*time.Millisecond, "the campaign is paused")
		eventually(t, func() bool {
			unknown := 0
			for _, state := range c.reached(path) {
				if strings.HasPrefix(state, "queued") {
					return false
				}
				if strings.HasPrefix(state, "unknown") {
					unknown++
				}
			}
			return unknown >= model.CampaignErrors && unknown <= model.CampaignErrors+16
		}, "the rest is spared")
		require.NotEmpty(t, w.rows(t, c.manager.id), "who runs it is told")
	})
}
