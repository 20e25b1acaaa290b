package handover

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/worker"
)

// How often the loop looks for work that nobody woke it for.
const (
	workLease = "handover.work"
	workEvery = time.Second
	keepLease = "handover.substitutes"
	keepEvery = 30 * time.Second
	tellLease = "handover.tell_substitutes"
	tellEvery = 5 * time.Second

	browsingLease = "handover.browsing"
	browsingEvery = 5 * time.Minute
)

// Start adds the loops that run and undo handovers, keep substitutions complete, tell when they begin and end, watch
// the browsing and find members without contact.
func (s *Service) Start(g *worker.Group, leases *worker.Leases) {
	s.loop = g.GoAlone(leases, workLease, workEvery, s.Work)
	g.GoAlone(leases, keepLease, keepEvery, s.KeepSubstitutes)
	g.GoAlone(leases, tellLease, tellEvery, s.TellSubstitutes)
	g.GoAlone(leases, browsingLease, browsingEvery, s.WatchBrowsing)
	g.GoAlone(leases, quietLease, quietEvery, s.KeepQuiet)
}

func (s *Service) wake(tx *database.Tx) {
	tx.AfterCommit(func(context.Context) {
		if s.loop != nil {
			s.loop.Wake()
		}
	})
}

// Run asks for a plan to be carried out; the loop does it. A plan that is a week old, whose receivers no longer all
// serve, or of whom nobody is left, is a Conflict plan_outdated; one that was asked for already a Conflict not_planned;
// one of a leaver whose checklist must be signed before, and is not, a Conflict hand_in_unsigned.
func (s *Service) Run(ctx context.Context, actor access.Actor, id string) (model.Handover, error) {
	return s.change(ctx, actor, id, func(tx *database.Tx, h *model.Handover) error {
		if h.State != model.HandoverPlanned {
			return fault.New(fault.Conflict, "not_planned").With("state", h.State)
		}
		if ok, err := fits(tx.DB, *h, tx.Millis()); err != nil {
			return err
		} else if !ok {
			fit, err := fitOf(tx.DB, *h, tx.Millis())
			if err != nil {
				return err
			}
			return outdated(fit)
		}
		if missing, err := unsigned(tx.DB, *h); err != nil {
			return err
		} else if missing {
			return fault.New(fault.Conflict, "hand_in_unsigned")
		}
		h.State, h.Phase, h.Reason, h.Tries, h.RunBy, h.RunAt = model.HandoverRunning, model.PhaseWaiting, "", 0, actor.StaffID, tx.Millis()
		return s.step(tx, *h, model.HandoverPlanned, map[string]any{"run_by": h.RunBy, "run_at": h.RunAt})
	}, "handover.run")
}

func outdated(f Fit) error {
	e := fault.New(fault.Conflict, "plan_outdated").With("too_old", f.TooOld).With("rebound", f.Rebound)
	if len(f.Gone) > 0 {
		e = e.With("receivers_gone", f.Gone)
	}
	return e
}

// Undo asks for a handover to be taken back as a whole (E11); the loop does it. Too late: Conflict undo_too_late; not
// run, or taken back already: Conflict not_done.
func (s *Service) Undo(ctx context.Context, actor access.Actor, id string) (model.Handover, error) {
	return s.change(ctx, actor, id, func(tx *database.Tx, h *model.Handover) error {
		if h.State != model.HandoverDone {
			return fault.New(fault.Conflict, "not_done").With("state", h.State)
		}
		if tx.Millis() > h.UndoUntil {
			return fault.New(fault.Conflict, "undo_too_late")
		}
		if !h.Leaving {
			gone, err := gone(tx.DB, model.Handover{AccountID: h.AccountID}, []string{h.FromClerkID})
			if err != nil {
				return err
			}
			if len(gone) > 0 {
				return fault.New(fault.Conflict, "clerk_left")
			}
		}
		h.State, h.Phase, h.Reason, h.Tries, h.UndoBy = model.HandoverUndoing, model.PhaseWaiting, "", 0, actor.StaffID
		return s.step(tx, *h, model.HandoverDone, map[string]any{"undo_by": h.UndoBy})
	}, "handover.undo")
}

// change finds a handover, holds its row and lets f move it on.
func (s *Service) change(ctx context.Context, actor access.Actor, id string, f func(*database.Tx, *model.Handover) error, action string) (model.Handover, error) {
	var h model.Handover
	if _, err := find(s.db.Read(ctx), actor, id); err != nil {
		return h, err
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		var err error
		if h, err = find(tx.Lock(), actor, id); err != nil {
			return err
		}
		if err := s.mayChange(tx, actor, h); err != nil {
			return err
		}
		if err := f(tx, &h); err != nil {
			return err
		}
		s.tell(tx, h)
		s.wake(tx)
		return s.audit.RecordTx(tx, actor, entry(action, h.ID))
	})
	return h, err
}

