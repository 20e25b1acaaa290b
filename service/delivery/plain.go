package delivery

import (
	"errors"
	"fmt"
	"strings"

	"liuke/model"
	"liuke/model/database"
)

// settlePlain writes plain outcomes down, in few statements however many there are.
func (s *Service) settlePlain(tx *database.Tx, all []result, allowances map[string]*model.Allowance) error {
	if len(all) == 0 {
		return nil
	}
	touched := map[string]bool{}
	var rows []model.Allowance
	for _, r := range all {
		allowances[r.d.FollowerID].Settle(r.d.WindowKind, true)
		touched[r.d.FollowerID] = true
	}
	for id := range touched {
		allowances[id].UpdatedAt = tx.Millis()
		rows = append(rows, *allowances[id])
	}
	if err := saveAllowances(tx, rows); err != nil {
		return err
	}
	shown, err := s.showAll(tx, all)
	if err != nil {
		return err
	}
	changed := make([]model.Delivery, len(all))
	for i, r := range all {
		d := r.d
		d.State, d.Reason, d.Cost = r.o.state, r.o.reason, r.o.cost
		if id, is := shown[d.ID]; is {
			d.MessageID = id
		}
		changed[i] = d
	}
	if err := accept(tx, changed, shown); err != nil {
		return err
	}
	return s.tell(tx, changed...)
}

// showAll writes what has left into the conversations, of those that waited for it, and gives the messages' ids by delivery.
func (s *Service) showAll(tx *database.Tx, all []result) (map[string]string, error) {
	var entries []Entry
	for _, r := range all {
		e, ok, err := s.entry(r)
		if err != nil {
			return nil, err
		}
		if ok {
			entries = append(entries, e)
		}
	}
	if len(entries) == 0 {
		return nil, nil
	}
	ids, err := s.logged(tx, entries)
	if err != nil {
		return nil, err
	}
	shown := make(map[string]string, len(ids))
	for i, id := range ids {
		shown[entries[i].Delivery.ID] = id
	}
	return shown, nil
}

// accept writes that WeChat took some deliveries, which are locked and in our hands; shown are the messages of those that
// have one only now.
func accept(tx *database.Tx, all []model.Delivery, shown map[string]string) error {
	message, args := "message_id", []any{model.StateAccepted, tx.Millis()}
	if len(shown) > 0 {
		message = "CASE id" + strings.Repeat(" WHEN ? THEN ?", len(shown)) + " ELSE message_id END"
		for id, messageID := range shown {
			args = append(args, id, messageID)
		}
	}
	ids := make([]string, len(all))
	for i, d := range all {
		ids[i] = d.ID
	}
	written := tx.Exec("UPDATE deliveries SET state = ?, reason = '', owner = '', lease_until = 0, updated_at = ?, message_id = "+message+
		" WHERE id IN ? AND state = ?", append(args, ids, model.StateSending)...)
	if written.Error != nil {
		return fmt.Errorf("write what was accepted: %w", written.Error)
	}
	if written.RowsAffected != int64(len(ids)) {
		return errors.New("write what was accepted: some were locked and are not ours")
	}
	return nil
}
