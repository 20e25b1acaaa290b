package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"liuke/model"
	"liuke/service/campaign"
	"liuke/service/consent"
	"liuke/service/segment"
)

// The campaign that lies behind the sample chain.
const (
	sampleCampaignDay = 10 // days ago
	sampleControl     = 20 // percent
	sampleOutcomeDays = 7
)

// sampleLot is the lot of a follower in the campaign.
func sampleLot(i int) int64 { return int64((i + 1) % 5 * 20) }

// sampleLots draws the lots of the sample's campaign, always the same ones, so that every demo starts alike. Those of
// all others fall by chance.
type sampleLots struct {
	mu       sync.Mutex
	campaign string
	of       map[string]int64 // by member
}

// Draw gives the lot of a member in a campaign, if it is the sample's.
func (l *sampleLots) Draw(campaignID, memberID string) (lot int64, drawn bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if campaignID == "" || campaignID != l.campaign {
		return 0, false
	}
	lot, drawn = l.of[memberID]
	return lot, drawn
}

func (l *sampleLots) keep(campaignID string, known []sampleMember) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.campaign, l.of = campaignID, map[string]int64{}
	for i, m := range known {
		l.of[m.member.ID] = sampleLot(i)
	}
}

// sampleSegments are saved, the one of the campaign first.
func sampleSegments() []struct {
	Name   string
	Filter segment.Filter
} {
	number := func(n int64) *int64 { return &n }
	return []struct {
		Name   string
		Filter segment.Filter
	}{
		{"买过东西、关注了公众号", segment.Filter{All: []segment.Filter{{Field: "reach", In: []string{segment.ReachFollow}}, {Field: "purchases", From: number(1)}}}},
		{"买奶粉的，两个月没来了", segment.Filter{All: []segment.Filter{{Field: "bought", In: []string{"奶粉"}}, {Field: "last_purchase", From: number(60)}}}},
		{"宝宝一岁以内，愿意收活动", segment.Filter{All: []segment.Filter{{Field: "child_months", To: number(12)}, {Field: "consent", In: []string{model.ConsentForMarketing}}}}},
	}
}

// What the campaign says: by customer message, and to all others by mass message.
const (
	sampleOffer = "{member}您好，这周六下午三点店里有换季护肤的小课堂，到场送湿巾一包。想来的话跟我说一声，给您留位子。不想再收到这类消息请回复退订。"
	sampleMass  = "这周六下午三点，店里有换季护肤的小课堂，到场送湿巾一包，想来的话在这里说一声。不想再收到这类消息请回复退订。"
)

// campaign lets an offer go out on a day between ten and eight, when the members who talked with their clerks that day
// have been left in peace for a while.
func (s *sample) campaign(ctx context.Context, morning time.Duration) error {
	const later, opens, closes = 6*time.Hour + 15*time.Minute, 10, 20
	at := morning - later
	for {
		if hour := time.Now().Add(-at).In(model.Zone("")).Hour(); hour >= opens && hour < closes {
			break
		}
		at -= 15 * time.Minute
	}
	s.clock.ago(at)
	if err := s.sell(ctx, sampleCampaignDay+1); err != nil {
		return err
	}
	for i, m := range s.known[:s.following] {
		if i%4 == 3 { // nobody has asked him
			continue
		}
		word := consent.Word{Purpose: model.ConsentForMarketing, State: model.ConsentGiven, Text: "愿意收店里的活动和优惠"}
		if err := s.Consents.Tell(ctx, m.clerk, m.member.ID, word); err != nil {
			return fmt.Errorf("note what a sample member allows: %w", err)
		}
	}
	c, err := s.announce(ctx)
	if err != nil {
		return err
	}
	s.Lots.keep(c.ID, s.known)
	if c, err = s.Campaigns.Approve(ctx, s.owner, c.ID, c.Version); err == nil {
		_, err = s.Campaigns.Schedule(ctx, s.owner, c.ID, 0)
	}
	if err != nil {
		return fmt.Errorf("start the sample campaign: %w", err)
	}
	return s.gone(ctx, c.ID)
}

// announce saves the segments and writes the campaign.
func (s *sample) announce(ctx context.Context) (model.Campaign, error) {
	var first string
	for _, in := range sampleSegments() {
		row, err := s.Segments.Create(ctx, s.owner, segment.Edit{Scope: model.ScopeAccount, Name: &in.Name, Filter: &in.Filter})
		if err != nil {
			return model.Campaign{}, fmt.Errorf("save a sample segment: %w", err)
		}
		if first == "" {
			first = row.ID
		}
	}
	name, control, days := "换季护肤小课堂", int64(sampleControl), int64(sampleOutcomeDays)
	c, err := s.Campaigns.Create(ctx, s.owner, campaign.Edit{
		Name: &name, SegmentID: &first, Control: &control, OutcomeDays: &days, Channels: []string{model.ChannelCustomer, model.ChannelMass},
		Content: &model.CampaignContent{Purpose: model.CampaignOffer, Text: sampleOffer, Mass: sampleMass},
	})
	if err != nil {
		return c, fmt.Errorf("write the sample campaign: %w", err)
	}
	return c, nil
}

// gone waits until the campaign is over and every chat shows what was sent.
func (s *sample) gone(ctx context.Context, id string) error {
	err := s.await(ctx, func() (bool, error) {
		var row model.Campaign
		var left int64
		db := s.DB.Read(ctx)
		if err := db.First(&row, "id = ?", id).Error; err != nil {
			return false, err
		}
		if row.Reason != "" {
			return false, fmt.Errorf("it is %s: %s", row.State, row.Reason)
		}
		err := db.Model(&model.MassJob{}).Where("campaign_id = ? AND (told = ? OR state <> ?)", id, false, model.MassDone).Count(&left).Error
		return row.State == model.CampaignDone && left == 0, err
	})
	if err != nil {
		return fmt.Errorf("wait for the sample campaign: %w", err)
	}
	return s.settle(ctx)
}
