package member

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// UndoMergeWithin is how long a merge may be taken back (B13).
const UndoMergeWithin = 30 * 24 * time.Hour

// Merging is a merge that is planned, done or undone.
type Merging struct {
	ID         string // empty: a preview
	From, Into model.Member
	Preview
	ByID              string
	CreatedAt, UndoAt int64 // UndoAt: when it was undone, 0 = not
}

// Preview says what a merge moves and what stands against it.
type Preview struct {
	Followers, Conversations, Phones, Cards int
	Takes                                   []string // what the remaining file lacks and gets: phone, card_no, name, class
	Tags                                    []string // tags it gets
	Keeps                                   []string // where both files say something and the remaining one's stays
	StoreID, ClerkID                        string   // to whom he belongs afterwards
	Conflicts                               []string // why it cannot be done: two_followers
}

// managesMerges are those who may merge: it changes who is who.
func managesMerges(actor access.Actor) error {
	if !actor.Is(model.RoleManager, model.RoleOwner) {
		return fault.New(fault.Forbidden, "managers_only")
	}
	return nil
}

// Merge makes two files of one person one: the identities of the first move to the second (B13). A dry run tells what
// would happen and changes nothing. Both must be in the actor's scope; what stands against it is a Conflict with its
// reason.
func (s *Service) Merge(ctx context.Context, actor access.Actor, fromID, intoID string, dryRun bool) (Merging, error) {
	var done Merging
	if err := managesMerges(actor); err != nil {
		return done, err
	}
	if fromID == intoID {
		return done, fault.Input("into", "same_member")
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		var pair [2]model.Member
		order := []int{0, 1} // rows are locked in the order of their ids, whoever merges whom
		if ids := []string{fromID, intoID}; ids[0] > ids[1] {
			order = []int{1, 0}
		}
		for _, n := range order {
			var err error
			if pair[n], err = s.lock(tx, actor, []string{fromID, intoID}[n]); err != nil {
				return onField(err, []string{"from", "into"}[n])
			}
		}
		preview, err := s.preview(tx, pair[0], pair[1])
		if err != nil {
			return err
		}
		done = Merging{From: pair[0], Into: pair[1], Preview: preview, ByID: actor.StaffID}
		if dryRun {
			return nil
		}
		if len(preview.Conflicts) > 0 {
			return fault.New(fault.Conflict, preview.Conflicts[0])
		}
		row, err := s.merge(tx, actor, &pair[0], &pair[1], model.HowManual, "")
		done.ID, done.CreatedAt = row.ID, row.CreatedAt
		return err
	})
	return done, err
}

// onField says which of two members is not there: ids in a body are input.
func onField(err error, field string) error {
	if fault.Is(err, fault.NotFound) {
		return fault.Missing(field)
	}
	return err
}

func (s *Service) preview(tx *database.Tx, from, into model.Member) (Preview, error) {
	p := Preview{Takes: lacks(from, into), StoreID: into.StoreID, ClerkID: into.ClerkID}
	if inherits(from, into) {
		p.StoreID, p.ClerkID = from.StoreID, from.ClerkID
	}
	var mine, theirs, conversations, phones, cards int64
	for _, c := range []struct {
		to    *int64
		of    any
		where string
		args  []any
	}{
		{&mine, &model.Follower{}, "member_id = ?", []any{from.ID}},
		{&theirs, &model.Follower{}, "member_id = ?", []any{into.ID}},
		{&conversations, &model.Conversation{}, "member_id = ?", []any{from.ID}},
		{&phones, &model.Identity{}, "member_id = ? AND kind = ?", []any{from.ID, model.IdentityPhone}},
		{&cards, &model.Identity{}, "member_id = ? AND kind = ?", []any{from.ID, model.IdentityCard}},
	} {
		if err := tx.Model(c.of).Where(c.where, c.args...).Count(c.to).Error; err != nil {
			return p, fmt.Errorf("count what moves: %w", err)
		}
	}
	p.Followers, p.Conversations, p.Phones, p.Cards = int(mine), int(conversations), int(phones), int(cards)
	if mine > 0 && theirs > 0 {
		p.Conflicts = append(p.Conflicts, "two_followers")
	}
	var err error
	if p.Tags, err = missingTags(tx.DB, from.ID, into.ID); err != nil {
		return p, err
	}
	p.Keeps, err = s.differs(from, into)
	return p, err
}

