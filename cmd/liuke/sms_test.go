package main

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database/databasetest"
	"liuke/service/textmessage/standin"
	"liuke/wechat/simulator"
)

const (
	smsWords = "{1}您好，{2}周末有活动，拒收请回复R"
	smsTill  = "没微信"
)

// texting is an account whose text messages a stand-in for the provider takes.
type texting struct {
	*audience

	there *standin.Server
}

// eachTexting runs a test on every database, with a provider beside the program.
func eachTexting(t *testing.T, f func(t *testing.T, c *texting)) {
	t.Helper()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			there := standin.New(standin.Account{
				SecretID: "AKIDtest0123", SecretKey: "keyOfTheTest", AppID: "1400006666", Signature: "留客母婴", Templates: map[string]string{"1110": smsWords},
			}, time.Now)
			server := httptest.NewServer(there)
			t.Cleanup(server.Close)
			w := startApp(t, kind, func(o *options) { o.Config.SMSAPIURL = server.URL })
			c := &texting{audience: w.gather(t), there: there}
			c.set("tencent")
			f(t, c)
		})
	}
}

// set chooses the provider, at 5 fen a message.
func (c *texting) set(provider string) {
	c.t.Helper()
	c.must(200, "PUT", "/api/sms_settings", c.owner, map[string]any{
		"provider": provider, "secret_id": "AKIDtest0123", "secret_key": "keyOfTheTest", "app_id": "1400006666", "region": "ap-guangzhou",
		"signature": "留客母婴", "price": 5,
	})
}

// customers are members with a phone whom no WeChat reaches.
func (c *texting) customers(n int) []string {
	c.t.Helper()
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s%02d", smsTill, i)
		id := c.must(201, "POST", "/api/members", c.clerk.token, map[string]any{"name": names[i], "phone": fmt.Sprintf("139%08d", 1+i)}).str("id")
		c.ids[names[i]] = id
		c.must(204, "POST", "/api/members/"+id+"/consents", c.clerk.token, map[string]any{"purpose": "marketing", "state": "given", "text": "同意"})
	}
	return names
}

// byText is a notice by text message. Offers would wait for the morning where the test runs at night.
func byText() map[string]any {
	return map[string]any{
		"purpose": "notice", "task": "请{member}来", "sms": map[string]any{"id": "1110", "text": smsWords, "params": []any{"{member}", "{store}"}},
	}
}

func TestSMS_reachesWhoNoWeChatReachesAndTellsWhatItCosts(t *testing.T) {
	t.Parallel()
	eachTexting(t, func(t *testing.T, c *texting) {
		t.Helper()
		names := c.customers(3)
		c.join(t, "无号码")
		c.exec(t, "UPDATE conversations SET last_at = last_at - ?", 3*time.Hour.Milliseconds())
		path := c.campaign([]string{"sms", "task"}, byText())
		forecast := c.must(200, "GET", path+"/forecast", c.manager.token, nil)
		require.EqualValues(t, 3, forecast.get("sms", "messages"))
		require.EqualValues(t, 15, forecast.get("sms", "cost"))
		require.Equal(t, "sms", forecast.str("samples", 0, "channel"))
		require.Equal(t, "【留客母婴】"+forecast.str("samples", 0, "name")+"您好，一店周末有活动，拒收请回复R", forecast.str("samples", 0, "text"))
		require.Equal(t, "task", forecast.str("samples", 1, "channel"), "an example of each channel, though three go by the first")
		c.begin(path)
		c.becomes(t, path, "done")
		for _, name := range names {
			require.Equal(t, "accepted sms not_following", c.reached(path)[name])
		}
		require.Equal(t, "task task no_phone", c.reached(path)["无号码"])
		require.Len(t, c.there.Sent(), 3)
		got := map[string]string{}
		for _, s := range c.there.Sent() {
			got[s.Phone] = s.Text
		}
		require.Equal(t, "【留客母婴】没微信00您好，一店周末有活动，拒收请回复R", got["+8613900000001"])

		effect := c.must(200, "GET", path+"/outcome", c.manager.token, nil)
		require.EqualValues(t, 15, effect.get("cost"))
		require.Equal(t, []any{
			map[string]any{"channel": "sms", "members": 3.0, "cost": 15.0}, map[string]any{"channel": "task", "members": 1.0, "cost": 0.0},
		}, effect.get("spent"))
		recipient := c.must(200, "GET", path+"/recipients?state=accepted", c.manager.token, nil)
		require.EqualValues(t, 5, recipient.get("items", 0, "cost"))
		require.Contains(t, string(c.must(200, "GET", path+"/recipients.csv", c.manager.token, nil).raw), ",0.05\n")
		for _, secret := range []string{"13900000001", "3900000001", "AKIDtest0123", "keyOfTheTest", "周末有活动"} {
			require.NotContains(t, c.logs.String(), secret)
		}
		var settings model.SMSSettings
		require.NoError(t, c.app.db.Read(t.Context()).First(&settings).Error)
		require.NotContains(t, string(settings.SecretKeySealed), "keyOfTheTest")
	})
}

