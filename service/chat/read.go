package chat

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// received finds the handover by which the member of a conversation became the actor's, if it was one.
func (s *Service) received(ctx context.Context, actor access.Actor, c model.Conversation) (Received, error) {
	var r Received
	if c.ClerkID != actor.StaffID {
		return r, nil
	}
	err := s.db.Read(ctx).Table("bindings").Select("bindings.from_at AS at, staff.name AS from_name").
		Joins("JOIN handovers ON handovers.id = bindings.source_id").Joins("JOIN staff ON staff.id = handovers.from_clerk_id").
		Where("bindings.member_id = ? AND bindings.to_at = ? AND bindings.clerk_id = ? AND bindings.how = ? AND handovers.from_clerk_id <> ?",
			c.MemberID, int64(model.OpenEnd), actor.StaffID, model.HowHandover, actor.StaffID).Limit(1).Scan(&r).Error
	if err != nil {
		return r, fmt.Errorf("find whom a member was received from: %w", err)
	}
	return r, nil
}

// find reads a conversation within the actor's scope.
func (s *Service) find(ctx context.Context, actor access.Actor, id string) (model.Conversation, error) {
	var c model.Conversation
	if !model.ValidID(id) {
		return c, errNoConversation()
	}
	scope := actor.Conversations(s.db.Now().UnixMilli())
	err := s.db.Read(ctx).Where(scope.SQL, scope.Args...).First(&c, "conversations.id = ?", id).Error
	if database.IsNotFound(err) {
		return c, errNoConversation()
	}
	if err != nil {
		return c, fmt.Errorf("find conversation: %w", err)
	}
	return c, nil
}

func errNoConversation() error { return fault.New(fault.NotFound, "conversation_not_found") }

// lockOne reads a conversation within the actor's scope and locks it.
func (s *Service) lockOne(tx *database.Tx, actor access.Actor, id string) (model.Conversation, error) {
	var c model.Conversation
	scope := actor.Conversations(tx.Millis())
	err := tx.Lock().Where(scope.SQL, scope.Args...).First(&c, "conversations.id = ?", id).Error
	if database.IsNotFound(err) {
		return c, errNoConversation()
	}
	if err != nil {
		return c, fmt.Errorf("lock conversation: %w", err)
	}
	return c, nil
}

// MarkRead notes that everything up to a message has been read by whoever serves the member.
func (s *Service) MarkRead(ctx context.Context, actor access.Actor, id, upTo string) error {
	if _, err := s.find(ctx, actor, id); err != nil {
		return err
	}
	if !model.ValidID(upTo) {
		return fault.Missing("up_to")
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		c, err := s.lockOne(tx, actor, id)
		if err != nil {
			return err
		}
		var seqs []int64
		err = tx.Model(&model.Message{}).Where("id = ? AND conversation_id = ?", upTo, c.ID).Pluck("seq", &seqs).Error
		if err != nil {
			return fmt.Errorf("find message: %w", err)
		}
		if len(seqs) == 0 {
			return fault.Missing("up_to")
		}
		if seqs[0] <= c.ReadSeq {
			return nil
		}
		var unread int64
		err = tx.Model(&model.Message{}).
			Where("shard = ? AND conversation_id = ? AND seq > ?", model.Shard(c.ID), c.ID, seqs[0]).
			Where("author_kind = ? AND kind <> ?", model.ByMember, model.KindEvent).Count(&unread).Error
		if err != nil {
			return fmt.Errorf("count unread: %w", err)
		}
		err = tx.Model(&model.Conversation{}).Where("id = ?", c.ID).
			Updates(map[string]any{"read_seq": seqs[0], "unread": unread}).Error
		if err != nil {
			return fmt.Errorf("mark read: %w", err)
		}
		guests, err := s.guestsOf(tx, c)
		if err != nil {
			return err
		}
		s.publish(tx, "conversation", c, guests, "")
		return nil
	})
}
