package member

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
)

// Kinds of moments in a member's life with us (B9).
const (
	MomentScan     = "scan"
	MomentBinding  = "binding"
	MomentFollow   = "follow"
	MomentUnfollow = "unfollow"
	MomentNote     = "note"
	MomentMerge    = "merge"
	MomentLevel    = "level"
	MomentPurchase = "purchase"
	MomentRefund   = "refund"
)

// Moment is one line of the timeline.
type Moment struct {
	ID   string // of the row behind it
	At   int64
	Kind string
	Data map[string]any
}

// mark is where a page ends: what is older comes next.
type mark struct {
	at int64
	id string
}

func (m mark) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(m.at, 10) + " " + m.id))
}

func readMark(s string) (mark, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	at, id, _ := strings.Cut(string(b), " ")
	n, atErr := strconv.ParseInt(at, 10, 64)
	if err != nil || atErr != nil || !model.ValidID(id) {
		return mark{}, fault.Input("cursor", "unknown")
	}
	return mark{n, id}, nil
}

// older limits a query to one page below the mark.
func (m mark) older(q *gorm.DB, at string, limit int) *gorm.DB {
	if m.id != "" {
		q = q.Where("("+at+" < ? OR "+at+" = ? AND id < ?)", m.at, m.at, m.id)
	}
	return q.Order(at + " DESC, id DESC").Limit(limit + 1)
}

// Timeline pages through everything that happened to a member, the newest first, with what happened to those merged
// into him. The reading is recorded with its first page.
func (s *Service) Timeline(ctx context.Context, actor access.Actor, id, cursor string, limit int) ([]Moment, string, error) {
	if _, err := s.find(ctx, actor, id); err != nil {
		return nil, "", err
	}
	var from mark
	if cursor != "" {
		var err error
		if from, err = readMark(cursor); err != nil {
			return nil, "", err
		}
	}
	db := s.db.Read(ctx)
	ids, err := family(db, id)
	if err != nil {
		return nil, "", err
	}
	var all []Moment
	for _, source := range []func(*gorm.DB, []string, mark, int) ([]Moment, error){
		scanMoments, bindingMoments, followMoments, noteMoments, mergeMoments, levelMoments, purchaseMoments,
	} {
		moments, err := source(db, ids, from, limit)
		if err != nil {
			return nil, "", err
		}
		all = append(all, moments...)
	}
	slices.SortFunc(all, func(a, b Moment) int { return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.ID, a.ID)) })
	next := ""
	if len(all) > limit {
		all = all[:limit]
		next = mark{all[limit-1].At, all[limit-1].ID}.String()
	}
	if cursor == "" {
		err = s.audit.Record(ctx, actor, auditEntry("member.timeline", id, ""))
	}
	return all, next, err
}

func scanMoments(db *gorm.DB, ids []string, from mark, limit int) ([]Moment, error) {
	var followers []string
	if err := db.Model(&model.Follower{}).Where("member_id IN ?", ids).Pluck("id", &followers).Error; err != nil {
		return nil, fmt.Errorf("find followers: %w", err)
	}
	var rows []model.Scan
	if err := from.older(db.Where("(member_id IN ? OR follower_id IN ?)", ids, followers), "at", limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list scans: %w", err)
	}
	moments := make([]Moment, len(rows))
	for i, r := range rows {
		moments[i] = Moment{r.ID, r.At, MomentScan, map[string]any{
			"code_id": null(r.CodeID), "store_id": null(r.StoreID), "clerk_id": null(r.ClerkID), "outcome": r.Outcome, "followed": r.Followed,
		}}
	}
	return moments, nil
}

func bindingMoments(db *gorm.DB, ids []string, from mark, limit int) ([]Moment, error) {
	var rows []model.Binding
	if err := from.older(db.Where("member_id IN ?", ids), "from_at", limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list bindings: %w", err)
	}
	moments := make([]Moment, len(rows))
	for i, r := range rows {
		moments[i] = Moment{r.ID, r.FromAt, MomentBinding, map[string]any{
			"store_id": null(r.StoreID), "clerk_id": r.ClerkID, "how": r.How, "by_id": null(r.ByID), "ended": !r.Open(),
		}}
	}
	return moments, nil
}

