// Package consent keeps what members allow, per purpose, with its history (B2, H11): what, when, how, to which text.
package consent

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/keys"
	"liuke/service/access"
	"liuke/service/account"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/wechat"
)

// Deps is what the room needs.
type Deps struct {
	DB       *database.DB
	Keys     *keys.Ring
	Accounts *account.Service
	WeChat   *wechat.Client
	Audit    *audit.Service
	// PublicURL is where a member's phone reaches his page.
	PublicURL string
}

// Service is the room.
type Service struct {
	db        *database.DB
	keys      *keys.Ring
	accounts  *account.Service
	wechat    *wechat.Client
	audit     *audit.Service
	publicURL string
}

// New makes the room.
func New(d Deps) *Service {
	return &Service{db: d.DB, keys: d.Keys, accounts: d.Accounts, wechat: d.WeChat, audit: d.Audit, publicURL: d.PublicURL}
}

// Purposes lists what consent is asked for.
func Purposes() []string {
	return []string{model.ConsentForService, model.ConsentForMarketing, model.ConsentForProfiling}
}

// Word is what a member said about a purpose, as a member of staff heard it.
type Word struct {
	Purpose string
	State   string // model.ConsentGiven or …Withdrawn
	Text    string // what he was asked; required when he gives it
}

func (w Word) check() error {
	known := false
	for _, p := range Purposes() {
		known = known || p == w.Purpose
	}
	switch {
	case !known:
		return fault.Input("purpose", "unknown")
	case w.State != model.ConsentGiven && w.State != model.ConsentWithdrawn:
		return fault.Input("state", "unknown")
	case w.State == model.ConsentGiven && strings.TrimSpace(w.Text) == "":
		return fault.Input("text", "required")
	case !utf8.ValidString(w.Text) || utf8.RuneCountInString(w.Text) > model.MaxConsentText:
		return fault.Input("text", "too_long")
	}
	return nil
}

// Tell writes down what a member told the actor. The same again is written down again: he was asked again.
func (s *Service) Tell(ctx context.Context, actor access.Actor, memberID string, w Word) error {
	if err := w.check(); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		m, err := find(tx.Lock(), actor, memberID, tx.Millis())
		if err != nil {
			return err
		}
		record := model.ConsentRecord{
			AccountID: m.AccountID, MemberID: m.ID, Purpose: w.Purpose, State: w.State, How: model.ConsentByStaff, Text: strings.TrimSpace(w.Text),
			ByKind: actor.Kind, ByID: actor.StaffID,
		}
		if err := s.RecordTx(tx, record); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{
			Action: "consent." + w.State, Object: "member", ObjectID: m.ID, MemberID: m.ID, Detail: "purpose:" + w.Purpose,
		})
	})
}

// RecordTx adds a word to the history and makes it today's. Who calls it holds the member.
func (s *Service) RecordTx(tx *database.Tx, r model.ConsentRecord) error {
	r.ID, r.At = model.NewID(), tx.Millis()
	if err := tx.Create(&r).Error; err != nil {
		return fmt.Errorf("record a consent: %w", err)
	}
	today := model.Consent{MemberID: r.MemberID, Purpose: r.Purpose, AccountID: r.AccountID, State: r.State, At: r.At}
	err := tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "member_id"}, {Name: "purpose"}}, DoUpdates: clause.AssignmentColumns([]string{"state", "at"}),
	}).Create(&today).Error
	if err != nil {
		return fmt.Errorf("keep a consent: %w", err)
	}
	return nil
}

// Today gives what a member says today, by purpose.
func (s *Service) Today(ctx context.Context, actor access.Actor, memberID string) ([]model.Consent, error) {
	db := s.db.Read(ctx)
	if _, err := find(db, actor, memberID, s.db.Now().UnixMilli()); err != nil {
		return nil, err
	}
	var rows []model.Consent
	if err := db.Where("member_id = ?", memberID).Order("purpose").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read consents: %w", err)
	}
	return rows, nil
}

// History pages through all that a member said, the latest first.
func (s *Service) History(ctx context.Context, actor access.Actor, memberID, before string, limit int) ([]model.ConsentRecord, string, error) {
	db := s.db.Read(ctx)
	if _, err := find(db, actor, memberID, s.db.Now().UnixMilli()); err != nil {
		return nil, "", err
	}
	q := db.Where("member_id = ?", memberID)
	if before != "" {
		q = q.Where("id < ?", before)
	}
	var rows []model.ConsentRecord
	if err := q.Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list consents: %w", err)
	}
	if len(rows) > limit {
		return rows[:limit], rows[limit-1].ID, nil
	}
	return rows, "", nil
}

func find(db *gorm.DB, actor access.Actor, id string, now int64) (model.Member, error) {
	var m model.Member
	scope := actor.Members(now)
	err := db.Where(scope.SQL, scope.Args...).Where("members.merged_into = ''").First(&m, "members.id = ?", id).Error
	if database.IsNotFound(err) {
		return m, fault.New(fault.NotFound, "member_not_found")
	}
	if err != nil {
		return m, fmt.Errorf("find a member: %w", err)
	}
	return m, nil
}

// Says is what a member says today about being written to without having asked.
type Says struct {
	Offers    bool // he allows them
	NoNotices bool // he wants not even words about what he bought and booked
}

// SaysOf reads it for some members. Who is not in the answer never said anything: he allows no offers, and notices go to
// him.
func (s *Service) SaysOf(db *gorm.DB, memberIDs []string) (map[string]Says, error) {
	var rows []model.Consent
	if err := db.Where("member_id IN ?", memberIDs).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read consents: %w", err)
	}
	all := make(map[string]Says, len(rows))
	for _, r := range rows {
		says := all[r.MemberID]
		switch r.Purpose {
		case model.ConsentForMarketing:
			says.Offers = r.State == model.ConsentGiven
		case model.ConsentForService:
			says.NoNotices = r.State == model.ConsentWithdrawn
		}
		all[r.MemberID] = says
	}
	return all, nil
}

// MergedTx lets the remaining member take over what he never spoke of. A no of either is a no. When the merge is undone
// both keep what they said: the one who returns never lost it, and a no stays a no.
func (s *Service) MergedTx(tx *database.Tx, from, into model.Member) error {
	var rows []model.Consent
	if err := tx.Where("member_id IN ?", []string{from.ID, into.ID}).Find(&rows).Error; err != nil {
		return fmt.Errorf("read consents: %w", err)
	}
	his := map[string]string{}
	for _, r := range rows {
		if r.MemberID == into.ID {
			his[r.Purpose] = r.State
		}
	}
	for _, r := range rows {
		if r.MemberID == into.ID || his[r.Purpose] == r.State || his[r.Purpose] == model.ConsentWithdrawn {
			continue
		}
		if his[r.Purpose] == model.ConsentGiven && r.State != model.ConsentWithdrawn {
			continue
		}
		err := s.RecordTx(tx, model.ConsentRecord{
			AccountID: into.AccountID, MemberID: into.ID, Purpose: r.Purpose, State: r.State, How: model.ConsentByMerge, ByKind: model.BySystem,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
