package handover

import (
	"context"
	"errors"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/feed"
)

// obligeRows is about how many first contacts are written in one transaction. Up to so many are written by the run
// itself. Of a larger handover it writes those of the first day; the others follow at once, in transactions of their
// own, so that nobody waits for them.
const obligeRows = 1000

// dueDays is over how many days the first contacts of moves are spread.
func dueDays(moves []model.Move) int64 {
	most := int64(0)
	for _, m := range moves {
		most = max(most, m.DueDay+1)
	}
	return most
}

// daysAtOnce is how many days hold about obligeRows first contacts.
func daysAtOnce(h model.Handover) int64 {
	return max(1, obligeRows*h.Days/max(h.Total, 1))
}

// phaseAfter is the phase of a handover that is done.
func phaseAfter(h model.Handover) string {
	if h.ObligedDays < h.Days {
		return model.PhaseTodos
	}
	return model.PhaseDone
}

// oblige moves to-dos along and writes the first contacts that are due first.
func (s *Service) oblige(tx *database.Tx, h *model.Handover, stores []string) error {
	if err := passTodos(tx, *h); err != nil {
		return err
	}
	h.DoneAt = tx.Millis()
	if h.Total > obligeRows {
		return s.obligeNext(tx, h, stores, 1)
	}
	return s.obligeNext(tx, h, stores, h.Days)
}

func (s *Service) obligeNext(tx *database.Tx, h *model.Handover, stores []string, days int64) error {
	to := min(h.ObligedDays+days, h.Days)
	if err := obligeDays(tx, *h, stores, h.ObligedDays, to); err != nil {
		return err
	}
	h.ObligedDays = to
	return nil
}

// obligations writes the first contacts that a large run has left for afterwards.
func (s *Service) obligations(ctx context.Context) error {
	var rows []model.Handover
	err := s.db.Read(ctx).Select("id").Where("phase = ? AND state = ?", model.PhaseTodos, model.HandoverDone).Order("id").Limit(100).Find(&rows).Error
	if err != nil {
		return fmt.Errorf("look for first contacts to write: %w", err)
	}
	var all error
	for _, h := range rows {
		for more := true; more && ctx.Err() == nil; {
			err := s.db.InTx(ctx, func(tx *database.Tx) (err error) {
				more, err = s.obligeMore(tx, h.ID)
				return err
			})
			if err != nil {
				more = false
				if !errors.Is(err, errElsewhere) { // taken back meanwhile
					all = errors.Join(all, fmt.Errorf("write first contacts of handover %s: %w", h.ID, err))
				}
			}
		}
	}
	return all
}

func (s *Service) obligeMore(tx *database.Tx, id string) (more bool, err error) {
	h, err := hold(tx, id, model.HandoverDone)
	if err != nil {
		return false, err
	}
	if h.Phase != model.PhaseTodos {
		return false, nil
	}
	flows, err := flowsOf(tx.DB, h.ID)
	if err != nil {
		return false, err
	}
	if err := s.obligeNext(tx, &h, receivingStores(flows), daysAtOnce(h)); err != nil {
		return false, err
	}
	h.Phase = phaseAfter(h)
	if h.Phase == model.PhaseDone {
		for _, clerk := range clerksIn(flows) {
			s.feed.PublishTx(tx, feed.Event{AccountID: h.AccountID, Kind: "todo"}, feed.Staff(clerk))
		}
		s.tell(tx, h)
	}
	return h.Phase == model.PhaseTodos, s.step(tx, h, model.HandoverDone, map[string]any{"obliged_days": h.ObligedDays})
}
