package chat

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"liuke/model"
)

type answer struct {
	ConversationID   string
	Seq              int64
	CampaignID, Name string
}

// answersOf finds messages that answer a campaign, by the key of their conversations.
func answersOf(q *gorm.DB) ([]answer, error) {
	var rows []answer
	err := q.Table("campaign_answers").Select("campaign_answers.conversation_id, campaign_answers.seq, campaign_answers.campaign_id, campaigns.name").
		Joins("JOIN campaigns ON campaigns.id = campaign_answers.campaign_id").Order("campaign_answers.seq").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find answers to campaigns: %w", err)
	}
	return rows, nil
}

// answering finds of those who wait the campaign they answer: the last, of messages that nobody has answered yet.
func (s *Service) answering(ctx context.Context, rows []model.Conversation) (map[string]Answered, error) {
	answered := map[string]int64{}
	var ids []string
	for _, c := range rows {
		if c.WaitingSince > 0 {
			answered[c.ID] = c.AnsweredSeq
			ids = append(ids, c.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := answersOf(s.db.Read(ctx).Where("campaign_answers.conversation_id IN ?", ids))
	all := map[string]Answered{}
	for _, a := range found {
		if a.Seq > answered[a.ConversationID] {
			all[a.ConversationID] = Answered{a.CampaignID, a.Name}
		}
	}
	return all, err
}

// Answers finds which messages of a page answer a campaign, by their ids.
func (s *Service) Answers(ctx context.Context, messages []model.Message) (map[string]Answered, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	ids := map[int64]string{}
	first, last := messages[0].Seq, messages[0].Seq
	for _, m := range messages {
		ids[m.Seq] = m.ID
		first, last = min(first, m.Seq), max(last, m.Seq)
	}
	q := s.db.Read(ctx).Where("campaign_answers.conversation_id = ? AND campaign_answers.seq BETWEEN ? AND ?", messages[0].ConversationID, first, last)
	found, err := answersOf(q)
	all := map[string]Answered{}
	for _, a := range found {
		if id := ids[a.Seq]; id != "" {
			all[id] = Answered{a.CampaignID, a.Name}
		}
	}
	return all, err
}
