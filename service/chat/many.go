package chat

import (
	"fmt"
	"slices"

	"liuke/model"
	"liuke/model/database"
)

// ShowTx writes a message of ours into each of many conversations, in a few statements for all of them: what it says, how
// it stands and in whose name is given, the rest is filled in. Each conversation is named once; one that is no more is left
// out. It locks them until the end, so the caller takes some hundred at a time.
func (s *Service) ShowTx(tx *database.Tx, lines []model.Message) error {
	if len(lines) == 0 {
		return nil
	}
	of := make(map[string]model.Message, len(lines))
	ids := make([]string, len(lines))
	for i, m := range lines {
		of[m.ConversationID], ids[i] = m, m.ConversationID
	}
	talks, err := lockMany(tx, ids)
	if err != nil || len(talks) == 0 {
		return err
	}
	rows := make([]model.Message, len(talks))
	for i := range talks {
		c := &talks[i]
		m := of[c.ID]
		c.LastSeq++
		m.Shard, m.Seq, m.AccountID, m.Direction, m.At = model.Shard(c.ID), c.LastSeq, c.AccountID, model.Out, tx.Millis()
		c.LastKind, c.LastText, c.LastDirection, c.LastAt = m.Kind, model.Snippet(m.Text), m.Direction, m.At
		c.RankAt = model.Rank(c.WaitingSince, c.LastAt)
		rows[i] = m
	}
	if err := tx.InsertMessages(rows); err != nil {
		return fmt.Errorf("write messages: %w", err)
	}
	if err := tx.AdvanceConversations(talks); err != nil {
		return fmt.Errorf("advance conversations: %w", err)
	}
	return s.publishMany(tx, talks, rows)
}

// MendTx writes into many messages what has become known of them.
func (s *Service) MendTx(tx *database.Tx, messageIDs []string, state, reason string) error {
	var rows []model.Message
	if err := tx.Select("id", "conversation_id").Where("id IN ?", messageIDs).Find(&rows).Error; err != nil {
		return fmt.Errorf("find messages: %w", err)
	}
	ids := make([]string, len(rows))
	for i, m := range rows {
		ids[i] = m.ConversationID
	}
	talks, err := lockMany(tx, ids)
	if err != nil || len(talks) == 0 {
		return err
	}
	err = tx.Model(&model.Message{}).Where("id IN ?", messageIDs).Updates(map[string]any{"state": state, "reason": reason}).Error
	if err != nil {
		return fmt.Errorf("write state of messages: %w", err)
	}
	return s.publishMany(tx, talks, rows)
}

// lockMany locks conversations in the order of their ids, as everything does.
func lockMany(tx *database.Tx, ids []string) ([]model.Conversation, error) {
	var rows []model.Conversation
	slices.Sort(ids)
	if err := tx.Lock().Where("id IN ?", slices.Compact(ids)).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("lock conversations: %w", err)
	}
	return rows, nil
}

func (s *Service) publishMany(tx *database.Tx, talks []model.Conversation, messages []model.Message) error {
	members := make([]string, len(talks))
	of := make(map[string]model.Conversation, len(talks))
	for i, c := range talks {
		members[i], of[c.ID] = c.MemberID, c
	}
	guests, err := s.members.ServersTx(tx, members)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if c, known := of[m.ConversationID]; known {
			s.publish(tx, "message", c, guests[c.MemberID], m.ID)
		}
	}
	return nil
}