// differs names what both files say differently.
func (s *Service) differs(from, into model.Member) ([]string, error) {
	var names []string
	if from.Name != "" && into.Name != "" && from.Name != into.Name {
		names = append(names, "name")
	}
	if from.CardNo != "" && into.CardNo != "" && from.CardNo != into.CardNo {
		names = append(names, "card_no")
	}
	differs, err := s.phoneDiffers(from, into)
	if differs && len(from.PhoneSealed) > 0 && len(into.PhoneSealed) > 0 {
		names = append(names, "phone")
	}
	if from.ClerkID != "" && into.ClerkID != "" && from.ClerkID != into.ClerkID {
		names = append(names, "clerk")
	}
	if from.Points != 0 {
		names = append(names, "points")
	}
	return names, err
}

// Merges pages through the merges whose remaining member the actor may see, the newest first; of one member if given.
func (s *Service) Merges(ctx context.Context, actor access.Actor, memberID, before string, limit int) ([]Merging, string, error) {
	if err := managesMerges(actor); err != nil {
		return nil, "", err
	}
	scope := actor.Members(s.db.Now().UnixMilli())
	q := s.db.Read(ctx).Model(&model.Merge{}).Select("merges.*").
		Joins("JOIN members ON members.id = merges.into_member_id").Where(scope.SQL, scope.Args...)
	if memberID != "" {
		q = q.Where("(merges.into_member_id = ? OR merges.from_member_id = ?)", memberID, memberID)
	}
	if before != "" {
		q = q.Where("merges.id < ?", before)
	}
	var rows []model.Merge
	if err := q.Order("merges.id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list merges: %w", err)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	items, err := s.mergings(ctx, rows)
	return items, next, err
}

// mergings adds names and what moved to the rows of merges.
func (s *Service) mergings(ctx context.Context, rows []model.Merge) ([]Merging, error) {
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.FromMemberID, r.IntoMemberID)
	}
	var members []model.Member
	if len(ids) > 0 {
		if err := s.db.Read(ctx).Where("id IN ?", ids).Find(&members).Error; err != nil {
			return nil, fmt.Errorf("find merged members: %w", err)
		}
	}
	of := map[string]model.Member{}
	for _, m := range members {
		of[m.ID] = m
	}
	items := make([]Merging, len(rows))
	for i, r := range rows {
		var m moved
		if err := json.Unmarshal([]byte(r.Moved), &m); err != nil {
			return nil, fmt.Errorf("read merge: %w", err)
		}
		items[i] = Merging{
			ID: r.ID, From: of[r.FromMemberID], Into: of[r.IntoMemberID], Preview: m.preview(), ByID: r.ByID,
			CreatedAt: r.CreatedAt, UndoAt: r.UndoneAt,
		}
	}
	return items, nil
}

// preview is what was done, in the words of a preview.
func (m moved) preview() Preview {
	p := Preview{
		Followers: len(m.Followers), Conversations: len(m.Conversations), Takes: slices.Clone(m.Took), Tags: m.Tags,
		StoreID: m.AfterStoreID, ClerkID: m.AfterClerkID,
	}
	if m.Class {
		p.Takes = append(p.Takes, "class")
	}
	for _, i := range m.Identities {
		if kind, _ := splitIdentity(i); kind == model.IdentityPhone {
			p.Phones++
		} else {
			p.Cards++
		}
	}
	return p
}
