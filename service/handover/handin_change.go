package handover

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/feed"
)

// ItemChange says what to change of an item; nil leaves it.
type ItemChange struct {
	Done *bool
	Note *string
}

// ChangeHandIn ticks an item off, or writes a note to it: either side. What was signed before is void then.
func (s *Service) ChangeHandIn(ctx context.Context, actor access.Actor, staffID, itemID string, in ItemChange) (HandIn, error) {
	if in.Note != nil {
		note := strings.TrimSpace(*in.Note)
		if !utf8.ValidString(note) || utf8.RuneCountInString(note) > model.MaxHandInNote {
			return HandIn{}, fault.Input("note", "too_long")
		}
		in.Note = &note
	}
	return s.changeHandIn(ctx, actor, staffID, "hand_in.change", func(tx *database.Tx, h HandIn) (bool, error) {
		item, err := h.item(itemID)
		if err != nil {
			return false, err
		}
		columns := map[string]any{}
		if in.Done != nil && *in.Done != item.Done {
			columns["done"] = *in.Done
		}
		if in.Note != nil && *in.Note != item.Note {
			columns["note"] = *in.Note
		}
		if len(columns) == 0 {
			return false, nil
		}
		columns["changed_by"], columns["changed_at"] = actor.StaffID, tx.Millis()
		if err := tx.Model(&model.HandInItem{}).Where("id = ? AND hand_in_id = ?", item.ID, h.ID).Updates(columns).Error; err != nil {
			return false, fmt.Errorf("change an item: %w", err)
		}
		return true, nil
	})
}

func (h HandIn) item(id string) (model.HandInItem, error) {
	for _, i := range h.Items {
		if i.ID == id {
			return i, nil
		}
	}
	return model.HandInItem{}, fault.New(fault.NotFound, "item_not_found")
}

// AddToHandIn adds an item: the manager's side.
func (s *Service) AddToHandIn(ctx context.Context, actor access.Actor, staffID, title string) (HandIn, error) {
	title = strings.TrimSpace(title)
	switch {
	case title == "":
		return HandIn{}, fault.Input("title", "required")
	case !utf8.ValidString(title) || utf8.RuneCountInString(title) > model.MaxHandInTitle:
		return HandIn{}, fault.Input("title", "too_long")
	}
	return s.changeHandIn(ctx, actor, staffID, "hand_in.add", func(tx *database.Tx, h HandIn) (bool, error) {
		if h.Side != model.SideManager {
			return false, fault.New(fault.Forbidden, "not_allowed")
		}
		if len(h.Items) >= model.MaxHandInItems {
			return false, fault.New(fault.Conflict, "too_many_items")
		}
		item := model.HandInItem{
			ID: model.NewID(), AccountID: h.AccountID, HandInID: h.ID, Kind: model.HandInOther, Title: title,
			Place: h.Items[len(h.Items)-1].Place + 1, ChangedBy: actor.StaffID, ChangedAt: tx.Millis(),
		}
		if err := tx.Create(&item).Error; err != nil {
			return false, fmt.Errorf("add an item: %w", err)
		}
		return true, nil
	})
}

// DropFromHandIn takes an item off that was added: the manager's side. The four of every checklist stay.
func (s *Service) DropFromHandIn(ctx context.Context, actor access.Actor, staffID, itemID string) (HandIn, error) {
	return s.changeHandIn(ctx, actor, staffID, "hand_in.drop", func(tx *database.Tx, h HandIn) (bool, error) {
		item, err := h.item(itemID)
		if err != nil {
			return false, err
		}
		if h.Side != model.SideManager || item.Kind != model.HandInOther {
			return false, fault.New(fault.Forbidden, "not_allowed")
		}
		if err := tx.Where("id = ? AND hand_in_id = ?", item.ID, h.ID).Delete(&model.HandInItem{}).Error; err != nil {
			return false, fmt.Errorf("take an item off: %w", err)
		}
		return true, nil
	})
}

// signedContent is what a signature stands under.
type signedContent struct {
	Items []SignedItem `json:"items"`
	Facts HandInFacts  `json:"facts"`
}

// SignedItem is one item as it was signed.
type SignedItem struct {
	Kind  string `json:"kind"`
	Title string `json:"title"`
	Done  bool   `json:"done"`
	Note  string `json:"note"`
}

