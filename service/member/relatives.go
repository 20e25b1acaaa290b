package member

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// MaxFamily is how many members a family may have.
const MaxFamily = 20

// Relatives lists the others of a member's family whom the actor may see, by name (B4).
func (s *Service) Relatives(ctx context.Context, actor access.Actor, id string) ([]model.Member, error) {
	if _, err := s.find(ctx, actor, id); err != nil {
		return nil, err
	}
	scope := actor.Members(s.db.Now().UnixMilli())
	var rows []model.Member
	err := s.db.Read(ctx).Where(scope.SQL, scope.Args...).Where("members.merged_into = '' AND members.id <> ?", id).
		Where("members.id IN (SELECT theirs.member_id FROM member_families AS mine JOIN member_families AS theirs ON theirs.family_id = mine.family_id WHERE mine.member_id = ?)", id).
		Order("members.name, members.id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find a member's family: %w", err)
	}
	return rows, nil
}

// Relate links two members as a family: with the families that either has already, which become one. More than MaxFamily
// members are a Conflict family_too_large.
func (s *Service) Relate(ctx context.Context, actor access.Actor, id, otherID string) error {
	if id == otherID {
		return fault.Input("member_id", "same_member")
	}
	for _, one := range []string{id, otherID} {
		if _, err := s.find(ctx, actor, one); err != nil {
			return err
		}
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		first, second := min(id, otherID), max(id, otherID) // in order, so that two at once do not wait for each other
		var pair []model.Member
		for _, one := range []string{first, second} {
			m, err := s.lock(tx, actor, one)
			if err != nil {
				return err
			}
			pair = append(pair, m)
		}
		var rows []model.Family
		if err := tx.Where("member_id IN ?", []string{first, second}).Order("created_at, member_id").Find(&rows).Error; err != nil {
			return fmt.Errorf("find families: %w", err)
		}
		if len(rows) == 2 && rows[0].FamilyID == rows[1].FamilyID {
			return nil
		}
		family := model.NewID()
		if len(rows) > 0 {
			family = rows[0].FamilyID
		}
		if err := joinFamilies(tx, actor, family, pair, rows); err != nil {
			return err
		}
		for _, m := range pair {
			s.notice(tx, "member", m, "")
		}
		return s.audit.RecordTx(tx, actor, auditEntry("member.relate", id, "with:"+otherID))
	})
}

// joinFamilies puts both members, and with them the families they have, into one.
func joinFamilies(tx *database.Tx, actor access.Actor, family string, pair []model.Member, rows []model.Family) error {
	for _, r := range rows {
		err := tx.Model(&model.Family{}).Where("family_id = ?", r.FamilyID).Update("family_id", family).Error
		if err != nil {
			return fmt.Errorf("join families: %w", err)
		}
	}
	for _, m := range pair {
		linked := false
		for _, r := range rows {
			linked = linked || r.MemberID == m.ID
		}
		if linked {
			continue
		}
		row := model.Family{MemberID: m.ID, FamilyID: family, AccountID: m.AccountID, ByID: actor.StaffID, CreatedAt: tx.Millis()}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("link a family: %w", err)
		}
	}
	var n int64
	if err := tx.Model(&model.Family{}).Where("family_id = ?", family).Count(&n).Error; err != nil {
		return fmt.Errorf("count a family: %w", err)
	}
	if n > MaxFamily {
		return fault.New(fault.Conflict, "family_too_large")
	}
	return nil
}

// Part takes a member out of his family. Who is in none stays so.
func (s *Service) Part(ctx context.Context, actor access.Actor, id string) error {
	if _, err := s.find(ctx, actor, id); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		m, err := s.lock(tx, actor, id)
		if err != nil {
			return err
		}
		r := tx.Where("member_id = ?", id).Delete(&model.Family{})
		if r.Error != nil {
			return fmt.Errorf("leave a family: %w", r.Error)
		}
		if r.RowsAffected == 0 {
			return nil
		}
		s.notice(tx, "member", m, "")
		return s.audit.RecordTx(tx, actor, auditEntry("member.part", id, ""))
	})
}

// inheritFamily lets who remains of a merge belong to the other's family, if he has none, and tells whether he does.
func inheritFamily(tx *database.Tx, actor access.Actor, from, into model.Member) (bool, error) {
	var rows []model.Family
	if err := tx.Where("member_id IN ?", []string{from.ID, into.ID}).Find(&rows).Error; err != nil {
		return false, fmt.Errorf("find families: %w", err)
	}
	if len(rows) != 1 || rows[0].MemberID != from.ID {
		return false, nil
	}
	row := model.Family{MemberID: into.ID, FamilyID: rows[0].FamilyID, AccountID: into.AccountID, ByID: actor.StaffID, CreatedAt: tx.Millis()}
	if err := tx.Create(&row).Error; err != nil {
		return false, fmt.Errorf("take over family: %w", err)
	}
	return true, nil
}
