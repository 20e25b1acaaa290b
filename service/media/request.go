package media

import (
	"fmt"
	"time"

	"liuke/model"
	"liuke/model/database"
)

// wechatKeeps is how long WeChat keeps a temporary media (fact page, section 11).
const wechatKeeps = 3 * 24 * time.Hour

// maxWeChatID is the width of the column; WeChat's own ids have 64 letters.
const maxWeChatID = 255

// reasonBadID says that WeChat's id cannot be one.
const reasonBadID = "bad_media_id"

// RequestTx asks for a picture, voice or video that a member sent and gives the id of its row. It is fetched as soon as
// the transaction has committed. Of m are taken: AccountID, ConversationID, MessageID, Kind, WeChatMediaID. An id that
// WeChat cannot have given makes a row that has failed already, so that the message stays.
func (s *Service) RequestTx(tx *database.Tx, m model.Media) (string, error) {
	row := model.Media{
		ID: model.NewID(), AccountID: m.AccountID, ConversationID: m.ConversationID, MessageID: m.MessageID,
		Direction: model.In, Kind: m.Kind, WeChatMediaID: m.WeChatMediaID, WeChatUntil: model.Millis(tx.Now.Add(wechatKeeps)),
		State: model.MediaWaiting, DueAt: tx.Millis(), CreatedAt: tx.Millis(),
	}
	if model.ASCIIKey(m.WeChatMediaID, maxWeChatID) == "" {
		row.WeChatMediaID, row.State, row.Reason = "", model.MediaFailed, reasonBadID
	}
	if err := tx.Create(&row).Error; err != nil {
		return "", fmt.Errorf("ask for media: %w", err)
	}
	if row.State == model.MediaWaiting {
		s.wake(tx)
	}
	return row.ID, nil
}

// blobKey is where the bytes of a row lie. It never changes, so that a second fetch replaces the first. The row names
// it once they lie there.
func blobKey(m model.Media) string {
	return m.AccountID + "/" + model.Time(m.CreatedAt).Format("2006/01") + "/" + m.ID
}
