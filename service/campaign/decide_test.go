package campaign

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/consent"
	"liuke/service/fault"
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
		"an open window is the cheapest":             {all, model.CampaignNotice, 2, "", nil, decision{channel: "customer", reason: "window_open"}},
		"a granted notice is the next cheapest":      {"subscription," + all, model.CampaignOffer, 1, "", func(p *person) { p.grants = 1 }, decision{channel: "subscription", reason: "granted"}},
		"nobody gets a notice that he did not grant": {"subscription,template", model.CampaignNotice, 0, "", nil, decision{channel: "template", reason: "service_notice"}},
		"nor who has left":                           {"subscription", model.CampaignNotice, 0, "", func(p *person) { p.grants, p.follower.Subscribed = 1, false }, decision{skip: true, reason: "not_following"}},
		"the last message is the clerk's":            {all, model.CampaignNotice, 1, "", nil, decision{channel: "template", reason: "service_notice"}},
		"what failed is not tried again":             {all, model.CampaignNotice, 5, "customer", nil, decision{channel: "template", reason: "service_notice"}},
		"then the mass ration":                       {"task,mass,customer", model.CampaignOffer, 1, "", nil, decision{channel: "mass", reason: "ration_left"}},
		"after the template":                         {"task,mass,template", model.CampaignNotice, 0, "", nil, decision{channel: "template", reason: "service_notice"}},
		"three mass messages are not four": {
			"task,mass", model.CampaignOffer, 0, "", func(p *person) { p.mass.taken = []int64{4, 1, 2} },
			decision{channel: "mass", reason: "ration_left"},
		},
		"four are a month's": {
			"task,mass", model.CampaignOffer, 0, "", func(p *person) { p.mass.taken = []int64{1, 2, 3, 4} },
			decision{channel: "task", reason: "ration_used_up"},
		},
		"an account without mass sends": {
			"mass", model.CampaignOffer, 0, "", func(p *person) { p.mass.closed = "no_mass_quota" },
			decision{skip: true, reason: "no_mass_quota"},
		},
		"no mass message to who does not follow": {
			"mass", model.CampaignOffer, 0, "", func(p *person) { p.follower.Subscribed = false },
			decision{skip: true, reason: "not_following"},
		},
		"nor after it failed":                       {"task,mass", model.CampaignOffer, 0, "customer,mass", nil, decision{channel: "task", reason: "no_channel"}},
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

// What changed since a member was put into a mass job is asked for again right before it leaves.
func TestStays(t *testing.T) {
	t.Parallel()
	nine := noon.Add(11 * time.Hour).UnixMilli()
	for name, c := range map[string]struct {
		campaign string
		spoil    func(p *person)
		want     change
	}{
		"he said no":               {"", func(p *person) { p.says.Offers = false }, change{state: "skipped", reason: "no_consent", tried: "customer"}},
		"he was merged":            {"", func(p *person) { p.member.MergedInto = "x" }, change{state: "skipped", reason: "merged", tried: "customer"}},
		"he got enough":            {"", func(p *person) { p.recent = 4 }, change{state: "skipped", reason: "contact_cap", tried: "customer"}},
		"he waits for an answer":   {"", func(p *person) { p.talk.WaitingSince = 1 }, change{state: "skipped", reason: "waits_for_answer", tried: "customer"}},
		"night fell":               {"", func(p *person) { p.zone = time.FixedZone("", 18*60*60) }, change{state: "waiting", reason: "quiet_hours", tried: "customer", due: nine}},
		"he unfollowed":            {"", func(p *person) { p.follower.Subscribed = false }, change{state: "waiting", tried: "customer,mass"}},
		"and nobody shall be told": {model.CampaignCancelled, func(p *person) { p.follower.Subscribed = false }, change{state: "cancelled", tried: "customer"}},
	} {
		p := reachable()
		settings, content := model.DefaultCampaignSettings("a"), model.CampaignContent{Purpose: model.CampaignOffer}
		campaign, r := model.Campaign{State: c.campaign}, model.Recipient{Tried: "customer"}
		_, ok := stays(campaign, content, settings, r, p, noon)
		require.True(t, ok, name)
		c.spoil(p)
		got, ok := stays(campaign, content, settings, r, p, noon)
		require.False(t, ok, name)
		require.Equal(t, c.want, got, name)
	}
}

func TestCheckContent_aMassMessageIsTheSameForAll(t *testing.T) {
	t.Parallel()
	for text, reason := range map[string]string{
		"全场八折": "", "": "required", "{member}您好": "no_fields_in_mass", "来{store}": "no_fields_in_mass", "{points}分": "no_fields_in_mass",
		"{什么}": "", strings.Repeat("字", 700): "too_long",
	} {
		for _, c := range []struct {
			field   string
			content model.CampaignContent
		}{
			{"content.mass", model.CampaignContent{Mass: text}},
			{"content.mass_variants.member", model.CampaignContent{Mass: "x", MassVariants: map[string]string{"member": text}}},
		} {
			c.content.Purpose = model.CampaignOffer
			err := checkContent(c.content, []string{model.ChannelMass})
			if reason == "" {
				require.NoError(t, err, text)
				continue
			}
			require.Equal(t, fault.Input(c.field, reason), err, text)
		}
	}
	require.NoError(t, checkContent(model.CampaignContent{Purpose: "offer", Text: "x"}, []string{model.ChannelCustomer}), "who sends none needs none")
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
