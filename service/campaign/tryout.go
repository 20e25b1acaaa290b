package campaign

import (
	"context"
	"fmt"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/delivery"
	"liuke/service/fault"
	"liuke/service/segment"
)

// testLife is how long a test is worth sending: who waits for it looks now.
const testLife = time.Minute

// Test sends a campaign's customer message to the actor's own WeChat, as a member of its audience would read it: the one
// that is named, or the first (H9). Nobody becomes a recipient by it. Conflicts: no_text (it has no customer message),
// no_audience, not_linked (see the page on which staff link their WeChat), no_window (he has not written to the account
// within 48 hours, or has had all that WeChat allows), text_too_long.
func (s *Service) Test(ctx context.Context, actor access.Actor, id, memberID string) (Sample, error) {
	c, err := s.Get(ctx, actor, id)
	if err != nil {
		return Sample{}, err
	}
	content, err := readContent(c)
	if err != nil {
		return Sample{}, err
	}
	if content.Text == "" && len(content.Variants) == 0 {
		return Sample{}, fault.New(fault.Conflict, "no_text")
	}
	p, err := s.example(ctx, actor, c, memberID)
	if err != nil {
		return Sample{}, err
	}
	out := sampleOf(content, p, decision{channel: model.ChannelCustomer, reason: "test"})
	switch {
	case out.Text == "":
		return out, fault.New(fault.Conflict, "no_text")
	case len(out.Text) > model.MaxTextBytes:
		return out, fault.New(fault.Conflict, "text_too_long")
	}
	return out, s.db.InTx(ctx, func(tx *database.Tx) error {
		var own []model.Follower
		err := tx.Joins("JOIN staff_links ON staff_links.follower_id = followers.id").
			Where("staff_links.staff_id = ? AND staff_links.account_id = ? AND followers.subscribed", actor.StaffID, actor.AccountID).Find(&own).Error
		if err != nil {
			return fmt.Errorf("find the caller's own WeChat: %w", err)
		}
		if len(own) == 0 {
			return fault.New(fault.Conflict, "not_linked")
		}
		spares, err := s.delivery.SparesTx(tx, own)
		if err != nil {
			return err
		}
		if spares[own[0].ID] == 0 {
			return fault.New(fault.Conflict, "no_window")
		}
		_, err = s.delivery.EnqueueTx(tx, delivery.Order{
			Follower: own[0], Purpose: model.PurposeTest, SourceKind: "staff", SourceID: actor.StaffID, AuthorKind: model.ByStaff, AuthorID: actor.StaffID,
			Kind: model.KindText, Channel: model.ChannelCustomer, ChannelReason: "test", Content: delivery.Content{Text: out.Text},
			ExpiresAt: tx.Now.Add(testLife).UnixMilli(),
		})
		if err != nil {
			return err
		}
		e := entry("campaign.test", c)
		e.MemberID = p.member.ID
		return s.audit.RecordTx(tx, actor, e)
	})
}

// example finds somebody of a campaign's audience whom the actor may see: the one who is named, or the first.
func (s *Service) example(ctx context.Context, actor access.Actor, c model.Campaign, memberID string) (*person, error) {
	filter, err := segment.Parse(c.Filter)
	if err != nil {
		return nil, err
	}
	now := s.db.Now()
	w, scope := segment.Where(audience(c), filter, now), actor.Members(now.UnixMilli())
	q := s.db.Read(ctx).Model(&model.Member{}).Where(w.SQL, w.Args...).Where(scope.SQL, scope.Args...)
	if memberID != "" {
		q = q.Where("members.id = ?", memberID)
	}
	var ids []string
	if err := q.Order("members.id").Limit(1).Pluck("members.id", &ids).Error; err != nil {
		return nil, fmt.Errorf("find an example: %w", err)
	}
	switch {
	case len(ids) == 0 && memberID != "":
		return nil, fault.Missing("member_id")
	case len(ids) == 0:
		return nil, fault.New(fault.Conflict, "no_audience")
	}
	all, err := s.people(s.db.Read(ctx), c, model.CampaignSettings{}, now.UnixMilli(), ids)
	if err != nil {
		return nil, err
	}
	if all[ids[0]] == nil {
		return nil, fault.Missing("member_id") // merged this moment
	}
	return all[ids[0]], nil
}
