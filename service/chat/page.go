package chat

import (
	"context"
	"fmt"
	"strings"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
)

// Line is a message with the campaign that it answers.
type Line struct {
	model.Message

	Answers Answered
}

// Messages pages through a conversation, the newest first. before is the seq of the last one seen, 0 for the newest.
func (s *Service) Messages(ctx context.Context, actor access.Actor, id string, before int64, limit int) ([]model.Message, int64, error) {
	lines, next, err := s.Search(ctx, actor, id, "", before, limit)
	messages := make([]model.Message, len(lines))
	for n, l := range lines {
		messages[n] = l.Message
	}
	return messages, next, err
}

// Search is Messages narrowed to those whose text holds a piece of text (C11); an empty one gives all.
func (s *Service) Search(ctx context.Context, actor access.Actor, id, text string, before int64, limit int) ([]Line, int64, error) {
	var which access.Where
	if before > 0 {
		which.And("messages.seq < ?", before)
	}
	if text != "" {
		which.And("LOWER(messages.text) LIKE ? ESCAPE '!'", contains(text))
	}
	return s.page(ctx, actor, id, which, " DESC", limit)
}

// History pages through a conversation from its first message on (E3). after is the seq of the last one seen, 0 for the
// beginning; the second answer is where to go on, 0 at the end.
func (s *Service) History(ctx context.Context, actor access.Actor, id string, after int64, limit int) ([]Line, int64, error) {
	return s.page(ctx, actor, id, access.Where{SQL: "messages.seq > ?", Args: []any{after}}, "", limit)
}

// page reads messages of a conversation along their key, and the seq of the last one if others follow.
func (s *Service) page(ctx context.Context, actor access.Actor, id string, which access.Where, order string, limit int) ([]Line, int64, error) {
	if !model.ValidID(id) {
		return nil, 0, errNoConversation()
	}
	lines, answer, err := s.lines(ctx, actor, id, which, order, limit+1)
	if err != nil {
		return nil, 0, err
	}
	next := int64(0)
	if len(lines) > limit {
		lines = lines[:limit]
		next = lines[limit-1].Seq
	}
	if answer {
		if err := s.answers(ctx, lines); err != nil {
			return nil, 0, err
		}
	}
	return lines, next, s.latestStates(ctx, lines)
}

// saidOf asks for messages of a conversation, whether any of them answers a campaign, and with them the actor's right to see
// them: all that is one round trip.
const saidOf = "SELECT messages.seq, messages.id, messages.direction, messages.kind, messages.text, messages.media_id, messages.payload, messages.state," +
	" messages.reason, messages.author_kind, messages.author_id, messages.author_name, messages.on_behalf_of, messages.client_id, messages.at," +
	" EXISTS (SELECT 1 FROM campaign_answers WHERE campaign_answers.conversation_id = ?)" +
	" FROM messages JOIN conversations ON conversations.id = messages.conversation_id WHERE messages.shard = ? AND messages.conversation_id = ?"

// lines reads them by the part of the actor's scope that has the conversation, in most cases the first. Only where there is
// none is it asked whether the actor sees the conversation at all.
func (s *Service) lines(ctx context.Context, actor access.Actor, id string, which access.Where, order string, n int) (all []Line, answer bool, err error) {
	now := s.db.Now().UnixMilli()
	proof := actor.Proof(now)
	for _, part := range actor.ConversationParts(now) {
		text := access.Where{SQL: saidOf, Args: []any{id, model.Shard(id), id}}
		text.And(part.SQL, part.Args...)
		text.And(proof.SQL, proof.Args...)
		text.And(which.SQL, which.Args...)
		text.SQL += " ORDER BY messages.seq" + order + " LIMIT ?"
		if all, answer, err = s.said(ctx, actor, id, text, n); err != nil || len(all) > 0 {
			return all, answer, err
		}
	}
	if err := actor.Proved(false); err != nil {
		return nil, false, err
	}
	_, err = s.find(ctx, actor, id)
	return nil, false, err
}

func (s *Service) said(ctx context.Context, actor access.Actor, id string, text access.Where, n int) (all []Line, answer bool, err error) {
	all = make([]Line, 0, n)
	m := model.Message{Shard: model.Shard(id), ConversationID: id, AccountID: actor.AccountID}
	into := []any{
		&m.Seq, &m.ID, &m.Direction, &m.Kind, &m.Text, &m.MediaID, &m.Payload, &m.State, &m.Reason, &m.AuthorKind, &m.AuthorID, &m.AuthorName,
		&m.OnBehalfOf, &m.ClientID, &m.At, &answer,
	}
	err = s.db.Query(ctx, text.SQL, append(text.Args, n), func(scan database.Scan) error {
		if err := scan(into...); err != nil {
			return err
		}
		all = append(all, Line{Message: m})
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("list messages: %w", err)
	}
	return all, answer, nil
}

// latestStates brings the states of messages on their way up to date: a claimed delivery is "sending" before its
// message's row says so.
func (s *Service) latestStates(ctx context.Context, lines []Line) error {
	var queued []string
	for _, l := range lines {
		if l.State == model.StateQueued {
			queued = append(queued, l.ID)
		}
	}
	sending, err := s.delivery.Sending(ctx, queued)
	if err != nil {
		return err
	}
	for n, l := range lines {
		if sending[l.ID] {
			lines[n].State = model.StateSending
		}
	}
	return nil
}

// contains is the pattern of texts that hold a piece of text, its signs taken as letters.
func contains(piece string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(piece)) + "%"
}
