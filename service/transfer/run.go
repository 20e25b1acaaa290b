package transfer

import (
	"context"
	"encoding/json"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// Start says how the rows of a file become members.
type Start struct {
	Mapping    map[string]int // field -> column; name is required
	StoreID    string         // where rows without a store of their own go; a manager's own by itself
	Duplicates string         // model.DuplicatesRefuse or …Update
}

// Run starts an uploaded file. The rows are worked off in the background; Get tells how far. Started before: Conflict
// already_started.
func (s *Service) Run(ctx context.Context, actor access.Actor, id string, in Start) (model.Import, error) {
	row, err := s.Get(ctx, actor, id)
	if err != nil {
		return row, err
	}
	var columns []string
	if err := json.Unmarshal([]byte(row.Headings), &columns); err != nil {
		return row, fmt.Errorf("read headings: %w", err)
	}
	if err := in.check(len(columns)); err != nil {
		return row, err
	}
	if actor.Is(model.RoleManager) {
		if in.StoreID != "" && in.StoreID != actor.StoreID {
			return row, fault.Missing("store_id")
		}
		in.StoreID = actor.StoreID
	}
	mapping, err := json.Marshal(in.Mapping)
	if err != nil {
		return row, fmt.Errorf("keep mapping: %w", err)
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		if in.StoreID != "" {
			var n int64
			if err := tx.Model(&model.Store{}).Where("id = ? AND account_id = ?", in.StoreID, actor.AccountID).Count(&n).Error; err != nil {
				return fmt.Errorf("find store: %w", err)
			}
			if n == 0 {
				return fault.Missing("store_id")
			}
		}
		r := tx.Model(&model.Import{}).Where("id = ? AND state = ?", row.ID, model.ImportUploaded).Updates(map[string]any{
			"state": model.ImportRunning, "mapping": string(mapping), "store_id": in.StoreID, "duplicates": in.Duplicates,
			"started_at": tx.Millis(),
		})
		if r.Error != nil {
			return fmt.Errorf("start import: %w", r.Error)
		}
		if r.RowsAffected != 1 {
			return fault.New(fault.Conflict, "already_started")
		}
		tx.AfterCommit(func(context.Context) { s.wake() })
		return s.record(tx, actor, "member_import.run", row, in.Duplicates)
	})
	if err != nil {
		return row, err
	}
	return s.Get(ctx, actor, id)
}

// wake makes this process look at once; others look every second.
func (s *Service) wake() {
	if s.loop != nil {
		s.loop.Wake()
	}
}

func (in Start) check(columns int) error {
	if _, ok := in.Mapping[FieldName]; !ok {
		return fault.Input("mapping.name", "required")
	}
	known := map[string]bool{}
	for _, f := range Fields() {
		known[f] = true
	}
	for field, at := range in.Mapping {
		if !known[field] || at < 0 || at >= columns {
			return fault.Input("mapping", "unknown")
		}
	}
	if in.Duplicates != model.DuplicatesRefuse && in.Duplicates != model.DuplicatesUpdate {
		return fault.Input("duplicates", "unknown")
	}
	return nil
}

// Cancel ends an import before its time: what was taken in stays. One that is over is a Conflict over.
func (s *Service) Cancel(ctx context.Context, actor access.Actor, id string) (model.Import, error) {
	row, err := s.Get(ctx, actor, id)
	if err != nil {
		return row, err
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		r := tx.Model(&model.Import{}).Where("id = ? AND state IN ?", row.ID, []string{model.ImportUploaded, model.ImportRunning}).
			Updates(map[string]any{"state": model.ImportCancelled, "finished_at": tx.Millis()})
		if r.Error != nil {
			return fmt.Errorf("cancel import: %w", r.Error)
		}
		if r.RowsAffected != 1 {
			return fault.New(fault.Conflict, "over")
		}
		return s.record(tx, actor, "member_import.cancel", row, "")
	})
	if err != nil {
		return row, err
	}
	return s.Get(ctx, actor, id)
}
