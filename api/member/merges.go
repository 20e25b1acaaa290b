package member

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/member"
)

func (r *Room) mountMerges(a *rest.API) {
	managers := []string{model.RoleOwner, model.RoleManager}
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/member_merges", Tag: tag, ID: "mergeMembers", Roles: managers, Idempotent: true,
		Summary: "Make two files of one person one; a dry run only tells what would move", Errors: []int{http.StatusConflict},
	}, r.merge)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/member_merges", Tag: tag, ID: "listMerges", Roles: managers, Summary: "Merges, the newest first",
	}, r.merges)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/member_merges/{id}/undo", Tag: tag, ID: "undoMerge", Roles: managers,
		Summary: "Take a merge back within 30 days", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.unmerge)
}

// MergeRecord is a merge that is planned, done or undone.
type MergeRecord struct {
	ID        *string         `json:"id" doc:"null: a preview"`
	From      MergedMember    `json:"from"`
	Into      MergedMember    `json:"into" doc:"the one who remains"`
	Moves     MergeMoves      `json:"moves"`
	Takes     []string        `json:"takes" nullable:"false" doc:"what the remaining file lacks and gets: phone, card_no, name, class"`
	Tags      []string        `json:"tags" nullable:"false" doc:"tags it gets"`
	Keeps     []string        `json:"keeps" nullable:"false" doc:"of a preview: where both files say something and the remaining one's stays"`
	StoreID   *string         `json:"store_id" doc:"to whom he belongs afterwards"`
	ClerkID   *string         `json:"clerk_id"`
	Conflicts []string        `json:"conflicts" nullable:"false" doc:"why it cannot be done: two_followers"`
	ByID      *string         `json:"by_id"`
	CreatedAt rest.TimeOrNull `json:"created_at"`
	UndoUntil rest.TimeOrNull `json:"undo_until"`
	UndoneAt  rest.TimeOrNull `json:"undone_at"`
}

// MergedMember is one of the two.
type MergedMember struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// MergeMoves counts what moves.
type MergeMoves struct {
	Followers     int `json:"followers"`
	Conversations int `json:"conversations"`
	Phones        int `json:"phones"`
	Cards         int `json:"cards"`
}

func mergeView(m member.Merging) MergeRecord {
	list := func(words []string) []string { return append([]string{}, words...) }
	v := MergeRecord{
		ID: rest.Null(m.ID), From: MergedMember{m.From.ID, m.From.Name}, Into: MergedMember{m.Into.ID, m.Into.Name},
		Moves: MergeMoves{m.Followers, m.Conversations, m.Phones, m.Cards}, Takes: list(m.Takes), Tags: list(m.Tags), Keeps: list(m.Keeps),
		StoreID: rest.Null(m.StoreID), ClerkID: rest.Null(m.ClerkID), Conflicts: list(m.Conflicts), ByID: rest.Null(m.ByID),
		CreatedAt: rest.TimeOrNull(m.CreatedAt), UndoneAt: rest.TimeOrNull(m.UndoAt),
	}
	if m.CreatedAt > 0 {
		v.UndoUntil = rest.TimeOrNull(m.CreatedAt + member.UndoMergeWithin.Milliseconds())
	}
	return v
}

type mergeInput struct {
	DryRun bool `query:"dry_run"`
	Body   struct {
		From string `json:"from" doc:"the member whose identities move"`
		Into string `json:"into" doc:"the member who remains"`
	}
}

func (r *Room) merge(ctx context.Context, actor access.Actor, in *mergeInput) (MergeRecord, error) {
	m, err := r.members.Merge(ctx, actor, in.Body.From, in.Body.Into, in.DryRun)
	return mergeView(m), err
}

type mergesInput struct {
	rest.Paging

	MemberID string `query:"member_id" maxLength:"36"`
}

func (r *Room) merges(ctx context.Context, actor access.Actor, in *mergesInput) (rest.List[MergeRecord], error) {
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return rest.List[MergeRecord]{}, fault.Input("cursor", "unknown")
	}
	rows, next, err := r.members.Merges(ctx, actor, in.MemberID, in.Cursor, in.Limit)
	return rest.Page(rows, next, mergeView), err
}

func (r *Room) unmerge(ctx context.Context, actor access.Actor, in *idInput) (MergeRecord, error) {
	m, err := r.members.Unmerge(ctx, actor, in.ID)
	return mergeView(m), err
}
