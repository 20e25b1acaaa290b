package transfer

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// Start says how the rows of a file are to be read.
type Start struct {
	Mapping    map[string]int // field -> column
	StoreID    string         // for rows that name no store; a manager's own by itself
	Duplicates string         // of members: model.DuplicatesRefuse or …Update
}

// Run starts an uploaded file. The rows are worked off in the background; Get tells how far. Started before: Conflict
// already_started.
func (s *Service) Run(ctx context.Context, actor access.Actor, kind, id string, in Start) (model.Import, error) {
	row, err := s.Get(ctx, actor, kind, id)
	if err != nil {
		return row, err
	}
	if err := in.apply(actor, &row); err != nil {
		return row, err
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		if err := storeThere(tx, row); err != nil {
			return err
		}
		r := tx.Model(&model.Import{}).Where("id = ? AND state = ?", row.ID, model.ImportUploaded).Updates(map[string]any{
			"state": model.ImportRunning, "mapping": row.Mapping, "store_id": row.StoreID, "duplicates": row.Duplicates,
			"started_at": tx.Millis(),
		})
		if r.Error != nil {
			return fmt.Errorf("start import: %w", r.Error)
		}
		if r.RowsAffected != 1 {
			return fault.New(fault.Conflict, "already_started")
		}
		tx.AfterCommit(func(context.Context) { s.wake() })
		return s.record(tx, actor, "run", row, row.Duplicates)
	})
	if err != nil {
		return row, err
	}
	return s.Get(ctx, actor, kind, id)
}

// apply notes on an import how its rows are to be read.
func (in Start) apply(actor access.Actor, row *model.Import) error {
	var columns []string
	if err := json.Unmarshal([]byte(row.Headings), &columns); err != nil {
		return fmt.Errorf("read headings: %w", err)
	}
	k := kindOf(row.Kind)
	for field, at := range in.Mapping {
		if !slices.Contains(k.fields, field) || at < 0 || at >= len(columns) {
			return fault.Input("mapping", "unknown")
		}
	}
	if err := k.check(in); err != nil {
		return err
	}
	if actor.Is(model.RoleManager) {
		if in.StoreID != "" && in.StoreID != actor.StoreID {
			return fault.Missing("store_id")
		}
		in.StoreID = actor.StoreID
	}
	mapping, err := json.Marshal(in.Mapping)
	if err != nil {
		return fmt.Errorf("keep mapping: %w", err)
	}
	row.Mapping, row.StoreID, row.Duplicates = string(mapping), in.StoreID, in.Duplicates
	return nil
}

// storeThere looks whether the store that was chosen is one of the account.
func storeThere(tx *database.Tx, row model.Import) error {
	if row.StoreID == "" {
		return nil
	}
	var n int64
	if err := tx.Model(&model.Store{}).Where("id = ? AND account_id = ?", row.StoreID, row.AccountID).Count(&n).Error; err != nil {
		return fmt.Errorf("find store: %w", err)
	}
	if n == 0 {
		return fault.Missing("store_id")
	}
	return nil
}

// wake makes this process look at once; others look every second.
func (s *Service) wake() {
	if s.loop != nil {
		s.loop.Wake()
	}
}

func checkMembers(in Start) error {
	if _, ok := in.Mapping[FieldName]; !ok {
		return fault.Input("mapping.name", "required")
	}
	if in.Duplicates != model.DuplicatesRefuse && in.Duplicates != model.DuplicatesUpdate {
		return fault.Input("duplicates", "unknown")
	}
	return nil
}

// Cancel ends an import before its time: what was taken in stays. One that is over is a Conflict over.
func (s *Service) Cancel(ctx context.Context, actor access.Actor, kind, id string) (model.Import, error) {
	row, err := s.Get(ctx, actor, kind, id)
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
		return s.record(tx, actor, "cancel", row, "")
	})
	if err != nil {
		return row, err
	}
	return s.Get(ctx, actor, kind, id)
}
