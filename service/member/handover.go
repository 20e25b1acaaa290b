package member

import (
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// Handover names a set of members by the rows of handover_moves without a result, and who has them before and after.
type Handover struct {
	ID        string
	AccountID string
	ClerkID   string   // who gives them, or gets them back
	Receivers []string // everybody in the moves
	By        access.Actor
	// Until: who was bound anew after that is left alone (Unix milliseconds).
	Until int64
}

// inSet joins a row to its move, if that is still to be made.
const inSet = "handover_moves.handover_id = ? AND handover_moves.result = '' AND handover_moves.member_id = "

// TakeTx is the first part of a handover: it gives the member rows, and so their locks, to the receivers and tells how
// many there were. Those it did not touch are no longer the clerk's, or were bound anew; the caller marks them before
// he calls RebindTx. Nothing is read or written per message, so the cost does not grow with history.
func (s *Service) TakeTx(tx *database.Tx, h Handover) (int64, error) {
	r := tx.UpdateFrom("members", "handover_moves",
		"clerk_id = handover_moves.to_clerk_id, store_id = handover_moves.to_store_id, bound_at = ?, updated_at = ?",
		inSet+"members.id AND members.account_id = ? AND members.clerk_id = ? AND members.merged_into = '' AND members.bound_at <= ?",
		tx.Millis(), tx.Millis(), h.ID, h.AccountID, h.ClerkID, h.Until)
	if r.Error != nil {
		return 0, fmt.Errorf("give members to others: %w", r.Error)
	}
	return r.RowsAffected, nil
}

// RebindTx is the second part: the open bindings are closed and the next ones opened. want is what TakeTx counted;
// another number means that somebody was bound in between, and the transaction must not commit.
func (s *Service) RebindTx(tx *database.Tx, h Handover, want int64) error {
	if err := s.close(tx, "binding_id", h, want); err != nil {
		return err
	}
	next := opening{"new_binding_id", 1, "handover_moves.to_store_id", "handover_moves.to_clerk_id", nil}
	return s.openTx(tx, next, h, want)
}

// BringTx is the third part: the conversations follow.
func (s *Service) BringTx(tx *database.Tx, h Handover) error {
	err := tx.UpdateFrom("conversations", "handover_moves",
		"clerk_id = handover_moves.to_clerk_id, store_id = handover_moves.to_store_id",
		inSet+"conversations.member_id AND conversations.clerk_id = ?", h.ID, h.ClerkID).Error
	if err != nil {
		return fmt.Errorf("let conversations follow: %w", err)
	}
	return nil
}

// GiveBackTx undoes a handover for the moves without a result: again by closing and opening bindings, never by
// deleting. want is how many they are.
func (s *Service) GiveBackTx(tx *database.Tx, h Handover, want int64) error {
	r := tx.UpdateFrom("members", "handover_moves", "clerk_id = ?, store_id = handover_moves.from_store_id, bound_at = ?, updated_at = ?",
		inSet+"members.id AND members.account_id = ? AND members.clerk_id IN ? AND members.merged_into = ''",
		h.ClerkID, tx.Millis(), tx.Millis(), h.ID, h.AccountID, h.Receivers)
	if r.Error != nil {
		return fmt.Errorf("give members back: %w", r.Error)
	}
	if r.RowsAffected != want {
		return changed()
	}
	if err := s.close(tx, "new_binding_id", h, want); err != nil {
		return err
	}
	next := opening{"undo_binding_id", 2, "handover_moves.from_store_id", "?", []any{h.ClerkID}}
	if err := s.openTx(tx, next, h, want); err != nil {
		return err
	}
	err := tx.UpdateFrom("conversations", "handover_moves", "clerk_id = ?, store_id = handover_moves.from_store_id",
		inSet+"conversations.member_id AND conversations.clerk_id IN ?", h.ClerkID, h.ID, h.Receivers).Error
	if err != nil {
		return fmt.Errorf("let conversations go back: %w", err)
	}
	return nil
}

// LockMovedTx locks the members of a handover whom the receivers have, and their conversations, so that what is then
// read about them holds until the end.
func (s *Service) LockMovedTx(tx *database.Tx, h Handover) error {
	const moving = " IN (SELECT handover_moves.member_id FROM handover_moves WHERE handover_moves.handover_id = ? AND handover_moves.result = '')"
	var ids []string
	err := tx.Lock().Model(&model.Member{}).Where("account_id = ? AND clerk_id IN ?", h.AccountID, h.Receivers).
		Where("members.id"+moving, h.ID).Order("id").Pluck("id", &ids).Error
	if err != nil {
		return fmt.Errorf("lock members: %w", err)
	}
	err = tx.Lock().Model(&model.Conversation{}).Where("clerk_id IN ?", h.Receivers).
		Where("conversations.member_id"+moving, h.ID).Order("id").Pluck("id", &ids).Error
	if err != nil {
		return fmt.Errorf("lock conversations: %w", err)
	}
	return nil
}

// close ends the open bindings of the set: those that a column of the moves names.
func (s *Service) close(tx *database.Tx, id string, h Handover, want int64) error {
	r := tx.UpdateFrom("bindings", "handover_moves", "to_at = ?",
		inSet+"bindings.member_id AND handover_moves."+id+" = bindings.id AND bindings.to_at = ?", tx.Millis(), h.ID, int64(model.OpenEnd))
	if r.Error != nil {
		return fmt.Errorf("close bindings: %w", r.Error)
	}
	if r.RowsAffected != want {
		return changed()
	}
	return nil
}

// opening says what of a move makes the next binding: columns, and by how much its number is higher than that of the
// binding which the run closes.
type opening struct {
	id        string
	higher    int
	store     string
	clerk     string
	clerkArgs []any
}

// openTx opens the next bindings of the set, under the ids that the plan gave. A number that is taken says that
// somebody was bound in between.
func (s *Service) openTx(tx *database.Tx, o opening, h Handover, want int64) error {
	args := append([]any{h.AccountID, o.higher}, o.clerkArgs...)
	args = append(args, tx.Millis(), int64(model.OpenEnd), model.HowHandover, h.By.Kind, h.By.StaffID, h.ID, h.ID)
	r := tx.Exec("INSERT INTO bindings (id, account_id, member_id, seq, store_id, clerk_id, from_at, to_at, how, by_kind, by_id, source_id)"+
		" SELECT handover_moves."+o.id+", ?, handover_moves.member_id, handover_moves.binding_seq + ?, "+o.store+", "+o.clerk+", ?, ?, ?, ?, ?, ?"+
		" FROM handover_moves WHERE handover_moves.handover_id = ? AND handover_moves.result = ''", args...)
	if r.Error != nil {
		return fmt.Errorf("open bindings: %w", r.Error)
	}
	if r.RowsAffected != want {
		return changed()
	}
	return nil
}

func changed() error { return fault.New(fault.Conflict, "changed_meanwhile") }
