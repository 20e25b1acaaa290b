package campaign

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// Veto keeps a campaign's message from a member until it leaves: his clerk may know better. Before the start nobody is a
// recipient yet, so he is written down as vetoed and the start passes him over. Who has got it already, or is no
// recipient: Conflict too_late.
func (s *Service) Veto(ctx context.Context, actor access.Actor, campaignID, memberID string) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		var c model.Campaign
		err := tx.Lock().First(&c, "id = ? AND account_id = ?", campaignID, actor.AccountID).Error
		if database.IsNotFound(err) {
			return notFound()
		}
		if err != nil {
			return fmt.Errorf("hold a campaign: %w", err)
		}
		var m model.Member
		scope := actor.Members(tx.Millis())
		err = tx.Where(scope.SQL, scope.Args...).First(&m, "members.id = ?", memberID).Error
		if database.IsNotFound(err) {
			return notFound()
		}
		if err != nil {
			return fmt.Errorf("find a member: %w", err)
		}
		switch c.State {
		case model.CampaignDraft, model.CampaignApproved, model.CampaignDone, model.CampaignCancelled:
			return wrongState(c)
		}
		row := model.Recipient{CampaignID: c.ID, MemberID: m.ID, AccountID: c.AccountID, State: model.RecipientVetoed, StoreID: m.StoreID, ClerkID: actor.StaffID}
		r := tx.Model(&model.Recipient{}).Where("campaign_id = ? AND member_id = ? AND state = ?", c.ID, m.ID, model.RecipientWaiting).
			Updates(map[string]any{"state": model.RecipientVetoed, "clerk_id": actor.StaffID})
		if r.Error != nil {
			return fmt.Errorf("veto a recipient: %w", r.Error)
		}
		collected := false
		if r.RowsAffected == 0 {
			if collected, err = vetoMass(tx, row); err != nil {
				return err
			}
		}
		if r.RowsAffected == 0 && !collected {
			if c.State != model.CampaignScheduled && c.Phase != model.CampaignChoosing {
				return fault.New(fault.Conflict, "too_late")
			}
			if err := tx.Create(&row).Error; err != nil {
				if database.IsDuplicate(err) {
					return fault.New(fault.Conflict, "too_late")
				}
				return fmt.Errorf("veto a recipient: %w", err)
			}
		}
		s.tell(tx, c)
		e := entry("campaign.veto", c)
		e.MemberID = m.ID
		return s.audit.RecordTx(tx, actor, e)
	})
}

// vetoMass takes a recipient out of a mass job that has not left, and tells whether he was in one.
func vetoMass(tx *database.Tx, row model.Recipient) (bool, error) {
	var jobs []model.MassJob
	err := tx.Lock().Where("id IN (?) AND state IN ?",
		tx.Model(&model.Recipient{}).Select("job_id").Where("campaign_id = ? AND member_id = ? AND state = ?", row.CampaignID, row.MemberID, model.RecipientQueued),
		[]string{model.MassCollecting, model.MassReady}).Find(&jobs).Error
	if err != nil {
		return false, fmt.Errorf("find the mass job of a recipient: %w", err)
	}
	if len(jobs) == 0 {
		return false, nil
	}
	err = tx.Model(&model.Recipient{}).Where("campaign_id = ? AND member_id = ?", row.CampaignID, row.MemberID).
		Updates(map[string]any{"state": row.State, "clerk_id": row.ClerkID, "reason": "", "channel": "", "job_id": ""}).Error
	if err != nil {
		return false, fmt.Errorf("veto a recipient: %w", err)
	}
	return true, giveBack(tx, jobs[0].ID, []string{row.MemberID})
}
