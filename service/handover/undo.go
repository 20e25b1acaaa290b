package handover

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/fault"
	"liuke/service/member"
)

// undoTx takes a handover back as a whole, but for members whose new clerk has written to them, or who were moved on:
// they stay and are listed.
func (s *Service) undoTx(tx *database.Tx, id string) error {
	h, err := hold(tx, id, model.HandoverUndoing)
	if err != nil {
		return err
	}
	if !h.Leaving {
		left, err := gone(tx.DB, model.Handover{AccountID: h.AccountID}, []string{h.FromClerkID})
		if err != nil {
			return err
		}
		if len(left) > 0 {
			return fault.New(fault.Conflict, "clerk_left")
		}
	}
	s.at(h, StepLook, 0)
	flows, err := flowsOf(tx.DB, h.ID)
	if err != nil {
		return err
	}
	set := member.Handover{
		ID: h.ID, AccountID: h.AccountID, ClerkID: h.FromClerkID, Receivers: clerksIn(flows), By: deputy(h, h.UndoBy),
	}
	if err := s.members.LockMovedTx(tx, set); err != nil {
		return err
	}
	if err := s.stay(tx, h); err != nil {
		return err
	}
	if h.Stayed, err = count(tx.DB, h.ID, model.MoveStays); err != nil {
		return err
	}
	if flows, err = flowsOf(tx.DB, h.ID); err != nil {
		return err
	}
	for _, f := range flows {
		h.Undone += f.N
	}
	s.at(h, StepMembers, 0)
	if err := s.members.GiveBackTx(tx, set, h.Undone); err != nil {
		return err
	}
	s.at(h, StepConversations, h.Undone)
	if err := returnDrafts(tx, h); err != nil {
		return err
	}
	if err := s.unreceive(tx, h); err != nil {
		return err
	}
	if err := s.unintroduce(tx, h); err != nil {
		return err
	}
	if err := s.absolve(tx, h, set.Receivers); err != nil {
		return err
	}
	s.at(h, StepAccess, h.Undone)
	if h.Leaving {
		if err := s.comeBack(tx, h); err != nil {
			return err
		}
	}
	h.State, h.Phase, h.UndoneAt = model.HandoverUndone, model.PhaseDone, tx.Millis()
	err = s.step(tx, h, model.HandoverUndoing, map[string]any{"undone": h.Undone, "stayed": h.Stayed, "undone_at": h.UndoneAt})
	if err != nil {
		return err
	}
	if err := s.audit.RecordTx(tx, deputy(h, h.UndoBy), entry("handover.undone", h.ID)); err != nil {
		return err
	}
	tx.AfterCommit(func(context.Context) { s.at(h, "", 0) })
	s.announce(tx, h, flows)
	return nil
}

// stay marks who is not taken back, and why.
func (s *Service) stay(tx *database.Tx, h model.Handover) error {
	var on []string
	err := tx.Model(&model.Move{}).
		Joins("LEFT JOIN bindings ON bindings.id = handover_moves.new_binding_id AND bindings.to_at = ?", int64(model.OpenEnd)).
		Where("handover_moves.handover_id = ? AND handover_moves.result = '' AND bindings.id IS NULL", h.ID).
		Pluck("handover_moves.member_id", &on).Error
	if err != nil {
		return fmt.Errorf("find who was moved on: %w", err)
	}
	if err := mark(tx.DB, h.ID, on, model.MoveStays, "moved_on"); err != nil {
		return err
	}
	answered, err := answered(tx, h)
	if err != nil {
		return err
	}
	return mark(tx.DB, h.ID, answered, model.MoveStays, "answered")
}

// talk is a conversation in which something was written since the handover.
type talk struct {
	ConversationID string
	MemberID       string
	ToClerkID      string
	LastSeq        int64
}

// newest is how many of a conversation's last messages are looked at; only where more than that are new, all are.
const newest = 200

