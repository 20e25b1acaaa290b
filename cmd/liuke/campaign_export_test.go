package main

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"liuke/model"
)

func TestCampaign_itsResultsComeAsAFile(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "=甲", "乙")
		c.wrote(t, "=甲")
		path := c.campaign([]string{"customer", "task"}, map[string]any{"purpose": "offer", "text": "来活动", "task": "打电话"})
		c.begin(path)
		c.becomes(t, path, "done")
		c.write(t, c.of["=甲"], "我来")
		eventually(t, func() bool {
			return c.must(200, "GET", path+"/outcome", c.manager.token, nil).get("sent", "replied") == 1.0
		}, "the answer is counted")
		// What he pays in this second counts from the next millisecond on.
		var sent int64
		require.NoError(t, c.app.db.Read(t.Context()).Model(&model.Recipient{}).Where("member_id = ?", c.ids["=甲"]).Pluck("sent_at", &sent).Error)
		for n, p := range []model.Purchase{{Amount: 12_850, PaidAt: sent + 1}, {Amount: -2_850, PaidAt: sent + 2}, {Amount: 999, PaidAt: sent - 1}} {
			p.ID, p.AccountID, p.MemberID, p.ExternalID = model.NewID(), w.accountID, c.ids["=甲"], string(rune('a'+n))
			c.exec(t, "INSERT INTO purchases (id, account_id, member_id, external_id, paid_at, amount) VALUES (?, ?, ?, ?, ?, ?)",
				p.ID, p.AccountID, p.MemberID, p.ExternalID, p.PaidAt, p.Amount)
		}
		get := func(kind, token string, status int) []byte {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+path+"/recipients."+kind, nil)
			require.NoError(t, err)
			r.Header.Set("Authorization", "Bearer "+token)
			resp, err := http.DefaultClient.Do(r)
			require.NoError(t, err)
			defer func() { _ = resp.Body.Close() }()
			var b bytes.Buffer
			_, err = b.ReadFrom(resp.Body)
			require.NoError(t, err)
			require.Equal(t, status, resp.StatusCode, b.String())
			return b.Bytes()
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(get("csv", c.manager.token, 200)), "\xef\xbb\xbf"))).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 3)
		byName := map[string][]string{}
		for _, r := range rows[1:] {
			byName[r[1]] = r
		}
		require.Equal(t, []string{"一店", "王芳", "微信消息", "微信已收", "window_open"}, byName["'=甲"][2:7], "and no formula")
		require.NotEmpty(t, byName["'=甲"][8])
		require.Equal(t, []string{"是", "是", "100.00", "", ""}, byName["'=甲"][9:])
		require.Equal(t, []string{"店员打电话", "店员打电话", "no_channel"}, byName["乙"][4:7])
		book, err := excelize.OpenReader(bytes.NewReader(get("xlsx", w.owner, 200)))
		require.NoError(t, err)
		cells, err := book.GetRows("Sheet1")
		require.NoError(t, err)
		require.NoError(t, book.Close())
		require.Len(t, cells, 3)
		var n int64
		require.NoError(t, c.app.db.Read(t.Context()).Model(&model.Audit{}).Where("action = 'campaign.export'").Count(&n).Error)
		require.EqualValues(t, 2, n)

		get("csv", c.clerk.token, 403)
		get("csv", w.addStaff(model.RoleManager, "别的店长", w.addStore("二店")).token, 404)
		c.exec(t, "UPDATE staff SET leaving_at = ? WHERE id = ?", sent+1<<40, c.manager.id)
		eventually(t, func() bool { return c.do("GET", path+"/recipients.csv", c.manager.token, nil).status == 403 }, "who leaves takes nothing along")
	})
}
