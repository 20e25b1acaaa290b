package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/wechat/simulator"
)

const massPath = "/cgi-bin/message/mass/send"

// dial is a clock that a test moves forward, for the program and WeChat alike.
type dial struct {
	mu sync.Mutex
	by time.Duration
}

func (d *dial) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Now().Add(d.by)
}

func (d *dial) forward(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.by += by
}

// nextMonth is when the next Beijing month begins.
func nextMonth(now time.Time) time.Time {
	zone := time.FixedZone("CST", 8*60*60)
	year, month, _ := now.In(zone).Date()
	return time.Date(year, month+1, 1, 0, 0, 0, 0, zone)
}

// offer is a mass message for those without a window, and a call for the rest.
func offer(text string) map[string]any {
	return map[string]any{"purpose": "offer", "text": "{member}的活动", "mass": text, "task": "请{member}来活动"}
}

func massChannels() []string { return []string{"task", "mass", "customer"} }

// massJob is the newest mass job of a campaign, empty while there is none.
func (c *audience) massJob(path string) (job model.MassJob) {
	c.t.Helper()
	err := c.app.db.Read(c.t.Context()).Where("campaign_id = ?", strings.TrimPrefix(path, "/api/campaigns/")).Order("id DESC").Limit(1).Find(&job).Error
	require.NoError(c.t, err)
	return job
}

// massBecomes waits until the newest mass job of a campaign is in a state.
func (c *audience) massBecomes(t *testing.T, path, state string) (job model.MassJob) {
	t.Helper()
	eventually(t, func() bool {
		job = c.massJob(path)
		return job.State == state
	}, "the mass job becomes "+state)
	return job
}

// due lets what waits for its time go on now.
func (c *audience) due(t *testing.T) {
	t.Helper()
	c.exec(t, "UPDATE mass_jobs SET due_at = 0")
	c.exec(t, "UPDATE mass_accounts SET closed_until = 0")
}

// rations is how many are reserved.
func (c *audience) rations(t *testing.T) (n int64) {
	t.Helper()
	require.NoError(t, c.app.db.Read(t.Context()).Model(&model.MassRation{}).Count(&n).Error)
	return n
}

// kept makes sure that WeChat was asked for nobody whom it had to leave out: no follower was ever named a fifth time.
func (c *audience) kept(t *testing.T) {
	t.Helper()
	for _, job := range c.sim.MassJobs(c.appid) {
		require.Equal(t, job.Asked, job.Sent, "job %s", job.ClientMsgID)
	}
}

// still is what comes before a campaign: nobody talks.
func (c *audience) still(t *testing.T) {
	t.Helper()
	eventually(t, func() bool { // the chats have the lines of the jobs that are over
		var open int64
		require.NoError(t, c.app.db.Read(t.Context()).Model(&model.MassJob{}).Where("state = ? AND told = ?", model.MassDone, false).Count(&open).Error)
		return open == 0
	}, "the chats are told")
	c.exec(t, "UPDATE conversations SET waiting_since = 0, last_at = last_at - ?", 3*time.Hour.Milliseconds())
}