// Of two who follow, one gets no text message because he wrote; the line of the other stands in his chat.
func TestSMS_standsInTheChatOfWhoHasOne(t *testing.T) {
	t.Parallel()
	eachTexting(t, func(t *testing.T, c *texting) {
		t.Helper()
		c.join(t, "甲", "乙")
		c.wrote(t, "乙")
		c.must(200, "PATCH", "/api/members/"+c.ids["甲"], c.clerk.token, map[string]any{"phone": "13700000001"})
		c.exec(t, "UPDATE conversations SET last_at = last_at - ?", 3*time.Hour.Milliseconds())
		content := byText()
		content["text"] = "来活动"
		path := c.campaign([]string{"customer", "sms"}, content)
		c.begin(path)
		c.becomes(t, path, "done")
		require.Equal(t, map[string]string{"甲": "accepted sms no_channel", "乙": "accepted customer window_open"}, c.reached(path))
		var line model.Message
		require.NoError(t, c.app.db.Read(t.Context()).First(&line, "conversation_id = ? AND text LIKE ?", c.talkOf(t, "甲"), "（短信）%").Error)
		require.Equal(t, "（短信）【留客母婴】甲您好，一店周末有活动，拒收请回复R", line.Text)
		require.Equal(t, model.StateAccepted, line.State)
		require.Equal(t, c.clerk.id, line.OnBehalfOf)
	})
}

// What may have been sent is never sent again; what a person must mend stops all; what is about one goes on without him.
func TestSMS_followsTheProvidersWord(t *testing.T) {
	t.Parallel()
	eachTexting(t, func(t *testing.T, c *texting) {
		t.Helper()
		one := func(name string, f standin.Fault) (path string) {
			c.must(201, "POST", "/api/members", c.clerk.token, map[string]any{"name": name, "phone": fmt.Sprintf("136%08d", len(c.ids))})
			c.ids[name] = name
			c.exec(t, "UPDATE members SET store_id = CASE WHEN name = ? THEN ? ELSE '' END", name, c.store)
			c.there.Next(f)
			path = c.campaign([]string{"sms", "task"}, byText())
			c.begin(path)
			return path
		}
		settled := func(name string, f standin.Fault) string {
			path := one(name, f)
			c.becomes(t, path, "done")
			return c.reached(path)[name]
		}
		require.Equal(t, "unknown sms sms_no_answer", settled("断线", standin.Fault{Cut: true}))
		require.Equal(t, "unknown sms sms_provider", settled("超时", standin.Fault{Code: "InternalError.Timeout"}))
		require.Equal(t, "refused sms sms_blacklisted", settled("拒收", standin.Fault{Code: "FailedOperation.PhoneNumberInBlacklist"}))
		require.Equal(t, "task task no_channel", strings.Replace(settled("太多", standin.Fault{Code: "LimitExceeded.PhoneNumberDailyLimit"}), "not_following", "no_channel", 1))
		calls := c.there.Calls()

		path := one("欠费", standin.Fault{Code: "FailedOperation.InsufficientBalanceInSmsPackage"})
		c.becomes(t, path, "paused")
		require.Equal(t, "refused:sms_no_balance", c.must(200, "GET", path, c.manager.token, nil).str("reason"))
		require.True(t, strings.HasPrefix(c.reached(path)["欠费"], "waiting"), "nothing was sent to him")
		require.NotEmpty(t, c.rows(t, c.manager.id), "who runs it is told")
		require.Equal(t, calls+1, c.there.Calls())
		c.must(200, "POST", path+"/resume", c.manager.token, nil)
		c.becomes(t, path, "done")
		require.Equal(t, "accepted sms not_following", c.reached(path)["欠费"])
		require.Len(t, c.there.Sent(), 2, "the one that was cut off, and this")

		// Switched off between the choice and the send: the campaign stands still until somebody looks.
		c.set("off")
		path = one("关掉", standin.Fault{})
		c.becomes(t, path, "done")
		require.Equal(t, "task task sms_off", c.reached(path)["关掉"])
	})
}

