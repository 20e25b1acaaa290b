package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/wechat/simulator"
)

// Who writes a campaign chooses among the templates that WeChat has of the account, of each kind by itself.
func TestCampaign_offersTheTemplatesOfTheAccount(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		service, err := c.sim.AddTemplate(c.appid, simulator.Template{Title: "到货通知", Content: "商品 {{thing1.DATA}}\n时间 {{time2.DATA}}"})
		require.NoError(t, err)
		notice, err := c.sim.AddTemplate(c.appid, simulator.Template{Title: "活动提醒", Content: "活动 {{thing1.DATA}}", Subscribe: true})
		require.NoError(t, err)

		got := c.must(200, "GET", "/api/message_templates?channel=template", c.manager.token, nil)
		require.Len(t, got.get("items"), 1)
		require.Equal(t, service, got.str("items", 0, "id"))
		require.Equal(t, "到货通知", got.str("items", 0, "title"))
		require.Equal(t, []any{map[string]any{"name": "thing1", "label": "商品"}, map[string]any{"name": "time2", "label": "时间"}}, got.get("items", 0, "fields"))
		got = c.must(200, "GET", "/api/message_templates?channel=subscription", c.manager.token, nil)
		require.Len(t, got.get("items"), 1)
		require.Equal(t, notice, got.str("items", 0, "id"))

		require.Equal(t, 403, c.do("GET", "/api/message_templates?channel=template", c.clerk.token, nil).status)
		require.Equal(t, 422, c.do("GET", "/api/message_templates?channel=mass", c.manager.token, nil).status)
		_, err = c.sim.AddFault(simulator.Fault{AppID: c.appid, Path: "/cgi-bin/template/get_all_private_template", Kind: simulator.FaultCode, Code: 48001})
		require.NoError(t, err)
		require.Equal(t, 502, c.do("GET", "/api/message_templates?channel=template", c.manager.token, nil).status, "WeChat gives none")
		c.must(200, "GET", "/api/message_templates?channel=subscription", c.manager.token, nil)
	})
}
