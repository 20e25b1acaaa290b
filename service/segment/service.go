// Package segment chooses members by typed filters (H1): kept as JSON, compiled to SQL with bound arguments, and the same
// on every database.
package segment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
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

// patience is how long a count may take. A filter that takes longer is too costly.
const patience = 10 * time.Second

// Where is what a filter takes at a time, of the members in the actor's reach: a condition on the table members, ready
// for gorm's Where. Members who were merged into others are none. The filter was checked.
func Where(actor access.Actor, f Filter, now time.Time) access.Where {
	scope, chosen := actor.Members(now.UnixMilli()), f.where(momentOf(now))
	return access.Where{
		SQL:  "members.merged_into = '' AND (" + scope.SQL + ") AND " + chosen.sql,
		Args: append(append([]any{}, scope.Args...), chosen.args...),
	}
}

// Example is one member whom a filter takes.
type Example struct{ ID, Name, StoreID, ClerkID, Level string }

// Preview is what a filter takes now.
type Preview struct {
	Count    int64
	Examples []Example // model.SegmentExamples at most
}

// Preview counts whom a filter takes of the members in the actor's reach, with examples (H1). It is recorded, as it
// shows names. What is wrong with the filter: see Filter.Check; one that the database cannot answer in time is
// filter:too_costly.
func (s *Service) Preview(ctx context.Context, actor access.Actor, f Filter) (Preview, error) {
	var p Preview
	if err := f.Check(); err != nil {
		return p, err
	}
	short, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	w := Where(actor, f, s.db.Now())
	if err := s.db.Read(short).Model(&model.Member{}).Where(w.SQL, w.Args...).Count(&p.Count).Error; err != nil {
		return p, tooLong(ctx, short, fmt.Errorf("count a segment: %w", err))
	}
	err := s.db.Read(short).Model(&model.Member{}).Select("members.id", "members.name", "members.store_id", "members.clerk_id", "members.level").
		Where(w.SQL, w.Args...).Order("members.id DESC").Limit(model.SegmentExamples).Scan(&p.Examples).Error
	if err != nil {
		return p, tooLong(ctx, short, fmt.Errorf("find examples of a segment: %w", err))
	}
	return p, s.audit.Record(ctx, actor, audit.Entry{Action: "segment.preview", Object: "segment", Detail: fmt.Sprintf("count:%d", p.Count)})
}

// tooLong tells the end of our patience from that of the caller.
func tooLong(outer, inner context.Context, err error) error {
	if outer.Err() == nil && errors.Is(inner.Err(), context.DeadlineExceeded) {
		return fault.Input("filter", "too_costly").Because(err)
	}
	return err
}
