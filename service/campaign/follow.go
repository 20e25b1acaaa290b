package campaign

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/inbound"
	"liuke/service/sms"
	"liuke/service/textmessage"
	"liuke/wechat"
)

// ours reports whether a delivery is one of a campaign.
func ours(d model.Delivery) bool {
	return d.Purpose == model.PurposeCampaign && d.SourceKind == "campaign"
}

// MayLeave is asked right before messages of campaigns leave, and gives the reasons of those that must not: what members said
// and how a campaign stands may have changed since they were queued (H11).
func (s *Service) MayLeave(ctx context.Context, all []model.Delivery) (map[string]string, error) {
	db := s.db.Read(ctx)
	var campaigns, members []string
	for _, d := range all {
		campaigns, members = append(campaigns, d.SourceID), append(members, d.MemberID)
	}
	var rows []model.Campaign
	if err := db.Select("id", "state", "content").Where("id IN ?", campaigns).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("find campaigns: %w", err)
	}
	contents := map[string]model.CampaignContent{} // of those that run
	for _, c := range rows {
		if c.State != model.CampaignRunning {
			continue
		}
		content, err := readContent(c)
		if err != nil {
			return nil, err
		}
		contents[c.ID] = content
	}
	complains, err := s.complaints.OpenOf(db, members)
	if err != nil {
		return nil, err
	}
	says, err := s.consents.SaysOf(db, members)
	if err != nil {
		return nil, err
	}
	reasons := map[string]string{}
	for _, d := range all {
		content, runs := contents[d.SourceID]
		var reason string
		switch {
		case !runs:
			reason = "campaign_stopped"
		case complains[d.MemberID]:
			reason = "open_complaint"
		default:
			if reason = unwanted(content, says[d.MemberID]); reason != "" {
				break
			}
			if reason, err = s.lateQuiet(db, d, content); err != nil {
				return nil, err
			}
		}
		if reason != "" {
			reasons[d.ID] = reason
		}
	}
	return reasons, nil
}

// DeliveredTx keeps the state of recipients. One whose window closed before his message left, or to whom WeChat did not
// let it go, is looked at again for the next channel.
func (s *Service) DeliveredTx(tx *database.Tx, all []model.Delivery) error {
	type alike struct{ campaignID, reason string }
	accepted := map[alike][]model.Delivery{}
	for _, d := range all {
		var err error
		switch {
		case !ours(d):
		case d.State == model.StateAccepted && d.Cost == 0:
			key := alike{d.SourceID, d.ChannelReason}
			accepted[key] = append(accepted[key], d)
		default:
			err = s.deliveredTx(tx, d)
		}
		if err != nil {
			return err
		}
	}
	for _, group := range accepted {
		if err := s.acceptedTx(tx, group); err != nil {
			return err
		}
	}
	return nil
}

// acceptedTx notes in one statement that WeChat took messages of one campaign, by one channel. If some recipients are not
// found by their members, because they were merged since, they are looked for one by one.
func (s *Service) acceptedTx(tx *database.Tx, all []model.Delivery) error {
	members, ids := make([]string, len(all)), make([]string, len(all))
	for i, d := range all {
		members[i], ids[i] = d.MemberID, d.ID
	}
	w := tx.Model(&model.Recipient{}).
		Where("campaign_id = ? AND member_id IN ? AND delivery_id IN ? AND state = ?", all[0].SourceID, members, ids, model.RecipientQueued).
		Updates(map[string]any{"state": model.RecipientAccepted, "sent_at": tx.Millis(), "reason": all[0].ChannelReason, "cost": 0})
	if w.Error != nil {
		return fmt.Errorf("keep the states of recipients: %w", w.Error)
	}
	if w.RowsAffected < int64(len(all)) {
		for _, d := range all {
			if err := s.deliveredTx(tx, d); err != nil {
				return err
			}
		}
		return nil
	}
	s.refill(tx)
	return s.takesAgain(tx, all[0].SourceID)
}

func (s *Service) deliveredTx(tx *database.Tx, d model.Delivery) error {
	columns := map[string]any{"reason": d.Reason, "cost": d.Cost}
	switch d.State {
	case model.StateAccepted:
		columns["state"], columns["sent_at"], columns["reason"] = model.RecipientAccepted, tx.Millis(), d.ChannelReason
	case model.StateUnknown:
		columns["state"], columns["sent_at"] = model.RecipientUnknown, tx.Millis()
	case model.StateRefused:
		s.refill(tx)
		return s.refused(tx, d)
	default:
		return nil
	}
	s.refill(tx)
	if err := s.settle(tx, d, columns); err != nil {
		return err
	}
	if d.State == model.StateAccepted {
		return s.takesAgain(tx, d.SourceID)
	}
	if d.Reason == "interrupted" { // an instance of ours ended: that says nothing of WeChat
		return nil
	}
	return s.countError(tx, d)
}

