package member

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// Link ties the follower of a conversation to a till member by phone or id (B1). A phone nobody has yet becomes the
// follower's own: the prospect turns into a known member. A member bound to another clerk is not taken: Conflict
// bound_elsewhere; one with a follower of his own: Conflict two_followers.
type Link struct {
	Phone    string
	MemberID string
	Name     string // for a prospect who becomes known
}

// Link does it and returns the member who remains.
func (s *Service) Link(ctx context.Context, actor access.Actor, prospectID string, in Link) (model.Member, error) {
	var kept model.Member
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		scope := actor.Members(tx.Millis())
		var from model.Member
		err := tx.Lock().Where(scope.SQL, scope.Args...).Where("members.merged_into = ''").First(&from, "members.id = ?", prospectID).Error
		if database.IsNotFound(err) {
			return fault.New(fault.NotFound, "member_not_found")
		}
		if err != nil {
			return fmt.Errorf("find follower's member: %w", err)
		}
		if from.Kind != model.MemberProspect {
			return fault.New(fault.Conflict, "already_linked")
		}
		into, err := s.target(tx, actor, in)
		if err != nil {
			return err
		}
		if into == nil {
			kept = from
			return s.makeKnown(tx, actor, &kept, in)
		}
		if into.ClerkID != "" && into.ClerkID != from.ClerkID && into.ClerkID != actor.StaffID && actor.Is(model.RoleClerk) {
			return fault.New(fault.Conflict, "bound_elsewhere")
		}
		if err := s.MergeTx(tx, actor, &from, into, model.HowManual, ""); err != nil {
			return err
		}
		kept = *into
		return nil
	})
	if database.IsDuplicate(err) {
		return kept, fault.New(fault.Conflict, "duplicate")
	}
	return kept, err
}

// target finds the member to link to; nil means that nobody has the phone.
func (s *Service) target(tx *database.Tx, actor access.Actor, in Link) (*model.Member, error) {
	id := in.MemberID
	if id == "" {
		e164, ok := model.NormalizePhone(in.Phone)
		if !ok {
			return nil, fault.Input("phone", "not_a_phone")
		}
		var ids []string
		err := tx.Model(&model.Identity{}).
			Where("account_id = ? AND kind = ? AND value = ?", actor.AccountID, model.IdentityPhone, s.keys.Hash("phone", e164)).
			Pluck("member_id", &ids).Error
		if err != nil {
			return nil, fmt.Errorf("find member by phone: %w", err)
		}
		if len(ids) == 0 {
			return nil, nil //nolint:nilnil // nobody has the phone: not an error
		}
		id = ids[0]
	}
	if !model.ValidID(id) {
		return nil, fault.Missing("member_id")
	}
	q := tx.Lock().Where("members.account_id = ? AND members.merged_into = ''", actor.AccountID)
	if in.MemberID != "" { // by phone the clerk proves that he knows the member; by id he must see him
		scope := actor.Members(tx.Millis())
		q = q.Where(scope.SQL, scope.Args...)
	}
	var m model.Member
	err := q.First(&m, "members.id = ?", id).Error
	if database.IsNotFound(err) {
		return nil, fault.Missing("member_id")
	}
	if err != nil {
		return nil, fmt.Errorf("find member to link: %w", err)
	}
	return &m, nil
}

// makeKnown gives a prospect his phone and name.
func (s *Service) makeKnown(tx *database.Tx, actor access.Actor, m *model.Member, in Link) error {
	var identities []model.Identity
	if err := s.setPhone(m, in.Phone, &identities); err != nil {
		return err
	}
	m.Kind, m.UpdatedAt = model.MemberKnown, tx.Millis()
	if in.Name != "" {
		m.Name, m.Initials = in.Name, Initials(in.Name)
	}
	err := tx.Model(&model.Member{}).Where("id = ? AND kind = ?", m.ID, model.MemberProspect).Updates(map[string]any{
		"kind": m.Kind, "phone_sealed": m.PhoneSealed, "phone_tail_hash": m.PhoneTailHash,
		"name": m.Name, "initials": m.Initials, "updated_at": m.UpdatedAt,
	}).Error
	if err != nil {
		return fmt.Errorf("make prospect known: %w", err)
	}
	for _, i := range identities {
		i.CreatedAt = tx.Millis()
		if err := tx.Create(&i).Error; err != nil {
			return fmt.Errorf("create identity: %w", err)
		}
	}
	s.notice(tx, "member", *m, "")
	return s.audit.RecordTx(tx, actor, auditEntry("member.link", m.ID, ""))
}
