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

// Assign gives the member of a conversation to a clerk: the manager to one of his store, the owner to any. A clerk who
// may not be seen, has left or belongs to another store is input clerk_id not_found.
func (s *Service) Assign(ctx context.Context, actor access.Actor, id, clerkID string) (model.Conversation, error) {
	var c model.Conversation
	if err := s.mayDirect(ctx, actor, id); err != nil {
		return c, err
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		var m model.Member
		var err error
		if c, m, err = s.lockBoth(tx, actor, id); err != nil {
			return err
		}
		q := tx.Where("id = ? AND account_id = ? AND active = ? AND leaving_at = 0 AND store_id <> ''", model.ASCIIKey(clerkID, 36), actor.AccountID, true).
			Where("role IN ?", []string{model.RoleClerk, model.RoleManager})
		if actor.Is(model.RoleManager) {
			q = q.Where("store_id = ?", actor.StoreID)
		}
		var clerks []model.Staff
		if err := q.Find(&clerks).Error; err != nil {
			return fmt.Errorf("find clerk: %w", err)
		}
		if len(clerks) == 0 {
			return fault.Missing("clerk_id")
		}
		changed, err := s.members.AssignTx(tx, actor, &m, member.Assign{
			StoreID: clerks[0].StoreID, ClerkID: clerks[0].ID, How: model.HowManual, SourceID: c.ID,
		})
		if err != nil || !changed {
			return err
		}
		c.StoreID, c.ClerkID = m.StoreID, m.ClerkID
		return s.audit.RecordTx(tx, actor, audit.Entry{
			Action: "conversation.assign", Object: "conversation", ObjectID: c.ID, MemberID: m.ID, Detail: "to:" + clerks[0].ID,
		})
	})
	return c, err
}

// TakeOver lets a manager or the owner serve a member beside his clerk until the end of the store's day (C10). Both
// names stay in the record of what he writes.
func (s *Service) TakeOver(ctx context.Context, actor access.Actor, id string) (until int64, err error) {
	if err := s.mayDirect(ctx, actor, id); err != nil {
		return 0, err
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		c, m, err := s.lockBoth(tx, actor, id)
		if err != nil {
			return err
		}
		end, err := member.EndOfDayTx(tx, c.StoreID)
		if err != nil {
			return err
		}
		until = end.UnixMilli()
		if err := s.members.GrantTx(tx, m, actor.StaffID, model.AccessTakeover, c.ID, end); err != nil {
			return err
		}
		guests, err := s.guestsOf(tx, c)
		if err != nil {
			return err
		}
		s.publish(tx, "conversation", c, guests, "")
		return s.audit.RecordTx(tx, actor, audit.Entry{
			Action: "conversation.takeover", Object: "conversation", ObjectID: c.ID, MemberID: m.ID,
		})
	})
	return until, err
}

// mayDirect answers 404 or 403 before anything else is looked at: a manager directs his own store, the owner all.
func (s *Service) mayDirect(ctx context.Context, actor access.Actor, id string) error {
	c, err := s.find(ctx, actor, id)
	if err != nil {
		return err
	}
	if actor.Is(model.RoleOwner) || actor.Is(model.RoleManager) && c.StoreID == actor.StoreID {
		return nil
	}
	return fault.New(fault.Forbidden, "not_your_store")
}

// lockBoth locks a conversation in the actor's scope and then its member, in the order that every writer keeps.
func (s *Service) lockBoth(tx *database.Tx, actor access.Actor, id string) (model.Conversation, model.Member, error) {
	var m model.Member
	c, err := s.lockOne(tx, actor, id)
	if err != nil {
		return c, m, err
	}
	if err := tx.Lock().First(&m, "id = ?", c.MemberID).Error; err != nil {
		return c, m, fmt.Errorf("lock member: %w", err)
	}
	return c, m, nil
}