func TestMass_oneContentReachesAllAndShowsInTheirChats(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "甲", "乙", "丙", "窗口开", "没同意")
		c.wrote(t, "窗口开")
		c.must(204, "POST", "/api/members/"+c.ids["没同意"]+"/consents", c.clerk.token, map[string]any{"purpose": "marketing", "state": "withdrawn"})
		bad := offer("{member}来活动")
		got := c.must(422, "POST", "/api/campaigns", c.manager.token, map[string]any{
			"name": "x", "filter": map[string]any{"field": "bound", "is": true}, "channels": massChannels(), "content": bad,
		})
		require.Equal(t, "no_fields_in_mass", got.str("errors", 0, "reason"))

		path := c.campaign(massChannels(), offer("全场活动"))
		forecast := c.must(200, "GET", path+"/forecast", c.manager.token, nil)
		require.Equal(t, []any{0.0, 0.0, 0.0, 0.0, 5.0}, forecast.get("mass", "followers"))
		require.EqualValues(t, 0, forecast.get("mass", "calls_today"))
		require.EqualValues(t, 100, forecast.get("mass", "calls_most"))
		c.begin(path)
		c.becomes(t, path, "done")
		c.massBecomes(t, path, model.MassDone)
		eventually(t, func() bool { return c.reached(path)["丙"] == "delivered mass ration_left" }, "the result has come")
		require.Equal(t, map[string]string{
			"甲": "delivered mass ration_left", "乙": "delivered mass ration_left", "丙": "delivered mass ration_left",
			"窗口开": "accepted customer window_open", "没同意": "skipped no_consent",
		}, c.reached(path))
		for _, name := range []string{"甲", "乙", "丙"} {
			require.Equal(t, []string{"全场活动"}, c.ads(name))
			got := c.must(200, "GET", "/api/conversations/"+c.talkOf(t, name)+"/messages", c.clerk.token, nil)
			last := len(got.items()) - 1
			if got.str("items", 0, "text") == "全场活动" {
				last = 0
			}
			require.Equal(t, "全场活动", got.str("items", last, "text"))
			require.Equal(t, "accepted", got.str("items", last, "state"))
		}
		jobs := c.must(200, "GET", path+"/mass_jobs", c.manager.token, nil)
		require.Len(t, jobs.items(), 1)
		require.EqualValues(t, 3, jobs.get("items", 0, "counts", "sent"))
		require.EqualValues(t, 3, jobs.get("items", 0, "members"))
		forecast = c.must(200, "GET", c.campaign(massChannels(), offer("全场活动"))+"/forecast", c.manager.token, nil)
		require.Equal(t, []any{0.0, 0.0, 0.0, 3.0, 2.0}, forecast.get("mass", "followers"))
		require.EqualValues(t, 1, forecast.get("mass", "calls_today"))

		// An answer counts for it.
		c.write(t, c.of["甲"], "在吗")
		eventually(t, func() bool {
			return c.must(200, "GET", path+"/outcome", c.manager.token, nil).get("sent", "replied") == 1.0
		}, "the answer is counted")
		c.kept(t)
	})
}

func (c *audience) talkOf(t *testing.T, name string) string {
	t.Helper()
	var id []string
	require.NoError(t, c.app.db.Read(t.Context()).Model(&model.Conversation{}).Where("member_id = ?", c.ids[name]).Pluck("id", &id).Error)
	require.Len(t, id, 1)
	return id[0]
}

// A member whom nobody can be put together with gets no mass message: WeChat takes no fewer than two.
func TestMass_aGroupOfOneGoesToTheNextChannel(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "甲")
		path := c.campaign(massChannels(), offer("全场活动"))
		forecast := c.must(200, "GET", path+"/forecast", c.manager.token, nil)
		require.Equal(t, "task", forecast.str("counts", 0, "channel"))
		require.Equal(t, "group_of_one", forecast.str("counts", 0, "reason"))
		c.begin(path)
		c.becomes(t, path, "done")
		require.Equal(t, "task task group_of_one", c.reached(path)["甲"])
		require.Equal(t, model.MassDropped, c.massJob(path).State)
		require.Equal(t, "too_few", c.massJob(path).Reason)
		require.Zero(t, c.rations(t))
		require.Empty(t, c.sim.MassJobs(c.appid))
	})
}