// takesAgain notes that WeChat takes messages again. It looks before it writes: the row is often held by whoever sends the
// next ones, and each message would wait for that.
func (s *Service) takesAgain(tx *database.Tx, campaignID string) error {
	type told struct{ campaignID string }
	known := true
	tx.Local(told{campaignID}, func() any { known = false; return true })
	if known {
		return nil
	}
	var count []int64
	err := tx.Model(&model.Campaign{}).Where("id = ? AND errors > 0", campaignID).Pluck("errors", &count).Error
	if err == nil && len(count) > 0 {
		err = tx.Model(&model.Campaign{}).Where("id = ?", campaignID).Update("errors", 0).Error
	}
	if err != nil {
		return fmt.Errorf("note that WeChat takes messages again: %w", err)
	}
	return nil
}

func (s *Service) settle(tx *database.Tx, d model.Delivery, columns map[string]any) error {
	return s.settleFrom(tx, d, []string{model.RecipientQueued}, columns)
}

// settleFrom writes columns of a delivery's recipient, if he is in one of some states.
func (s *Service) settleFrom(tx *database.Tx, d model.Delivery, states []string, columns map[string]any) error {
	write := func(memberID string) (int64, error) {
		w := tx.Model(&model.Recipient{}).
			Where("campaign_id = ? AND member_id = ? AND delivery_id = ? AND state IN ?", d.SourceID, memberID, d.ID, states).Updates(columns)
		if w.Error != nil {
			return 0, fmt.Errorf("keep the state of a recipient: %w", w.Error)
		}
		return w.RowsAffected, nil
	}
	n, err := write(d.MemberID)
	if err != nil || n > 0 {
		return err
	}
	r, err := recipientOf(tx, d) // he may have been merged since
	if err != nil || r.MemberID == "" || r.MemberID == d.MemberID {
		return err
	}
	_, err = write(r.MemberID)
	return err
}

// recipientOf finds whose delivery it is; without a member: nobody's any more. He is looked for and written by the key of
// his row: by the delivery, MariaDB goes through all who are under way, holds them, and each message waits for the others.
// Only after a merge is his member another than the delivery's.
func recipientOf(tx *database.Tx, d model.Delivery) (model.Recipient, error) {
	for _, q := range []*gorm.DB{
		tx.Where("campaign_id = ? AND member_id = ? AND delivery_id = ?", d.SourceID, d.MemberID, d.ID),
		tx.Where("campaign_id = ? AND delivery_id = ?", d.SourceID, d.ID),
	} {
		var rows []model.Recipient
		if err := q.Limit(1).Find(&rows).Error; err != nil {
			return model.Recipient{}, fmt.Errorf("find a recipient: %w", err)
		}
		if len(rows) > 0 {
			return rows[0], nil
		}
	}
	return model.Recipient{}, nil
}

// refused says what a refusal means for the recipient, and counts those that are not about him.
func (s *Service) refused(tx *database.Tx, d model.Delivery) error {
	r, err := recipientOf(tx, d)
	if err != nil || r.MemberID == "" {
		return err
	}
	switch d.Reason {
	case "campaign_stopped", reasonQuiet:
		return s.waitAgain(tx, d, r.Tried)
	case sms.ReasonOff, textmessage.ReasonNoBalance, textmessage.ReasonCredentials, textmessage.ReasonSignature, textmessage.ReasonTemplate:
		return s.stopUntilMended(tx, d, r)
	case "window_closed", "quota_used_up", "no_grant", "no_phone", textmessage.ReasonTooOften:
		return s.waitAgain(tx, d, strings.Trim(r.Tried+","+d.Channel, ","))
	case "no_consent", "consent_withdrawn", "open_complaint":
		return s.settle(tx, d, map[string]any{"state": model.RecipientSkipped, "reason": d.Reason})
	}
	if err := s.settle(tx, d, map[string]any{"state": model.RecipientRefused, "reason": d.Reason}); err != nil {
		return err
	}
	if aboutMember(d.Reason) {
		return nil
	}
	return s.countError(tx, d)
}

