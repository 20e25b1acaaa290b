package handover

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// HandIn is a hand-in checklist as both sides see it (E5).
type HandIn struct {
	model.HandIn

	Person     model.Staff // who leaves
	Side       string      // what the actor signs as: model.Side…, or "" if he only looks on
	Items      []model.HandInItem
	Signatures []model.HandInSignature // the newest first; those that were voided too
	Facts      HandInFacts
}

// Signed reports whether both signatures hold.
func (h HandIn) Signed() bool { return h.holds(model.SideLeaver) && h.holds(model.SideManager) }

func (h HandIn) holds(side string) bool {
	return slices.ContainsFunc(h.Signatures, func(s model.HandInSignature) bool { return s.Side == side && s.VoidedAt == 0 })
}

// HandInFacts is what the program knows about the items.
type HandInFacts struct {
	Members    int64 `json:"members"`
	Incomplete int64 `json:"incomplete_files"` // members without a name or a phone
	Todos      int64 `json:"open_todos"`
	Pending    int64 `json:"pending_replies"` // kept until the member opens a window
	Drafts     int64 `json:"drafts"`          // typed and not sent
	Waiting    int64 `json:"waiting"`         // members with an unanswered message
}

// shownSignatures is how many signatures, with those that were voided, are shown.
const shownSignatures = 20

// HandIn reads the checklist of a person who has given notice: he himself, his manager and the owner, who change and
// sign it, and a supervisor, who looks on. Who has not given notice has none: NotFound hand_in_not_found.
func (s *Service) HandIn(ctx context.Context, actor access.Actor, staffID string) (HandIn, error) {
	p, side, err := s.leaver(ctx, actor, staffID)
	if err != nil {
		return HandIn{}, err
	}
	found, err := findHandIn(s.db.Read(ctx), p.ID)
	if err != nil {
		return HandIn{}, err
	}
	if found == nil { // notice was given before there were checklists
		err := s.db.InTx(ctx, func(tx *database.Tx) error {
			row, err := openHandIn(tx, p)
			found = &row
			return err
		})
		if err != nil {
			return HandIn{}, err
		}
	}
	return readHandIn(s.db.Read(ctx), *found, p, side)
}

func errNoHandIn() error { return fault.New(fault.NotFound, "hand_in_not_found") }

// leaver finds a person who has given notice, and as what the actor signs his checklist.
func (s *Service) leaver(ctx context.Context, actor access.Actor, staffID string) (model.Staff, string, error) {
	p, err := s.staff.Get(ctx, actor, staffID)
	if fault.Is(err, fault.NotFound) {
		return p, "", errNoHandIn()
	}
	if err != nil {
		return p, "", err
	}
	side := ""
	switch {
	case p.ID == actor.StaffID:
		side = model.SideLeaver
	case mayGive(actor, p) == nil:
		side = model.SideManager
	case !actor.Is(model.RoleSupervisor, model.RoleManager):
		return p, "", errNoHandIn()
	}
	if p.LeavingAt == 0 {
		return p, "", errNoHandIn()
	}
	return p, side, nil
}

// findHandIn gives the checklist of a person that is in force, or nil.
func findHandIn(db *gorm.DB, staffID string) (*model.HandIn, error) {
	var rows []model.HandIn
	if err := db.Where("open_staff_id = ?", staffID).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("find a checklist: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil //nolint:nilnil // none: not an error
	}
	return &rows[0], nil
}

// openHandIn gives the checklist of a person, begun if there is none, and keeps others from it until the end.
func openHandIn(tx *database.Tx, p model.Staff) (model.HandIn, error) {
	if _, err := lockedStaff(tx, p.ID); err != nil { // two at once make one
		return model.HandIn{}, err
	}
	found, err := findHandIn(tx.Lock(), p.ID)
	if err != nil {
		return model.HandIn{}, err
	}
	if found != nil {
		return *found, nil
	}
	row := model.HandIn{ID: model.NewID(), AccountID: p.AccountID, StaffID: p.ID, OpenStaffID: &p.ID, Version: 1, CreatedAt: tx.Millis()}
	if err := tx.Create(&row).Error; err != nil {
		return row, fmt.Errorf("begin a checklist: %w", err)
	}
	items := make([]model.HandInItem, 0, len(model.HandInKinds()))
	for i, kind := range model.HandInKinds() {
		items = append(items, model.HandInItem{ID: model.NewID(), AccountID: p.AccountID, HandInID: row.ID, Kind: kind, Place: int64(i + 1)})
	}
	if err := tx.Create(&items).Error; err != nil {
		return row, fmt.Errorf("begin a checklist: %w", err)
	}
	return row, nil
}

