package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

// erased asks for the erasure of a member and waits until nothing leads to him any more.
func (w *running) erased(t *testing.T, member string) {
	t.Helper()
	id := w.must(http.StatusAccepted, "POST", "/api/members/"+member+"/erasure", w.owner, map[string]string{"cause": "no_purpose", "confirm": "erase"}).str("id")
	eventually(t, func() bool { return w.must(200, "GET", "/api/erasures/"+id, w.owner, nil).get("cut_at") != nil }, "his identity is gone")
}

// A campaign whose messages wait loses one of its members: his is withdrawn, the others get theirs, and it ends.
func TestErasure_takesAMemberOutOfACampaignUnderWay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		names := []string{"甲", "乙", "丙", "丁"}
		c.join(t, names...)
		c.wrote(t, names...)
		require.NoError(t, w.sim.SetQuota(w.appid, customPath, 1, 0)) // after one WeChat takes no more today
		path := c.campaign([]string{"customer"}, map[string]any{"purpose": "offer", "text": "活动"})
		c.begin(path)
		var waiting []model.Delivery
		eventually(t, func() bool {
			require.NoError(t, w.app.db.Read(t.Context()).Where("purpose = ? AND state = ? AND due_at > ?", model.PurposeCampaign, model.StateQueued,
				time.Now().UnixMilli()).Find(&waiting).Error)
			return len(waiting) > 0
		}, "some wait for the next day")
		victim := waiting[0].MemberID
		w.erased(t, victim)
		require.NoError(t, w.sim.SetQuota(w.appid, customPath, 0, 0))
		c.exec(t, "UPDATE api_stops SET stopped_until = 1")
		c.exec(t, "UPDATE deliveries SET due_at = 1 WHERE state = ?", model.StateQueued)
		c.becomes(t, path, model.CampaignDone)
		for _, name := range names {
			var r model.Recipient
			require.NoError(t, w.app.db.Read(t.Context()).First(&r, "member_id = ?", c.ids[name]).Error)
			if c.ids[name] == victim {
				require.Equal(t, "skipped erased", r.State+" "+r.Reason)
				require.Empty(t, c.ads(name))
				continue
			}
			require.Equal(t, model.RecipientAccepted, r.State, name)
			require.Len(t, c.ads(name), 1, name)
		}
	})
}

// A handover that was planned with him leaves him out, says why, and can be taken back without him.
func TestErasure_takesAMemberOutOfAHandover(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "甲", "乙", "丙")
		next := w.addStaff(model.RoleClerk, "小李", c.store)
		plan := w.must(201, "POST", "/api/handovers", c.manager.token, map[string]any{
			"from_clerk_id": c.clerk.id, "rule": map[string]any{"kind": "balanced", "to": []string{next.id}},
		}).str("id")
		w.erased(t, c.ids["甲"])
		w.must(202, "POST", "/api/handovers/"+plan+"/run", c.manager.token, nil)
		w.reaches(c.manager.token, plan, "done")
		results := func() map[string]string {
			got, out := w.must(200, "GET", "/api/handovers/"+plan+"/moves", c.manager.token, nil), map[string]string{}
			for n := range got.items() {
				out[got.str("items", n, "member_id")] = got.str("items", n, "result") + got.str("items", n, "reason")
			}
			return out
		}
		require.Equal(t, map[string]string{c.ids["甲"]: "skippederased", c.ids["乙"]: "moved", c.ids["丙"]: "moved"}, results())
		w.erased(t, c.ids["乙"])
		w.must(202, "POST", "/api/handovers/"+plan+"/undo", c.manager.token, nil)
		w.reaches(c.manager.token, plan, "undone")
		require.Equal(t, "undone", results()[c.ids["丙"]])
		require.Equal(t, "staysmoved_on", results()[c.ids["乙"]], "he is with nobody any more")
	})
}