// waitAgain puts a recipient back among those who wait, or among those who get nothing if the campaign was cancelled. The
// campaign's row is held for that: else it could be cancelled between the look and the writing.
func (s *Service) waitAgain(tx *database.Tx, d model.Delivery, tried string) error {
	var c model.Campaign
	if err := tx.Lock().Select("id", "state").First(&c, "id = ?", d.SourceID).Error; err != nil {
		return fmt.Errorf("hold a campaign: %w", err)
	}
	state := model.RecipientWaiting
	if c.State == model.CampaignCancelled {
		state = model.RecipientCancelled
	}
	return s.settle(tx, d, map[string]any{"state": state, "reason": "", "delivery_id": "", "channel": "", "tried": tried})
}

// aboutMember reports whether a refusal is the member's doing: then others may well be reached.
func aboutMember(reason string) bool {
	for _, word := range []string{"unsubscribed", "not_following", "blocked", "blacklisted", "messages_off", "openid", "unfollowed", "bad_phone"} {
		if strings.Contains(reason, word) {
			return true
		}
	}
	return false
}

// countError pauses a campaign after too many refusals or lost answers in a row, and tells who runs it.
func (s *Service) countError(tx *database.Tx, d model.Delivery) error {
	var c model.Campaign
	if err := tx.Lock().First(&c, "id = ?", d.SourceID).Error; err != nil {
		return fmt.Errorf("hold a campaign: %w", err)
	}
	c.Errors++
	columns := map[string]any{"errors": c.Errors}
	if c.Errors >= model.CampaignErrors && c.State == model.CampaignRunning {
		c.State, c.Reason = model.CampaignPaused, "refused:"+d.Reason
		columns["state"], columns["reason"] = c.State, c.Reason[:min(len(c.Reason), 64)]
	}
	return s.set(tx, c, columns)
}

// ResultTx takes what WeChat says later of a template message or notice: it arrived, or why not. Of one whose answer was
// lost it is the answer.
func (s *Service) ResultTx(tx *database.Tx, d model.Delivery, reason string) error {
	if !ours(d) {
		return nil
	}
	columns := map[string]any{"state": model.RecipientDelivered}
	if reason != "" {
		columns["state"], columns["reason"] = model.RecipientRefused, reason
	}
	return s.settleFrom(tx, d, []string{model.RecipientAccepted, model.RecipientUnknown}, columns)
}

// optOut are the words by which a member wants no more offers (H11).
func optOut(text string) bool {
	switch strings.ToUpper(strings.TrimSpace(text)) {
	case "退订", "TD":
		return true
	}
	return false
}

// HeardTx counts answers to campaigns, and takes who writes 退订 or TD at his word: he gets no more offers.
func (s *Service) HeardTx(tx *database.Tx, all []inbound.Heard) error {
	wrote := make(map[string][]inbound.Heard, len(all))
	for _, h := range all {
		wrote[h.MemberID] = append(wrote[h.MemberID], h)
	}
	open := func(members []string) *gorm.DB {
		return tx.Model(&model.Recipient{}).Where("member_id IN ? AND sent_at > ? AND replied_at = 0", members, tx.Millis()-model.ReplyMillis)
	}
	var answering []string // of most who write nobody does: they are only read, and hold up no campaign
	if err := open(keysOf(wrote)).Distinct().Pluck("member_id", &answering).Error; err != nil {
		return fmt.Errorf("find who answers campaigns: %w", err)
	}
	if len(answering) > 0 {
		if err := open(answering).Update("replied_at", tx.Millis()).Error; err != nil {
			return fmt.Errorf("count answers to campaigns: %w", err)
		}
		if err := keepAnswers(tx, answering, wrote); err != nil {
			return err
		}
	}
	left := map[string]bool{}
	for _, h := range all {
		if text, is := h.Push.Body.(wechat.Text); !is || !optOut(text.Content) || left[h.MemberID] {
			continue
		}
		left[h.MemberID] = true
		if err := s.withdraw(tx, h.AccountID, h.MemberID); err != nil {
			return err
		}
	}
	return nil
}

// withdraw keeps in mind that a member wants no more offers.
func (s *Service) withdraw(tx *database.Tx, accountID, memberID string) error {
	for _, purpose := range []string{model.ConsentForMarketing, model.ConsentForProfiling} {
		err := s.consents.RecordTx(tx, model.ConsentRecord{
			AccountID: accountID, MemberID: memberID, Purpose: purpose, State: model.ConsentWithdrawn, How: model.ConsentByWord, ByKind: model.ByMember,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
