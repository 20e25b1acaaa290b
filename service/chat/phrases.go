package chat

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

// PhraseEdit is a new phrase, or what to change in one; nil leaves it.
type PhraseEdit struct {
	Scope     string // of a new one: account (owner), store (manager) or own
	StoreID   string // of a new one of scope store; the manager's own by itself
	Title     *string
	Text      *string // with {member}, {clerk}, {store}, {points}
	Situation *string
	Sort      *int64
}

// PhraseFilter narrows a list of phrases; what is empty narrows nothing.
type PhraseFilter struct {
	Situation string
	Scope     string
	StoreID   string // of scope store: only this store's
	Text      string // a piece of title, text or situation
}

// after is where a page of phrases ended.
type after struct {
	Situation string
	Sort      int64
	ID        string
}

// Phrases pages through the phrases the actor finds: by situation, and in their order there.
func (s *Service) Phrases(ctx context.Context, actor access.Actor, f PhraseFilter, cursor string, limit int) ([]model.Phrase, string, error) {
	scope := actor.Shared(model.RoleOwner, model.RoleSupport)
	q := s.db.Read(ctx).Where(scope.SQL, scope.Args...)
	if f.Situation != "" {
		q = q.Where("situation = ?", f.Situation)
	}
	if f.Scope != "" {
		q = q.Where("scope = ?", f.Scope)
	}
	if f.StoreID != "" {
		q = q.Where("(scope <> 'store' OR store_id = ?)", model.ASCIIKey(f.StoreID, 36))
	}
	if f.Text != "" {
		like := contains(f.Text)
		q = q.Where("(LOWER(title) LIKE ? ESCAPE '!' OR LOWER(text) LIKE ? ESCAPE '!' OR LOWER(situation) LIKE ? ESCAPE '!')", like, like, like)
	}
	if cursor != "" {
		at, err := readPhraseCursor(cursor)
		if err != nil {
			return nil, "", fault.Input("cursor", "unknown")
		}
		q = q.Where("(situation > ? OR situation = ? AND (sort > ? OR sort = ? AND id > ?))", at.Situation, at.Situation, at.Sort, at.Sort, at.ID)
	}
	var rows []model.Phrase
	if err := q.Order("situation, sort, id").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list phrases: %w", err)
	}
	if len(rows) <= limit {
		return rows, "", nil
	}
	last := rows[limit-1]
	return rows[:limit], writePhraseCursor(after{last.Situation, last.Sort, last.ID}), nil
}

func writePhraseCursor(a after) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(a.Sort, 10) + " " + a.ID + " " + a.Situation))
}

func readPhraseCursor(cursor string) (after, error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return after{}, fmt.Errorf("read cursor: %w", err)
	}
	parts := strings.SplitN(string(b), " ", 3)
	if len(parts) < 3 || !model.ValidID(parts[1]) || !utf8.ValidString(parts[2]) {
		return after{}, errors.New("no cursor of phrases")
	}
	sort, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return after{}, fmt.Errorf("read cursor: %w", err)
	}
	return after{parts[2], sort, parts[1]}, nil
}

// AddPhrase keeps a new phrase.
func (s *Service) AddPhrase(ctx context.Context, actor access.Actor, in PhraseEdit) (model.Phrase, error) {
	p := model.Phrase{ID: model.NewID(), AccountID: actor.AccountID, Scope: in.Scope}
	switch in.Scope {
	case model.ScopeAccount:
	case model.ScopeStore:
		p.StoreID = in.StoreID
		if p.StoreID == "" {
			p.StoreID = actor.StoreID
		}
	case model.ScopeOwn:
		p.StaffID = actor.StaffID
	default:
		return p, fault.Input("scope", "unknown")
	}
	if !actor.Keeps(p.Scope) || actor.Is(model.RoleManager) && p.Scope == model.ScopeStore && p.StoreID != actor.StoreID {
		return p, fault.New(fault.Forbidden, "not_your_phrases")
	}
	if in.Title == nil || in.Text == nil {
		return p, fault.Input("text", "required")
	}
	if err := in.apply(&p); err != nil {
		return p, err
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		if p.Scope == model.ScopeStore {
			var n int64
			if err := tx.Model(&model.Store{}).Where("id = ? AND account_id = ?", p.StoreID, p.AccountID).Count(&n).Error; err != nil {
				return fmt.Errorf("find store: %w", err)
			}
			if n == 0 {
				return fault.Missing("store_id")
			}
		}
		p.CreatedAt, p.UpdatedAt = tx.Millis(), tx.Millis()
		if err := tx.Create(&p).Error; err != nil {
			return fmt.Errorf("keep phrase: %w", err)
		}
		return s.auditPhrase(tx, actor, "phrase.create", p)
	})
	return p, err
}

func (s *Service) auditPhrase(tx *database.Tx, actor access.Actor, action string, p model.Phrase) error {
	return s.audit.RecordTx(tx, actor, audit.Entry{Action: action, Object: "phrase", ObjectID: p.ID, Detail: p.Scope})
}

