package chat

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/member"
)

// Claim takes a member from a queue the actor sees (C9). Taken by somebody else meanwhile: Conflict taken. What was in
// no queue of his is not found. Who has given notice takes nobody new: Forbidden leaving (E5).
func (s *Service) Claim(ctx context.Context, actor access.Actor, id string) (model.Conversation, error) {
	var c model.Conversation
	if !model.ValidID(id) {
		return c, errNoConversation()
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		err := tx.First(&c, "id = ? AND account_id = ?", id, actor.AccountID).Error
		if database.IsNotFound(err) {
			return errNoConversation()
		}
		if err != nil {
			return fmt.Errorf("find conversation: %w", err)
		}
		var m model.Member // locked before the conversation, as everywhere
		if err := tx.Lock().First(&m, "id = ?", c.MemberID).Error; err != nil {
			return fmt.Errorf("lock member: %w", err)
		}
		if err := tx.Lock().First(&c, "id = ?", id).Error; err != nil {
			return fmt.Errorf("lock conversation: %w", err)
		}
		if c.ClerkID != "" {
			return s.taken(tx, actor, c)
		}
		if !claims(actor, c) {
			return errNoConversation()
		}
		if err := actor.Stays(); err != nil {
			return err
		}
		store := c.StoreID
		if store == "" {
			store = actor.StoreID
		}
		_, err = s.members.AssignTx(tx, actor, &m, member.Assign{StoreID: store, ClerkID: actor.StaffID, How: model.HowClaim, SourceID: c.ID})
		if err != nil {
			return err
		}
		c.StoreID, c.ClerkID = m.StoreID, m.ClerkID
		return s.audit.RecordTx(tx, actor, audit.Entry{Action: "conversation.claim", Object: "conversation", ObjectID: c.ID, MemberID: m.ID})
	})
	return c, err
}

// claims reports whether a conversation without a clerk is in a queue the actor may claim from.
func claims(actor access.Actor, c model.Conversation) bool {
	switch actor.Role {
	case model.RoleClerk:
		return c.StoreID != "" && c.StoreID == actor.StoreID
	case model.RoleManager:
		return c.StoreID == "" || c.StoreID == actor.StoreID
	case model.RoleSupport, model.RoleOwner:
		return true
	}
	return false
}

// taken answers a claim that came too late. It is a conflict only for who could have won it.
func (s *Service) taken(tx *database.Tx, actor access.Actor, c model.Conversation) error {
	if c.ClerkID == actor.StaffID {
		return nil
	}
	var n int64
	err := tx.Model(&model.Binding{}).Where("member_id = ? AND to_at = ? AND how = ?", c.MemberID, int64(model.OpenEnd), model.HowClaim).Count(&n).Error
	if err != nil {
		return fmt.Errorf("find how it was taken: %w", err)
	}
	before := c
	before.ClerkID = ""
	if n > 0 && claims(actor, before) {
		return fault.New(fault.Conflict, "taken")
	}
	return errNoConversation()
}
