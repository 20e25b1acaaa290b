package campaign

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"liuke/model"
	"liuke/service/segment"
	"liuke/service/textmessage"
)

const (
	// forecastMost is how many members a forecast looks at; of a larger audience it tells how many it looked at.
	forecastMost = 20_000
	// forecastTime bounds how long it looks.
	forecastTime = 8 * time.Second
)

func (s *Service) look(ctx context.Context, c model.Campaign) (Forecast, error) {
	var out Forecast
	filter, err := segment.Parse(c.Filter)
	if err != nil {
		return out, err
	}
	content, err := readContent(c)
	if err != nil {
		return out, err
	}
	db := s.db.Read(ctx)
	settings, err := settingsOf(db, c.AccountID)
	if err != nil {
		return out, err
	}
	settings.QuietFrom, settings.QuietTo = 0, 0
	now := s.db.Now()
	w := segment.Where(audience(c), filter, now)
	if err := db.Model(&model.Member{}).Where(w.SQL, w.Args...).Count(&out.Audience).Error; err != nil {
		return out, fmt.Errorf("count an audience: %w", err)
	}
	if out.Mass, err = massForecast(db, c, now); err != nil {
		return out, err
	}
	if out.SMS, err = smsForecast(db, c); err != nil {
		return out, err
	}
	counts, alone, shown := map[Count]int64{}, lone{}, examples{}
	count := func(p *person, d decision, n int64) {
		state := model.RecipientQueued
		if d.skip {
			state = model.RecipientSkipped
		}
		counts[Count{State: state, Channel: d.channel, Reason: d.reason}] += n
		out.SMS.count(content, p, d, n)
	}
	judge := func(p *person, spare int64, tried string) decision {
		return decide(c, content, settings, p, spare, tried, now)
	}
	for after := ""; out.Looked < forecastMost && s.db.Now().Sub(now) < forecastTime; {
		var ids []string
		err := db.Model(&model.Member{}).Where(w.SQL, w.Args...).Where("members.id > ?", after).Order("members.id").Limit(rowsAtOnce).Pluck("members.id", &ids).Error
		if err != nil {
			return out, fmt.Errorf("choose members: %w", err)
		}
		if len(ids) == 0 {
			break
		}
		after = ids[len(ids)-1]
		all, err := s.people(db, c, settings, now.UnixMilli(), ids)
		if err != nil {
			return out, err
		}
		if err := s.granted(db, c.AccountID, content, all); err != nil {
			return out, err
		}
		spares, err := s.spares(ctx, all, now)
		if err != nil {
			return out, err
		}
		for _, id := range ids {
			p := all[id]
			d := judge(p, spares[p.follower.ID], "")
			count(p, d, 1)
			out.Mass.count(p)
			if d.channel == model.ChannelMass {
				alone.add(massText(content, p.member.Kind), p, spares[p.follower.ID])
			}
			shown.add(content, p, d)
		}
		out.Looked += int64(len(ids))
	}
	alone.onward(judge, count)
	out.Samples = shown.take(samples)
	for n, times := range counts {
		if n.N = times; times > 0 {
			out.Counts = append(out.Counts, n)
		}
	}
	slices.SortFunc(out.Counts, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Reason, b.Reason)) })
	return out, nil
}

// spares reads how many customer messages followers can be sent, without locking.
func (s *Service) spares(ctx context.Context, all map[string]*person, now time.Time) (map[string]int64, error) {
	ids := make([]string, 0, len(all))
	for _, p := range all {
		if p.follower.ID != "" {
			ids = append(ids, p.follower.ID)
		}
	}
	var rows []model.Allowance
	if err := s.db.Read(ctx).Where("follower_id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read allowances: %w", err)
	}
	left := make(map[string]int64, len(rows))
	for _, a := range rows {
		if a.UserUntil > now.UnixMilli() {
			left[a.FollowerID] = a.UserLeft
		}
	}
	return left, nil
}

func sampleOf(content model.CampaignContent, p *person, d decision) Sample {
	fields := fieldsOf(p)
	fields["optout"] = p.menu
	l := write(content, p.member.Kind, fields)
	out := Sample{MemberID: p.member.ID, Name: p.member.Name, Channel: d.channel, Reason: d.reason, Text: l.text}
	switch d.channel {
	case model.ChannelTemplate:
		out.Text = shown(l.template)
	case model.ChannelSubscription:
		out.Text = shown(l.subscription)
	case model.ChannelMass:
		out.Text = l.mass
	case model.ChannelSMS:
		out.Text = textmessage.Signed(p.sms.settings.Signature, filledSMS(l.sms))
	case model.ChannelTask:
		out.Text = l.task
	}
	return out
}