// Who changes between the choice and the call is left out of it: he said no, left, was vetoed by his clerk.
func TestMass_whoChangesBeforeTheCallIsLeftOut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "甲", "乙", "说不", "走了", "被拦下", "被合并", "别人的")
		other := c.addStaff(model.RoleClerk, "李红", c.store)
		_, err := c.sim.AddFault(simulator.Fault{AppID: c.appid, Path: massPath, Kind: simulator.FaultCode, Code: 45011, Count: 1})
		require.NoError(t, err)
		path := c.campaign(massChannels(), offer("全场活动"))
		c.begin(path)
		eventually(t, func() bool { return c.massJob(path).Reason == "rate_limited" }, "it waits a minute")
		require.EqualValues(t, 7, c.rations(t))

		c.must(204, "POST", "/api/members/"+c.ids["说不"]+"/consents", c.clerk.token, map[string]any{"purpose": "marketing", "state": "withdrawn"})
		require.NoError(t, c.sim.Unfollow(c.appid, c.of["走了"].OpenID))
		c.settle()
		eventually(t, func() bool {
			var f model.Follower
			require.NoError(t, c.app.db.Read(t.Context()).First(&f, "openid = ?", c.of["走了"].OpenID).Error)
			return !f.Subscribed
		}, "it is known that he left")
		c.must(204, "POST", path+"/vetoes", c.clerk.token, map[string]any{"member_id": c.ids["被拦下"]})
		c.exec(t, "UPDATE members SET merged_into = ? WHERE id = ?", c.ids["甲"], c.ids["被合并"])
		c.exec(t, "UPDATE members SET clerk_id = ? WHERE id = ?", other.id, c.ids["别人的"])
		c.still(t)

		// Nothing leaves while it is paused.
		c.must(200, "POST", path+"/pause", c.manager.token, nil)
		c.due(t)
		c.must(200, "POST", path+"/resume", c.manager.token, nil)
		c.becomes(t, path, "done")
		c.massBecomes(t, path, model.MassDone)
		eventually(t, func() bool { return c.reached(path)["甲"] == "delivered mass ration_left" }, "the result has come")
		require.Equal(t, map[string]string{
			"甲": "delivered mass ration_left", "乙": "delivered mass ration_left", "别人的": "delivered mass ration_left", "说不": "skipped no_consent",
			"走了": "task task not_following", "被拦下": "vetoed", "被合并": "skipped merged",
		}, c.reached(path))
		require.EqualValues(t, 3, c.rations(t), "the others' are given back")
		var r model.Recipient
		require.NoError(t, c.app.db.Read(t.Context()).First(&r, "member_id = ? AND job_id <> ''", c.ids["别人的"]).Error)
		require.Equal(t, other.id, r.ClerkID)
		for _, name := range []string{"说不", "被拦下", "被合并"} {
			require.Empty(t, c.ads(name), name)
		}

		// A campaign that is cancelled before its job leaves gives everything back.
		_, err = c.sim.AddFault(simulator.Fault{AppID: c.appid, Path: massPath, Kind: simulator.FaultCode, Code: 45011, Count: 1})
		require.NoError(t, err)
		c.still(t)
		path = c.campaign([]string{"mass"}, offer("又有活动"))
		c.begin(path)
		eventually(t, func() bool {
			return c.reached(path)["甲"] == "queued mass ration_left" && c.massJob(path).Reason == "rate_limited"
		}, "it waits")
		c.must(200, "POST", path+"/cancel", c.manager.token, nil)
		require.Equal(t, "cancelled", c.reached(path)["甲"])
		require.Equal(t, model.MassDropped, c.massJob(path).State)
		require.EqualValues(t, 3, c.rations(t))
		c.due(t)
		require.Len(t, c.sim.MassJobs(c.appid), 1)
	})
}

// A job whose hour has passed when it could leave waits for the morning, and holds nobody's ration until then.
func TestMass_quietHoursAreAskedAgainBeforeTheCall(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "甲", "乙")
		_, err := c.sim.AddFault(simulator.Fault{AppID: c.appid, Path: massPath, Kind: simulator.FaultCode, Code: 45011, Count: 1})
		require.NoError(t, err)
		path := c.campaign([]string{"mass"}, offer("活动"))
		c.begin(path)
		eventually(t, func() bool { return c.massJob(path).Reason == "rate_limited" }, "it waits a minute")
		local := time.Now().In(model.Zone(""))
		minute := local.Hour()*60 + local.Minute()
		rules := map[string]any{
			"quiet_from": (minute + model.DayMinutes - 60) % model.DayMinutes, "quiet_to": (minute + 60) % model.DayMinutes, "cap": 0, "cap_days": 0,
		}
		c.must(200, "PUT", "/api/campaign_settings", w.owner, rules)
		c.still(t)
		c.due(t)
		eventually(t, func() bool { return c.reached(path)["甲"] == "waiting quiet_hours" }, "it is too late")
		require.Zero(t, c.rations(t))
		require.Equal(t, "nobody_left", c.massJob(path).Reason)
		require.Empty(t, c.sim.MassJobs(c.appid))

		c.must(200, "PUT", "/api/campaign_settings", w.owner, map[string]any{"quiet_from": 0, "quiet_to": 0, "cap": 0, "cap_days": 0})
		c.exec(t, "UPDATE campaign_recipients SET due_at = 0")
		c.becomes(t, path, "done")
		c.massBecomes(t, path, model.MassDone)
		require.Len(t, c.ads("甲"), 1)
		c.kept(t)
	})
}

