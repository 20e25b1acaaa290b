package member

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

// Create is a new member's file.
type Create struct {
	Name    string
	Phone   string
	CardNo  string
	StoreID string
	ClerkID string // owner and manager only; a clerk's new member is his own
}

// auditEntry is an entry about one member.
func auditEntry(action, memberID, detail string) audit.Entry {
	return audit.Entry{Action: action, Object: "member", ObjectID: memberID, MemberID: memberID, Detail: detail}
}

// Create writes a new member down. The same phone or card twice is a Conflict duplicate, with the id if the actor may
// see that member.
func (s *Service) Create(ctx context.Context, actor access.Actor, in Create) (model.Member, error) {
	m, identities, err := s.newFile(actor, in)
	if err != nil {
		return m, err
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		place, err := s.placeOf(tx, actor, in)
		if err != nil {
			return err
		}
		row := m
		row.CreatedAt, row.UpdatedAt = tx.Millis(), tx.Millis()
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("create member: %w", err)
		}
		for _, i := range identities {
			i.CreatedAt = tx.Millis()
			if err := tx.Create(&i).Error; err != nil {
				return fmt.Errorf("create identity: %w", err)
			}
		}
		if err := s.tellNew(tx, row); err != nil {
			return err
		}
		if _, err := s.AssignTx(tx, actor, &row, place); err != nil {
			return err
		}
		if err := s.audit.RecordTx(tx, actor, auditEntry("member.create", row.ID, "")); err != nil {
			return err
		}
		m = row
		return nil
	})
	if database.IsDuplicate(err) {
		return m, s.duplicate(ctx, actor, identities)
	}
	return m, err
}

func (s *Service) newFile(actor access.Actor, in Create) (model.Member, []model.Identity, error) {
	m := model.Member{ID: model.NewID(), AccountID: actor.AccountID, Kind: model.MemberKnown, Name: strings.TrimSpace(in.Name), CardNo: strings.TrimSpace(in.CardNo)}
	if m.Name == "" || utf8.RuneCountInString(m.Name) > model.MaxNameRunes {
		return m, nil, fault.Input("name", "length")
	}
	m.Initials = Initials(m.Name)
	var identities []model.Identity
	if err := s.setPhone(&m, in.Phone, &identities); err != nil {
		return m, nil, err
	}
	if m.CardNo != "" {
		if utf8.RuneCountInString(m.CardNo) > 64 {
			return m, nil, fault.Input("card_no", "length")
		}
		identities = append(identities, model.Identity{AccountID: m.AccountID, Kind: model.IdentityCard, Value: m.CardNo, MemberID: m.ID})
	}
	return m, identities, nil
}

// setPhone seals the phone into the file and adds the identity it is found by.
func (s *Service) setPhone(m *model.Member, phone string, identities *[]model.Identity) error {
	if strings.TrimSpace(phone) == "" {
		return nil
	}
	e164, ok := model.NormalizePhone(phone)
	if !ok {
		return fault.Input("phone", "not_a_phone")
	}
	m.PhoneSealed = s.keys.SealString(e164)
	m.PhoneTailHash = s.keys.Hash("phone_tail", e164[len(e164)-4:])
	*identities = append(*identities, model.Identity{AccountID: m.AccountID, Kind: model.IdentityPhone, Value: s.keys.Hash("phone", e164), MemberID: m.ID})
	return nil
}

// placeOf works out to whom a new member belongs. Who has given notice gets nobody new (E5).
func (s *Service) placeOf(tx *database.Tx, actor access.Actor, in Create) (Assign, error) {
	a := Assign{StoreID: in.StoreID, ClerkID: in.ClerkID, How: model.HowManual}
	switch actor.Role {
	case model.RoleClerk:
		if in.ClerkID != "" && in.ClerkID != actor.StaffID {
			return a, fault.New(fault.Forbidden, "not_your_member")
		}
		a.ClerkID, a.StoreID = actor.StaffID, actor.StoreID
		if in.StoreID != "" && in.StoreID != actor.StoreID {
			return a, fault.New(fault.Forbidden, "not_your_store")
		}
		return a, actor.Stays()
	case model.RoleManager:
		if in.StoreID == "" {
			a.StoreID = actor.StoreID
		}
		if a.StoreID != actor.StoreID {
			return a, fault.New(fault.Forbidden, "not_your_store")
		}
	}
	if a.ClerkID != "" {
		var clerk []model.Staff
		err := tx.Where("id = ? AND account_id = ? AND active = ?", a.ClerkID, actor.AccountID, true).Find(&clerk).Error
		if err != nil {
			return a, fmt.Errorf("find clerk: %w", err)
		}
		if len(clerk) == 0 || actor.Role == model.RoleManager && clerk[0].StoreID != actor.StoreID {
			return a, fault.Missing("clerk_id")
		}
		if clerk[0].LeavingAt > 0 {
			return a, fault.Input("clerk_id", "leaving")
		}
		if in.StoreID == "" {
			a.StoreID = clerk[0].StoreID
		}
		if a.StoreID != clerk[0].StoreID {
			return a, fault.Input("clerk_id", "other_store")
		}
		return a, nil
	}
	if a.StoreID != "" {
		var n int64
		if err := tx.Model(&model.Store{}).Where("id = ? AND account_id = ?", a.StoreID, actor.AccountID).Count(&n).Error; err != nil {
			return a, fmt.Errorf("find store: %w", err)
		}
		if n == 0 {
			return a, fault.Missing("store_id")
		}
	}
	return a, nil
}

// duplicate says which member has the phone or card already, if the actor may see him.
func (s *Service) duplicate(ctx context.Context, actor access.Actor, identities []model.Identity) error {
	f := fault.New(fault.Conflict, "duplicate")
	scope := actor.Members(s.db.Now().UnixMilli())
	for _, i := range identities {
		var ids []string
		err := s.db.Read(ctx).Model(&model.Member{}).Where(scope.SQL, scope.Args...).
			Where("members.id IN (SELECT member_identities.member_id FROM member_identities WHERE member_identities.account_id = ? AND member_identities.kind = ? AND member_identities.value = ?)",
				i.AccountID, i.Kind, i.Value).Limit(1).Pluck("id", &ids).Error
		if err != nil {
			return fmt.Errorf("find duplicate: %w", err)
		}
		if len(ids) == 1 {
			return f.With("id", ids[0])
		}
	}
	return f
}
