package delivery_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/account"
	"liuke/service/delivery"
	"liuke/service/rate"
	"liuke/service/worldtest"
	"liuke/wechat/simulator"
)

const templatePath = "/cgi-bin/message/template/send"

// crowd is an account with followers, and a template to write to them by.
type crowd struct {
	appid, accountID, template string
	followers                  []model.Follower
	talks                      []string
}

func newCrowd(t *testing.T, w *worldtest.World, appid string, people int) *crowd {
	t.Helper()
	c := &crowd{appid: appid, accountID: w.Account.ID}
	if appid != worldtest.AppID {
		row, err := w.Accounts.Add(t.Context(), access.System(""), account.Add{AppID: appid, Secret: "anothersecret", Token: "anothertoken", Name: "别的号"})
		require.NoError(t, err)
		c.accountID = row.ID
		require.NoError(t, w.Sim.AddAccount(simulator.Account{AppID: appid, Secret: "anothersecret", Token: "anothertoken"}))
	}
	var err error
	c.template, err = w.Sim.AddTemplate(appid, simulator.Template{Title: "到货通知", Content: "商品 {{thing1.DATA}}"})
	require.NoError(t, err)
	var talks []model.Conversation
	for n := range people {
		p := w.Sim.NewPerson(fmt.Sprintf("人%d", n))
		openid := p.OpenIDs[appid]
		require.NoError(t, w.Sim.FollowQuietly(appid, openid))
		f := model.Follower{ID: model.NewID(), AccountID: c.accountID, OpenID: openid, Kind: model.FollowerMember, MemberID: model.NewID(), Subscribed: true}
		talks = append(talks, model.Conversation{ID: model.NewID(), AccountID: c.accountID, FollowerID: f.ID, MemberID: f.MemberID})
		c.followers, c.talks = append(c.followers, f), append(c.talks, talks[n].ID)
	}
	require.NoError(t, w.DB.InTx(t.Context(), func(tx *database.Tx) error {
		if err := tx.Create(&c.followers).Error; err != nil {
			return err
		}
		return tx.Create(&talks).Error
	}))
	return c
}

// queue writes one delivery per follower in one transaction.
func (c *crowd) queue(t *testing.T, w *worldtest.World, purpose, text string) {
	t.Helper()
	require.NoError(t, w.DB.InTx(t.Context(), func(tx *database.Tx) error {
		for i, f := range c.followers {
			_, err := w.Delivery.EnqueueTx(tx, delivery.Order{
				Follower: f, ConversationID: c.talks[i], Purpose: purpose, SourceKind: "test", SourceID: c.accountID, AuthorKind: model.BySystem,
				Channel: model.ChannelTemplate, ChannelReason: "test", Kind: model.KindText,
				Content: delivery.Content{Text: text, Template: &delivery.Template{ID: c.template, Fields: map[string]string{"thing1": text}}},
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

func (c *crowd) count(t *testing.T, w *worldtest.World, where string, args ...any) (n int64) {
	t.Helper()
	require.NoError(t, w.DB.Read(t.Context()).Model(&model.Delivery{}).Where("account_id = ?", c.accountID).Where(where, args...).Count(&n).Error)
	return n
}

func TestSlowAccount_holdsUpNoOtherAndNotItsOwnClerks(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := worldtest.New(t, db)
		slow, fast := newCrowd(t, w, worldtest.AppID, 100), newCrowd(t, w, "wx0000000000000fast", 100)
		for appid, delay := range map[string]time.Duration{slow.appid: 5 * time.Second, fast.appid: 30 * time.Millisecond} {
			_, err := w.Sim.AddFault(simulator.Fault{AppID: appid, Path: templatePath, Kind: simulator.FaultSlow, Delay: delay})
			require.NoError(t, err)
		}
		slow.queue(t, w, model.PurposeCampaign, "慢")
		worldtest.Eventually(t, func() bool { return slow.count(t, w, "state = ?", model.StateSending) == 16 }, "as many as campaigns may have under way")
		fast.queue(t, w, model.PurposeCampaign, "快")
		worldtest.Eventually(t, func() bool { return fast.count(t, w, "state = ?", model.StateAccepted) == 100 }, "the other account's have left")
		require.LessOrEqual(t, slow.count(t, w, "state <> ?", model.StateQueued), int64(2*16), "while the slow one had two rounds at most")

		slow.queue(t, w, model.PurposeIntroduction, "店员")
		worldtest.Eventually(t, func() bool {
			return slow.count(t, w, "state = ? AND purpose <> ?", model.StateSending, model.PurposeCampaign) == 8
		}, "clerks' words find a place")
		require.LessOrEqual(t, slow.count(t, w, "state = ?", model.StateSending), int64(24))
	})
}

func TestBudget_clerksGoFirst(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := worldtest.New(t, db, rate.Budgets{rate.APITemplate: 10})
		c := newCrowd(t, w, worldtest.AppID, 30)
		c.queue(t, w, model.PurposeCampaign, "群发")
		worldtest.Eventually(t, func() bool { return c.count(t, w, "state = ?", model.StateAccepted) >= 8 }, "it has begun")
		c.queue(t, w, model.PurposeIntroduction, "店员")
		worldtest.Eventually(t, func() bool {
			return c.count(t, w, "state = ? AND purpose <> ?", model.StateAccepted, model.PurposeCampaign) == 30
		}, "the clerks' have left")
		require.Positive(t, c.count(t, w, "state = ? AND purpose = ?", model.StateQueued, model.PurposeCampaign), "though they came later")
	})
}

func TestDayLimit_stopsThatAPIOfThatAccountUntilTheNextDay(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		c := newCrowd(t, w, worldtest.AppID, 40)
		_, err := w.Sim.AddFault(simulator.Fault{Path: templatePath, Kind: simulator.FaultCode, Code: 45009})
		require.NoError(t, err)
		c.queue(t, w, model.PurposeCampaign, "群发")
		worldtest.Eventually(t, func() bool { return c.count(t, w, "reason = ?", "daily_quota") > 0 }, "WeChat said so")
		stops, err := w.Rates.Stopped(t.Context())
		require.NoError(t, err)
		require.Len(t, stops, 1)
		require.Equal(t, []string{w.Account.ID, rate.APITemplate}, []string{stops[0].AccountID, stops[0].API})
		m := w.Reply(t, clerk, p, "1", "在的")
		w.Becomes(t, m.ID, model.StateAccepted)
		require.LessOrEqual(t, len(w.Sim.Calls(templatePath)), 24, "no call after those under way")
		require.EqualValues(t, 40, c.count(t, w, "state IN ? AND purpose = ?", []string{model.StateQueued, model.StateSending}, model.PurposeCampaign), "nothing is lost")

		worldtest.Eventually(t, func() bool { return c.count(t, w, "state = ?", model.StateSending) == 0 }, "what was under way is put off")
		_, err = w.DB.Exec(t.Context(), "UPDATE api_stops SET stopped_until = 1") // the next day
		require.NoError(t, err)
		_, err = w.DB.Exec(t.Context(), "UPDATE deliveries SET due_at = 1 WHERE state = ?", model.StateQueued)
		require.NoError(t, err)
		w.Sim.ClearFaults()
		worldtest.Eventually(t, func() bool { return c.count(t, w, "state = ?", model.StateAccepted) >= 40 }, "they leave")
	})
}

func TestMinuteLimit_restsTheAPIAndSlowsIt(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		c := newCrowd(t, w, worldtest.AppID, 40)
		_, err := w.Sim.AddFault(simulator.Fault{Path: templatePath, Kind: simulator.FaultCode, Code: 45011, Count: 1})
		require.NoError(t, err)
		c.queue(t, w, model.PurposeCampaign, "群发")
		worldtest.Eventually(t, func() bool { return c.count(t, w, "reason = ?", "rate_limited") == 1 }, "WeChat said so")
		granted, wait := w.Rates.Take(t.Context(), w.Account.ID, rate.APITemplate, 1, true)
		require.Zero(t, granted)
		require.Greater(t, wait, 50*time.Second)
		m := w.Reply(t, clerk, p, "1", "在的")
		w.Becomes(t, m.ID, model.StateAccepted)
		worldtest.Eventually(t, func() bool { return c.count(t, w, "state = ?", model.StateSending) == 0 }, "what was under way has ended")
		require.LessOrEqual(t, len(w.Sim.Calls(templatePath)), 32)
		require.Positive(t, c.count(t, w, "state = ? AND reason = ''", model.StateQueued), "the others wait")
	})
}

