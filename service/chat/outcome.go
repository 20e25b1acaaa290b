package chat

import (
	"fmt"

	"liuke/model"
	"liuke/model/database"
)

// DeliveredTx writes the new state of a delivery into its message. An accepted answer ends the waiting of what the
// member had written before it (C3).
func (s *Service) DeliveredTx(tx *database.Tx, d model.Delivery) error {
	if d.ConversationID == "" || d.MessageID == "" || written(tx)[d.MessageID] == d.State+" "+d.Reason {
		return nil
	}
	var c model.Conversation
	err := tx.Lock().First(&c, "id = ?", d.ConversationID).Error
	if database.IsNotFound(err) { // its member was erased meanwhile
		return nil
	}
	if err != nil {
		return fmt.Errorf("lock conversation: %w", err)
	}
	r := tx.Model(&model.Message{}).
		Where("shard = ? AND conversation_id = ? AND id = ? AND (state <> ? OR reason <> ?)", model.Shard(c.ID), c.ID, d.MessageID, d.State, d.Reason).
		Updates(map[string]any{"state": d.State, "reason": d.Reason})
	if r.Error != nil {
		return fmt.Errorf("write state of message: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return nil
	}
	if d.State == model.StateAccepted && d.Purpose == model.PurposeReply {
		if err := s.answered(tx, &c, d.MessageID); err != nil {
			return err
		}
	}
	guests, err := s.guestsOf(tx, c)
	if err != nil {
		return err
	}
	s.publish(tx, "message", c, guests, d.MessageID)
	return nil
}

// answered moves the waiting on to the first message after the answer, if there is one.
func (s *Service) answered(tx *database.Tx, c *model.Conversation, messageID string) error {
	var seqs []int64
	err := tx.Model(&model.Message{}).Where("id = ?", messageID).Pluck("seq", &seqs).Error
	if err != nil {
		return fmt.Errorf("find answer: %w", err)
	}
	if len(seqs) == 0 || seqs[0] <= c.AnsweredSeq {
		return nil
	}
	c.AnsweredSeq = seqs[0]
	var waiting []int64
	err = tx.Model(&model.Message{}).
		Where("shard = ? AND conversation_id = ? AND seq > ?", model.Shard(c.ID), c.ID, c.AnsweredSeq).
		Where("author_kind = ? AND kind <> ?", model.ByMember, model.KindEvent).
		Order("seq").Limit(1).Pluck("at", &waiting).Error
	if err != nil {
		return fmt.Errorf("find who still waits: %w", err)
	}
	c.WaitingSince = 0
	if len(waiting) == 1 {
		c.WaitingSince = waiting[0]
	}
	c.RankAt = model.Rank(c.WaitingSince, c.LastAt)
	err = tx.Model(&model.Conversation{}).Where("id = ?", c.ID).Updates(map[string]any{
		"answered_seq": c.AnsweredSeq, "waiting_since": c.WaitingSince, "rank_at": c.RankAt,
	}).Error
	if err != nil {
		return fmt.Errorf("end waiting: %w", err)
	}
	return nil
}
