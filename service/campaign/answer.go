package campaign

import (
	"fmt"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/inbound"
)

// keepAnswers writes down which messages answer a campaign: the first that a member wrote after it reached him. Of two
// that reached him he answers the later. wrote is what members wrote now, in order.
func keepAnswers(tx *database.Tx, answering []string, wrote map[string][]inbound.Heard) error {
	var rows []model.Recipient
	err := tx.Select("campaign_id", "member_id").
		Where("member_id IN ? AND replied_at = ? AND state IN ?", answering, tx.Millis(), []string{model.RecipientAccepted, model.RecipientDelivered}).
		Order("sent_at DESC, campaign_id DESC").Find(&rows).Error
	if err != nil {
		return fmt.Errorf("find what was answered: %w", err)
	}
	answered := map[string]bool{} // in which conversations
	for _, r := range rows {
		for _, h := range wrote[r.MemberID] {
			if answered[h.ConversationID] {
				continue
			}
			answered[h.ConversationID] = true
			answer := model.CampaignAnswer{ConversationID: h.ConversationID, Seq: h.Seq, CampaignID: r.CampaignID, AccountID: h.AccountID}
			if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&answer).Error; err != nil {
				return fmt.Errorf("keep an answer to a campaign: %w", err)
			}
		}
	}
	return nil
}
