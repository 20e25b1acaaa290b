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
// else to the others by the same rule; to names other receivers than those of the handover. For a member who was merged
// the one he was merged into goes. It is a plan as any other. Nobody of that kind: Conflict nothing_to_retry; nobody to
// get them: Conflict no_receiver.
func (s *Service) Retry(ctx context.Context, actor access.Actor, id string, to []string) (Planned, error) {
	var out Planned
	if len(to) > model.MaxReceivers {
		return out, fault.Input("to", "too_many")
	}
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
		if out, err = s.retry(tx, actor, old, to); err != nil {
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

func (s *Service) retry(tx *database.Tx, actor access.Actor, old model.Handover, to []string) (Planned, error) {
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
	rule, receivers, err := s.retryTo(tx, actor, old, to)
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
	return his.Where("members.id IN (WITH RECURSIVE missed AS ("+
		"SELECT handover_moves.member_id AS id FROM handover_moves WHERE handover_moves.handover_id = ? AND handover_moves.result IN ?"+
		" UNION SELECT merged.merged_into FROM missed JOIN members AS merged ON merged.id = missed.id WHERE merged.merged_into NOT IN ('', '"+model.Erased+"')"+
		") SELECT missed.id FROM missed)", h.ID, unmoved()), nil
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

// retryTo gives the receivers of a retry, those of the handover who still serve unless others are named, and the rule as
// it holds for the rest: each has the room that is left of his.
func (s *Service) retryTo(tx *database.Tx, actor access.Actor, old model.Handover, to []string) (Rule, []*receiver, error) {
	rule, err := ruleOf(old)
	if err != nil {
		return rule, nil, err
	}
	if len(to) == 0 {
		actor = access.System(old.AccountID) // he may change the handover, and so give to its receivers
		if to, err = stillServing(tx.DB, old, rule); err != nil {
			return rule, nil, err
		}
	}
	if len(to) == 0 {
		return rule, nil, fault.New(fault.Conflict, "no_receiver")
	}
	rule.To, rule.Count = to, 0
	receivers, err := s.receivers(tx, actor, old.FromClerkID, to, "to")
	if err != nil {
		return rule, nil, err
	}
	flows, err := flowsOf(tx.DB, old.ID)
	if err != nil {
		return rule, nil, err
	}
	rule.Capacity = maps.Clone(rule.Capacity)
	maps.DeleteFunc(rule.Capacity, func(id string, _ int) bool { return !contains(to, id) })
	for _, f := range flows {
		if n, limited := rule.Capacity[f.ToClerkID]; limited {
			rule.Capacity[f.ToClerkID] = max(0, n-int(f.N))
		}
	}
	return rule, receivers, nil
}

// stillServing lists those receivers of a handover, and of its rule, who still serve.
func stillServing(db *gorm.DB, h model.Handover, rule Rule) ([]string, error) {
	all, err := receiversOf(db, h.ID)
	if err != nil {
		return nil, err
	}
	all = once(append(all, rule.To...))
	left, err := gone(db, model.Handover{AccountID: h.AccountID}, all)
	return slices.DeleteFunc(all, func(id string) bool { return contains(left, id) }), err
}
