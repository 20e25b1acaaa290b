package chat

import (
	"context"
	"fmt"
	"strconv"
	"unicode/utf8"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/feed"
)

// Typed is what a device has of a draft.
type Typed struct {
	Text    string // at most model.MaxDraftBytes
	Version int64  // the version the device saw last; 0 = none
	Device  string // made by the device: the event carries it, so that it knows its own
	// Careful refuses with Conflict draft_changed where another device has written since, so that it can be read first.
	Careful bool
}

// Draft reads what the actor has typed in a conversation and not sent; an empty one if nothing.
func (s *Service) Draft(ctx context.Context, actor access.Actor, conversationID string) (model.Draft, error) {
	if _, err := s.find(ctx, actor, conversationID); err != nil {
		return model.Draft{}, err
	}
	var rows []model.Draft
	err := s.db.Read(ctx).Where("conversation_id = ? AND staff_id = ?", conversationID, actor.StaffID).Find(&rows).Error
	if err != nil {
		return model.Draft{}, fmt.Errorf("read draft: %w", err)
	}
	if len(rows) == 0 {
		return model.Draft{ConversationID: conversationID}, nil
	}
	return rows[0], nil
}

func errDraftChanged() error { return fault.New(fault.Conflict, "draft_changed") }

// SaveDraft keeps what the actor has typed. The last write counts, whatever it had seen, unless it is careful; replaced
// says that it had not seen the one before. The actor's other devices get the event draft. A draft is not audited: it has been said to nobody.
func (s *Service) SaveDraft(ctx context.Context, actor access.Actor, conversationID string, in Typed) (d model.Draft, replaced bool, err error) {
	if err := s.mayWrite(ctx, actor, conversationID); err != nil {
		return d, false, err
	}
	if in.Text == "" || len(in.Text) > model.MaxDraftBytes || !utf8.ValidString(in.Text) {
		return d, false, fault.Input("text", "length")
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		c, err := s.lockOne(tx, actor, conversationID) // two devices at once take turns
		if err != nil {
			return err
		}
		var rows []model.Draft
		if err := tx.Where("conversation_id = ? AND staff_id = ?", c.ID, actor.StaffID).Find(&rows).Error; err != nil {
			return fmt.Errorf("read draft: %w", err)
		}
		known := int64(0)
		if len(rows) == 1 {
			known = rows[0].Version
		}
		replaced = known != in.Version
		if replaced && in.Careful {
			return errDraftChanged()
		}
		// Past the clock, so that a draft dropped and begun again never bears a number that a device has seen.
		d = model.Draft{
			AccountID: c.AccountID, ConversationID: c.ID, StaffID: actor.StaffID, MemberID: c.MemberID, Text: in.Text,
			Version: max(known, in.Version, tx.Millis()) + 1, UpdatedAt: tx.Millis(),
		}
		replaced = replaced && known != 0
		err = tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "conversation_id"}, {Name: "staff_id"}},
			DoUpdates: clause.AssignmentColumns([]string{"member_id", "text", "version", "updated_at", "handover_id"}),
		}).Create(&d).Error
		if err != nil {
			return fmt.Errorf("keep draft: %w", err)
		}
		s.tellDraft(tx, actor, c, d.Version, in.Device)
		return nil
	})
	return d, replaced, err
}

// DropDraft throws the actor's draft away, after sending it or because he does not want it. With a version only that
// one: Conflict draft_changed where another device has written since.
func (s *Service) DropDraft(ctx context.Context, actor access.Actor, conversationID, device string, version int64) error {
	if _, err := s.find(ctx, actor, conversationID); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		c, err := s.lockOne(tx, actor, conversationID)
		if err != nil {
			return err
		}
		var versions []int64
		err = tx.Model(&model.Draft{}).Where("conversation_id = ? AND staff_id = ?", c.ID, actor.StaffID).Pluck("version", &versions).Error
		if err != nil {
			return fmt.Errorf("find draft: %w", err)
		}
		if version != 0 && len(versions) == 1 && versions[0] != version {
			return errDraftChanged()
		}
		r := tx.Where("conversation_id = ? AND staff_id = ?", c.ID, actor.StaffID).Delete(&model.Draft{})
		if r.Error != nil {
			return fmt.Errorf("drop draft: %w", r.Error)
		}
		if r.RowsAffected > 0 {
			s.tellDraft(tx, actor, c, 0, device)
		}
		return nil
	})
}

// tellDraft tells the actor's own devices and nobody else.
func (s *Service) tellDraft(tx *database.Tx, actor access.Actor, c model.Conversation, version int64, device string) {
	s.feed.PublishTx(tx, feed.Event{
		AccountID: c.AccountID, Kind: "draft", MemberID: c.MemberID, ConversationID: c.ID,
		Data: map[string]string{"version": strconv.FormatInt(version, 10), "device": model.ASCIIKey(device, maxClientID)},
	}, feed.Staff(actor.StaffID))
}
