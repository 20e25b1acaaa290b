package campaign

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/service/access"
)

// MassForecast is what is left of the mass rations for a campaign that may send mass messages.
type MassForecast struct {
	Calls  int64  // that the account made today; of model.MassPerDay
	Closed string // why it makes none today; empty: it does
	// Left is how many followers of those looked at may still get 0, 1, 2, 3 and 4 mass messages this month.
	Left [model.MassPerMonth + 1]int64
}

// massForecast begins it with what is true of the account.
func massForecast(db *gorm.DB, c model.Campaign, now time.Time) (*MassForecast, error) {
	if !contains(c.Channels, model.ChannelMass) {
		return nil, nil
	}
	var rows []model.MassAccount
	if err := db.Where("account_id = ?", c.AccountID).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the count of mass calls: %w", err)
	}
	out := &MassForecast{}
	for _, a := range rows {
		out.Calls = a.CallsOn(model.MassDay(now))
		if a.ClosedUntil > now.UnixMilli() {
			out.Closed = a.Reason
		}
	}
	return out, nil
}

// count adds one member.
func (f *MassForecast) count(p *person) {
	if f != nil && p.follower.ID != "" && p.follower.Subscribed {
		f.Left[p.mass.left()]++
	}
}

// lone keeps, for each mass text, the members whom a forecast gives it as long as it is one: he would be alone in his job.
type lone map[string][]lonely

type lonely struct {
	p     *person
	spare int64
}

func (l lone) add(text string, p *person, spare int64) {
	if len(l[text]) < model.MassLeast {
		l[text] = append(l[text], lonely{p, spare})
	}
}

// onward lets the forecast send those who would be alone to their next channel.
func (l lone) onward(decide func(p *person, spare int64, tried string) decision, count func(p *person, d decision, n int64)) {
	for _, who := range l {
		if len(who) == 1 {
			count(who[0].p, decision{channel: model.ChannelMass, reason: "ration_left"}, -1)
			alone := model.Recipient{Tried: model.ChannelMass, Reason: "group_of_one"}
			count(who[0].p, whyOnward(decide(who[0].p, who[0].spare, alone.Tried), alone), 1)
		}
	}
}

// maxJobs is how many mass jobs of a campaign are shown: more than the largest audience makes.
const maxJobs = 1000

// MassJobs lists the mass jobs of a campaign, the newest first.
func (s *Service) MassJobs(ctx context.Context, actor access.Actor, id string) ([]model.MassJob, error) {
	c, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	var rows []model.MassJob
	if err := s.db.Read(ctx).Where("campaign_id = ?", c.ID).Order("id DESC").Limit(maxJobs).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list mass jobs: %w", err)
	}
	return rows, nil
}
