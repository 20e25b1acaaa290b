package handover

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// Retry plans a handover of those whom one that is done did not move: who was skipped or failed and is still, or again,
// the clerk's; of a leaver who is gone whoever is bound to him. Each goes to the receiver he had, if that one serves,
// else to the others by the same rule. It is a plan as any other. Nobody of that kind: Conflict nothing_to_retry.
func (s *Service) Retry(ctx context.Context, actor access.Actor, id string) (Planned, error) {
	var out Planned
	if _, err := find(s.db.Read(ctx), actor, id); err != nil {
		return out, err
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		old, err := find(tx.DB, actor, id)
		if err != nil {
			return err
		}
		if err := s.mayChange(tx, actor, old); err != nil {
			return err
		}
		if old.State != model.HandoverDone {
			return fault.New(fault.Conflict, "not_done").With("state", old.State)
		}
		if out, err = s.retry(tx, actor, old); err != nil {
			return err
		}
		if err := tx.Create(&out.Handover).Error; err != nil {
			return fmt.Errorf("write down a handover: %w", err)
		}
		e := entry("handover.retry", out.Handover.ID)
		e.Detail = "of:" + old.ID
		return s.audit.RecordTx(tx, actor, e)
	})
	return out, err
}

func (s *Service) retry(tx *database.Tx, actor access.Actor, old model.Handover) (Planned, error) {
	left, err := leftBehind(tx.DB, old)
	if err != nil {
		return Planned{}, err
	}
	var members []candidate
	if left != nil {
		if members, err = candidates(left.Limit(model.MaxMoves + 1)); err != nil {
			return Planned{}, fmt.Errorf("read who was left behind: %w", err)
		}
	}
	if len(members) == 0 {
		return Planned{}, fault.New(fault.Conflict, "nothing_to_retry")
	}
	if len(members) > model.MaxMoves {
		return Planned{}, fault.Input("from_clerk_id", "too_many_members")
	}
	h := model.Handover{
		ID: model.NewID(), AccountID: old.AccountID, StoreID: old.StoreID, FromClerkID: old.FromClerkID, Kind: old.Kind,
		RetryOf: old.ID, State: model.HandoverPlanned, CreatedBy: actor.StaffID, CreatedAt: tx.Millis(), PlannedAt: tx.Millis(),
	}
	if old.Leaving {
		h.Kind = model.HandoverMove // his access ended before; taking this one back does not give it back
	}
	rule, receivers, err := s.retryTo(tx, old)
	if err != nil {
		return Planned{}, err
	}
	if old.Rule != "" {
		text, err := json.Marshal(rule)
		if err != nil {
			return Planned{}, fmt.Errorf("write down the rule: %w", err)
		}
		h.Rule = string(text)
	}
	if err := inform(tx, h, rule, members, rule.To); err != nil {
		return Planned{}, err
	}
	var moves []model.Move
	if err := tx.Where("handover_id = ? AND result IN ?", old.ID, unmoved()).Find(&moves).Error; err != nil {
		return Planned{}, fmt.Errorf("read the moves: %w", err)
	}
	// Whom the old plan did not know is spread as who comes late to a leaver's.
	shares, ok := again(model.Handover{Leaving: true}, rule, members, moves, receivers)
	if !ok {
		return Planned{}, fault.New(fault.Conflict, "no_room")
	}
	return s.write(tx, h, shares, receivers, perDay(&rule))
}

func unmoved() []string { return []string{model.MoveSkipped, model.MoveFailed} }

// leftBehind asks for the members whom a retry would hold; nil: there can be none.
func leftBehind(db *gorm.DB, h model.Handover) (*gorm.DB, error) {
	his := db.Where("members.account_id = ? AND members.clerk_id = ? AND members.merged_into = ''", h.AccountID, h.FromClerkID)
	away, err := gone(db, model.Handover{AccountID: h.AccountID}, []string{h.FromClerkID})
	if err != nil {
		return nil, err
	}
	switch {
	case h.Leaving && len(away) > 0:
		return his, nil
	case h.Skipped+h.Failed == 0:
		return nil, nil
	}
	return his.Where("members.id IN (SELECT member_id FROM handover_moves WHERE handover_id = ? AND result IN ?)", h.ID, unmoved()), nil
}

// retryable counts whom a retry would hold.
func retryable(db *gorm.DB, h model.Handover) (int64, error) {
	left, err := leftBehind(db, h)
	if err != nil || left == nil {
		return 0, err
	}
	var n int64
	if err := left.Model(&model.Member{}).Count(&n).Error; err != nil {
		return 0, fmt.Errorf("count who was left behind: %w", err)
	}
	return n, nil
}

// retryTo gives those receivers of a handover who still serve, and its rule as it holds for the rest: each has the room
// that is left of his.
func (s *Service) retryTo(tx *database.Tx, old model.Handover) (Rule, []*receiver, error) {
	rule, err := ruleOf(old)
	if err != nil {
		return rule, nil, err
	}
	all, err := receiversOf(tx.DB, old.ID)
	if err != nil {
		return rule, nil, err
	}
	all = once(append(all, rule.To...))
	left, err := gone(tx.DB, model.Handover{AccountID: old.AccountID}, all)
	if err != nil {
		return rule, nil, err
	}
	rule.To = slices.DeleteFunc(all, func(id string) bool { return contains(left, id) })
	rule.Count = 0
	if len(rule.To) == 0 {
		return rule, nil, fault.New(fault.Conflict, "no_receiver")
	}
	flows, err := flowsOf(tx.DB, old.ID)
	if err != nil {
		return rule, nil, err
	}
	rule.Capacity = maps.Clone(rule.Capacity)
	maps.DeleteFunc(rule.Capacity, func(id string, _ int) bool { return contains(left, id) })
	for _, f := range flows {
		if n, limited := rule.Capacity[f.ToClerkID]; limited {
			rule.Capacity[f.ToClerkID] = max(0, n-int(f.N))
		}
	}
	receivers, err := s.receivers(tx, access.System(old.AccountID), old.FromClerkID, rule.To, "to")
	return rule, receivers, err
}
