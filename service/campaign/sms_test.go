package campaign

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/sms"
)

func TestSMSUntil_keepsOffersToTheDay(t *testing.T) {
	t.Parallel()
	at := func(clock string) time.Time {
		got, err := time.ParseInLocation("2006-01-02 15:04", clock, model.Zone(""))
		require.NoError(t, err)
		return got
	}
	offer, notice := model.CampaignContent{Purpose: model.CampaignOffer}, model.CampaignContent{Purpose: model.CampaignNotice}
	for now, until := range map[string]string{
		"2026-11-27 07:59": "2026-11-27 08:00", "2026-11-27 08:00": "", "2026-11-27 21:59": "", "2026-11-27 22:00": "2026-11-28 08:00",
		"2026-12-31 23:00": "2027-01-01 08:00", "2026-11-27 00:00": "2026-11-27 08:00",
	} {
		want := int64(0)
		if until != "" {
			want = at(until).UnixMilli()
		}
		require.Equal(t, want, smsUntil(offer, at(now).UTC()), now)
		require.Zero(t, smsUntil(notice, at(now)), now)
	}
	later := outOfHours(offer, decision{channel: model.ChannelSMS, reason: "no_phone"}, at("2026-11-27 23:00"))
	require.Equal(t, decision{until: at("2026-11-28 08:00").UnixMilli()}, later)
	task := decision{channel: model.ChannelTask}
	require.Equal(t, task, outOfHours(offer, task, at("2026-11-27 23:00")), "calls have their own hours")
}

func TestReach_textsBeforeItCalls(t *testing.T) {
	t.Parallel()
	c := model.Campaign{Channels: "task,sms,mass"}
	one := func(closed, tried string) decision {
		return reach(c, &person{member: model.Member{ClerkID: "k"}, sms: byPhone{closed: closed}}, 0, tried)
	}
	require.Equal(t, decision{channel: model.ChannelSMS, reason: "not_following"}, one("", ""))
	require.Equal(t, decision{channel: model.ChannelTask, reason: "not_following"}, one("", model.ChannelSMS))
	require.Equal(t, decision{channel: model.ChannelTask, reason: "no_phone"}, one("no_phone", ""))
	require.Equal(t, decision{channel: model.ChannelTask, reason: sms.ReasonOff}, one(sms.ReasonOff, ""))
}

func TestBlanksOf_countsFromOneOnWithoutAGap(t *testing.T) {
	t.Parallel()
	for text, n := range map[string]int{"": 0, "{1}": 1, "{2}{1}": 2, "{1}{1}": 1, "{2}": -1, "{1}{3}": -1, "{0}": -1, "{member}": 0} {
		require.Equal(t, n, blanksOf(text), text)
	}
}

// However many go by the first channel, the others are among the examples, and so are the words of each kind of member.
func TestExamples_areSpreadOverChannelsAndWordings(t *testing.T) {
	t.Parallel()
	content := model.CampaignContent{Text: "老朋友", Variants: map[string]string{model.MemberProspect: "新朋友"}, Task: "打电话"}
	all := examples{}
	add := func(n int, kind, channel string) {
		for i := range n {
			p := &person{member: model.Member{ID: fmt.Sprint(kind, channel, i), Kind: kind}}
			all.add(content, p, decision{channel: channel, skip: channel == ""})
		}
	}
	add(100, model.MemberKnown, model.ChannelCustomer)
	add(1, model.MemberKnown, "")
	add(2, model.MemberProspect, model.ChannelCustomer)
	add(1, model.MemberKnown, model.ChannelTask)
	got := all.take(6)
	texts := make([]string, len(got))
	for i, s := range got {
		texts[i] = s.Text
	}
	require.Equal(t, []string{"老朋友", "新朋友", "打电话", "老朋友", "新朋友", "老朋友"}, texts)
	require.Len(t, all.take(100), 5+2+1)
	require.Empty(t, examples{}.take(5))
}
