package member

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// Edit says what to change in a member's file; nil leaves it, the zero value empties it.
type Edit struct {
	Name, Phone, CardNo *string
	Birthday, Sex       *string
	Children            *[]model.Child
	ChildrenWere        *[]model.Child // who the actor thinks they are; others by now: Conflict changed_meanwhile
	Channel, Hours      *string
	Class, SubClass     *string // a sub-class needs a class
}

// Edit changes a file in the actor's scope. Phone and card point at one member: taken by another it is a Conflict
// duplicate. Facts are added to their ledger; the record names what changed, never to what.
func (s *Service) Edit(ctx context.Context, actor access.Actor, id string, in Edit) (File, error) {
	if _, err := s.find(ctx, actor, id); err != nil {
		return File{}, err
	}
	if err := in.check(s.db.Now()); err != nil {
		return File{}, err
	}
	var wanted []model.Identity
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		m, err := s.lock(tx, actor, id)
		if err != nil {
			return err
		}
		var changed []string
		changed, wanted, err = s.identify(tx, &m, in)
		if err != nil {
			return err
		}
		facts, err := s.setFacts(tx, actor, m, in)
		if err != nil {
			return err
		}
		if changed = append(changed, facts...); len(changed) == 0 {
			return nil
		}
		s.notice(tx, "member", m, "")
		return s.audit.RecordTx(tx, actor, auditEntry("member.update", m.ID, strings.Join(changed, ",")))
	})
	if database.IsDuplicate(err) {
		return File{}, s.duplicate(ctx, actor, wanted)
	}
	if err != nil {
		return File{}, err
	}
	return s.Get(ctx, actor, id)
}

// lock reads a member in the actor's scope for a change.
func (s *Service) lock(tx *database.Tx, actor access.Actor, id string) (model.Member, error) {
	var m model.Member
	if !model.ValidID(id) {
		return m, errNoMember()
	}
	scope := actor.Members(tx.Millis())
	err := tx.Lock().Where(scope.SQL, scope.Args...).Where("members.merged_into = ''").First(&m, "members.id = ?", id).Error
	if database.IsNotFound(err) {
		return m, errNoMember()
	}
	if err != nil {
		return m, fmt.Errorf("lock member: %w", err)
	}
	return m, nil
}

func errNoMember() error { return fault.New(fault.NotFound, "member_not_found") }

// identify changes name, phone and card with the rows that lead to them. A prospect whose phone or card is known is one
// no longer.
func (s *Service) identify(tx *database.Tx, m *model.Member, in Edit) (changed []string, wanted []model.Identity, err error) {
	before := *m
	columns := map[string]any{}
	if in.Name != nil && strings.TrimSpace(*in.Name) != m.Name {
		m.Name = strings.TrimSpace(*in.Name)
		m.Initials = Initials(m.Name)
		columns["name"], columns["initials"] = m.Name, m.Initials
		changed = append(changed, "name")
	}
	if in.Phone != nil {
		m.PhoneSealed, m.PhoneTailHash = nil, ""
		var identities []model.Identity
		if err := s.setPhone(m, *in.Phone, &identities); err != nil {
			return nil, nil, err
		}
		differs, err := s.phoneDiffers(before, *m)
		if err != nil {
			return nil, nil, err
		}
		if differs {
			if err := s.dropPhone(tx, before); err != nil {
				return nil, nil, err
			}
			columns["phone_sealed"], columns["phone_tail_hash"] = m.PhoneSealed, m.PhoneTailHash
			wanted, changed = append(wanted, identities...), append(changed, "phone")
		}
	}
	if in.CardNo != nil && strings.TrimSpace(*in.CardNo) != m.CardNo {
		m.CardNo = strings.TrimSpace(*in.CardNo)
		if err := dropIdentity(tx, before, model.IdentityCard, before.CardNo); err != nil {
			return nil, nil, err
		}
		if m.CardNo != "" {
			wanted = append(wanted, model.Identity{AccountID: m.AccountID, Kind: model.IdentityCard, Value: m.CardNo, MemberID: m.ID})
		}
		columns["card_no"] = m.CardNo
		changed = append(changed, "card_no")
	}
	if len(columns) == 0 {
		return nil, nil, nil
	}
	if len(wanted) > 0 {
		m.Kind = model.MemberKnown
	}
	columns["kind"], columns["updated_at"] = m.Kind, tx.Millis()
	r := tx.Model(&model.Member{}).Where("id = ? AND merged_into = ''", m.ID).Updates(columns)
	if r.Error != nil {
		return nil, nil, fmt.Errorf("change member: %w", r.Error)
	}
	if r.RowsAffected != 1 {
		return nil, nil, fault.New(fault.Conflict, "changed_meanwhile")
	}
	return changed, wanted, addIdentities(tx, wanted)
}

