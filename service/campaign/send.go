package campaign

import (
	"fmt"
	"strconv"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/delivery"
	"liuke/service/feed"
)

// choice is what was decided about a recipient: his row as it becomes, and what goes into the outbox.
type choice struct {
	row   model.Recipient
	order *delivery.Order
}

// sendOne decides about one recipient: a delivery, a to-do, a later time or a reason. spare is how many customer messages he
// can be sent.
func (s *Service) sendOne(tx *database.Tx, c model.Campaign, content model.CampaignContent, settings model.CampaignSettings, r model.Recipient, p *person, spare int64, mass *collection) (choice, error) {
	if err := s.holdGrant(tx, content, p); err != nil {
		return choice{}, err
	}
	d := outOfHours(content, whyOnward(decide(c, content, settings, p, spare, r.Tried, tx.Now), r), tx.Now)
	next := choice{row: r}
	next.row.Reason, next.row.Channel = d.reason, d.channel
	if p != nil {
		next.row.StoreID, next.row.ClerkID = p.member.StoreID, p.member.ClerkID
	}
	switch {
	case d.skip:
		next.row.State = model.RecipientSkipped
	case d.channel == "":
		next.row.DueAt, next.row.Reason = d.until, "quiet_hours"
	case d.channel == model.ChannelTask:
		next.row.State, next.row.SentAt = model.RecipientTask, tx.Millis()
		fields := fieldsOf(p)
		fields["optout"] = p.menu // his clerk reads it
		return next, s.task(tx, c, write(content, p.member.Kind, fields), p)
	case d.channel == model.ChannelMass:
		next.row.State, next.row.JobID = model.RecipientQueued, mass.put(tx, p, massText(content, p.member.Kind))
	default:
		next.row.State = model.RecipientQueued
		order, reason := orderOf(c, d, write(content, p.member.Kind, fieldsOf(p)), p, r, tx.Millis())
		if reason != "" {
			next.row.State, next.row.Reason = model.RecipientSkipped, reason
			return next, nil
		}
		next.order = &order
	}
	return next, nil
}

// orderOf is what goes to WeChat, in the name of the member's clerk (H2). A text that his names make too long is a reason to
// skip him.
func orderOf(c model.Campaign, d decision, l letter, p *person, r model.Recipient, now int64) (order delivery.Order, reason string) {
	order = delivery.Order{
		Follower: p.follower, ConversationID: p.talk.ID, Purpose: model.PurposeCampaign, SourceKind: "campaign", SourceID: c.ID,
		AuthorKind: model.BySystem, OnBehalfOf: p.member.ClerkID, Kind: model.KindText, Channel: d.channel, ChannelReason: d.reason,
		DedupeKey: "campaign/" + c.ID + "/" + p.member.ID + "/" + r.Tried + "/" + strconv.FormatInt(now, 10),
	}
	switch d.channel {
	case model.ChannelTemplate:
		order.Content = byTemplate(l.template)
	case model.ChannelSubscription:
		if !fits(l.subscription) {
			return order, "text_does_not_fit"
		}
		order.Content = byTemplate(l.subscription)
	case model.ChannelSMS:
		if order.Content, reason = bySMS(l.sms, p.sms.settings); reason != "" {
			return order, reason
		}
		order.Follower = model.Follower{AccountID: c.AccountID, MemberID: p.member.ID} // he needs not follow
	default:
		order.Content = delivery.Content{Text: l.text}
	}
	if len(order.Content.Text) > model.MaxTextBytes {
		return order, "text_too_long"
	}
	return order, ""
}

// writeDown writes down what was decided about a batch, in few statements. All of them still wait, or nothing is written.
func (s *Service) writeDown(tx *database.Tx, c model.Campaign, choices []choice) error {
	rows, members := make([]model.Recipient, len(choices)), make([]string, len(choices))
	var orders []delivery.Order
	var at []int
	for i, next := range choices {
		rows[i], members[i] = next.row, next.row.MemberID
		if next.order != nil {
			orders, at = append(orders, *next.order), append(at, i)
		}
	}
	out, err := s.delivery.EnqueueAllTx(tx, orders)
	if err != nil {
		return fmt.Errorf("queue for campaign %s: %w", c.ID, err)
	}
	for n, d := range out {
		if d.State != model.StateQueued {
			return fmt.Errorf("what was decided for campaign %s does not hold: %s", c.ID, d.Reason)
		}
		rows[at[n]].DeliveryID = d.ID
	}
	var wait []string
	err = tx.Lock().Model(&model.Recipient{}).Where("campaign_id = ? AND member_id IN ? AND state = ?", c.ID, members, model.RecipientWaiting).Pluck("member_id", &wait).Error
	if err != nil {
		return fmt.Errorf("hold recipients: %w", err)
	}
	if len(wait) != len(choices) {
		return fmt.Errorf("recipients of campaign %s changed meanwhile", c.ID)
	}
	err = tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "campaign_id"}, {Name: "member_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"state", "reason", "channel", "store_id", "clerk_id", "delivery_id", "due_at", "sent_at", "job_id"}),
	}).Create(&rows).Error
	if err != nil {
		return fmt.Errorf("write down how recipients are reached: %w", err)
	}
	return nil
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
