package handover

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/member"
)

// strayFor is how long after a leaver's handover members are looked for who were being bound to him at that very
// moment by a scan that still saw him serve. A scan could wait for the run only by a lock on the clerk's row that the run
// holds from its beginning: every binding would take it, and a run of 20,000 members stop all pushes of the clerk's lanes.
const strayFor = 10 * time.Minute

// strays gives such members to the receivers.
func (s *Service) strays(ctx context.Context) error {
	var rows []model.Handover
	err := s.db.Read(ctx).Where("state = ? AND run_at > ? AND leaving = ?", model.HandoverDone, s.db.Now().Add(-strayFor).UnixMilli(), true).
		Where("EXISTS (SELECT 1 FROM members WHERE members.account_id = handovers.account_id AND members.clerk_id = handovers.from_clerk_id AND members.merged_into = '')").
		Where("EXISTS (SELECT 1 FROM staff WHERE staff.id = handovers.from_clerk_id AND staff.active = ?)", false).
		Find(&rows).Error
	if err != nil {
		return fmt.Errorf("look for strays: %w", err)
	}
	var all error
	for _, h := range rows {
		err := s.db.InTx(ctx, func(tx *database.Tx) error { return s.collect(tx, h.ID) })
		if err != nil && !errors.Is(err, errElsewhere) {
			all = errors.Join(all, fmt.Errorf("collect strays of handover %s: %w", h.ID, err))
		}
	}
	return all
}

func (s *Service) collect(tx *database.Tx, id string) error {
	h, err := hold(tx, id, model.HandoverDone)
	if err != nil {
		return err
	}
	var members []model.Member
	err = tx.Lock().Where("account_id = ? AND clerk_id = ? AND merged_into = ''", h.AccountID, h.FromClerkID).Order("id").Find(&members).Error
	if err != nil {
		return fmt.Errorf("lock strays: %w", err)
	}
	to, err := receiversOf(tx.DB, h.ID)
	if err != nil {
		return err
	}
	left, err := gone(tx.DB, model.Handover{AccountID: h.AccountID}, to)
	if err != nil {
		return err
	}
	serving := to[:0]
	for _, id := range to {
		if !contains(left, id) {
			serving = append(serving, id)
		}
	}
	receivers, err := s.receivers(tx, access.System(h.AccountID), h.FromClerkID, serving, "to")
	if err != nil || len(receivers) == 0 {
		return err
	}
	var stores []string
	for _, m := range members {
		share, _ := spread([]candidate{{id: m.ID, storeID: m.StoreID, level: m.Level}}, receivers, Rule{})
		if err := s.collectOne(tx, h, m, share[0]); err != nil {
			return err
		}
		stores = append(stores, share[0].to.storeID)
	}
	slices.Sort(stores)
	return obligeDays(tx, h, slices.Compact(stores), 0, 1)
}

func (s *Service) collectOne(tx *database.Tx, h model.Handover, m model.Member, sh share) error {
	err := tx.Exec("UPDATE todos SET done_at = ?, result = ? WHERE member_id = ? AND kind = ? AND done_at = 0",
		tx.Millis(), model.TodoHandedOver, m.ID, model.TodoFirstContact).Error
	if err != nil {
		return fmt.Errorf("end the first contact of another handover: %w", err)
	}
	_, err = s.members.AssignTx(tx, deputy(h, h.RunBy), &m, member.Assign{
		StoreID: sh.to.storeID, ClerkID: sh.to.id, How: model.HowHandover, SourceID: h.ID,
	})
	if err != nil {
		return err
	}
	sh.why = model.WhyLate
	move := movesOf(h, []share{sh}, model.FirstContacts)
	var open []model.Binding
	err = tx.Where("member_id = ? AND to_at = ?", m.ID, int64(model.OpenEnd)).Find(&open).Error
	if err != nil || len(open) != 1 {
		return fmt.Errorf("find the binding of a stray (%d): %w", len(open), err)
	}
	move[0].NewBindingID, move[0].BindingSeq = open[0].ID, open[0].Seq-1
	old := tx.Where("handover_id = ? AND member_id = ?", h.ID, m.ID).Delete(&model.Move{})
	if old.Error != nil {
		return fmt.Errorf("renew a move: %w", old.Error)
	}
	err = tx.Exec("UPDATE handovers SET total = total + ?, skipped = skipped - ?, moved = moved + 1 WHERE id = ?",
		1-old.RowsAffected, old.RowsAffected, h.ID).Error
	if err != nil {
		return fmt.Errorf("count a stray: %w", err)
	}
	if err := s.receiveOne(tx, h, sh.to.id); err != nil {
		return err
	}
	return insertMoves(tx.DB, move)
}