// Four a month, whichever campaign takes them, with two instances at work; a new Beijing month gives four more, also to a
// job that was made in the old one.
func TestMass_fourAMonthOverAllCampaignsAndAMonthThatEnds(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			clock := &dial{}
			clock.forward(time.Until(nextMonth(time.Now()).Add(-2 * time.Hour)))
			w := newChainAt(t, kind, clock.now)
			at := func(o *options) { o.Now = clock.now }
			w.instance = w.start(t, roleAll, at)
			if kind != database.SQLite { // there only one process may do the work
				w.start(t, roleWorker, at)
			}
			w.callback(t, w.url)
			w.owner = w.signIn("13800000000", ownerPassword)
			c := w.gather(t)
			names := []string{"甲", "乙", "丙"}
			c.join(t, names...)
			run := func(n int) string {
				c.still(t)
				path := c.campaign(massChannels(), offer(fmt.Sprintf("活动%d", n)))
				c.begin(path)
				return path
			}
			for n := range model.MassPerMonth - 1 {
				path := run(n)
				c.becomes(t, path, "done")
				c.massBecomes(t, path, model.MassDone)
			}

			// The fourth meets a limit, and the fifth finds the month's ration reserved.
			_, err := c.sim.AddFault(simulator.Fault{AppID: c.appid, Path: massPath, Kind: simulator.FaultCode, Code: 45009, Count: 1})
			require.NoError(t, err)
			fourth := run(3)
			eventually(t, func() bool { return c.massJob(fourth).Reason == "daily_quota" }, "the day's calls are used up")
			require.WithinRange(t, model.Time(c.massJob(fourth).DueAt), nextMonth(clock.now()), nextMonth(clock.now()).Add(2*time.Minute))
			fifth := run(4)
			c.becomes(t, fifth, "done")
			require.Equal(t, "task task ration_used_up", c.reached(fifth)["甲"])

			// In the last minutes nothing leaves that could count for the next month.
			clock.forward(nextMonth(clock.now()).Add(-time.Minute).Sub(clock.now()))
			c.due(t)
			eventually(t, func() bool { return c.massJob(fourth).DueAt > nextMonth(clock.now()).UnixMilli() }, "it waits for the new month")
			clock.forward(5 * time.Minute)
			c.becomes(t, fourth, "done")
			job := c.massBecomes(t, fourth, model.MassDone)
			require.Equal(t, model.MassMonth(clock.now()), job.Month)
			var old int64
			require.NoError(t, c.app.db.Read(t.Context()).Model(&model.MassRation{}).Where("month < ?", job.Month).Count(&old).Error)
			require.EqualValues(t, (model.MassPerMonth-1)*len(names), old, "it took nothing of the old month")
			for _, name := range names {
				f, err := c.sim.Follower(c.appid, c.of[name].OpenID)
				require.NoError(t, err)
				require.Equal(t, model.MassPerMonth-1, f.MassLeft, name)
				require.Len(t, c.ads(name), model.MassPerMonth)
			}
			c.kept(t)
		})
	}
}

// What WeChat refuses goes by the next channel, or stops the campaign until a person has looked.
func TestMass_doesWhatWeChatsWordsAskFor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		names := []string{"甲", "乙"}
		c.join(t, names...)
		begin := func(code int, channels ...string) string {
			_, err := c.sim.AddFault(simulator.Fault{AppID: c.appid, Path: massPath, Kind: simulator.FaultCode, Code: code, Count: 1})
			require.NoError(t, err)
			c.still(t)
			path := c.campaign(channels, offer(fmt.Sprintf("活动%d", code)))
			c.begin(path)
			return path
		}
		for _, refused := range []struct {
			code   int
			reason string
		}{{40130, "bad_list_size"}, {45028, "no_mass_quota"}} {
			path := begin(refused.code, "mass", "task")
			c.becomes(t, path, "done")
			for _, name := range names {
				require.Equal(t, "task task "+refused.reason, c.reached(path)[name])
			}
			require.Equal(t, model.MassFailed, c.massJob(path).State)
			require.Zero(t, c.rations(t), refused.reason)
		}
		// Without mass sends nobody is put into a job any more today.
		c.still(t)
		path := c.campaign([]string{"mass"}, offer("活动"))
		require.Equal(t, "no_mass_quota", c.must(200, "GET", path+"/forecast", c.manager.token, nil).str("mass", "closed_reason"))
		c.begin(path)
		c.becomes(t, path, "done")
		require.Equal(t, "skipped no_mass_quota", c.reached(path)["甲"])
		c.due(t)

		for _, code := range []int{48001, 50002} {
			path := begin(code, "mass", "task")
			c.becomes(t, path, "paused")
			require.Contains(t, c.must(200, "GET", path, c.manager.token, nil).str("reason"), "refused:api_")
			require.EqualValues(t, 2, c.rations(t)-int64(len(c.sim.MassJobs(c.appid)))*2, "kept for when it goes on")
			c.must(200, "POST", path+"/resume", c.manager.token, nil)
			c.due(t)
			c.becomes(t, path, "done")
			c.massBecomes(t, path, model.MassDone)
		}

		// A text that WeChat does not take reaches nobody by any channel.
		path = begin(45002, "mass", "task")
		c.becomes(t, path, "paused")
		eventually(t, func() bool { return c.reached(path)["甲"] == "refused mass too_long" }, "it is refused")
		require.EqualValues(t, 2*2, c.rations(t))
		for _, name := range names {
			require.Len(t, c.ads(name), 2)
		}
		c.kept(t)
	})
}

