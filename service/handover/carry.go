package handover

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/member"
)

// hold reads a handover in a state and keeps others from it until the end.
func hold(tx *database.Tx, id, state string) (model.Handover, error) {
	var h model.Handover
	err := tx.Lock().First(&h, "id = ? AND state = ?", id, state).Error
	if database.IsNotFound(err) {
		return h, errElsewhere
	}
	if err != nil {
		return h, fmt.Errorf("hold a handover: %w", err)
	}
	// The clock of the instance that took the step before may be ahead of ours: no binding ends before it began.
	if last := model.Time(max(h.RunAt, h.DoneAt)); tx.Now.Before(last) {
		tx.Now = last
	}
	return h, nil
}

// deputy acts for who asked. His right was looked at when he asked; the work may come after a restart.
func deputy(h model.Handover, staffID string) access.Actor {
	return access.Actor{Kind: model.ByStaff, AccountID: h.AccountID, StaffID: staffID, Role: model.RoleOwner}
}

// runTx is the whole handover: members, bindings, conversations, drafts, to-dos, codes and, of a leaver, his access, in
// one transaction of a fixed number of statements. What a handover does not need is not asked: each pass over the
// members counts.
func (s *Service) runTx(tx *database.Tx, id string) error {
	h, err := hold(tx, id, model.HandoverRunning)
	if err != nil {
		return err
	}
	s.at(h, StepLook, 0)
	flows, err := plannedFlows(tx.DB, h)
	if err != nil {
		return err
	}
	until := h.PlannedAt
	if h.Leaving {
		if until, flows, err = s.addLate(tx, &h, flows); err != nil {
			return err
		}
	}
	if flows, err = s.serving(tx, &h, flows); err != nil {
		return err
	}
	s.at(h, StepMembers, 0)
	set := member.Handover{
		ID: h.ID, AccountID: h.AccountID, ClerkID: h.FromClerkID, Receivers: clerksIn(flows), By: deputy(h, h.RunBy), Until: until,
	}
	if h.Moved, err = s.members.TakeTx(tx, set); err != nil {
		return err
	}
	if h.Moved < h.Total-h.Failed {
		if h.Skipped, err = s.skip(tx, h); err != nil {
			return err
		}
		if flows, err = flowsOf(tx.DB, h.ID); err != nil {
			return err
		}
	}
	if h.Moved != h.Total-h.Skipped-h.Failed {
		return fault.New(fault.Conflict, "changed_meanwhile")
	}
	s.at(h, StepBindings, h.Moved)
	if err := s.members.RebindTx(tx, set, h.Moved); err != nil {
		return err
	}
	s.at(h, StepConversations, h.Moved)
	if err := s.members.BringTx(tx, set); err != nil {
		return err
	}
	if err := receive(tx, h, flows); err != nil {
		return err
	}
	if err := passDrafts(tx, h); err != nil {
		return err
	}
	if err := s.oblige(tx, &h, receivingStores(flows)); err != nil {
		return err
	}
	s.at(h, StepAccess, h.Moved)
	if h.Leaving {
		if err := s.leave(tx, h); err != nil {
			return err
		}
	}
	return s.finish(tx, h, flows)
}

// finish writes the outcome down and tells everybody.
func (s *Service) finish(tx *database.Tx, h model.Handover, flows []flow) error {
	hours, err := s.undoHours(tx, h.AccountID)
	if err != nil {
		return err
	}
	h.State, h.Phase, h.DoneAt = model.HandoverDone, phaseAfter(h), tx.Millis()
	h.UndoUntil = tx.Now.Add(time.Duration(hours) * time.Hour).UnixMilli()
	err = s.step(tx, h, model.HandoverRunning, map[string]any{
		"total": h.Total, "moved": h.Moved, "skipped": h.Skipped, "failed": h.Failed, "done_at": h.DoneAt, "undo_until": h.UndoUntil,
		"days": h.Days, "obliged_days": h.ObligedDays,
	})
	if err != nil {
		return err
	}
	if err := s.audit.RecordTx(tx, deputy(h, h.RunBy), entry("handover.done", h.ID)); err != nil {
		return err
	}
	tx.AfterCommit(func(context.Context) { s.at(h, "", 0) })
	s.announce(tx, h, flows)
	return nil
}

// undoHours is how long the account lets a handover be taken back.
func (s *Service) undoHours(tx *database.Tx, accountID string) (int64, error) {
	var hours []int64
	if err := tx.Model(&model.Account{}).Where("id = ?", accountID).Pluck("undo_hours", &hours).Error; err != nil || len(hours) != 1 {
		return 0, fmt.Errorf("find how long undo is possible (%d): %w", len(hours), err)
	}
	return hours[0], nil
}

// serving looks once more for receivers who left after the run was asked for. A leaver's members cannot stay with him,
// so his handover fails as a whole; of another clerk only those members fail. It gives the moves that are left.
func (s *Service) serving(tx *database.Tx, h *model.Handover, flows []flow) ([]flow, error) {
	receivers := clerksIn(flows)
	left, err := gone(tx.DB, model.Handover{AccountID: h.AccountID}, receivers)
	if err != nil || len(left) == 0 {
		return flows, err
	}
	if h.Leaving || len(left) == len(receivers) {
		return nil, fault.New(fault.Conflict, "receiver_left")
	}
	r := tx.Model(&model.Move{}).Where("handover_id = ? AND to_clerk_id IN ? AND result = ''", h.ID, left).
		Updates(map[string]any{"result": model.MoveFailed, "reason": "receiver_left"})
	if r.Error != nil {
		return nil, fmt.Errorf("mark those whose receiver left: %w", r.Error)
	}
	h.Failed = r.RowsAffected
	return flowsOf(tx.DB, h.ID)
}

