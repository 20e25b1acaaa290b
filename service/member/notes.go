package member

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// AddNote writes a note into a member's file (B8). It never leaves the house.
func (s *Service) AddNote(ctx context.Context, actor access.Actor, id, text string) (model.Note, error) {
	var n model.Note
	if _, err := s.find(ctx, actor, id); err != nil {
		return n, err
	}
	text = strings.TrimSpace(text)
	if text == "" || utf8.RuneCountInString(text) > model.MaxNoteRunes {
		return n, fault.Input("text", "length")
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		m, err := s.lock(tx, actor, id)
		if err != nil {
			return err
		}
		n = newNote(tx, actor, m, text)
		if err := tx.Create(&n).Error; err != nil {
			return fmt.Errorf("write note: %w", err)
		}
		s.notice(tx, "member", m, "")
		return s.audit.RecordTx(tx, actor, auditEntry("member.note", m.ID, n.ID))
	})
	return n, err
}

func newNote(tx *database.Tx, actor access.Actor, m model.Member, text string) model.Note {
	return model.Note{
		ID: model.NewID(), AccountID: m.AccountID, MemberID: m.ID, AuthorID: actor.StaffID, AuthorName: actor.Name,
		Text: text, CreatedAt: tx.Millis(),
	}
}

// Notes pages through a member's notes, the newest first, with those of members merged into him.
func (s *Service) Notes(ctx context.Context, actor access.Actor, id, before string, limit int) ([]model.Note, string, error) {
	if _, err := s.find(ctx, actor, id); err != nil {
		return nil, "", err
	}
	ids, err := family(s.db.Read(ctx), id)
	if err != nil {
		return nil, "", err
	}
	q := s.db.Read(ctx).Where("member_id IN ?", ids)
	if before != "" {
		q = q.Where("id < ?", before)
	}
	var rows []model.Note
	if err := q.Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list notes: %w", err)
	}
	if len(rows) > limit {
		return rows[:limit], rows[limit-1].ID, nil
	}
	return rows, "", nil
}

// DeleteNote takes a note away: its author may, and so may manager and owner.
func (s *Service) DeleteNote(ctx context.Context, actor access.Actor, id, noteID string) error {
	if _, err := s.find(ctx, actor, id); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		m, err := s.lock(tx, actor, id)
		if err != nil {
			return err
		}
		ids, err := family(tx.DB, id)
		if err != nil {
			return err
		}
		var notes []model.Note
		if err := tx.Where("id = ? AND member_id IN ?", model.ASCIIKey(noteID, 36), ids).Find(&notes).Error; err != nil {
			return fmt.Errorf("find note: %w", err)
		}
		if len(notes) == 0 {
			return fault.New(fault.NotFound, "note_not_found")
		}
		if notes[0].AuthorID != actor.StaffID && !actor.Is(model.RoleManager, model.RoleOwner) {
			return fault.New(fault.Forbidden, "not_your_note")
		}
		if err := tx.Where("id = ?", notes[0].ID).Delete(&model.Note{}).Error; err != nil {
			return fmt.Errorf("delete note: %w", err)
		}
		s.notice(tx, "member", m, "")
		return s.audit.RecordTx(tx, actor, auditEntry("member.note_delete", m.ID, notes[0].ID))
	})
}