// A call whose answer is lost is repeated with its id, and the id that WeChat gave the first is adopted.
func TestMass_aLostAnswerSendsNothingTwice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "甲", "乙")
		_, err := c.sim.AddFault(simulator.Fault{AppID: c.appid, Path: massPath, Kind: simulator.FaultCutAfter, Count: 1})
		require.NoError(t, err)
		_, err = c.sim.AddPushFault(simulator.PushFault{AppID: c.appid, Event: "MASSSENDJOBFINISH", Kind: simulator.PushAgain})
		require.NoError(t, err)
		path := c.campaign([]string{"mass"}, offer("活动"))
		c.begin(path)
		eventually(t, func() bool { return c.massJob(path).State == model.MassSending && c.massJob(path).LeaseUntil == 0 }, "it is in doubt")
		require.Len(t, c.ads("甲"), 1, "it has reached him")
		c.due(t)
		eventually(t, func() bool { return c.massJob(path).Reason == "client_id_too_soon" }, "45066: within a minute")
		c.sim.Advance(61 * time.Second)
		c.due(t)
		job := c.massBecomes(t, path, model.MassDone)
		require.Equal(t, strconv.FormatInt(c.sim.MassJobs(c.appid)[0].MsgID, 10), job.MsgID, "45065: the result came before its id was known")
		eventually(t, func() bool { return c.reached(path)["乙"] == "delivered mass ration_left" }, "the result, which came twice, counts once")
		require.EqualValues(t, 2, c.massJob(path).Sent)
		require.Len(t, c.ads("甲"), 1)
		require.Len(t, c.sim.MassJobs(c.appid), 1)

		// After the id's life, or in another month, nothing is tried again.
		c.still(t)
		_, err = c.sim.AddFault(simulator.Fault{AppID: c.appid, Path: massPath, Kind: simulator.FaultCutBefore, Count: 1})
		require.NoError(t, err)
		path = c.campaign([]string{"mass"}, offer("又有活动"))
		c.begin(path)
		eventually(t, func() bool { return c.massJob(path).State == model.MassSending && c.massJob(path).LeaseUntil == 0 }, "it is in doubt")
		c.exec(t, "UPDATE mass_jobs SET first_try_at = first_try_at - ? WHERE state = ?", (24 * time.Hour).Milliseconds(), model.MassSending)
		c.due(t)
		c.massBecomes(t, path, model.MassUnknown)
		c.becomes(t, path, "done")
		require.Equal(t, "unknown mass interrupted", c.reached(path)["甲"])
		require.EqualValues(t, 4, c.rations(t), "the ration is kept: he may have got it")
		require.Len(t, c.ads("甲"), 1)
	})
}