// A word that a member says while his message waits keeps it back.
func TestSMS_obeysWhatAMemberSaidLast(t *testing.T) {
	t.Parallel()
	eachTexting(t, func(t *testing.T, c *texting) {
		t.Helper()
		c.customers(1)
		_, err := c.app.rates.StopToday(t.Context(), c.accountID, "sms/send", "daily_quota")
		require.NoError(t, err)
		path := c.campaign([]string{"sms"}, byText())
		c.begin(path)
		eventually(t, func() bool { return strings.HasPrefix(c.reached(path)["没微信00"], "queued sms") }, "it is queued")
		c.must(204, "POST", "/api/members/"+c.ids["没微信00"]+"/consents", c.clerk.token, map[string]any{"purpose": "service", "state": "withdrawn"})
		c.exec(t, "UPDATE api_stops SET stopped_until = 1")
		c.becomes(t, path, "done")
		require.Equal(t, "skipped sms consent_withdrawn", c.reached(path)["没微信00"])
		require.Zero(t, c.there.Calls())
	})
}

// What waited for the next day does not leave in the night.
func TestCampaign_whatWaitedLeavesOutsideOfQuietHours(t *testing.T) {
	t.Parallel()
	eachTexting(t, func(t *testing.T, c *texting) {
		t.Helper()
		c.customers(1)
		_, err := c.app.rates.StopToday(t.Context(), c.accountID, "sms/send", "daily_quota")
		require.NoError(t, err)
		path := c.campaign([]string{"sms"}, byText())
		c.begin(path)
		eventually(t, func() bool { return strings.HasPrefix(c.reached(path)["没微信00"], "queued sms") }, "it is queued")
		now := time.Now().In(model.Zone(""))
		minute := now.Hour()*60 + now.Minute()
		c.must(200, "PUT", "/api/campaign_settings", c.owner, map[string]any{"quiet_from": (minute + 1430) % 1440, "quiet_to": (minute + 120) % 1440, "cap": 0, "cap_days": 0})
		c.exec(t, "UPDATE deliveries SET created_at = created_at - ?", 2*time.Minute.Milliseconds())
		c.exec(t, "UPDATE api_stops SET stopped_until = 1")
		eventually(t, func() bool { return strings.HasPrefix(c.reached(path)["没微信00"], "waiting quiet_hours") }, "it waits")
		require.Zero(t, c.there.Calls())
		c.must(200, "PUT", "/api/campaign_settings", c.owner, map[string]any{"quiet_from": 0, "quiet_to": 0, "cap": 0, "cap_days": 0})
		c.exec(t, "UPDATE campaign_recipients SET due_at = 0 WHERE state = 'waiting'")
		c.becomes(t, path, "done")
		require.Len(t, c.there.Sent(), 1)
	})
}