// answered finds the members to whom the new clerk has written. Only conversations with something new are looked into,
// and of those only the end.
func answered(tx *database.Tx, h model.Handover) ([]string, error) {
	var talks []talk
	err := tx.Model(&model.Move{}).
		Select("conversations.id AS conversation_id, conversations.last_seq, handover_moves.member_id, handover_moves.to_clerk_id").
		Joins("JOIN conversations ON conversations.member_id = handover_moves.member_id AND conversations.last_at >= ?", h.DoneAt).
		Where("handover_moves.handover_id = ? AND handover_moves.result = ''", h.ID).Scan(&talks).Error
	if err != nil {
		return nil, fmt.Errorf("find conversations with news: %w", err)
	}
	var members []string
	const together = 100
	for chunk := range slices.Chunk(talks, together) {
		ids, err := written(tx, h, chunk, newest)
		if err != nil {
			return nil, err
		}
		var long []talk
		for _, t := range chunk {
			switch {
			case contains(ids, t.ConversationID):
				members = append(members, t.MemberID)
			case t.LastSeq > newest:
				long = append(long, t)
			}
		}
		if long, err = newBeyond(tx, h, long); err != nil {
			return nil, err
		}
		if ids, err = written(tx, h, long, 0); err != nil {
			return nil, err
		}
		for _, t := range long {
			if contains(ids, t.ConversationID) {
				members = append(members, t.MemberID)
			}
		}
	}
	return members, nil
}

// written gives the conversations in which the new clerk wrote since the handover, among the last messages (0 = all).
func written(tx *database.Tx, h model.Handover, talks []talk, last int64) ([]string, error) {
	var or []string
	var args []any
	for _, t := range talks {
		or = append(or, "(shard = ? AND conversation_id = ? AND seq > ? AND author_id = ?)")
		from := int64(0)
		if last > 0 {
			from = t.LastSeq - last
		}
		args = append(args, model.Shard(t.ConversationID), t.ConversationID, from, t.ToClerkID)
	}
	return conversationsWhere(tx, h, or, args, "author_kind = 'staff' AND direction = 'out' AND "+said)
}

// newBeyond gives those conversations of which even the message before the last ones is new.
func newBeyond(tx *database.Tx, h model.Handover, talks []talk) ([]talk, error) {
	var or []string
	var args []any
	for _, t := range talks {
		or = append(or, "(shard = ? AND conversation_id = ? AND seq = ?)")
		args = append(args, model.Shard(t.ConversationID), t.ConversationID, t.LastSeq-newest)
	}
	ids, err := conversationsWhere(tx, h, or, args, "1 = 1")
	return slices.DeleteFunc(talks, func(t talk) bool { return !contains(ids, t.ConversationID) }), err
}

func conversationsWhere(tx *database.Tx, h model.Handover, or []string, args []any, and string) ([]string, error) {
	if len(or) == 0 {
		return nil, nil
	}
	var ids []string
	err := tx.Model(&model.Message{}).Where(and).Where("at >= ?", h.DoneAt).
		Where("("+strings.Join(or, " OR ")+")", args...).Distinct().Pluck("conversation_id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("find who was answered: %w", err)
	}
	return ids, nil
}

// comeBack gives a leaver his account back, if this handover took it, and his codes.
func (s *Service) comeBack(tx *database.Tx, h model.Handover) error {
	err := tx.Model(&model.Successor{}).Where("handover_id = ? AND ended_at = 0", h.ID).Update("ended_at", tx.Millis()).Error
	if err != nil {
		return fmt.Errorf("end the succession: %w", err)
	}
	p, err := s.staff.StaffTx(tx, h.AccountID, h.FromClerkID)
	switch {
	case err != nil || p.Active || p.LeftAt < h.DoneAt:
		return err
	case p.LeftAt > h.DoneAt: // he came back and left again: nobody would serve the members
		return fault.New(fault.Conflict, "clerk_left")
	}
	return s.staff.ReactivateTx(tx, deputy(h, h.UndoBy), h.FromClerkID)
}
