package campaign

import (
	"context"
	"fmt"
	"slices"
	"time"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/segment"
)

// Mine is a campaign that is about to go out in a person's name.
type Mine struct {
	model.Campaign

	Members int64 // of his, whom it is still to reach
	Vetoed  int64 // of his, whom it was kept from
}

// underWay are the states in which something still leaves, or may again.
func underWay() []string {
	return []string{model.CampaignScheduled, model.CampaignRunning, model.CampaignPaused}
}

// ListMine pages through the campaigns that are to reach members whom the actor serves, the newest first.
func (s *Service) ListMine(ctx context.Context, actor access.Actor, before string, limit int) ([]Mine, string, error) {
	served, err := s.served(ctx, actor)
	if err != nil {
		return nil, "", err
	}
	var found []Mine
	for len(found) <= limit {
		q := s.db.Read(ctx).Where("account_id = ? AND state IN ?", actor.AccountID, underWay())
		if before != "" {
			q = q.Where("id < ?", before)
		}
		var rows []model.Campaign
		if err := q.Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
			return nil, "", fmt.Errorf("list campaigns: %w", err)
		}
		for _, c := range rows {
			m := Mine{Campaign: c}
			for chunk := range slices.Chunk(served, rowsAtOnce) {
				aimed, err := s.aimed(ctx, c, chunk)
				if err != nil {
					return nil, "", err
				}
				for _, r := range aimed {
					if r.State == model.RecipientVetoed {
						m.Vetoed++
					} else {
						m.Members++
					}
				}
			}
			if m.Members+m.Vetoed > 0 {
				found = append(found, m)
			}
		}
		if len(rows) <= limit {
			break
		}
		before = rows[len(rows)-1].ID
	}
	if len(found) > limit {
		return found[:limit], found[limit-1].ID, nil
	}
	return found, "", nil
}

