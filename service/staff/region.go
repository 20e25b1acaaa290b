package staff

import (
	"context"
	"fmt"
	"strings"

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
			parent, err := findRegion(tx.Lock(), actor.AccountID, in.ParentID)
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

// UpdateRegion says what to change; nil leaves it as it is. An empty ParentID makes a region of the upper level.
type UpdateRegion struct{ Name, ParentID *string }

// UpdateRegion changes a region. Owners only. A region that has others below it stays on the upper level, and none is
// put below itself: parent_id too_deep.
func (s *Service) UpdateRegion(ctx context.Context, actor access.Actor, regionID string, in UpdateRegion) (model.Region, error) {
	if !rules(actor) {
		return model.Region{}, fault.New(fault.Forbidden, "owner_only")
	}
	var row model.Region
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		// All regions of an account are locked, in the order of their ids, so that two moves cannot make a third level.
		var all []model.Region
		if err := tx.Lock().Where("account_id = ?", actor.AccountID).Order("id").Find(&all).Error; err != nil {
			return fmt.Errorf("lock the regions: %w", err)
		}
		var err error
		if row, err = findRegion(tx.DB, actor.AccountID, regionID); err != nil {
			return err
		}
		changed, err := in.apply(&row, all)
		if err != nil || len(changed) == 0 {
			return err
		}
		columns := map[string]any{"name": row.Name, "parent_id": row.ParentID}
		if err := tx.Model(&model.Region{}).Where("account_id = ? AND id = ?", row.AccountID, row.ID).Updates(columns).Error; err != nil {
			return fmt.Errorf("change a region: %w", err)
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{
			Action: "region.update", Object: "region", ObjectID: row.ID, Detail: strings.Join(changed, ","),
		})
	})
	return row, err
}

func (in UpdateRegion) apply(row *model.Region, all []model.Region) (changed []string, err error) {
	var p problems
	if in.Name != nil {
		var reason string
		row.Name, reason = line(*in.Name, maxName)
		p.add("name", reason)
		changed = append(changed, "name")
	}
	if in.ParentID != nil {
		row.ParentID = *in.ParentID
		changed = append(changed, "parent")
		if row.ParentID != "" {
			found := false
			for _, r := range all {
				found = found || r.ID == row.ParentID
				if r.ParentID == row.ID || r.ID == row.ParentID && (r.ParentID != "" || r.ID == row.ID) {
					p.add("parent_id", "too_deep")
					break
				}
			}
			if !found && len(p.fields) == 0 {
				return nil, notFound()
			}
		}
	}
	return changed, p.err()
}
