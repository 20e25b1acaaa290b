package member

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
)

// Facts are today's values of what the file says about a member (B4, B11).
type Facts struct {
	Birthday string // 2006-01-02
	Sex      string
	Children []model.Child
	Channel  string // preferred channel
	Hours    string // preferred hours, in words
}

// take puts one value of the ledger in its place.
func (f *Facts) take(a model.Attribute) error {
	var to any
	switch a.Name {
	case model.AttributeBirthday:
		f.Birthday, to = "", &f.Birthday
	case model.AttributeSex:
		f.Sex, to = "", &f.Sex
	case model.AttributeChildren:
		f.Children, to = nil, &f.Children
	case model.AttributeChannel:
		f.Channel, to = "", &f.Channel
	case model.AttributeHours:
		f.Hours, to = "", &f.Hours
	default:
		return nil
	}
	if err := json.Unmarshal([]byte(a.Value), to); err != nil {
		return fmt.Errorf("read attribute %s: %w", a.Name, err)
	}
	return nil
}

// mergeDepth bounds how long a chain of merges is followed, for the sake of broken data.
const mergeDepth = 8

// families finds who was merged into each of the members, also over several steps: merged member -> who remains.
func families(db *gorm.DB, ids []string) (map[string]string, error) {
	heads := make(map[string]string, len(ids))
	for _, id := range ids {
		heads[id] = id
	}
	for range mergeDepth {
		if len(ids) == 0 {
			break
		}
		var rows []model.Merge
		err := db.Select("from_member_id", "into_member_id").Where("into_member_id IN ? AND undone_at = 0", ids).Find(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("find merged members: %w", err)
		}
		ids = nil
		for _, r := range rows {
			if heads[r.FromMemberID] == "" {
				heads[r.FromMemberID] = heads[r.IntoMemberID]
				ids = append(ids, r.FromMemberID)
			}
		}
	}
	return heads, nil
}

// family lists a member with all who were merged into him.
func family(db *gorm.DB, id string) ([]string, error) {
	heads, err := families(db, []string{id})
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(heads)), nil
}

// factsAt reads the values of members at a time. What a member's own ledger does not say is taken from those merged
// into him.
func factsAt(db *gorm.DB, now int64, ids []string) (map[string]Facts, error) {
	heads, err := families(db, ids)
	if err != nil {
		return nil, err
	}
	var rows []model.Attribute
	err = db.Where("member_id IN ? AND valid_from <= ?", slices.Sorted(maps.Keys(heads)), now).
		Order("valid_from, id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read attributes: %w", err)
	}
	slices.SortStableFunc(rows, func(a, b model.Attribute) int { // the merged ones first, so that his own count
		return own(heads, a) - own(heads, b)
	})
	all := map[string]Facts{}
	for _, a := range rows {
		f := all[heads[a.MemberID]]
		if err := f.take(a); err != nil {
			return nil, err
		}
		all[heads[a.MemberID]] = f
	}
	return all, nil
}

func own(heads map[string]string, a model.Attribute) int {
	if heads[a.MemberID] == a.MemberID {
		return 1
	}
	return 0
}

// attributeTx adds a line to the ledger unless it says the same as the last.
func (s *Service) attributeTx(tx *database.Tx, actor access.Actor, m model.Member, name string, value any) (bool, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return false, fmt.Errorf("write attribute %s: %w", name, err)
	}
	var last []model.Attribute
	err = tx.Where("member_id = ? AND name = ?", m.ID, name).Order("valid_from DESC, id DESC").Limit(1).Find(&last).Error
	if err != nil {
		return false, fmt.Errorf("read attribute %s: %w", name, err)
	}
	if len(last) == 1 && last[0].Value == string(text) {
		return false, nil
	}
	a := newAttribute(tx, actor, m, name, string(text))
	if err := tx.Create(&a).Error; err != nil {
		return false, fmt.Errorf("add attribute %s: %w", name, err)
	}
	return true, profile(tx, []string{m.ID})
}

func newAttribute(tx *database.Tx, actor access.Actor, m model.Member, name, value string) model.Attribute {
	return model.Attribute{
		ID: model.NewID(), AccountID: m.AccountID, MemberID: m.ID, Name: name, Value: value,
		ValidFrom: tx.Millis(), ByKind: actor.Kind, ByID: actor.StaffID, CreatedAt: tx.Millis(),
	}
}