// served are the members whom a person serves: bound to him or granted to him for a time. In the order of their ids.
func (s *Service) served(ctx context.Context, actor access.Actor) ([]string, error) {
	var all []string
	for _, part := range actor.ServedMembers(s.db.Now().UnixMilli()) {
		var ids []string
		err := s.db.Read(ctx).Model(&model.Member{}).Where(part.SQL, part.Args...).Where("members.merged_into = ''").Pluck("members.id", &ids).Error
		if err != nil {
			return nil, fmt.Errorf("find whom a person serves: %w", err)
		}
		all = append(all, ids...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// aimed tells which of some members a campaign is still to reach, or was kept from. As long as its members are not all
// chosen, its filter says who they are. Who is left without it on purpose is not told: his clerk would make up for it.
func (s *Service) aimed(ctx context.Context, c model.Campaign, ids []string) (map[string]model.Recipient, error) {
	all := map[string]model.Recipient{}
	db := s.db.Read(ctx)
	if c.State == model.CampaignScheduled || c.Phase == model.CampaignChoosing {
		at := s.db.Now()
		if c.StartedAt > 0 {
			at = model.Time(c.StartedAt)
		}
		// One that can no longer be read reaches nobody: the start pauses it for that.
		if filter, err := segment.Parse(c.Filter); err == nil {
			w := segment.Where(audience(c), filter, at)
			var chosen []string
			if err := db.Model(&model.Member{}).Where(w.SQL, w.Args...).Where("members.id IN ?", ids).Pluck("members.id", &chosen).Error; err != nil {
				return nil, fmt.Errorf("choose members: %w", err)
			}
			for _, id := range chosen {
				if s.lot(c.ID, id) >= c.Control {
					all[id] = model.Recipient{CampaignID: c.ID, MemberID: id, State: model.RecipientWaiting}
				}
			}
		}
	}
	var rows []model.Recipient
	if err := db.Where("campaign_id = ? AND member_id IN ?", c.ID, ids).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read recipients: %w", err)
	}
	for _, r := range rows {
		switch r.State {
		case model.RecipientWaiting, model.RecipientQueued, model.RecipientVetoed:
			all[r.MemberID] = r
		default:
			delete(all, r.MemberID)
		}
	}
	return all, nil
}

// Letter is what a member whom the actor serves is to get of a campaign.
type Letter struct {
	Sample

	State string // waiting, queued or vetoed, as of a recipient
	Skip  bool   // he would be left out now, for the reason
}

// Letters pages through what the members whom the actor serves are to get of a campaign, with the words as each gets
// them. It is recorded with its first page (L3).
func (s *Service) Letters(ctx context.Context, actor access.Actor, id, after string, limit int) ([]Letter, string, error) {
	var found []model.Campaign
	err := s.db.Read(ctx).Where("id = ? AND account_id = ? AND state IN ?", id, actor.AccountID, underWay()).Find(&found).Error
	if err != nil {
		return nil, "", fmt.Errorf("find a campaign: %w", err)
	}
	if len(found) == 0 {
		return nil, "", notFound()
	}
	c := found[0]
	served, err := s.served(ctx, actor)
	if err != nil {
		return nil, "", err
	}
	start, seen := slices.BinarySearch(served, after)
	if seen {
		start++
	}
	var page []model.Recipient
	for chunk := range slices.Chunk(served[start:], rowsAtOnce) {
		aimed, err := s.aimed(ctx, c, chunk)
		if err != nil {
			return nil, "", err
		}
		for _, id := range chunk {
			if r, is := aimed[id]; is {
				page = append(page, r)
			}
		}
		if len(page) > limit {
			break
		}
	}
	if len(page) == 0 && after == "" {
		return nil, "", notFound()
	}
	next := ""
	if len(page) > limit {
		page = page[:limit]
		next = page[limit-1].MemberID
	}
	letters, err := s.letters(ctx, c, page)
	if err == nil && after == "" {
		err = s.audit.Record(ctx, actor, entry("campaign.letters", c))
	}
	return letters, next, err
}

func (s *Service) letters(ctx context.Context, c model.Campaign, page []model.Recipient) ([]Letter, error) {
	content, err := readContent(c)
	if err != nil {
		return nil, err
	}
	db := s.db.Read(ctx)
	settings, err := settingsOf(db, c.AccountID)
	if err != nil {
		return nil, err
	}
	settings.QuietFrom, settings.QuietTo = 0, 0
	ids := make([]string, len(page))
	for i, r := range page {
		ids[i] = r.MemberID
	}
	now := s.db.Now()
	all, err := s.people(db, c, settings, now.UnixMilli(), ids)
	if err != nil {
		return nil, err
	}
	if err := s.granted(db, c.AccountID, content, all); err != nil {
		return nil, err
	}
	spares, err := s.spares(ctx, all, now)
	if err != nil {
		return nil, err
	}
	out := make([]Letter, 0, len(page))
	for _, r := range page {
		if p := all[r.MemberID]; p != nil {
			out = append(out, letterOf(c, content, settings, p, r, spares[p.follower.ID], now))
		}
	}
	return out, nil
}

// letterOf says what one member gets, and how if it left now. Of what is queued that is settled.
func letterOf(c model.Campaign, content model.CampaignContent, settings model.CampaignSettings, p *person, r model.Recipient, spare int64, now time.Time) Letter {
	d := decision{channel: r.Channel, reason: r.Reason}
	if r.State != model.RecipientQueued {
		d = decide(c, content, settings, p, spare, r.Tried, now)
	}
	shown := d
	if shown.channel == "" { // the words he would get if he were not left out
		shown.channel = channelsOf(c)[0]
	}
	l := Letter{Sample: sampleOf(content, p, shown), State: r.State, Skip: d.skip}
	l.Channel, l.Reason = d.channel, forOthers(l.Reason)
	if p.complains { // also of a message that is on its way still: it will not leave
		l.Reason = leftInPeace
	}
	return l
}
