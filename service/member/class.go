package member

import (
	"fmt"
	"slices"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// setFacts writes the facts of an edit and tells which of them are news.
func (s *Service) setFacts(tx *database.Tx, actor access.Actor, m model.Member, in Edit) ([]string, error) {
	var changed []string
	set := func(name string, value any) error {
		news, err := s.attributeTx(tx, actor, m, name, value)
		if news {
			changed = append(changed, name)
		}
		return err
	}
	for _, w := range []struct {
		name  string
		value *string
	}{
		{model.AttributeBirthday, in.Birthday},
		{model.AttributeSex, in.Sex},
		{model.AttributeChannel, in.Channel},
		{model.AttributeHours, in.Hours},
	} {
		if w.value == nil {
			continue
		}
		if err := set(w.name, orNull(*w.value)); err != nil {
			return nil, err
		}
	}
	if in.Children != nil {
		if err := stillChildren(tx, m.ID, in); err != nil {
			return nil, err
		}
		if err := set(model.AttributeChildren, *in.Children); err != nil {
			return nil, err
		}
	}
	if in.Class == nil && in.SubClass == nil {
		return changed, nil
	}
	news, err := s.classify(tx, actor, m, in)
	if news {
		changed = append(changed, model.AttributeClass)
	}
	return changed, err
}

// stillChildren refuses a list of children that was written over an older one: a colleague's child would be lost. The
// same edit again is none.
func stillChildren(tx *database.Tx, memberID string, in Edit) error {
	if in.ChildrenWere == nil {
		return nil
	}
	facts, err := factsAt(tx.DB, tx.Millis(), []string{memberID})
	if err != nil {
		return err
	}
	today := facts[memberID].Children
	if slices.Equal(today, *in.ChildrenWere) || slices.Equal(today, *in.Children) {
		return nil
	}
	return fault.New(fault.Conflict, "changed_meanwhile")
}

// orNull writes what is no longer known as null.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// classify sets today's class and adds it to the ledger.
func (s *Service) classify(tx *database.Tx, actor access.Actor, m model.Member, in Edit) (bool, error) {
	var rows []model.Class
	if err := tx.Where("member_id = ?", m.ID).Find(&rows).Error; err != nil {
		return false, fmt.Errorf("read class: %w", err)
	}
	now := model.Class{AccountID: m.AccountID, MemberID: m.ID}
	if len(rows) == 1 {
		now = rows[0]
	}
	before := now
	if in.Class != nil && *in.Class != now.Class {
		now.Class, now.SubClass = *in.Class, "" // sub-classes belong to a class
	}
	if in.SubClass != nil {
		now.SubClass = *in.SubClass
	}
	if now.Class == "" && now.SubClass != "" {
		return false, fault.Input("sub_class", "needs_class")
	}
	if now == before {
		return false, nil
	}
	if now.Class == "" {
		if err := tx.Where("member_id = ?", m.ID).Delete(&model.Class{}).Error; err != nil {
			return false, fmt.Errorf("drop class: %w", err)
		}
		return s.attributeTx(tx, actor, m, model.AttributeClass, nil)
	}
	now.ByID, now.UpdatedAt = actor.StaffID, tx.Millis()
	err := tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "member_id"}}, DoUpdates: clause.AssignmentColumns([]string{"class", "sub_class", "by_id", "updated_at"}),
	}).Create(&now).Error
	if err != nil {
		return false, fmt.Errorf("set class: %w", err)
	}
	return s.attributeTx(tx, actor, m, model.AttributeClass, model.ClassValue{Class: now.Class, SubClass: now.SubClass})
}