func TestSMS_isSetByTheOwnerAndItsWordsAreChecked(t *testing.T) {
	t.Parallel()
	eachTexting(t, func(t *testing.T, c *texting) {
		t.Helper()
		got := c.must(200, "GET", "/api/sms_settings", c.manager.token, nil)
		require.Equal(t, []any{"tencent", true, "留客母婴", 5.0}, []any{got.get("provider"), got.get("has_secret"), got.get("signature"), got.get("price")})
		require.NotContains(t, string(got.raw), "AKIDtest0123")
		c.must(403, "PUT", "/api/sms_settings", c.manager.token, map[string]any{"provider": "off", "price": 0})
		c.must(403, "GET", "/api/sms_settings", c.clerk.token, nil)
		for field, body := range map[string]map[string]any{
			"signature":  {"provider": "recording", "price": 0, "signature": "【留客】"},
			"app_id":     {"provider": "tencent", "price": 0, "signature": "留客", "region": "ap-guangzhou"},
			"region":     {"provider": "tencent", "price": 0, "signature": "留客", "app_id": "1400006666", "region": "Guangzhou/x"},
			"secret_key": {"provider": "tencent", "price": 0, "signature": "留客", "app_id": "1400006666", "region": "ap-guangzhou", "secret_key": ""},
		} {
			require.Equal(t, field, c.must(422, "PUT", "/api/sms_settings", c.owner, body).str("errors", 0, "field"), field)
		}
		// Secrets that are not given stay.
		require.Equal(t, true, c.must(200, "PUT", "/api/sms_settings", c.owner, map[string]any{"provider": "recording", "price": 4, "signature": "留客"}).get("has_secret"))

		write := func(purpose, text string, params ...any) string {
			a := c.do("POST", "/api/campaigns", c.manager.token, map[string]any{
				"name": "x", "filter": map[string]any{"field": "bound", "is": true}, "channels": []any{"sms"},
				"content": map[string]any{"purpose": purpose, "sms": map[string]any{"id": "1110", "text": text, "params": append([]any{}, params...)}},
			})
			return a.str("errors", 0, "reason")
		}
		require.Empty(t, write("offer", "{1}您好，周末有活动，拒收请回复R", "{member}"))
		require.Empty(t, write("notice", "{1}您好，您的货到了", "{member}"))
		require.Equal(t, "opt_out_words", write("offer", "{1}您好，周末有活动", "{member}"))
		require.Equal(t, "blanks", write("notice", "{1}您好"))
		require.Equal(t, "blanks", write("notice", "{2}您好", "{member}"))
		require.Equal(t, "no_link", write("notice", "{1}您好", "{optout}"))
		require.Equal(t, "no_link", write("notice", "{1}您好", "看www.example.com"))
		require.Equal(t, "no_brackets", write("notice", "【留客】您好"))
		require.Equal(t, "fields_only_in_blanks", write("notice", "{member}您好"))
		require.Equal(t, "unknown_field", write("notice", "{1}您好", "{membr}"))
	})
}

// Two instances that work on one campaign: each phone gets the message once.
func TestSMS_twoInstancesSendNothingTwice(t *testing.T) {
	t.Parallel()
	eachTexting(t, func(t *testing.T, c *texting) {
		t.Helper()
		c.set("recording")
		other := c.two(t)
		names := c.customers(40)
		path := c.campaign([]string{"sms"}, byText())
		c.begin(path)
		c.becomes(t, path, "done")
		phones := map[string]int{}
		for _, i := range []*instance{c.instance, other} {
			for _, m := range i.app.sms.Recorded() {
				phones[m.Phone]++
			}
		}
		require.Len(t, phones, len(names))
		for phone, n := range phones {
			require.Equal(t, 1, n, "phone that ends in %s", phone[len(phone)-2:])
		}
		require.Zero(t, c.there.Calls(), "nothing left the house")
	})
}