// addLate spreads the members who became a leaver's after the plan over its receivers, and tells up to when a member
// may have been bound to be moved, and the moves as they are then.
func (s *Service) addLate(tx *database.Tx, h *model.Handover, flows []flow) (int64, []flow, error) {
	late, err := lateOf(tx.DB, *h)
	if err != nil || len(late) == 0 {
		return h.PlannedAt, flows, err
	}
	if err := s.spreadMore(tx, h, late, clerksIn(flows), model.WhyLate); err != nil {
		return 0, nil, err
	}
	flows, err = flowsOf(tx.DB, h.ID)
	return tx.Millis(), flows, err
}

// spreadMore adds members to a handover. Those who are in it already get new rows, so that the ids of their next
// bindings are later than the one they have.
func (s *Service) spreadMore(tx *database.Tx, h *model.Handover, more []candidate, to []string, why string) error {
	receivers, err := s.receivers(tx, access.System(h.AccountID), h.FromClerkID, to, "to")
	if err != nil {
		return err
	}
	rule, err := ruleOf(*h)
	if err != nil {
		return err
	}
	rule = Rule{KeepFamilies: rule.KeepFamilies} // nobody may stay with a leaver for want of room
	if err := inform(tx, *h, rule, more, to); err != nil {
		return err
	}
	shares, _ := spread(more, receivers, rule)
	ids := make([]string, len(shares))
	for i := range shares {
		shares[i].why, ids[i] = why, shares[i].member.id
	}
	for chunk := range slices.Chunk(ids, askRows) {
		r := tx.Where("handover_id = ? AND member_id IN ?", h.ID, chunk).Delete(&model.Move{})
		if r.Error != nil {
			return fmt.Errorf("renew moves: %w", r.Error)
		}
		h.Total -= r.RowsAffected
	}
	h.Total += int64(len(ids))
	moves := movesOf(*h, shares, model.FirstContacts)
	h.Days = max(h.Days, dueDays(moves))
	return insertMoves(tx.DB, moves)
}

// skip marks the moves whose member TakeTx did not touch, and tells how many.
func (s *Service) skip(tx *database.Tx, h model.Handover) (int64, error) {
	var rows []struct {
		MemberID   string
		MergedInto string
	}
	err := tx.Model(&model.Move{}).Select("handover_moves.member_id, members.merged_into").
		Joins("JOIN members ON members.id = handover_moves.member_id").
		Where("handover_moves.handover_id = ? AND handover_moves.result = ''", h.ID).
		Where("members.bound_at <> ? OR members.clerk_id <> handover_moves.to_clerk_id", tx.Millis()).Scan(&rows).Error
	if err != nil {
		return 0, fmt.Errorf("find who was bound anew: %w", err)
	}
	why := map[string][]string{}
	for _, r := range rows {
		reason := "rebound"
		switch r.MergedInto {
		case "":
		case model.Erased:
			reason = "erased"
		default:
			reason = "merged"
		}
		why[reason] = append(why[reason], r.MemberID)
	}
	for reason, ids := range why {
		if err := mark(tx.DB, h.ID, ids, model.MoveSkipped, reason); err != nil {
			return 0, err
		}
	}
	return int64(len(rows)), nil
}

// mark writes an exception.
func mark(tx *gorm.DB, id string, members []string, result, reason string) error {
	for chunk := range slices.Chunk(members, askRows) {
		err := tx.Model(&model.Move{}).Where("handover_id = ? AND member_id IN ?", id, chunk).
			Updates(map[string]any{"result": result, "reason": reason}).Error
		if err != nil {
			return fmt.Errorf("mark moves: %w", err)
		}
	}
	return nil
}

func count(tx *gorm.DB, id, result string) (int64, error) {
	var n int64
	if err := tx.Model(&model.Move{}).Where("handover_id = ? AND result = ?", id, result).Count(&n).Error; err != nil {
		return 0, fmt.Errorf("count moves: %w", err)
	}
	return n, nil
}

// leave ends the access of the leaver in the same commit (E15) and names who his printed codes lead to.
func (s *Service) leave(tx *database.Tx, h model.Handover) error {
	if h.Total == h.Skipped+h.Failed { // two were asked for at once, and the other has done it all
		p, err := s.staff.StaffTx(tx, h.AccountID, h.FromClerkID)
		if err != nil {
			return err
		}
		if !p.Active {
			return fault.New(fault.Conflict, "clerk_left")
		}
	}
	heirs := codesTo(h)
	rows := make([]model.Successor, len(heirs))
	for i, id := range heirs {
		rows[i] = model.Successor{HandoverID: h.ID, StaffID: id, AccountID: h.AccountID, ClerkID: h.FromClerkID}
	}
	if err := tx.CreateInBatches(&rows, askRows).Error; err != nil {
		return fmt.Errorf("name the successors: %w", err)
	}
	if err := s.members.EndGrantsTx(tx, h.FromClerkID); err != nil {
		return err
	}
	if err := s.endSubstitutesOf(tx, h.FromClerkID); err != nil {
		return err
	}
	err := s.staff.DeactivateTx(tx, deputy(h, h.RunBy), h.FromClerkID)
	if f := fault.Of(err); f != nil && f.Kind == fault.NotFound {
		return errors.New("the clerk of a handover is gone")
	}
	return err
}
