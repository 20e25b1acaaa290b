package chat

import (
	"context"
	"fmt"

	"gorm.io/gorm"
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
func (s *Service) answering(ctx context.Context, items []Item) error {
	place := map[string]int{}
	var ids []string
	for n, i := range items {
		if i.answers {
			place[i.Conversation.ID] = n
			ids = append(ids, i.Conversation.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := answersOf(s.db.Read(ctx).Where("campaign_answers.conversation_id IN ?", ids))
	for _, a := range found {
		if i := &items[place[a.ConversationID]]; a.Seq > i.Conversation.AnsweredSeq {
			i.Answers = Answered{a.CampaignID, a.Name}
		}
	}
	return err
}

// answers finds which messages of a page answer a campaign.
func (s *Service) answers(ctx context.Context, lines []Line) error {
	place := map[int64]int{}
	first, last := lines[0].Seq, lines[0].Seq
	for n, l := range lines {
		place[l.Seq] = n
		first, last = min(first, l.Seq), max(last, l.Seq)
	}
	q := s.db.Read(ctx).Where("campaign_answers.conversation_id = ? AND campaign_answers.seq BETWEEN ? AND ?", lines[0].ConversationID, first, last)
	found, err := answersOf(q)
	for _, a := range found {
		if n, ok := place[a.Seq]; ok {
			lines[n].Answers = Answered{a.CampaignID, a.Name}
		}
	}
	return err
}
