package handover

import (
	"context"
	"fmt"
	"slices"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// Replan works out the difference of a plan that no longer fits, or that failed: who was bound anew is left out, who
// came for a leaver is added, and whose receiver no longer serves goes to the others. The rest stays as it was seen. A
// handover that is neither planned nor failed: Conflict not_planned; without a receiver left: Conflict no_receiver.
func (s *Service) Replan(ctx context.Context, actor access.Actor, id string) (Planned, error) {
	var out Planned
	_, err := s.change(ctx, actor, id, func(tx *database.Tx, h *model.Handover) error {
		if h.State != model.HandoverPlanned && h.State != model.HandoverFailed {
			return fault.New(fault.Conflict, "not_planned").With("state", h.State)
		}
		was := h.State
		if err := s.replan(tx, h, &out); err != nil {
			return err
		}
		out.Handover.State, out.Handover.Phase, out.Handover.Reason = model.HandoverPlanned, "", ""
		*h = out.Handover
		return s.step(tx, *h, was, map[string]any{"total": h.Total, "days": h.Days, "planned_at": h.PlannedAt, "preview": h.Preview})
	}, "handover.replan")
	return out, err
}

func (s *Service) replan(tx *database.Tx, h *model.Handover, out *Planned) error {
	var old []model.Move
	if err := tx.Where("handover_id = ?", h.ID).Find(&old).Error; err != nil {
		return fmt.Errorf("read the moves: %w", err)
	}
	members, err := membersOf(tx.DB, h.AccountID, h.FromClerkID)
	if err != nil {
		return err
	}
	rule, err := ruleOf(*h)
	if err != nil {
		return err
	}
	to := rule.To
	for _, m := range old {
		if !contains(to, m.ToClerkID) {
			to = append(to, m.ToClerkID)
		}
	}
	left, err := gone(tx.DB, *h, to)
	if err != nil {
		return err
	}
	to = slices.DeleteFunc(to, func(id string) bool { return contains(left, id) })
	if len(to) == 0 {
		return fault.New(fault.Conflict, "no_receiver")
	}
	heirs := slices.DeleteFunc(codesTo(*h), func(id string) bool { return contains(left, id) })
	if h.Leaving && len(heirs) == 0 {
		heirs = to
	}
	receivers, err := s.receivers(tx, access.System(h.AccountID), h.FromClerkID, to, "to")
	if err != nil {
		return err
	}
	if err := inform(tx, *h, rule, members, to); err != nil {
		return err
	}
	shares, ok := again(*h, rule, members, old, receivers)
	if !ok {
		return fault.New(fault.Conflict, "no_room")
	}
	if len(shares) == 0 {
		return fault.New(fault.Conflict, "no_members")
	}
	if err := tx.Where("handover_id = ?", h.ID).Delete(&model.Move{}).Error; err != nil {
		return fmt.Errorf("drop the old moves: %w", err)
	}
	h.PlannedAt = tx.Millis()
	if err := s.setHeirs(tx, h, heirs); err != nil {
		return err
	}
	*out, err = s.write(tx, *h, shares, receivers, perDay(&rule))
	return err
}

// again keeps the moves that still hold and spreads what is new by the rule.
func again(h model.Handover, rule Rule, members []candidate, old []model.Move, receivers []*receiver) ([]share, bool) {
	before := make(map[string]model.Move, len(old))
	for _, m := range old {
		before[m.MemberID] = m
	}
	byID := map[string]*receiver{}
	for _, r := range receivers {
		byID[r.id] = r
		if n, limited := rule.Capacity[r.id]; limited {
			r.room = n
		}
	}
	var shares []share
	var open []candidate
	for _, m := range members {
		was, planned := before[m.id]
		switch r := byID[was.ToClerkID]; {
		case planned && r != nil && r.fits(1):
			r.take(m.level)
			shares = append(shares, share{m, r, was.Why})
		case planned || h.Leaving:
			open = append(open, m)
		}
	}
	more, ok := spread(open, receivers, rule)
	return append(shares, more...), ok
}

func (s *Service) setHeirs(tx *database.Tx, h *model.Handover, heirs []string) error {
	next := joinIDs(heirs)
	if next == h.CodesTo {
		return nil
	}
	h.CodesTo = next
	if err := tx.Model(&model.Handover{}).Where("id = ?", h.ID).Update("codes_to", next).Error; err != nil {
		return fmt.Errorf("change who gets the codes: %w", err)
	}
	return nil
}
