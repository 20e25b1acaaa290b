package chat

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/delivery"
	"liuke/service/fault"
)

// Write is what a member of staff writes into a conversation.
type Write struct {
	ClientID    string // made by the device: the same again is the same message
	Kind        string // text, image, voice, video, news, note
	Text        string
	MediaID     string // of an upload: image, voice, video
	Title       string // news
	Description string
	URL         string
	PicURL      string
}

// content is what the outbox needs of it.
func (in *Write) content() delivery.Content {
	return delivery.Content{
		Text: in.Text, MediaID: in.MediaID, Title: in.Title, Description: in.Description, URL: in.URL, PicURL: in.PicURL,
	}
}

// maxClientID is the width of a device's message id.
const maxClientID = 64

// Send writes a message (C2). Its state says what becomes of it: queued, pending outside the allowance (C14), refused.
// The same ClientID again gives the first message. A note stays in the house (C12).
func (s *Service) Send(ctx context.Context, actor access.Actor, conversationID string, in Write) (model.Message, error) {
	var out model.Message
	if err := s.mayWrite(ctx, actor, conversationID); err != nil {
		return out, err
	}
	if err := in.check(); err != nil {
		return out, err
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		c, err := s.lockOne(tx, actor, conversationID)
		if err != nil {
			return err
		}
		var same []model.Message
		if err := tx.Where("conversation_id = ? AND client_id = ?", c.ID, in.ClientID).Find(&same).Error; err != nil {
			return fmt.Errorf("find message by client id: %w", err)
		}
		if len(same) > 0 {
			out = same[0]
			return nil
		}
		out, err = s.write(tx, actor, c, in)
		return err
	})
	return out, err
}

// mayWrite answers 404 or 403 before anything else is looked at.
func (s *Service) mayWrite(ctx context.Context, actor access.Actor, id string) error {
	if _, err := s.find(ctx, actor, id); err != nil {
		return err
	}
	if actor.Is(model.RoleSupervisor) {
		return fault.New(fault.Forbidden, "supervisors_only_read")
	}
	return nil
}

func (in *Write) check() error {
	if in.ClientID == "" || len(in.ClientID) > maxClientID || !utf8.ValidString(in.ClientID) {
		return fault.Input("client_id", "length")
	}
	c := in
	switch in.Kind {
	case model.KindText, model.KindNote:
		limit := model.MaxTextBytes
		if in.Kind == model.KindNote {
			limit = model.MaxNoteBytes
		}
		if strings.TrimSpace(c.Text) == "" {
			return fault.Input("text", "empty")
		}
		if len(c.Text) > limit {
			return fault.Input("text", "too_long")
		}
	case model.KindImage, model.KindVoice, model.KindVideo:
		if !model.ValidID(c.MediaID) {
			return fault.Missing("media_id")
		}
	case model.KindNews:
		if c.Title == "" || len(c.Title) > 128 {
			return fault.Input("title", "length")
		}
		if !strings.HasPrefix(c.URL, "https://") && !strings.HasPrefix(c.URL, "http://") || len(c.URL) > 1024 {
			return fault.Input("url", "not_a_url")
		}
		if c.PicURL != "" && !strings.HasPrefix(c.PicURL, "https://") && !strings.HasPrefix(c.PicURL, "http://") || len(c.PicURL) > 1024 {
			return fault.Input("pic_url", "not_a_url")
		}
		if len(c.Description) > 512 {
			return fault.Input("description", "length")
		}
	default:
		return fault.Input("kind", "unknown")
	}
	return nil
}

// write puts the message into the conversation and, unless it is a note, into the outbox.
func (s *Service) write(tx *database.Tx, actor access.Actor, c model.Conversation, in Write) (model.Message, error) {
	m := model.Message{
		Shard: model.Shard(c.ID), ConversationID: c.ID, Seq: c.LastSeq + 1, ID: model.NewID(), AccountID: c.AccountID,
		Direction: model.Out, Kind: in.Kind, Text: in.Text, MediaID: in.MediaID, Payload: payload(in),
		AuthorKind: model.ByStaff, AuthorID: actor.StaffID, AuthorName: actor.Name, ClientID: &in.ClientID, At: tx.Millis(),
	}
	if c.ClerkID != "" && c.ClerkID != actor.StaffID {
		m.OnBehalfOf = c.ClerkID
	}
	if in.Kind == model.KindNote {
		m.Direction, m.State = model.In, model.StateReceived
		return m, s.append(tx, c, m)
	}
	if m.MediaID != "" {
		if err := s.media.AttachTx(tx, actor, m.MediaID, c.ID, m.ID, in.Kind); err != nil {
			return m, err
		}
	}
	var f model.Follower
	if err := tx.First(&f, "id = ?", c.FollowerID).Error; err != nil {
		return m, fmt.Errorf("find follower: %w", err)
	}
	d, err := s.delivery.EnqueueTx(tx, delivery.Order{
		Follower: f, ConversationID: c.ID, MessageID: m.ID, Purpose: model.PurposeReply, SourceKind: "message", SourceID: m.ID,
		AuthorKind: model.ByStaff, AuthorID: actor.StaffID, OnBehalfOf: m.OnBehalfOf, Kind: in.Kind, Content: in.content(),
		DedupeKey: c.ID + "/" + in.ClientID,
	})
	if err != nil {
		return m, err
	}
	m.State, m.Reason = d.State, d.Reason
	if err := s.audit.RecordTx(tx, actor, audit.Entry{
		Action: "message.send", Object: "conversation", ObjectID: c.ID, MemberID: c.MemberID,
	}); err != nil {
		return m, err
	}
	return m, s.append(tx, c, m)
}

// payload keeps what a card has beside its text.
func payload(in Write) string {
	if in.Kind != model.KindNews {
		return ""
	}
	return encode(LinkCard{Title: in.Title, Description: in.Description, URL: in.URL})
}

// append writes one message of ours and moves the conversation on.
func (s *Service) append(tx *database.Tx, c model.Conversation, m model.Message) error {
	if err := tx.Create(&m).Error; err != nil {
		return fmt.Errorf("write message: %w", err)
	}
	err := tx.Model(&model.Conversation{}).Where("id = ?", c.ID).Updates(map[string]any{
		"last_seq": m.Seq, "last_kind": m.Kind, "last_text": model.Snippet(m.Text), "last_direction": m.Direction,
		"last_at": m.At, "rank_at": model.Rank(c.WaitingSince, m.At),
	}).Error
	if err != nil {
		return fmt.Errorf("advance conversation: %w", err)
	}
	guests, err := s.guestsOf(tx, c)
	if err != nil {
		return err
	}
	s.publish(tx, "message", c, guests, m.ID)
	return nil
}

// Withdraw takes a pending message back before it leaves.
func (s *Service) Withdraw(ctx context.Context, actor access.Actor, conversationID, messageID string) error {
	if err := s.mayWrite(ctx, actor, conversationID); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		if _, err := s.lockOne(tx, actor, conversationID); err != nil {
			return err
		}
		var n int64
		if model.ValidID(messageID) {
			err := tx.Model(&model.Message{}).Where("id = ? AND conversation_id = ?", messageID, conversationID).Count(&n).Error
			if err != nil {
				return fmt.Errorf("find message: %w", err)
			}
		}
		if n == 0 {
			return fault.New(fault.NotFound, "message_not_found")
		}
		return s.delivery.WithdrawTx(tx, messageID)
	})
}
