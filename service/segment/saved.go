package segment

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

// Edit is a new segment, or what to change in one; nil leaves it.
type Edit struct {
	Scope   string // of a new one: account (owner), store (manager) or own
	StoreID string // of a new one of scope store; the manager's own by itself
	Name    *string
	Filter  *Filter
	Version int64 // of a change: the one that was read; 0 = whatever it is
}

func notFound() error { return fault.New(fault.NotFound, "segment_not_found") }

// Get finds a segment.
func (s *Service) Get(ctx context.Context, actor access.Actor, id string) (model.Segment, error) {
	var row model.Segment
	scope := actor.Shared(model.RoleOwner)
	err := s.db.Read(ctx).Where(scope.SQL, scope.Args...).First(&row, "id = ?", id).Error
	if database.IsNotFound(err) {
		return row, notFound()
	}
	if err != nil {
		return row, fmt.Errorf("find a segment: %w", err)
	}
	return row, nil
}

// FindTx finds a segment in a transaction, for who uses its filter.
func FindTx(tx *database.Tx, actor access.Actor, id string) (model.Segment, error) {
	var row model.Segment
	scope := actor.Shared(model.RoleOwner)
	err := tx.Where(scope.SQL, scope.Args...).First(&row, "id = ?", model.ASCIIKey(id, 36)).Error
	if database.IsNotFound(err) {
		return row, fault.Missing("segment_id")
	}
	if err != nil {
		return row, fmt.Errorf("find a segment: %w", err)
	}
	return row, nil
}

// List pages through the segments the actor finds, the newest first.
func (s *Service) List(ctx context.Context, actor access.Actor, before string, limit int) ([]model.Segment, string, error) {
	scope := actor.Shared(model.RoleOwner)
	q := s.db.Read(ctx).Where(scope.SQL, scope.Args...)
	if before != "" {
		q = q.Where("id < ?", before)
	}
	var rows []model.Segment
	if err := q.Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list segments: %w", err)
	}
	if len(rows) > limit {
		return rows[:limit], rows[limit-1].ID, nil
	}
	return rows, "", nil
}

// Create saves a filter under a name. Over model.MaxSegments of the account: Conflict too_many_segments.
func (s *Service) Create(ctx context.Context, actor access.Actor, in Edit) (model.Segment, error) {
	row := model.Segment{ID: model.NewID(), AccountID: actor.AccountID, Scope: in.Scope, StoreID: in.StoreID, StaffID: actor.StaffID, Version: 1}
	switch {
	case in.Scope != model.ScopeAccount && in.Scope != model.ScopeStore && in.Scope != model.ScopeOwn:
		return row, fault.Input("scope", "unknown")
	case !actor.Keeps(in.Scope):
		return row, fault.New(fault.Forbidden, "role")
	case in.Scope == model.ScopeStore && actor.Is(model.RoleManager):
		if in.StoreID != "" && in.StoreID != actor.StoreID {
			return row, fault.Missing("store_id")
		}
		row.StoreID = actor.StoreID
	case in.Scope != model.ScopeStore && in.StoreID != "":
		return row, fault.Input("store_id", "only_of_scope_store")
	}
	if in.Name == nil || in.Filter == nil {
		return row, fault.Input("filter", "required")
	}
	if err := in.fill(&row); err != nil {
		return row, err
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		if row.Scope == model.ScopeStore {
			var n int64
			if err := tx.Model(&model.Store{}).Where("id = ? AND account_id = ?", row.StoreID, actor.AccountID).Count(&n).Error; err != nil {
				return fmt.Errorf("find a store: %w", err)
			}
			if n == 0 {
				return fault.Missing("store_id")
			}
		}
		var n int64
		if err := tx.Model(&model.Segment{}).Where("account_id = ?", actor.AccountID).Count(&n).Error; err != nil {
			return fmt.Errorf("count segments: %w", err)
		}
		if n >= model.MaxSegments {
			return fault.New(fault.Conflict, "too_many_segments")
		}
		row.CreatedAt, row.UpdatedAt = tx.Millis(), tx.Millis()
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("save a segment: %w", err)
		}
		return s.record(tx, actor, "segment.create", row)
	})
	return row, err
}

// fill sets what an edit says.
func (in Edit) fill(row *model.Segment) error {
	if in.Name != nil {
		row.Name = strings.TrimSpace(*in.Name)
		switch {
		case row.Name == "":
			return fault.Input("name", "required")
		case !utf8.ValidString(row.Name) || utf8.RuneCountInString(row.Name) > model.MaxSegmentName:
			return fault.Input("name", "too_long")
		}
	}
	if in.Filter != nil {
		if err := in.Filter.Check(); err != nil {
			return err
		}
		row.Filter = in.Filter.String()
	}
	return nil
}

// Change changes a segment. One that was changed since it was read: Conflict changed_meanwhile.
func (s *Service) Change(ctx context.Context, actor access.Actor, id string, in Edit) (model.Segment, error) {
	var row model.Segment
	err := s.changeable(ctx, actor, id, func(tx *database.Tx, held model.Segment) error {
		row = held
		if in.Version != 0 && in.Version != row.Version {
			return fault.New(fault.Conflict, "changed_meanwhile")
		}
		if err := in.fill(&row); err != nil {
			return err
		}
		row.Version, row.UpdatedAt = row.Version+1, tx.Millis()
		err := tx.Model(&model.Segment{}).Where("id = ? AND version = ?", row.ID, held.Version).
			Updates(map[string]any{"name": row.Name, "filter": row.Filter, "version": row.Version, "updated_at": row.UpdatedAt}).Error
		if err != nil {
			return fmt.Errorf("change a segment: %w", err)
		}
		return s.record(tx, actor, "segment.update", row)
	})
	return row, err
}

// Delete forgets a segment. Campaigns keep the filter that they were made with.
func (s *Service) Delete(ctx context.Context, actor access.Actor, id string) error {
	return s.changeable(ctx, actor, id, func(tx *database.Tx, row model.Segment) error {
		if err := tx.Where("id = ?", row.ID).Delete(&model.Segment{}).Error; err != nil {
			return fmt.Errorf("delete a segment: %w", err)
		}
		return s.record(tx, actor, "segment.delete", row)
	})
}

// changeable holds a segment that the actor may change.
func (s *Service) changeable(ctx context.Context, actor access.Actor, id string, f func(*database.Tx, model.Segment) error) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		var row model.Segment
		scope := actor.Shared(model.RoleOwner)
		err := tx.Lock().Where(scope.SQL, scope.Args...).First(&row, "id = ?", id).Error
		if database.IsNotFound(err) {
			return notFound()
		}
		if err != nil {
			return fmt.Errorf("find a segment: %w", err)
		}
		if !actor.Keeps(row.Scope) {
			return fault.New(fault.Forbidden, "role")
		}
		return f(tx, row)
	})
}

func (s *Service) record(tx *database.Tx, actor access.Actor, action string, row model.Segment) error {
	return s.audit.RecordTx(tx, actor, audit.Entry{Action: action, Object: "segment", ObjectID: row.ID})
}
