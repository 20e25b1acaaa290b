package campaign

import (
	"fmt"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
)

// keepAnswers writes down which messages answer a campaign: the first that a member wrote after it reached him. Of two
// that reached him he answers the later. The messages are in their conversations already, and those are held.
func keepAnswers(tx *database.Tx, accountID string, wrote map[string]int64) error {
	var rows []struct {
		ConversationID, CampaignID, OpenID string
		LastSeq                            int64
	}
	err := tx.Table("campaign_recipients").
		Select("conversations.id AS conversation_id, campaign_recipients.campaign_id, followers.openid AS open_id, conversations.last_seq").
		Joins("JOIN followers ON followers.member_id = campaign_recipients.member_id").
		Joins("JOIN conversations ON conversations.follower_id = followers.id").
		Where("followers.account_id = ? AND followers.openid IN ? AND followers.kind = ?", accountID, keysOf(wrote), model.FollowerMember).
		Where("campaign_recipients.replied_at = ? AND campaign_recipients.state IN ?", tx.Millis(), []string{model.RecipientAccepted, model.RecipientDelivered}).
		Order("campaign_recipients.sent_at DESC, campaign_recipients.campaign_id DESC").Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("find what was answered: %w", err)
	}
	for _, r := range rows {
		answer := model.CampaignAnswer{ConversationID: r.ConversationID, Seq: r.LastSeq - wrote[r.OpenID] + 1, CampaignID: r.CampaignID, AccountID: accountID}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&answer).Error; err != nil {
			return fmt.Errorf("keep an answer to a campaign: %w", err)
		}
	}
	return nil
}