// EditPhrase changes a phrase.
func (s *Service) EditPhrase(ctx context.Context, actor access.Actor, id string, in PhraseEdit) (model.Phrase, error) {
	var p model.Phrase
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		var err error
		if p, err = s.changeable(tx, actor, id); err != nil {
			return err
		}
		if err := in.apply(&p); err != nil {
			return err
		}
		p.UpdatedAt = tx.Millis()
		err = tx.Model(&model.Phrase{}).Where("id = ?", p.ID).Updates(map[string]any{
			"title": p.Title, "text": p.Text, "situation": p.Situation, "sort": p.Sort, "updated_at": p.UpdatedAt,
		}).Error
		if err != nil {
			return fmt.Errorf("change phrase: %w", err)
		}
		return s.auditPhrase(tx, actor, "phrase.update", p)
	})
	return p, err
}

// DeletePhrase takes a phrase away.
func (s *Service) DeletePhrase(ctx context.Context, actor access.Actor, id string) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		p, err := s.changeable(tx, actor, id)
		if err != nil {
			return err
		}
		if err := tx.Where("id = ?", p.ID).Delete(&model.Phrase{}).Error; err != nil {
			return fmt.Errorf("delete phrase: %w", err)
		}
		return s.auditPhrase(tx, actor, "phrase.delete", p)
	})
}

// changeable locks a phrase that the actor finds and may change.
func (s *Service) changeable(tx *database.Tx, actor access.Actor, id string) (model.Phrase, error) {
	var p model.Phrase
	scope := actor.Shared(model.RoleOwner, model.RoleSupport)
	err := tx.Lock().Where(scope.SQL, scope.Args...).First(&p, "id = ?", model.ASCIIKey(id, 36)).Error
	if database.IsNotFound(err) {
		return p, errNoPhrase()
	}
	if err != nil {
		return p, fmt.Errorf("find phrase: %w", err)
	}
	if !actor.Keeps(p.Scope) {
		return p, fault.New(fault.Forbidden, "not_your_phrases")
	}
	return p, nil
}

func errNoPhrase() error { return fault.New(fault.NotFound, "phrase_not_found") }

// apply puts the changes into the row.
func (in PhraseEdit) apply(p *model.Phrase) error {
	if in.Title != nil {
		p.Title = strings.TrimSpace(*in.Title)
		if n := utf8.RuneCountInString(p.Title); n == 0 || n > model.MaxNameRunes {
			return fault.Input("title", "length")
		}
	}
	if in.Text != nil {
		p.Text = *in.Text
		if strings.TrimSpace(p.Text) == "" || len(p.Text) > model.MaxTextBytes {
			return fault.Input("text", "length")
		}
	}
	if in.Situation != nil {
		p.Situation = strings.TrimSpace(*in.Situation)
		if utf8.RuneCountInString(p.Situation) > model.MaxWordRunes {
			return fault.Input("situation", "length")
		}
	}
	if in.Sort != nil {
		p.Sort = *in.Sort
	}
	return nil
}

// Rendered is a phrase with its fields filled.
type Rendered struct {
	Text    string
	Missing []string // names of the fields of which the value is not known; they stand in Text as {name}
}

// RenderPhrase fills a phrase for a conversation: {member} with the member's name, {clerk} with the actor's, {store}
// with the name of the member's store, {points} with the member's points. A field without a value stays as it is
// written, so that nobody sends a hole without seeing it.
func (s *Service) RenderPhrase(ctx context.Context, actor access.Actor, id, conversationID string) (Rendered, error) {
	scope := actor.Shared(model.RoleOwner, model.RoleSupport)
	var p model.Phrase
	err := s.db.Read(ctx).Where(scope.SQL, scope.Args...).First(&p, "id = ?", model.ASCIIKey(id, 36)).Error
	if database.IsNotFound(err) {
		return Rendered{}, errNoPhrase()
	}
	if err != nil {
		return Rendered{}, fmt.Errorf("find phrase: %w", err)
	}
	c, err := s.find(ctx, actor, conversationID)
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			return Rendered{}, fault.Missing("conversation_id")
		}
		return Rendered{}, err
	}
	var m model.Member
	if err := s.db.Read(ctx).Select("id", "name", "kind", "points").First(&m, "id = ?", c.MemberID).Error; err != nil {
		return Rendered{}, fmt.Errorf("find member: %w", err)
	}
	var store []string
	if err := s.db.Read(ctx).Model(&model.Store{}).Where("id = ?", c.StoreID).Pluck("name", &store).Error; err != nil {
		return Rendered{}, fmt.Errorf("find name of store: %w", err)
	}
	values := []struct{ field, value string }{
		{"member", m.Name}, {"clerk", actor.Name}, {"store", strings.Join(store, "")}, {"points", pointsOf(m)},
	}
	r := Rendered{Missing: []string{}}
	var fills []string
	for _, v := range values {
		place := "{" + v.field + "}"
		switch {
		case v.value != "":
			fills = append(fills, place, v.value)
		case strings.Contains(p.Text, place):
			r.Missing = append(r.Missing, v.field)
		}
	}
	r.Text = strings.NewReplacer(fills...).Replace(p.Text)
	return r, nil
}

// pointsOf is nothing for a prospect: he has no card that could bear any.
func pointsOf(m model.Member) string {
	if m.Kind == model.MemberProspect {
		return ""
	}
	return strconv.FormatInt(m.Points, 10)
}