// mayChange lets a manager move on only what stays within his store.
func (s *Service) mayChange(tx *database.Tx, actor access.Actor, h model.Handover) error {
	if actor.Is(model.RoleOwner) {
		return nil
	}
	from, err := s.staff.StaffTx(tx, h.AccountID, h.FromClerkID)
	if err != nil {
		return err
	}
	if err := mayGive(actor, from); err != nil {
		return err
	}
	var elsewhere int64
	err = tx.Model(&model.Move{}).Where("handover_id = ? AND to_store_id <> ?", h.ID, actor.StoreID).Count(&elsewhere).Error
	if err != nil {
		return fmt.Errorf("look for other stores: %w", err)
	}
	if elsewhere > 0 {
		return fault.New(fault.Forbidden, "owner_only")
	}
	return nil
}

// step moves a handover from one state to its next.
func (s *Service) step(tx *database.Tx, h model.Handover, from string, columns map[string]any) error {
	columns["state"], columns["phase"], columns["reason"], columns["tries"] = h.State, h.Phase, h.Reason, h.Tries
	r := tx.Model(&model.Handover{}).Where("id = ? AND state = ?", h.ID, from).Updates(columns)
	if r.Error != nil {
		return fmt.Errorf("move a handover on: %w", r.Error)
	}
	if r.RowsAffected != 1 {
		return errElsewhere
	}
	return nil
}

// errElsewhere says that another instance has moved the handover on.
var errElsewhere = errors.New("the handover was moved on by another instance")

// Work carries out what was asked for, the oldest first. The loop calls it; what a crash left is found here again.
func (s *Service) Work(ctx context.Context) error {
	var rows []model.Handover
	err := s.db.Read(ctx).Where("state IN ?", []string{model.HandoverRunning, model.HandoverUndoing}).
		Order("run_at, id").Limit(100).Find(&rows).Error
	if err != nil {
		return fmt.Errorf("look for handovers: %w", err)
	}
	var all error
	for _, h := range rows {
		if err := s.carryOut(ctx, h); err != nil {
			all = errors.Join(all, fmt.Errorf("handover %s: %w", h.ID, err))
		}
	}
	return errors.Join(all, s.obligations(ctx), s.strays(ctx))
}

// carryOut does one handover, all or nothing. What the state of things forbids ends it; what passes is tried again, and
// a fault of ours a few times.
func (s *Service) carryOut(ctx context.Context, h model.Handover) error {
	if _, err := s.db.Exec(ctx, "UPDATE handovers SET phase = ? WHERE id = ? AND state = ?", model.PhaseMoving, h.ID, h.State); err != nil {
		return fmt.Errorf("note the phase: %w", err)
	}
	do := s.runTx
	if h.State == model.HandoverUndoing {
		do = s.undoTx
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error { return do(tx, h.ID) })
	switch f := fault.Of(err); {
	case err == nil, errors.Is(err, errElsewhere):
		return nil
	case f != nil && f.Reason != "changed_meanwhile":
		return s.giveUp(ctx, h, f.Reason)
	case database.IsTransient(err):
		return err
	case h.Tries+1 >= model.MaxHandoverTry:
		s.log.ErrorContext(ctx, "a handover was given up", slog.String("handover_id", h.ID), slog.Any("error", err))
		return s.giveUp(ctx, h, "internal")
	}
	if _, e := s.db.Exec(ctx, "UPDATE handovers SET tries = tries + 1 WHERE id = ? AND state = ?", h.ID, h.State); e != nil {
		return errors.Join(err, e)
	}
	return err
}

// giveUp writes down that a run failed, or that an undo could not be; nothing has moved.
func (s *Service) giveUp(ctx context.Context, h model.Handover, reason string) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		was := h.State
		next := h
		next.State, next.Phase, next.Reason, next.Tries = model.HandoverFailed, model.PhaseDone, reason, 0
		if was == model.HandoverUndoing {
			next.State, next.Phase = model.HandoverDone, phaseAfter(h)
		}
		if err := s.step(tx, next, was, map[string]any{}); err != nil {
			if errors.Is(err, errElsewhere) {
				return nil
			}
			return err
		}
		s.tell(tx, next)
		return nil
	})
}
