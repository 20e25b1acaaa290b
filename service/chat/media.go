package chat

import (
	"fmt"

	"liuke/model"
	"liuke/model/database"
)

// MediaTx tells the screens that a picture, voice or video has come, or will not come.
func (s *Service) MediaTx(tx *database.Tx, m model.Media) error {
	var c model.Conversation
	if err := tx.First(&c, "id = ?", m.ConversationID).Error; err != nil {
		return fmt.Errorf("find conversation: %w", err)
	}
	guests, err := s.guestsOf(tx, c)
	if err != nil {
		return err
	}
	s.publish(tx, "message", c, guests, m.MessageID)
	return nil
}
