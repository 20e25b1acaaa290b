// Package complaint keeps what members have against the chain, for the owner alone: the clerk and the manager whom it may
// be about do not see it (J1). While a complaint is open, no campaign reaches its member (J5).
package complaint

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/member"
)

// Deps is what the room needs.
type Deps struct {
	DB    *database.DB
	Audit *audit.Service
}

// Service is the room.
type Service struct {
	db    *database.DB
	audit *audit.Service
}

// New makes the room.
func New(d Deps) *Service { return &Service{db: d.DB, audit: d.Audit} }

// Complaint is one with its member's name.
type Complaint struct {
	model.Complaint

	MemberName string
}

// Record writes down what a member told the owner by telephone, in a store or otherwise. It is due after
// model.ComplaintTime (J2).
func (s *Service) Record(ctx context.Context, actor access.Actor, memberID, channel, text string) (Complaint, error) {
	var out Complaint
	if !actor.Is(model.RoleOwner) {
		return out, fault.New(fault.Forbidden, "owner_only")
	}
	switch channel {
	case model.ComplaintByPhone, model.ComplaintInStore, model.ComplaintByWeChat, model.ComplaintOther:
	default:
		return out, fault.Input("channel", "unknown")
	}
	text, err := said("text", text)
	if err != nil {
		return out, err
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		m, err := member.Find(tx.Lock(), actor, memberID, tx.Millis())
		if err != nil {
			return err
		}
		out = Complaint{MemberName: m.Name, Complaint: model.Complaint{
			ID: model.NewID(), AccountID: m.AccountID, MemberID: m.ID, MadeBy: m.ID, StoreID: m.StoreID, ClerkID: m.ClerkID, Channel: channel,
			Text: text, RecordedBy: actor.StaffID, CreatedAt: tx.Millis(), DueAt: tx.Millis() + model.ComplaintTime.Milliseconds(),
		}}
		if err := tx.Create(&out.Complaint).Error; err != nil {
			return fmt.Errorf("record a complaint: %w", err)
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{Action: "complaint.record", Object: "complaint", ObjectID: out.ID, MemberID: m.ID})
	})
	return out, err
}

// said holds what somebody wrote.
func said(field, text string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", fault.Input(field, "required")
	case !utf8.ValidString(text) || utf8.RuneCountInString(text) > model.MaxComplaintText:
		return "", fault.Input(field, "too_long")
	}
	return text, nil
}

// Close notes how a complaint was settled. One that is closed: Conflict closed.
func (s *Service) Close(ctx context.Context, actor access.Actor, id, result string) (Complaint, error) {
	var out Complaint
	if !actor.Is(model.RoleOwner) {
		return out, fault.New(fault.Forbidden, "owner_only")
	}
	result, err := said("result", result)
	if err != nil {
		return out, err
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		err := tx.Lock().First(&out.Complaint, "id = ? AND account_id = ?", id, actor.AccountID).Error
		if database.IsNotFound(err) {
			return fault.New(fault.NotFound, "complaint_not_found")
		}
		if err != nil {
			return fmt.Errorf("find a complaint: %w", err)
		}
		if out.ClosedAt > 0 {
			return fault.New(fault.Conflict, "closed")
		}
		out.ClosedAt, out.ClosedBy, out.Result = tx.Millis(), actor.StaffID, result
		err = tx.Model(&model.Complaint{}).Where("id = ?", id).
			Updates(map[string]any{"closed_at": out.ClosedAt, "closed_by": out.ClosedBy, "result": result}).Error
		if err != nil {
			return fmt.Errorf("close a complaint: %w", err)
		}
		var names []string
		if err := tx.Model(&model.Member{}).Where("id = ?", out.MemberID).Pluck("name", &names).Error; err != nil || len(names) != 1 {
			return fmt.Errorf("find a name (%d): %w", len(names), err)
		}
		out.MemberName = names[0]
		return s.audit.RecordTx(tx, actor, audit.Entry{Action: "complaint.close", Object: "complaint", ObjectID: id, MemberID: out.MemberID})
	})
	return out, err
}

// Filter narrows the list of complaints; an empty field does not.
type Filter struct {
	Closed   bool // the closed ones, the latest first, instead of the open ones, the first due first
	MemberID string
	After    string // cursor: an id
	Limit    int
}

// List pages through the complaints of the account.
func (s *Service) List(ctx context.Context, actor access.Actor, f Filter) ([]Complaint, string, error) {
	if !actor.Is(model.RoleOwner) {
		return nil, "", fault.New(fault.Forbidden, "owner_only")
	}
	q := s.db.Read(ctx).Table("complaints").Select("complaints.*, members.name AS member_name").
		Joins("JOIN members ON members.id = complaints.member_id").Where("complaints.account_id = ?", actor.AccountID)
	if f.MemberID != "" {
		q = q.Where("complaints.member_id = ?", f.MemberID)
	}
	order, beyond := "complaints.id", "complaints.id > ?"
	if f.Closed {
		q, order, beyond = q.Where("complaints.closed_at > 0"), "complaints.id DESC", "complaints.id < ?"
	} else {
		q = q.Where("complaints.closed_at = 0")
	}
	if f.After != "" {
		q = q.Where(beyond, f.After)
	}
	var rows []Complaint
	if err := q.Order(order).Limit(f.Limit + 1).Scan(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list complaints: %w", err)
	}
	if len(rows) > f.Limit {
		return rows[:f.Limit], rows[f.Limit-1].ID, nil
	}
	return rows, "", nil
}

// OpenOf tells which of some members have an open complaint (J5).
func (s *Service) OpenOf(db *gorm.DB, memberIDs []string) (map[string]bool, error) {
	var ids []string
	err := db.Model(&model.Complaint{}).Where("member_id IN ? AND closed_at = 0", memberIDs).Distinct().Pluck("member_id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("look for open complaints: %w", err)
	}
	open := make(map[string]bool, len(ids))
	for _, id := range ids {
		open[id] = true
	}
	return open, nil
}

// MergedTx gives the complaints of a member to the one he was merged into.
func (s *Service) MergedTx(tx *database.Tx, from, into model.Member) error {
	if err := tx.Model(&model.Complaint{}).Where("member_id = ?", from.ID).Update("member_id", into.ID).Error; err != nil {
		return fmt.Errorf("pass complaints on: %w", err)
	}
	return nil
}

// UnmergedTx takes that back, also for those who had been merged into him before.
func (s *Service) UnmergedTx(tx *database.Tx, from, into model.Member, family []string) error {
	err := tx.Model(&model.Complaint{}).Where("member_id = ? AND made_by IN ?", into.ID, family).Update("member_id", from.ID).Error
	if err != nil {
		return fmt.Errorf("give complaints back: %w", err)
	}
	return nil
}