// A WeChat that answers nothing is left alone, and what waits for it leaves as soon as it is back: no delivery pays for how
// often it was put off.
func TestSilence_putsNothingOffForLonger(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := worldtest.New(t, db)
		c := newCrowd(t, w, worldtest.AppID, 400) // more than the rounds below can take up
		silence, err := w.Sim.AddFault(simulator.Fault{Path: templatePath, Kind: simulator.FaultCutBefore})
		require.NoError(t, err)
		c.queue(t, w, model.PurposeIntroduction, "店员")
		worldtest.Eventually(t, func() bool { return c.count(t, w, "reason = ?", "circuit_open") > 0 }, "it is left alone")
		before := len(w.Sim.Calls(templatePath))
		worldtest.Eventually(t, func() bool { return len(w.Sim.Calls(templatePath)) >= before+4 }, "it was tried again, twice at least")
		require.Positive(t, c.count(t, w, "state = ? AND tries = 0", model.StateQueued), "what cannot leave is not taken up")
		require.Zero(t, c.count(t, w, "state = ? AND due_at > ?", model.StateQueued, time.Now().Add(3*time.Second).UnixMilli()), "nor put off for longer")
		w.Sim.RemoveFault(silence)
		worldtest.Eventually(t, func() bool { return c.count(t, w, "state IN ?", []string{model.StateQueued, model.StateSending}) == 0 }, "the rest leaves")
		require.Positive(t, c.count(t, w, "state = ?", model.StateAccepted))
	})
}

// A clerk's answer does not stand behind what a campaign wants to tell the same member by another, stopped channel.
func TestLine_aClerksAnswerDoesNotWaitForACampaign(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		_, err := w.Rates.StopToday(t.Context(), w.Account.ID, rate.APITemplate, "daily_quota")
		require.NoError(t, err)
		f, talk := w.Follower(t, p), w.Conversation(t, p)
		c := &crowd{accountID: w.Account.ID, template: "none", followers: []model.Follower{f}, talks: []string{talk.ID}}
		c.queue(t, w, model.PurposeCampaign, "群发")
		m := w.Reply(t, clerk, p, "1", "在的")
		w.Becomes(t, m.ID, model.StateAccepted)
		require.EqualValues(t, 1, c.count(t, w, "state = ?", model.StateQueued))
		require.Equal(t, []string{"在的"}, w.Texts(p))
	})
}
