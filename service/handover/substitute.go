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
	"liuke/service/feed"
)

// StandIn asks for one person to serve another's members from a time to a time (C8).
type StandIn struct {
	ClerkID      string
	SubstituteID string
	From, To     time.Time
}

// Substitute writes a substitution down and opens the members to the substitute from its beginning; it ends by itself.
// Members who come or go meanwhile are followed by the loop. One for the same two people at an overlapping time is a
// Conflict overlaps.
func (s *Service) Substitute(ctx context.Context, actor access.Actor, in StandIn) (NamedSubstitute, error) {
	var sub model.Substitute
	clerk, err := s.giver(ctx, actor, Plan{FromClerkID: in.ClerkID})
	if err != nil {
		return NamedSubstitute{}, err
	}
	if !clerk.Active {
		return NamedSubstitute{}, fault.Input("clerk_id", "left")
	}
	name := ""
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		if _, err := lockedStaff(tx, clerk.ID); err != nil { // two at once do not both find the time free
			return err
		}
		switch from, to := max(model.Millis(in.From), tx.Millis()), model.Millis(in.To); {
		case to <= tx.Millis():
			return fault.Input("to", "past")
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
		found, err := s.receivers(tx, actor, clerk.ID, []string{in.SubstituteID}, "substitute_id")
		if err != nil {
			return err
		}
		name = found[0].name
		if err := free(tx, sub); err != nil {
			return err
		}
		if err := tx.Create(&sub).Error; err != nil {
			return fmt.Errorf("write down a substitution: %w", err)
		}
		s.tellSubstitute(tx, sub)
		if err := s.members.SubstituteTx(tx, sub); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{Action: "substitute.create", Object: "substitute", ObjectID: sub.ID})
	})
	return NamedSubstitute{sub, clerk.Name, name}, err
}

// free makes sure that the two people have no substitution at that time.
func free(tx *database.Tx, sub model.Substitute) error {
	var there []model.Substitute
	err := tx.Where("clerk_id = ? AND substitute_id = ? AND ended_at = 0 AND from_at < ? AND to_at > ?", sub.ClerkID, sub.SubstituteID, sub.ToAt, sub.FromAt).
		Order("from_at").Limit(1).Find(&there).Error
	if err != nil {
		return fmt.Errorf("look for the same substitution: %w", err)
	}
	if len(there) > 0 {
		return fault.New(fault.Conflict, "overlaps")
	}
	return nil
}

// tellSubstitute lets the screens of both and of the store look again.
func (s *Service) tellSubstitute(tx *database.Tx, sub model.Substitute) {
	e := feed.Event{AccountID: sub.AccountID, Kind: "substitute", Data: map[string]string{"substitute_id": sub.ID}}
	s.feed.PublishTx(tx, e, feed.Staff(sub.ClerkID), feed.Staff(sub.SubstituteID), feed.Store(sub.StoreID))
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

// NamedSubstitute is a substitution with the names of both.
type NamedSubstitute struct {
	model.Substitute

	ClerkName, SubstituteName string
}

// SubstituteFilter narrows a list of substitutions to those in force at some time of a span (Unix milliseconds); 0 does
// not limit.
type SubstituteFilter struct {
	From, To int64
	Before   string // cursor
	Limit    int
}

// Substitutes pages through the substitutions that the actor may see, the newest first. A span leaves out those that
// ended before they began.
func (s *Service) Substitutes(ctx context.Context, actor access.Actor, f SubstituteFilter) ([]NamedSubstitute, string, error) {
	w := substitutesInScope(actor)
	q := s.db.Read(ctx).Table("substitutes").
		Select("substitutes.*, absent.name AS clerk_name, present.name AS substitute_name").
		Joins("JOIN staff absent ON absent.id = substitutes.clerk_id").
		Joins("JOIN staff present ON present.id = substitutes.substitute_id").Where(w.SQL, w.Args...)
	const end = "CASE WHEN substitutes.ended_at > 0 AND substitutes.ended_at < substitutes.to_at THEN substitutes.ended_at ELSE substitutes.to_at END"
	if f.From > 0 || f.To > 0 {
		q = q.Where(end+" > substitutes.from_at AND "+end+" > ?", f.From)
	}
	if f.To > 0 {
		q = q.Where("substitutes.from_at < ?", f.To)
	}
	if f.Before != "" {
		q = q.Where("substitutes.id < ?", f.Before)
	}
	var rows []NamedSubstitute
	if err := q.Order("substitutes.id DESC").Limit(f.Limit + 1).Scan(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list substitutions: %w", err)
	}
	if len(rows) > f.Limit {
		return rows[:f.Limit], rows[f.Limit-1].ID, nil
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
	err := tx.Model(&model.Substitute{}).Where("id = ? AND ended_at = 0", sub.ID).
		Updates(map[string]any{"ended_at": tx.Millis(), "told_from": tx.Millis(), "told_to": tx.Millis()}).Error
	if err != nil {
		return fmt.Errorf("end a substitution: %w", err)
	}
	s.tellSubstitute(tx, sub)
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
		Updates(map[string]any{"ended_at": tx.Millis(), "told_from": tx.Millis(), "told_to": tx.Millis()}).Error
	if err != nil {
		return fmt.Errorf("end substitutions: %w", err)
	}
	return nil
}

// tellLate is how long after its end a substitution is still looked at to tell of it.
const tellLate = 7 * 24 * time.Hour

// TellSubstitutes tells those whose substitution has just begun or ended by itself, so that their lists follow at once.
// A loop calls it.
func (s *Service) TellSubstitutes(ctx context.Context) error {
	now := s.db.Now().UnixMilli()
	var subs []model.Substitute
	err := s.db.Read(ctx).Where("ended_at = 0 AND to_at > ? AND (told_from = 0 AND from_at <= ? OR told_to = 0 AND to_at <= ?)",
		now-tellLate.Milliseconds(), now, now).Order("id").Limit(100).Find(&subs).Error
	if err != nil {
		return fmt.Errorf("look for substitutions that begin or end: %w", err)
	}
	var all error
	for _, sub := range subs {
		if err := s.db.InTx(ctx, func(tx *database.Tx) error { return s.tellOne(tx, sub) }); err != nil {
			all = errors.Join(all, fmt.Errorf("tell of substitution %s: %w", sub.ID, err))
		}
	}
	return all
}

func (s *Service) tellOne(tx *database.Tx, sub model.Substitute) error {
	columns := map[string]any{"told_from": tx.Millis()}
	if sub.ToAt <= tx.Millis() {
		columns["told_to"] = tx.Millis()
	}
	r := tx.Model(&model.Substitute{}).Where("id = ? AND ended_at = 0 AND told_from = ? AND told_to = ?", sub.ID, sub.ToldFrom, sub.ToldTo).Updates(columns)
	if r.Error != nil {
		return fmt.Errorf("note what was told: %w", r.Error)
	}
	if r.RowsAffected == 0 { // another instance was first, or somebody ended it
		return nil
	}
	s.tellSubstitute(tx, sub)
	s.feed.PublishTx(tx, feed.Event{AccountID: sub.AccountID, Kind: "scope"}, feed.Staff(sub.SubstituteID))
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
