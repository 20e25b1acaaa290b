package handover

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// scope limits handovers: the owner's account, a supervisor's region, a manager's store and what he planned himself.
func scope(a access.Actor) access.Where {
	switch {
	case a.Kind == model.BySystem || a.Is(model.RoleOwner):
		return access.Where{SQL: "handovers.account_id = ?", Args: []any{a.AccountID}}
	case a.Is(model.RoleSupervisor) && a.RegionID != "":
		return access.Where{
			SQL: "handovers.account_id = ? AND handovers.store_id IN (SELECT stores.id FROM stores WHERE stores.account_id = ? AND" +
				" (stores.region_id = ? OR stores.region_id IN (SELECT regions.id FROM regions WHERE regions.parent_id = ?)))",
			Args: []any{a.AccountID, a.AccountID, a.RegionID, a.RegionID},
		}
	case a.Is(model.RoleManager) && a.StoreID != "":
		return access.Where{SQL: "handovers.account_id = ? AND handovers.store_id = ?", Args: []any{a.AccountID, a.StoreID}}
	}
	return access.Where{SQL: "1 = 0"}
}

func notFound() error { return fault.New(fault.NotFound, "handover_not_found") }

func find(db *gorm.DB, actor access.Actor, id string) (model.Handover, error) {
	var h model.Handover
	if !model.ValidID(id) {
		return h, notFound()
	}
	w := scope(actor)
	err := db.Where(w.SQL, w.Args...).First(&h, "handovers.id = ?", id).Error
	if database.IsNotFound(err) {
		return h, notFound()
	}
	if err != nil {
		return h, fmt.Errorf("find handover: %w", err)
	}
	return h, nil
}

// List pages through the handovers that the actor may see, the newest first.
func (s *Service) List(ctx context.Context, actor access.Actor, state, before string, limit int) ([]model.Handover, string, error) {
	w := scope(actor)
	q := s.db.Read(ctx).Where(w.SQL, w.Args...)
	if state != "" {
		q = q.Where("handovers.state = ?", state)
	}
	if before != "" {
		q = q.Where("handovers.id < ?", before)
	}
	var rows []model.Handover
	if err := q.Order("handovers.id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list handovers: %w", err)
	}
	if len(rows) > limit {
		return rows[:limit], rows[limit-1].ID, nil
	}
	return rows, "", nil
}

// Get reads one handover; of a plan it says whether it still fits.
func (s *Service) Get(ctx context.Context, actor access.Actor, id string) (Planned, error) {
	h, err := find(s.db.Read(ctx), actor, id)
	if err != nil {
		return Planned{}, err
	}
	out := Planned{Handover: h}
	if err := json.Unmarshal([]byte(h.Preview), &out.Preview); err != nil {
		return out, fmt.Errorf("read the preview: %w", err)
	}
	if h.State == model.HandoverPlanned {
		fit, err := fitOf(s.db.Read(ctx), h, s.db.Now().UnixMilli())
		if err != nil {
			return out, err
		}
		out.Fit = &fit
	}
	if h.State == model.HandoverDone {
		if out.Left, err = retryable(s.db.Read(ctx), h); err != nil {
			return out, err
		}
	}
	out.Running = s.runningOf(h)
	return out, nil
}

// MoveFilter narrows a list of moves; an empty field does not.
type MoveFilter struct {
	ToClerkID string
	Result    string // model.Move…
	After     string // cursor: the member seen last
	Limit     int
}

// Moved is one member of a handover, with his name.
type Moved struct {
	Move   model.Move
	Name   string
	CardNo string
	Result string // model.Move…
}

// Moves pages through the members of a handover: who gets them and why, and what came of it.
func (s *Service) Moves(ctx context.Context, actor access.Actor, id string, f MoveFilter) ([]Moved, string, error) {
	h, err := find(s.db.Read(ctx), actor, id)
	if err != nil {
		return nil, "", err
	}
	return s.moves(ctx, h, f)
}

func (s *Service) moves(ctx context.Context, h model.Handover, f MoveFilter) ([]Moved, string, error) {
	q := s.db.Read(ctx).Table("handover_moves").Select("handover_moves.*, members.name, members.card_no").
		Joins("JOIN members ON members.id = handover_moves.member_id").
		Where("handover_moves.handover_id = ? AND handover_moves.member_id > ?", h.ID, f.After)
	if f.ToClerkID != "" {
		q = q.Where("handover_moves.to_clerk_id = ?", f.ToClerkID)
	}
	if f.Result != "" {
		stored := f.Result
		if stored == (model.Move{}).ResultIn(h.State) {
			stored = ""
		}
		q = q.Where("handover_moves.result = ?", stored)
	}
	var rows []struct {
		model.Move

		Name   string
		CardNo string
	}
	if err := q.Order("handover_moves.member_id").Limit(f.Limit + 1).Scan(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list moves: %w", err)
	}
	next := ""
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		next = rows[f.Limit-1].MemberID
	}
	out := make([]Moved, len(rows))
	for i, r := range rows {
		out[i] = Moved{r.Move, r.Name, r.CardNo, r.ResultIn(h.State)}
	}
	return out, next, nil
}

func joinIDs(ids []string) string { return strings.Join(ids, ",") }

// codesTo lists whom the plan names for the leaver's codes.
func codesTo(h model.Handover) []string {
	if h.CodesTo == "" {
		return nil
	}
	return strings.Split(h.CodesTo, ",")
}
