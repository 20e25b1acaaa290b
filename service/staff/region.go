package staff

import (
	"context"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

// CreateRegion is a new region. ParentID may be empty.
type CreateRegion struct{ Name, ParentID string }

// CreateRegion adds a region. Owners only. Regions are two levels deep, so that a supervisor's scope stays one query.
func (s *Service) CreateRegion(ctx context.Context, actor access.Actor, in CreateRegion) (model.Region, error) {
	if !rules(actor) {
		return model.Region{}, fault.New(fault.Forbidden, "owner_only")
	}
	var p problems
	name, reason := line(in.Name, maxName)
	p.add("name", reason)
	if err := p.err(); err != nil {
		return model.Region{}, err
	}
	row := model.Region{ID: model.NewID(), AccountID: actor.AccountID, ParentID: in.ParentID, Name: name}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		if in.ParentID != "" {
			parent, err := findRegion(tx.DB, actor.AccountID, in.ParentID)
			if err != nil {
				return err
			}
			if parent.ParentID != "" {
				return fault.Input("parent_id", "too_deep")
			}
		}
		row.CreatedAt = tx.Millis()
		if err := insert(tx, &row); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{Action: "region.create", Object: "region", ObjectID: row.ID})
	})
	return row, err
}

// ListRegions gives the regions of the account by name.
func (s *Service) ListRegions(ctx context.Context, actor access.Actor) ([]model.Region, error) {
	return listRegions(s.db.Read(ctx), actor.AccountID)
}