// lockedStaff reads a person and keeps others from changing him until the end.
func lockedStaff(tx *database.Tx, id string) (model.Staff, error) {
	var p model.Staff
	if err := tx.Lock().First(&p, "id = ?", id).Error; err != nil {
		return p, fmt.Errorf("lock a person: %w", err)
	}
	return p, nil
}

// unsigned reports whether the account lets a leaver's handover run only once both have signed his checklist, and they
// have not.
func unsigned(db *gorm.DB, h model.Handover) (bool, error) {
	if !h.Leaving {
		return false, nil
	}
	settings, err := dutyOf(db, h.AccountID)
	if err != nil || !settings.HandInRequired {
		return false, err
	}
	var sides int64
	err = db.Model(&model.HandInSignature{}).Joins("JOIN hand_ins ON hand_ins.id = hand_in_signatures.hand_in_id").
		Where("hand_ins.open_staff_id = ? AND hand_in_signatures.voided_at = 0", h.FromClerkID).
		Distinct("hand_in_signatures.side").Count(&sides).Error
	if err != nil {
		return false, fmt.Errorf("look for the signatures of a checklist: %w", err)
	}
	return sides < 2, nil
}

// endHandIn ends the checklist of a person, if he has one.
func endHandIn(tx *database.Tx, staffID string) error {
	err := tx.Model(&model.HandIn{}).Where("open_staff_id = ?", staffID).
		Updates(map[string]any{"open_staff_id": nil, "ended_at": tx.Millis()}).Error
	if err != nil {
		return fmt.Errorf("end a checklist: %w", err)
	}
	return nil
}

func readHandIn(db *gorm.DB, row model.HandIn, p model.Staff, side string) (HandIn, error) {
	h := HandIn{HandIn: row, Person: p, Side: side}
	err := db.Where("hand_in_id = ?", row.ID).Order("place").Find(&h.Items).Error
	if err != nil {
		return h, fmt.Errorf("read the items of a checklist: %w", err)
	}
	err = db.Where("hand_in_id = ?", row.ID).Order("id DESC").Limit(shownSignatures).Find(&h.Signatures).Error
	if err != nil {
		return h, fmt.Errorf("read the signatures of a checklist: %w", err)
	}
	h.Facts, err = handInFacts(db, p)
	return h, err
}

// handInFacts counts what is known about the members of a person.
func handInFacts(db *gorm.DB, p model.Staff) (HandInFacts, error) {
	var f HandInFacts
	members := func() *gorm.DB {
		return db.Model(&model.Member{}).Where("members.account_id = ? AND members.clerk_id = ? AND members.merged_into = ''", p.AccountID, p.ID)
	}
	for _, ask := range []struct {
		q    *gorm.DB
		into *int64
	}{
		{members(), &f.Members},
		{members().Where("(members.name = '' OR members.phone_tail_hash = '')"), &f.Incomplete},
		{db.Model(&model.Todo{}).Where("staff_id = ? AND done_at = 0", p.ID), &f.Todos},
		{db.Model(&model.Delivery{}).Joins("JOIN members ON members.id = deliveries.member_id AND members.clerk_id = ?", p.ID).
			Where("deliveries.account_id = ? AND deliveries.state = ?", p.AccountID, model.StatePending), &f.Pending},
		{db.Model(&model.Draft{}).Joins("JOIN conversations ON conversations.id = drafts.conversation_id AND conversations.clerk_id = ?", p.ID).
			Where("drafts.staff_id = ? AND drafts.text <> ''", p.ID), &f.Drafts},
		{db.Model(&model.Conversation{}).Where("account_id = ? AND clerk_id = ? AND waiting_since > 0", p.AccountID, p.ID), &f.Waiting},
	} {
		if err := ask.q.Count(ask.into).Error; err != nil {
			return f, fmt.Errorf("count what a checklist asks for: %w", err)
		}
	}
	return f, nil
}
