package campaign

import (
	"fmt"
	"strconv"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/delivery"
	"liuke/service/feed"
)

// sendOne decides about one recipient and writes down what follows: a delivery, a to-do, a later time or a reason.
func (s *Service) sendOne(tx *database.Tx, c model.Campaign, content model.CampaignContent, settings model.CampaignSettings, r model.Recipient, p *person, mass *collection) error {
	spare := int64(0)
	if p != nil && p.follower.ID != "" && p.follower.Subscribed {
		var err error
		if spare, err = s.delivery.SpareTx(tx, p.follower); err != nil {
			return err
		}
	}
	if err := s.holdGrant(tx, content, p); err != nil {
		return err
	}
	d := outOfHours(content, whyOnward(decide(c, content, settings, p, spare, r.Tried, tx.Now), r), tx.Now)
	columns := map[string]any{"reason": d.reason, "channel": d.channel}
	switch {
	case d.skip:
		columns["state"] = model.RecipientSkipped
	case d.channel == "":
		columns["due_at"], columns["reason"] = d.until, "quiet_hours"
	case d.channel == model.ChannelTask:
		columns["state"], columns["sent_at"] = model.RecipientTask, tx.Millis()
		fields := fieldsOf(p)
		fields["optout"] = p.menu // his clerk reads it
		if err := s.task(tx, c, write(content, p.member.Kind, fields), p); err != nil {
			return err
		}
	case d.channel == model.ChannelMass:
		columns["state"], columns["job_id"] = model.RecipientQueued, mass.put(tx, p, massText(content, p.member.Kind))
	default:
		id, reason, err := s.enqueue(tx, c, d, write(content, p.member.Kind, fieldsOf(p)), p, r)
		if err != nil {
			return err
		}
		columns["state"], columns["delivery_id"] = model.RecipientQueued, id
		if reason != "" {
			columns["state"], columns["reason"] = model.RecipientSkipped, reason
		}
	}
	if p != nil {
		columns["store_id"], columns["clerk_id"] = p.member.StoreID, p.member.ClerkID
	}
	changed := tx.Model(&model.Recipient{}).Where("campaign_id = ? AND member_id = ? AND state = ?", c.ID, r.MemberID, model.RecipientWaiting).Updates(columns)
	if changed.Error != nil {
		return fmt.Errorf("write down how a recipient is reached: %w", changed.Error)
	}
	if changed.RowsAffected != 1 {
		return fmt.Errorf("recipient of campaign %s changed meanwhile", c.ID)
	}
	return nil
}

// enqueue writes what goes to WeChat into the outbox, in the name of the member's clerk (H2). A text that his names make
// too long is a reason to skip him.
func (s *Service) enqueue(tx *database.Tx, c model.Campaign, d decision, l letter, p *person, r model.Recipient) (id, reason string, err error) {
	order := delivery.Order{
		Follower: p.follower, ConversationID: p.talk.ID, Purpose: model.PurposeCampaign, SourceKind: "campaign", SourceID: c.ID,
		AuthorKind: model.BySystem, OnBehalfOf: p.member.ClerkID, Kind: model.KindText, Channel: d.channel, ChannelReason: d.reason,
		DedupeKey: "campaign/" + c.ID + "/" + p.member.ID + "/" + r.Tried + "/" + strconv.FormatInt(tx.Millis(), 10),
	}
	switch d.channel {
	case model.ChannelTemplate:
		order.Content = byTemplate(l.template)
	case model.ChannelSubscription:
		if !fits(l.subscription) {
			return "", "text_does_not_fit", nil
		}
		order.Content = byTemplate(l.subscription)
	case model.ChannelSMS:
		if order.Content, reason = bySMS(l.sms, p.sms.settings); reason != "" {
			return "", reason, nil
		}
		order.Follower = model.Follower{AccountID: c.AccountID, MemberID: p.member.ID} // he needs not follow
	default:
		order.Content = delivery.Content{Text: l.text}
	}
	if len(order.Content.Text) > model.MaxTextBytes {
		return "", "text_too_long", nil
	}
	out, err := s.delivery.EnqueueTx(tx, order)
	if err != nil {
		return "", "", err
	}
	if out.State != model.StateQueued {
		return "", "", fmt.Errorf("what was decided for campaign %s does not hold: %s", c.ID, out.Reason)
	}
	return out.ID, "", nil
}

// task lets the member's clerk call in place of a message.
func (s *Service) task(tx *database.Tx, c model.Campaign, l letter, p *person) error {
	due := model.TodoDue(tx.Now, p.zone, 0).UnixMilli()
	todo := model.Todo{
		ID: model.NewID(), AccountID: c.AccountID, StaffID: p.member.ClerkID, MemberID: p.member.ID, Kind: model.TodoCampaign, Level: p.member.Level,
		Priority: int64(model.LevelRank(p.member.Level)), FirstDueAt: due, DueAt: due, AssignedAt: tx.Millis(), CreatedAt: tx.Millis(), Note: l.task,
	}
	if err := tx.Create(&todo).Error; err != nil {
		return fmt.Errorf("write down a call: %w", err)
	}
	s.feed.PublishTx(tx, feed.Event{AccountID: c.AccountID, Kind: "todo", MemberID: p.member.ID}, feed.Staff(p.member.ClerkID))
	return nil
}
