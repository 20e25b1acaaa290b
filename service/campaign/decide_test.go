package campaign

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/consent"
)

// noon in Beijing.
var noon = time.Date(2026, 11, 26, 4, 0, 0, 0, time.UTC)

// reachable is somebody to whom every channel is open.
func reachable() *person {
	return &person{
		member: model.Member{ID: "m", ClerkID: "c"}, follower: model.Follower{ID: "f", Subscribed: true}, talk: model.Conversation{ID: "t"},
		zone: model.Zone(""), says: consent.Says{Offers: true},
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	all := "task,template,customer"
	for name, c := range map[string]struct {
		channels string
		purpose  string
		spare    int64
		tried    string
		spoil    func(p *person)
		want     decision
	}{
		"an open window is the cheapest":            {all, model.CampaignNotice, 2, "", nil, decision{channel: "customer", reason: "window_open"}},
		"the last message is the clerk's":           {all, model.CampaignNotice, 1, "", nil, decision{channel: "template", reason: "service_notice"}},
		"what failed is not tried again":            {all, model.CampaignNotice, 5, "customer", nil, decision{channel: "template", reason: "service_notice"}},
		"a call is the last resort":                 {"customer,task", model.CampaignOffer, 0, "", nil, decision{channel: "task", reason: "no_channel"}},
		"and says why":                              {"customer,task", model.CampaignOffer, 1, "", nil, decision{channel: "task", reason: "last_one_is_the_clerks"}},
		"who does not follow is called":             {all, model.CampaignNotice, 5, "", func(p *person) { p.follower.Subscribed = false }, decision{channel: "task", reason: "not_following"}},
		"without a clerk nobody calls":              {all, model.CampaignNotice, 0, "customer,template", func(p *person) { p.member.ClerkID = "" }, decision{skip: true, reason: "no_clerk"}},
		"no channel that may be used is open":       {"customer", model.CampaignOffer, 0, "", nil, decision{skip: true, reason: "no_channel"}},
		"an offer needs consent":                    {all, model.CampaignOffer, 5, "", func(p *person) { p.says.Offers = false }, decision{skip: true, reason: "no_consent"}},
		"a notice does not":                         {"customer", model.CampaignNotice, 5, "", func(p *person) { p.says.Offers = false }, decision{channel: "customer", reason: "window_open"}},
		"a notice obeys a no":                       {all, model.CampaignNotice, 5, "", func(p *person) { p.says.NoNotices = true }, decision{skip: true, reason: "consent_withdrawn"}},
		"who complains gets nothing":                {all, model.CampaignNotice, 5, "", func(p *person) { p.complains = true }, decision{skip: true, reason: "open_complaint"}},
		"the cap counts every campaign":             {all, model.CampaignOffer, 5, "", func(p *person) { p.recent = 4 }, decision{skip: true, reason: "contact_cap"}},
		"who waits for an answer gets that first":   {all, model.CampaignOffer, 5, "", func(p *person) { p.talk.WaitingSince = 1 }, decision{skip: true, reason: "waits_for_answer"}},
		"who talks with his clerk is left in peace": {all, model.CampaignOffer, 5, "", func(p *person) { p.talk.LastAt = noon.Add(-time.Hour).UnixMilli() }, decision{skip: true, reason: "in_conversation"}},
		"a scan is no talk": {"customer", model.CampaignOffer, 5, "", func(p *person) {
			p.talk.LastAt, p.talk.LastKind = noon.UnixMilli(), model.KindEvent
		}, decision{channel: "customer", reason: "window_open"}},
		"who was merged is somebody else": {all, model.CampaignOffer, 5, "", func(p *person) { p.member.MergedInto = "x" }, decision{skip: true, reason: "merged"}},
		"in the evening it still leaves": {all, model.CampaignOffer, 5, "", func(p *person) { p.zone = time.FixedZone("", -9*60*60) }, // 19:00
			decision{channel: "customer", reason: "window_open"}},
		"at night it waits until nine": {all, model.CampaignOffer, 5, "", func(p *person) { p.zone = time.FixedZone("", 18*60*60) }, // 22:00
			decision{until: noon.Add(11 * time.Hour).UnixMilli()}},
	} {
		p := reachable()
		if c.spoil != nil {
			c.spoil(p)
		}
		got := decide(model.Campaign{Channels: c.channels}, model.CampaignContent{Purpose: c.purpose}, model.DefaultCampaignSettings("a"), p, c.spare, c.tried, noon)
		require.Equal(t, c.want, got, name)
	}
	require.Equal(t, decision{skip: true, reason: "merged"}, decide(model.Campaign{}, model.CampaignContent{}, model.CampaignSettings{}, nil, 0, "", noon))
}

func TestQuiet_overMidnightAndNot(t *testing.T) {
	t.Parallel()
	night := model.CampaignSettings{QuietFrom: 21 * 60, QuietTo: 9 * 60}
	lunch := model.CampaignSettings{QuietFrom: 12 * 60, QuietTo: 14 * 60}
	for _, c := range []struct {
		of     model.CampaignSettings
		minute int64
		quiet  bool
		ends   int64
	}{
		{night, 21 * 60, true, 12 * 60},
		{night, 21*60 - 1, false, 0},
		{night, 0, true, 9 * 60},
		{night, 9*60 - 1, true, 1},
		{night, 9 * 60, false, 0},
		{lunch, 12 * 60, true, 120},
		{lunch, 14 * 60, false, 0},
		{lunch, 11*60 + 59, false, 0},
		{model.CampaignSettings{}, 0, false, 0},
	} {
		quiet, ends := c.of.Quiet(c.minute)
		require.Equal(t, c.quiet, quiet, c)
		require.Equal(t, c.ends, ends, c)
	}
}

func TestDifference_holdsTheTruthAlsoForSmallGroups(t *testing.T) {
	t.Parallel()
	// Newcombe 1998, method 10: 56/70 against 48/80 gives 0.2 [0.0524, 0.3339].
	d := difference(56, 70, 48, 80)
	require.InDelta(t, 0.2, d.By, 1e-9)
	require.InDelta(t, 0.0524, d.Low, 5e-5)
	require.InDelta(t, 0.3339, d.High, 5e-5)
	none := difference(0, 10, 0, 10)
	require.InDelta(t, 0, none.By, 0)
	require.Less(t, none.Low, -0.2)
	require.Greater(t, none.High, 0.2)
}

func TestOptOut(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"退订", " TD ", "td"} {
		require.True(t, optOut(text), text)
	}
	for _, text := range []string{"退订？", "怎么退订", "T", ""} {
		require.False(t, optOut(text), text)
	}
}

func TestDraw_spreadsEvenlyAndAlwaysTheSame(t *testing.T) {
	t.Parallel()
	n := 0
	for range 10_000 {
		id := model.NewID()
		if draw("campaign", id) < 20 {
			n++
		}
		again := draw("campaign", id)
		require.Equal(t, draw("campaign", id), again)
	}
	require.InDelta(t, 2000, n, 200)
}
