package handover

import (
	"context"
	"errors"
	"fmt"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

// StandIn asks for one person to serve another's members from a time to a time (C8).
type StandIn struct {
	ClerkID      string
	SubstituteID string
	From, To     time.Time
}

// Substitute writes a substitution down and opens the members to the substitute from its beginning; it ends by itself.
// Members who come or go meanwhile are followed by the loop.
func (s *Service) Substitute(ctx context.Context, actor access.Actor, in StandIn) (model.Substitute, error) {
	var sub model.Substitute
	clerk, err := s.giver(ctx, actor, Plan{FromClerkID: in.ClerkID})
	if err != nil {
		return sub, err
	}
	if !clerk.Active {
		return sub, fault.Input("clerk_id", "left")
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		switch from, to := max(model.Millis(in.From), tx.Millis()), model.Millis(in.To); {
		case to <= from:
			return fault.Input("to", "not_after_from")
		case to-from > model.MaxSubstitute.Milliseconds():
			return fault.Input("to", "too_long")
		default:
			sub = model.Substitute{
				ID: model.NewID(), AccountID: actor.AccountID, StoreID: clerk.StoreID, ClerkID: clerk.ID, SubstituteID: in.SubstituteID,
				FromAt: from, ToAt: to, CreatedBy: actor.StaffID, CreatedAt: tx.Millis(),
			}
		}
		if _, err := s.receivers(tx, actor, clerk.ID, []string{in.SubstituteID}, "substitute_id"); err != nil {
			return err
		}
		if err := tx.Create(&sub).Error; err != nil {
			return fmt.Errorf("write down a substitution: %w", err)
		}
		if err := s.members.SubstituteTx(tx, sub); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{Action: "substitute.create", Object: "substitute", ObjectID: sub.ID})
	})
	return sub, err
}

// substitutesInScope: as handovers, and each person those he is part of.
func substitutesInScope(a access.Actor) access.Where {
	own := access.Where{
		SQL:  "substitutes.account_id = ? AND (substitutes.clerk_id = ? OR substitutes.substitute_id = ?)",
		Args: []any{a.AccountID, a.StaffID, a.StaffID},
	}
	switch {
	case a.Kind == model.BySystem || a.Is(model.RoleOwner):
		return access.Where{SQL: "substitutes.account_id = ?", Args: []any{a.AccountID}}
	case a.Is(model.RoleManager) && a.StoreID != "":
		return access.Where{
			SQL:  "substitutes.account_id = ? AND (substitutes.store_id = ? OR substitutes.clerk_id = ? OR substitutes.substitute_id = ?)",
			Args: []any{a.AccountID, a.StoreID, a.StaffID, a.StaffID},
		}
	case a.Is(model.RoleSupervisor) && a.RegionID != "":
		return access.Where{
			SQL: "substitutes.account_id = ? AND substitutes.store_id IN (SELECT stores.id FROM stores WHERE stores.account_id = ? AND" +
				" (stores.region_id = ? OR stores.region_id IN (SELECT regions.id FROM regions WHERE regions.parent_id = ?)))",
			Args: []any{a.AccountID, a.AccountID, a.RegionID, a.RegionID},
		}
	}
	return own
}

// Substitutes pages through the substitutions that the actor may see, the newest first.
func (s *Service) Substitutes(ctx context.Context, actor access.Actor, before string, limit int) ([]model.Substitute, string, error) {
	w := substitutesInScope(actor)
	q := s.db.Read(ctx).Where(w.SQL, w.Args...)
	if before != "" {
		q = q.Where("substitutes.id < ?", before)
	}
	var rows []model.Substitute
	if err := q.Order("substitutes.id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list substitutions: %w", err)
	}
	if len(rows) > limit {
		return rows[:limit], rows[limit-1].ID, nil
	}
	return rows, "", nil
}

// EndSubstitute ends a substitution before its time. One that is over stays as it is.
func (s *Service) EndSubstitute(ctx context.Context, actor access.Actor, id string) error {
	none := fault.New(fault.NotFound, "substitute_not_found")
	if !model.ValidID(id) {
		return none
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		w := substitutesInScope(actor)
		var sub model.Substitute
		err := tx.Lock().Where(w.SQL, w.Args...).First(&sub, "substitutes.id = ?", id).Error
		if database.IsNotFound(err) {
			return none
		}
		if err != nil {
			return fmt.Errorf("find substitution: %w", err)
		}
		if actor.Is(model.RoleManager) && sub.StoreID != actor.StoreID {
			return fault.New(fault.Forbidden, "not_allowed")
		}
		if sub.EndedAt > 0 || sub.ToAt <= tx.Millis() {
			return nil
		}
		if err := s.end(tx, sub); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{Action: "substitute.end", Object: "substitute", ObjectID: sub.ID})
	})
}

func (s *Service) end(tx *database.Tx, sub model.Substitute) error {
	if err := tx.Model(&model.Substitute{}).Where("id = ? AND ended_at = 0", sub.ID).Update("ended_at", tx.Millis()).Error; err != nil {
		return fmt.Errorf("end a substitution: %w", err)
	}
	return s.members.EndSubstituteTx(tx, sub)
}

// endSubstitutesOf ends every substitution for and by a person who leaves.
func (s *Service) endSubstitutesOf(tx *database.Tx, staffID string) error {
	var subs []model.Substitute
	err := tx.Where("clerk_id = ? AND ended_at = 0 AND to_at > ?", staffID, tx.Millis()).Find(&subs).Error
	if err != nil {
		return fmt.Errorf("find substitutions: %w", err)
	}
	for _, sub := range subs {
		if err := s.end(tx, sub); err != nil {
			return err
		}
	}
	err = tx.Model(&model.Substitute{}).Where("substitute_id = ? AND ended_at = 0 AND to_at > ?", staffID, tx.Millis()).
		Update("ended_at", tx.Millis()).Error
	if err != nil {
		return fmt.Errorf("end substitutions: %w", err)
	}
	return nil
}

// KeepSubstitutes follows the members who came to a clerk or left him while somebody stands in for him. A loop calls it.
func (s *Service) KeepSubstitutes(ctx context.Context) error {
	now := s.db.Now().UnixMilli()
	var subs []model.Substitute
	err := s.db.Read(ctx).Where("ended_at = 0 AND to_at > ?", now).
		Where("(EXISTS (SELECT 1 FROM members WHERE members.account_id = substitutes.account_id AND members.clerk_id = substitutes.clerk_id AND members.merged_into = '' AND members.id NOT IN (SELECT member_access.member_id FROM member_access WHERE member_access.staff_id = substitutes.substitute_id AND member_access.to_at > ? AND member_access.source_id = substitutes.id))"+
			" OR EXISTS (SELECT 1 FROM member_access JOIN members ON members.id = member_access.member_id WHERE member_access.staff_id = substitutes.substitute_id AND member_access.to_at > ? AND member_access.source_id = substitutes.id AND members.clerk_id <> substitutes.clerk_id))", now, now).
		Limit(100).Find(&subs).Error
	if err != nil {
		return fmt.Errorf("look for substitutions: %w", err)
	}
	var all error
	for _, sub := range subs {
		err := s.db.InTx(ctx, func(tx *database.Tx) error {
			var still []model.Substitute
			if err := tx.Lock().Where("id = ? AND ended_at = 0", sub.ID).Find(&still).Error; err != nil || len(still) == 0 {
				return err
			}
			return s.members.SubstituteTx(tx, sub)
		})
		if err != nil {
			all = errors.Join(all, fmt.Errorf("keep substitution %s: %w", sub.ID, err))
		}
	}
	return all
}