// SignHandIn puts the actor's name under the checklist as it is: the leaver's own, or his manager's. version is that of
// the checklist he saw; another one is a Conflict changed_meanwhile. Signing twice is signing once.
func (s *Service) SignHandIn(ctx context.Context, actor access.Actor, staffID string, version int64) (HandIn, error) {
	return s.withHandIn(ctx, actor, staffID, func(tx *database.Tx, h HandIn) error {
		if h.Version != version {
			return fault.New(fault.Conflict, "changed_meanwhile")
		}
		if h.holds(h.Side) {
			return nil
		}
		content := signedContent{Items: make([]SignedItem, len(h.Items)), Facts: h.Facts}
		for i, item := range h.Items {
			content.Items[i] = SignedItem{item.Kind, item.Title, item.Done, item.Note}
		}
		text, err := json.Marshal(content)
		if err != nil {
			return fmt.Errorf("write down what is signed: %w", err)
		}
		signature := model.HandInSignature{
			ID: model.NewID(), AccountID: h.AccountID, HandInID: h.ID, Side: h.Side, StaffID: actor.StaffID, StaffName: actor.Name,
			Version: h.Version, Content: string(text), SignedAt: tx.Millis(),
		}
		if err := tx.Create(&signature).Error; err != nil {
			return fmt.Errorf("sign a checklist: %w", err)
		}
		s.tellHandIn(tx, h)
		return s.audit.RecordTx(tx, actor, handInEntry("hand_in.sign", h))
	})
}

// Signed reads what a signature stands under.
func Signed(signature model.HandInSignature) ([]SignedItem, HandInFacts, error) {
	var c signedContent
	if err := json.Unmarshal([]byte(signature.Content), &c); err != nil {
		return nil, HandInFacts{}, fmt.Errorf("read what was signed: %w", err)
	}
	return c.Items, c.Facts, nil
}

// changeHandIn lets f change items; if it did, both signatures are void.
func (s *Service) changeHandIn(
	ctx context.Context, actor access.Actor, staffID, action string, f func(*database.Tx, HandIn) (changed bool, err error),
) (HandIn, error) {
	return s.withHandIn(ctx, actor, staffID, func(tx *database.Tx, h HandIn) error {
		changed, err := f(tx, h)
		if err != nil || !changed {
			return err
		}
		r := tx.Model(&model.HandIn{}).Where("id = ? AND version = ?", h.ID, h.Version).Update("version", h.Version+1)
		if r.Error != nil || r.RowsAffected != 1 {
			return fmt.Errorf("count a change of a checklist (%d rows): %w", r.RowsAffected, r.Error)
		}
		err = tx.Model(&model.HandInSignature{}).Where("hand_in_id = ? AND voided_at = 0", h.ID).
			Updates(map[string]any{"voided_at": tx.Millis(), "voided_by": actor.StaffID}).Error
		if err != nil {
			return fmt.Errorf("void signatures: %w", err)
		}
		s.tellHandIn(tx, h)
		return s.audit.RecordTx(tx, actor, handInEntry(action, h))
	})
}

// withHandIn holds the checklist of somebody who has not left yet, lets f act for one of the two sides and reads it again.
func (s *Service) withHandIn(ctx context.Context, actor access.Actor, staffID string, f func(*database.Tx, HandIn) error) (HandIn, error) {
	p, side, err := s.leaver(ctx, actor, staffID)
	if err != nil {
		return HandIn{}, err
	}
	if side == "" {
		return HandIn{}, fault.New(fault.Forbidden, "not_allowed")
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		now, err := lockedStaff(tx, p.ID)
		switch {
		case err != nil:
			return err
		case !now.Active:
			return fault.New(fault.Conflict, "left")
		case now.LeavingAt == 0:
			return errNoHandIn()
		}
		row, err := openHandIn(tx, now)
		if err != nil {
			return err
		}
		h, err := readHandIn(tx.DB, row, now, side)
		if err != nil {
			return err
		}
		return f(tx, h)
	})
	if err != nil {
		return HandIn{}, err
	}
	return s.HandIn(ctx, actor, staffID)
}

func handInEntry(action string, h HandIn) audit.Entry {
	return audit.Entry{
		Action: action, Object: "hand_in", ObjectID: h.ID, Detail: "staff:" + h.StaffID + " side:" + h.Side + " version:" + strconv.FormatInt(h.Version, 10),
	}
}

func (s *Service) tellHandIn(tx *database.Tx, h HandIn) {
	e := feed.Event{AccountID: h.AccountID, Kind: "hand_in", Data: map[string]string{"staff_id": h.StaffID}}
	s.feed.PublishTx(tx, e, feed.Staff(h.StaffID), feed.Store(h.Person.StoreID))
}