// addIdentities makes phones and cards point at their member; those that do already stay. One that points elsewhere is
// a duplicate key.
func addIdentities(tx *database.Tx, wanted []model.Identity) error {
	for _, i := range wanted {
		var n int64
		err := tx.Model(&model.Identity{}).
			Where("account_id = ? AND kind = ? AND value = ? AND member_id = ?", i.AccountID, i.Kind, i.Value, i.MemberID).Count(&n).Error
		if err != nil {
			return fmt.Errorf("find identity: %w", err)
		}
		if n > 0 {
			continue
		}
		i.CreatedAt = tx.Millis()
		if err := tx.Create(&i).Error; err != nil {
			return fmt.Errorf("create identity: %w", err)
		}
	}
	return nil
}

func (s *Service) phoneDiffers(a, b model.Member) (bool, error) {
	old, err := s.phone(a)
	if err != nil {
		return false, err
	}
	now, err := s.phone(b)
	return old != now, err
}

func (s *Service) dropPhone(tx *database.Tx, m model.Member) error {
	phone, err := s.phone(m)
	if err != nil || phone == "" {
		return err
	}
	return dropIdentity(tx, m, model.IdentityPhone, s.keys.Hash("phone", phone))
}

func dropIdentity(tx *database.Tx, m model.Member, kind, value string) error {
	err := tx.Where("account_id = ? AND kind = ? AND value = ? AND member_id = ?", m.AccountID, kind, value, m.ID).
		Delete(&model.Identity{}).Error
	if err != nil {
		return fmt.Errorf("drop identity: %w", err)
	}
	return nil
}

// firstBirthday is the earliest that is believed.
const firstBirthday = "1900-01-01"

// check looks at everything that needs no row.
func (in Edit) check(now time.Time) error {
	if in.Name != nil {
		if n := utf8.RuneCountInString(strings.TrimSpace(*in.Name)); n == 0 || n > model.MaxNameRunes {
			return fault.Input("name", "length")
		}
	}
	if in.CardNo != nil && utf8.RuneCountInString(strings.TrimSpace(*in.CardNo)) > 64 {
		return fault.Input("card_no", "length")
	}
	if in.Birthday != nil && !validBirthday(*in.Birthday, now) {
		return fault.Input("birthday", "invalid")
	}
	if in.Sex != nil && !validSex(*in.Sex) {
		return fault.Input("sex", "unknown")
	}
	if in.Channel != nil && !validChannel(*in.Channel) {
		return fault.Input("preferred_channel", "unknown")
	}
	for field, text := range map[string]*string{"preferred_hours": in.Hours, "sub_class": in.SubClass} {
		if text != nil && !validWords(*text, model.MaxWordRunes) {
			return fault.Input(field, "invalid")
		}
	}
	if in.Class != nil && *in.Class != "" && *in.Class != model.ClassSeed && *in.Class != model.ClassKey {
		return fault.Input("class", "unknown")
	}
	if in.Children == nil {
		return nil
	}
	if len(*in.Children) > model.MaxChildren {
		return fault.Input("children", "too_many")
	}
	for n, c := range *in.Children {
		field := fmt.Sprintf("children[%d].", n)
		switch {
		case c.Birthday == "" || !validBirthday(c.Birthday, now):
			return fault.Input(field+"birthday", "invalid")
		case !validSex(c.Sex):
			return fault.Input(field+"sex", "unknown")
		case !validWords(c.Name, model.MaxWordRunes):
			return fault.Input(field+"name", "invalid")
		}
	}
	return nil
}

// validBirthday takes a day that has been, or none. A child on the way is none yet; the zone may be a day ahead.
func validBirthday(s string, now time.Time) bool {
	if s == "" {
		return true
	}
	day, err := time.Parse(time.DateOnly, s)
	return err == nil && s >= firstBirthday && day.Before(now.Add(24*time.Hour))
}

func validSex(s string) bool { return s == "" || s == model.SexFemale || s == model.SexMale }

func validChannel(s string) bool {
	switch s {
	case "", model.PreferWeChat, model.PreferPhone, model.PreferSMS, model.PreferNone:
		return true
	}
	return false
}

func validWords(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, unicode.IsControl)
}