// The event may get lost, come for an id that is not ours, or say that nobody got it.
func TestMass_resultsThatNeverComeOrAreBad(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "甲", "乙")
		for n, kind := range []simulator.PushFaultKind{simulator.PushLost, simulator.PushForeignID} {
			_, err := c.sim.AddPushFault(simulator.PushFault{AppID: c.appid, Event: "MASSSENDJOBFINISH", Kind: kind, Count: 1})
			require.NoError(t, err)
			c.still(t)
			path := c.campaign([]string{"mass"}, offer(fmt.Sprintf("活动%d", n)))
			c.begin(path)
			c.massBecomes(t, path, model.MassSent)
			c.due(t)
			job := c.massBecomes(t, path, model.MassDone)
			require.Equal(t, "no_counts", job.Reason)
			require.False(t, job.Counted)
			c.becomes(t, path, "done")
			require.Equal(t, "accepted mass ration_left", c.reached(path)["甲"])
		}
		// WeChat never tells: after a day it is unknown.
		_, err := c.sim.AddPushFault(simulator.PushFault{AppID: c.appid, Event: "MASSSENDJOBFINISH", Kind: simulator.PushLost, Count: 1})
		require.NoError(t, err)
		asked, err := c.sim.AddFault(simulator.Fault{AppID: c.appid, Path: "/cgi-bin/message/mass/get", Kind: simulator.FaultCode, Code: -1})
		require.NoError(t, err)
		c.still(t)
		path := c.campaign([]string{"mass"}, offer("活动2"))
		c.begin(path)
		c.massBecomes(t, path, model.MassSent)
		c.due(t)
		eventually(t, func() bool { return c.massJob(path).Tries == 1 && c.massJob(path).DueAt > 0 }, "it is asked for again later")
		c.exec(t, "UPDATE mass_jobs SET sent_at = sent_at - ?, due_at = 0 WHERE state = ?", (24 * time.Hour).Milliseconds(), model.MassSent)
		c.massBecomes(t, path, model.MassUnknown)
		eventually(t, func() bool { return c.reached(path)["甲"] == "unknown mass no_result" }, "it is unknown")
		c.sim.RemoveFault(asked)
		require.EqualValues(t, 6, c.rations(t))

		// WeChat judges it to be advertising: nobody got it, the ration goes back and the chat says so.
		_, err = c.sim.AddPushFault(simulator.PushFault{AppID: c.appid, Event: "MASSSENDJOBFINISH", Kind: simulator.PushStatus, Status: "err(10001)", Count: 1})
		require.NoError(t, err)
		_, err = c.sim.AddPushFault(simulator.PushFault{AppID: c.appid, Event: "MASSSENDJOBFINISH", Kind: simulator.PushLost, Count: 1})
		require.NoError(t, err)
		c.still(t)
		path = c.campaign([]string{"mass"}, offer("活动3"))
		c.begin(path)
		job := c.massBecomes(t, path, model.MassSent)
		eventually(t, func() bool { return c.massJob(path).Told }, "it shows in the chats") // and only then comes the result
		c.exec(t, "INSERT INTO mass_results (account_id, msg_id, ok, reason, total, at) VALUES (?, ?, ?, ?, 2, ?)",
			w.accountID, job.MsgID, false, "judged_advertising", time.Now().UnixMilli())
		c.massBecomes(t, path, model.MassFailed)
		eventually(t, func() bool { return c.reached(path)["乙"] == "refused mass judged_advertising" }, "it is refused")
		eventually(t, func() bool { return c.reached(path)["甲"] == "refused mass judged_advertising" }, "it is refused")
		require.EqualValues(t, 6, c.rations(t))
		var line model.Message
		require.NoError(t, c.app.db.Read(t.Context()).First(&line, "conversation_id = ? AND text = ?", c.talkOf(t, "甲"), "活动3").Error)
		require.Equal(t, model.StateRefused, line.State)
		require.Equal(t, "judged_advertising", line.Reason)
		require.Len(t, c.ads("甲"), 3)
	})
}

// An account's hundred calls a day are counted here; what is more waits for the next Beijing day.
func TestMass_theDaysCallsAreCounted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "甲", "乙")
		c.exec(t, "INSERT INTO mass_accounts (account_id, day, calls) VALUES (?, ?, ?)", w.accountID, model.MassDay(time.Now()), model.MassPerDay-1)
		first := c.campaign([]string{"mass"}, offer("活动1"))
		c.begin(first)
		c.massBecomes(t, first, model.MassDone)
		c.still(t)
		second := c.campaign([]string{"mass"}, offer("活动2"))
		c.begin(second)
		eventually(t, func() bool {
			return c.reached(second)["甲"] == "queued mass ration_left" && c.massJob(second).DueAt >= model.NextBeijingDay(time.Now()).UnixMilli()
		}, "it waits for tomorrow")
		require.Len(t, c.sim.MassJobs(c.appid), 1)
		require.Equal(t, http.StatusOK, c.must(200, "POST", second+"/cancel", c.manager.token, nil).status)
	})
}