// Wherever a process is killed while it sends text messages, the next one goes on: nobody gets one twice, and who may have
// got one is not sent another.
func TestSMS_survivesKillsOfTheProcessThatSends(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			there := standin.New(standin.Account{
				SecretID: "AKIDtest0123", SecretKey: "keyOfTheTest", AppID: "1400006666", Signature: "留客母婴", Templates: map[string]string{"1110": smsWords},
			}, time.Now)
			server := httptest.NewServer(there)
			t.Cleanup(server.Close)
			w, worker := killable(t, kind, "LIUKE_SMS_API_URL="+server.URL)
			c := &texting{audience: w.gather(t), there: there}
			c.set("tencent")
			kills := number64(t, killsVariable, fewKills)
			names := c.customers(int(20 * kills))
			for range names {
				there.Next(standin.Fault{Delay: 200 * time.Millisecond})
			}
			path := c.campaign([]string{"sms"}, byText())
			c.begin(path)
			for n := range kills {
				eventually(t, func() bool {
					return there.Calls() > int(10*n) || c.must(200, "GET", path, c.manager.token, nil).str("state") == model.CampaignDone
				}, "it sends")
				worker.kill()
				c.exec(t, "UPDATE leases SET until_at = 0")
				c.exec(t, "UPDATE deliveries SET lease_until = 1 WHERE state = ?", model.StateSending)
				worker = w.spawn(t, roleAll)
			}
			c.becomes(t, path, "done")
			got := map[string]int{}
			for _, s := range there.Sent() {
				got[s.Context]++
			}
			for delivery, n := range got {
				require.Equal(t, 1, n, delivery)
			}
			sent := 0
			for name, state := range c.reached(path) {
				require.True(t, strings.HasPrefix(state, "accepted sms") || strings.HasPrefix(state, "unknown sms"), "%s: %s", name, state)
				sent++
			}
			require.Equal(t, len(names), sent)
			require.EqualValues(t, 5*len(names), c.must(200, "GET", path+"/outcome", c.manager.token, nil).get("cost"), "what may have been sent may have been charged")
			phones := map[string]bool{}
			for _, s := range there.Sent() {
				require.False(t, phones[s.Phone], "twice to one phone")
				phones[s.Phone] = true
			}
		})
	}
}

// Two instances that send one campaign by every channel but the mass send: each member is reached once, by one of them.
func TestCampaign_twoInstancesReachEachOnceByEveryChannel(t *testing.T) {
	t.Parallel()
	eachTexting(t, func(t *testing.T, c *texting) {
		t.Helper()
		c.set("recording")
		other := c.two(t)
		some := func(what string) []string {
			names := make([]string, 6)
			for i := range names {
				names[i] = fmt.Sprintf("%s%d", what, i)
			}
			c.join(t, names...)
			return names
		}
		spoke, granted, follow := some("说过话"), some("订阅"), some("关注")
		c.wrote(t, spoke...)
		subscription := c.notices(t)
		c.grant(t, subscription, granted...)
		template, err := c.sim.AddTemplate(c.appid, simulator.Template{Title: "到货通知", Content: "商品 {{thing1.DATA}}"})
		require.NoError(t, err)
		texted := c.customers(6)
		called := c.must(201, "POST", "/api/members", c.clerk.token, map[string]any{"name": "打电话"}).str("id")
		c.exec(t, "UPDATE conversations SET last_at = last_at - ?", 3*time.Hour.Milliseconds())
		content := byText()
		content["text"] = "{member}的活动"
		content["subscription"] = map[string]any{"id": subscription, "fields": map[string]any{"thing1": "{member}的活动"}}
		content["template"] = map[string]any{"id": template, "fields": map[string]any{"thing1": "{member}的活动"}}
		path := c.campaign([]string{"customer", "subscription", "template", "sms", "task"}, content)
		c.begin(path)
		c.becomes(t, path, "done")
		eventually(t, func() bool {
			for _, state := range c.reached(path) {
				if !strings.HasPrefix(state, "delivered") && !strings.HasPrefix(state, "accepted customer") && !strings.HasPrefix(state, "accepted sms") && !strings.HasPrefix(state, "task") {
					return false
				}
			}
			return true
		}, "everybody was reached")
		for channel, names := range map[string][]string{"customer": spoke, "subscription": granted, "template": follow, "sms": texted} {
			for _, name := range names {
				require.Contains(t, c.reached(path)[name], " "+channel+" ", name)
				if channel != "sms" {
					require.Len(t, c.ads(name), 1, name)
				}
			}
		}
		phones := map[string]int{}
		for _, i := range []*instance{c.instance, other} {
			for _, m := range i.app.sms.Recorded() {
				phones[m.Phone]++
			}
		}
		require.Len(t, phones, len(texted))
		for phone, n := range phones {
			require.Equal(t, 1, n, "phone that ends in %s", phone[len(phone)-2:])
		}
		var calls int64
		require.NoError(t, c.app.db.Read(t.Context()).Model(&model.Todo{}).Where("member_id = ? AND kind = ?", called, model.TodoCampaign).Count(&calls).Error)
		require.EqualValues(t, 1, calls)
	})
}