// Words at the beginning of the payload of event messages.
const (
	subscribed   = `{"event":"subscribe"%`
	unsubscribed = `{"event":"unsubscribe"%`
)

func followMoments(db *gorm.DB, ids []string, from mark, limit int) ([]Moment, error) {
	var conversations []string
	if err := db.Model(&model.Conversation{}).Where("member_id IN ?", ids).Pluck("id", &conversations).Error; err != nil {
		return nil, fmt.Errorf("find conversations: %w", err)
	}
	var moments []Moment
	for _, c := range conversations {
		var rows []model.Message
		q := db.Select("id", "at", "payload").Where("shard = ? AND conversation_id = ? AND kind = ?", model.Shard(c), c, model.KindEvent).
			Where("(payload LIKE ? OR payload LIKE ?)", subscribed, unsubscribed)
		if err := from.older(q, "at", limit).Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("list follows: %w", err)
		}
		for _, r := range rows {
			kind := MomentUnfollow
			if strings.HasPrefix(r.Payload, strings.TrimSuffix(subscribed, "%")) {
				kind = MomentFollow
			}
			moments = append(moments, Moment{r.ID, r.At, kind, map[string]any{"conversation_id": c}})
		}
	}
	return moments, nil
}

func noteMoments(db *gorm.DB, ids []string, from mark, limit int) ([]Moment, error) {
	var rows []model.Note
	if err := from.older(db.Where("member_id IN ?", ids), "created_at", limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list notes: %w", err)
	}
	moments := make([]Moment, len(rows))
	for i, r := range rows {
		moments[i] = Moment{r.ID, r.CreatedAt, MomentNote, map[string]any{
			"note_id": r.ID, "author_id": null(r.AuthorID), "author_name": r.AuthorName, "text": r.Text,
		}}
	}
	return moments, nil
}

func mergeMoments(db *gorm.DB, ids []string, from mark, limit int) ([]Moment, error) {
	var rows []model.Merge
	q := db.Where("(into_member_id IN ? OR from_member_id IN ?)", ids, ids)
	if err := from.older(q, "created_at", limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list merges: %w", err)
	}
	moments := make([]Moment, len(rows))
	for i, r := range rows {
		moments[i] = Moment{r.ID, r.CreatedAt, MomentMerge, map[string]any{
			"merge_id": r.ID, "from_id": r.FromMemberID, "into_id": r.IntoMemberID, "by_id": null(r.ByID), "undone": r.UndoneAt > 0,
		}}
	}
	return moments, nil
}

func levelMoments(db *gorm.DB, ids []string, from mark, limit int) ([]Moment, error) {
	var rows []model.Attribute
	q := db.Where("member_id IN ? AND name = ?", ids, model.AttributeLevel)
	if err := from.older(q, "valid_from", limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list levels: %w", err)
	}
	moments := make([]Moment, len(rows))
	for i, r := range rows {
		var level *string
		if err := json.Unmarshal([]byte(r.Value), &level); err != nil {
			return nil, fmt.Errorf("read level: %w", err)
		}
		moments[i] = Moment{r.ID, r.ValidFrom, MomentLevel, map[string]any{"level": level, "by_id": null(r.ByID)}}
	}
	return moments, nil
}

// null is an id, or nil for none.
func null(id string) any {
	if id == "" {
		return nil
	}
	return id
}

func purchaseMoments(db *gorm.DB, ids []string, from mark, limit int) ([]Moment, error) {
	var rows []model.Purchase
	if err := from.older(db.Where("member_id IN ?", ids), "paid_at", limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list purchases: %w", err)
	}
	moments := make([]Moment, len(rows))
	for i, r := range rows {
		kind := MomentPurchase
		if r.Amount < 0 {
			kind = MomentRefund
		}
		moments[i] = Moment{r.ID, r.PaidAt, kind, map[string]any{
			"amount": r.Amount, "store_id": r.StoreID, "clerk_id": null(r.ClerkID), "external_id": r.ExternalID,
		}}
	}
	return moments, nil
}
