package campaign

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/segment"
)

const (
	// rowsAtOnce bounds the ids of one statement.
	rowsAtOnce = 500
	// chooseAtOnce is how many members one transaction adds to an audience.
	chooseAtOnce = 5_000
	// crossAtOnce is how many recipients of a cancelled campaign one transaction crosses out.
	crossAtOnce = 5_000
	// sendAtOnce is how many recipients one transaction decides about, and aheadAtMost how many may be queued and not
	// yet sent: so few that a pause takes effect at once.
	sendAtOnce  = 100
	aheadAtMost = 200
)

// Work moves every campaign that is due on: starts it, chooses, sends, ends it. The loop calls it; what a crash left is
// found here again.
func (s *Service) Work(ctx context.Context) error {
	var rows []model.Campaign
	now := s.db.Now().UnixMilli()
	err := s.db.Read(ctx).Where("state = ? OR state = ? AND start_at <= ? OR state = ? AND phase = ?",
		model.CampaignRunning, model.CampaignScheduled, now, model.CampaignCancelled, model.CampaignClearing).
		Order("start_at, id").Limit(100).Find(&rows).Error
	if err != nil {
		return fmt.Errorf("look for campaigns: %w", err)
	}
	var all error
	more := false
	for _, c := range rows {
		again, err := s.advance(ctx, c.ID)
		if err != nil {
			all = errors.Join(all, fmt.Errorf("campaign %s: %w", c.ID, err))
		}
		more = more || again
	}
	if more && all == nil {
		s.wake()
	}
	return all
}

// advance does the next piece of a campaign, and tells whether there is more to do right away.
func (s *Service) advance(ctx context.Context, id string) (more bool, err error) {
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		var c model.Campaign
		if err := tx.Lock().First(&c, "id = ?", id).Error; err != nil {
			return fmt.Errorf("hold a campaign: %w", err)
		}
		var err error
		switch {
		case c.State == model.CampaignScheduled && c.StartAt <= tx.Millis():
			more, err = true, s.start(tx, c)
		case c.State == model.CampaignRunning && c.Phase == model.CampaignChoosing:
			more, err = true, s.choose(tx, c)
		case c.State == model.CampaignRunning:
			more, err = s.send(tx, c)
		case c.State == model.CampaignCancelled && c.Phase == model.CampaignClearing:
			more, err = s.clear(tx, c)
		default:
			more = false
		}
		return err
	})
	return more, err
}

func (s *Service) start(tx *database.Tx, c model.Campaign) error {
	c.State, c.Phase, c.StartedAt = model.CampaignRunning, model.CampaignChoosing, tx.Millis()
	return s.set(tx, c, map[string]any{"state": c.State, "phase": c.Phase, "started_at": c.StartedAt, "cursor_id": "", "audience": 0})
}

// set writes columns of a campaign that is held, and tells.
func (s *Service) set(tx *database.Tx, c model.Campaign, columns map[string]any) error {
	if err := tx.Model(&model.Campaign{}).Where("id = ?", c.ID).Updates(columns).Error; err != nil {
		return fmt.Errorf("move a campaign on: %w", err)
	}
	s.tell(tx, c)
	return nil
}

// choose adds the next members to the audience, as the filter took them at the moment of the start. The place where it
// stands is kept in the same transaction.
func (s *Service) choose(tx *database.Tx, c model.Campaign) error {
	filter, err := segment.Parse(c.Filter)
	if err != nil {
		s.log.Error("a campaign's filter is no longer one", slog.String("campaign_id", c.ID), slog.Any("error", err))
		return s.pause(tx, c, "filter_invalid")
	}
	w := segment.Where(audience(c), filter, model.Time(c.StartedAt))
	var ids []string
	err = tx.Model(&model.Member{}).Where(w.SQL, w.Args...).Where("members.id > ?", c.Cursor).Order("members.id").Limit(chooseAtOnce).Pluck("members.id", &ids).Error
	if err != nil {
		return fmt.Errorf("choose members: %w", err)
	}
	rows := make([]model.Recipient, len(ids))
	for i, id := range ids {
		rows[i] = model.Recipient{CampaignID: c.ID, MemberID: id, AccountID: c.AccountID, State: model.RecipientWaiting}
		if s.lot(c.ID, id) < c.Control {
			rows[i].State = model.RecipientControl
		}
	}
	if len(rows) > 0 {
		// Who was vetoed before the start is there already and stays so.
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&rows, rowsAtOnce).Error; err != nil {
			return fmt.Errorf("write down an audience: %w", err)
		}
		c.Cursor = ids[len(ids)-1]
	}
	c.Audience += int64(len(rows))
	columns := map[string]any{"cursor_id": c.Cursor, "audience": c.Audience}
	switch {
	case c.Audience > model.MaxAudience:
		return s.pause(tx, c, "audience_too_large")
	case len(ids) < chooseAtOnce:
		columns["phase"] = model.CampaignSending
	}
	return s.set(tx, c, columns)
}

