package handover

import (
	"context"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/feed"
)

// SetLeaving begins the time between notice and last day (E5): new members go elsewhere, the clerk sees no whole phone
// number and takes no export, and a hand-in checklist is there for him and his manager. lastDay is a day as 2006-01-02;
// it ends at midnight in the zone of the clerk's store.
func (s *Service) SetLeaving(ctx context.Context, actor access.Actor, staffID string, lastDay time.Time) (model.Staff, error) {
	return s.setLeaving(ctx, actor, staffID, &lastDay)
}

// EndLeaving takes a notice back; its checklist ends with it.
func (s *Service) EndLeaving(ctx context.Context, actor access.Actor, staffID string) (model.Staff, error) {
	return s.setLeaving(ctx, actor, staffID, nil)
}

func (s *Service) setLeaving(ctx context.Context, actor access.Actor, staffID string, lastDay *time.Time) (model.Staff, error) {
	var p model.Staff
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		before, err := s.staff.StaffTx(tx, actor.AccountID, staffID)
		if err != nil {
			return err
		}
		if p, err = s.staff.SetLeavingTx(tx, actor, staffID, lastDay); err != nil {
			return err
		}
		if before.LeavingAt == 0 || p.LeavingAt == 0 { // another last day goes on with the same checklist
			if err := endHandIn(tx, p.ID); err != nil {
				return err
			}
		}
		if p.LeavingAt > 0 {
			if _, err := openHandIn(tx, p); err != nil {
				return err
			}
		}
		e := feed.Event{AccountID: p.AccountID, Kind: "leaving", Data: map[string]string{"staff_id": p.ID}}
		s.feed.PublishTx(tx, e, feed.Staff(p.ID), feed.Store(p.StoreID))
		return nil
	})
	return p, err
}
