package chat

import (
	"fmt"
	"strings"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/delivery"
)

// LogTx writes messages that other rooms send (greetings, introductions, campaigns) into their conversations, in few
// statements however many there are, and gives their ids in the same order.
func (s *Service) LogTx(tx *database.Tx, entries []delivery.Entry) ([]string, error) {
	talks, err := lockTalks(tx, entries)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(entries))
	messages := make([]model.Message, len(entries))
	var members []string
	for i, e := range entries {
		c := talks[e.Delivery.ConversationID]
		if c == nil {
			return nil, fmt.Errorf("write message: %w", errNoConversation())
		}
		m := messageOf(c, e, tx.Millis())
		if m.AuthorName, err = authorName(tx, m.AuthorKind, m.AuthorID); err != nil {
			return nil, err
		}
		c.LastSeq, c.LastKind, c.LastText, c.LastDirection, c.LastAt = m.Seq, m.Kind, model.Snippet(m.Text), m.Direction, m.At
		c.RankAt = model.Rank(c.WaitingSince, m.At)
		written(tx)[m.ID] = m.State + " " + m.Reason
		ids[i], messages[i] = m.ID, m
		members = append(members, c.MemberID)
	}
	if err := tx.Create(&messages).Error; err != nil {
		return nil, fmt.Errorf("write messages: %w", err)
	}
	if err := advance(tx, talks); err != nil {
		return nil, err
	}
	servers, err := s.members.ServersTx(tx, members)
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		c := talks[e.Delivery.ConversationID]
		s.publish(tx, "message", *c, servers[c.MemberID], ids[i])
	}
	return ids, nil
}

func lockTalks(tx *database.Tx, entries []delivery.Entry) (map[string]*model.Conversation, error) {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.Delivery.ConversationID
	}
	var rows []model.Conversation
	if err := tx.Lock().Where("id IN ?", ids).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("lock conversations: %w", err)
	}
	talks := make(map[string]*model.Conversation, len(rows))
	for i := range rows {
		talks[rows[i].ID] = &rows[i]
	}
	return talks, nil
}

func messageOf(c *model.Conversation, e delivery.Entry, at int64) model.Message {
	d := e.Delivery
	return model.Message{
		Shard: model.Shard(c.ID), ConversationID: c.ID, Seq: c.LastSeq + 1, ID: model.NewID(), AccountID: c.AccountID,
		Direction: model.Out, Kind: d.Kind, Text: e.Content.Text, MediaID: e.Content.MediaID, State: d.State, Reason: d.Reason,
		AuthorKind: d.AuthorKind, AuthorID: d.AuthorID, OnBehalfOf: d.OnBehalfOf, At: at,
	}
}

// advance writes what lists need beside the messages, of conversations that are locked.
func advance(tx *database.Tx, talks map[string]*model.Conversation) error {
	rows := make([]model.Conversation, 0, len(talks))
	for _, c := range talks {
		rows = append(rows, *c)
	}
	err := tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "id"}},
		DoUpdates: clause.AssignmentColumns([]string{"last_seq", "rank_at", "last_kind", "last_text", "last_direction", "last_at"}),
	}).Create(&rows).Error
	if err != nil {
		return fmt.Errorf("advance conversations: %w", err)
	}
	return nil
}

// authorName reads the name of a person, once in a transaction.
func authorName(tx *database.Tx, kind, staffID string) (string, error) {
	if kind != model.ByStaff {
		return "", nil
	}
	type namesKey struct{}
	known, _ := tx.Local(namesKey{}, func() any { return map[string]string{} }).(map[string]string)
	if name, is := known[staffID]; is {
		return name, nil
	}
	var names []string
	if err := tx.Model(&model.Staff{}).Where("id = ?", staffID).Pluck("name", &names).Error; err != nil {
		return "", fmt.Errorf("find name of author: %w", err)
	}
	known[staffID] = strings.Join(names, "")
	return known[staffID], nil
}

// written tells of the messages that were written in a transaction with which state and reason they were.
func written(tx *database.Tx) map[string]string {
	type writtenKey struct{}
	ids, _ := tx.Local(writtenKey{}, func() any { return map[string]string{} }).(map[string]string)
	return ids
}