// lot says by a number from 0 to 99 whether a member belongs to the control group of a campaign.
func (s *Service) lot(campaignID, memberID string) int64 {
	if s.draw != nil {
		if lot, drawn := s.draw(campaignID, memberID); drawn {
			return lot
		}
	}
	return draw(campaignID, memberID)
}

// draw is a lot from 0 to 99 that falls the same for a member of a campaign whenever it is drawn.
func draw(campaignID, memberID string) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(campaignID + memberID)) // it never fails
	return int64(h.Sum32() % 100)
}

func (s *Service) pause(tx *database.Tx, c model.Campaign, reason string) error {
	c.State, c.Reason = model.CampaignPaused, reason
	return s.set(tx, c, map[string]any{"state": c.State, "reason": reason})
}

// send decides about the next recipients, as long as not too many are under way, and ends the campaign after the last.
func (s *Service) send(tx *database.Tx, c model.Campaign) (more bool, err error) {
	under, err := s.delivery.UnderWayTx(tx, c.ID)
	if err != nil || under >= aheadAtMost {
		return false, err
	}
	var next []model.Recipient
	err = tx.Where("campaign_id = ? AND state = ? AND due_at <= ?", c.ID, model.RecipientWaiting, tx.Millis()).
		Order("due_at, member_id").Limit(sendAtOnce).Find(&next).Error
	if err != nil {
		return false, fmt.Errorf("find the next recipients: %w", err)
	}
	if len(next) == 0 {
		if under == 0 {
			if err := s.closeMass(tx, c); err != nil {
				return false, err
			}
		}
		return false, s.finish(tx, c)
	}
	content, err := readContent(c)
	if err != nil {
		return false, err
	}
	settings, err := settingsOf(tx.DB, c.AccountID)
	if err != nil {
		return false, err
	}
	ids := make([]string, len(next))
	for i, r := range next {
		ids[i] = r.MemberID
	}
	all, err := s.people(tx.DB, c, settings, tx.Millis(), ids)
	if err != nil {
		return false, err
	}
	if err := s.granted(tx.DB, c.AccountID, content, all); err != nil {
		return false, err
	}
	if err := lockTalks(tx.Lock(), all); err != nil {
		return false, err
	}
	mass, err := openCollection(tx, c)
	if err != nil {
		return false, err
	}
	slices.SortFunc(next, func(a, b model.Recipient) int { return compareFollowers(all, a, b) })
	spares, err := s.holdSpares(tx, all)
	if err != nil {
		return false, err
	}
	choices := make([]choice, len(next))
	for i, r := range next {
		p, spare := all[r.MemberID], int64(0)
		if p != nil {
			spare = spares[p.follower.ID]
		}
		if choices[i], err = s.sendOne(tx, c, content, settings, r, p, spare, mass); err != nil {
			return false, err
		}
	}
	if err := s.writeDown(tx, c, choices); err != nil {
		return false, err
	}
	if err := s.keepCollection(tx, mass); err != nil {
		return false, err
	}
	s.tell(tx, c)
	return true, nil
}

// lockTalks locks the conversations of a batch, in order and before their allowances, as everything else does.
func lockTalks(db *gorm.DB, all map[string]*person) error {
	var ids []string
	for _, p := range all {
		if p.talk.ID != "" {
			ids = append(ids, p.talk.ID)
		}
	}
	var rows []model.Conversation
	if err := db.Where("id IN ?", ids).Order("id").Find(&rows).Error; err != nil {
		return fmt.Errorf("lock conversations: %w", err)
	}
	for _, t := range rows {
		for _, p := range all {
			if p.talk.ID == t.ID {
				p.talk = t
			}
		}
	}
	return nil
}

// holdSpares tells by follower how many customer messages he can be sent, and holds the allowances.
func (s *Service) holdSpares(tx *database.Tx, all map[string]*person) (map[string]int64, error) {
	var followers []model.Follower
	for _, p := range all {
		if p.follower.ID != "" && p.follower.Subscribed {
			followers = append(followers, p.follower)
		}
	}
	spares, err := s.delivery.SparesTx(tx, followers)
	if err != nil {
		return nil, fmt.Errorf("what may be sent: %w", err)
	}
	return spares, nil
}

func compareFollowers(all map[string]*person, a, b model.Recipient) int {
	of := func(r model.Recipient) string {
		if p := all[r.MemberID]; p != nil {
			return p.follower.ID
		}
		return ""
	}
	switch x, y := of(a), of(b); {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// finish ends a campaign of which nobody waits and nothing is under way.
func (s *Service) finish(tx *database.Tx, c model.Campaign) error {
	var open int64
	err := tx.Model(&model.Recipient{}).Where("campaign_id = ? AND state IN ?", c.ID, []string{model.RecipientWaiting, model.RecipientQueued}).Count(&open).Error
	if err != nil {
		return fmt.Errorf("count who is left: %w", err)
	}
	if open > 0 {
		return nil
	}
	c.State, c.Phase, c.FinishedAt = model.CampaignDone, "", tx.Millis()
	return s.set(tx, c, map[string]any{"state": c.State, "phase": "", "finished_at": c.FinishedAt})
}
