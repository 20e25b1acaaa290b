package binding

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
)

// Span is the days a statistic covers, both within; empty: the last thirty.
type Span struct{ From, To string }

// maxSpan bounds a statistic, in days.
const maxSpan = 400

// DayScans is what came of the scans of one day.
type DayScans struct {
	Day      string // 2006-01-02 in the zone of the code's store
	Scans    int64
	Followed int64 // of them: were also the follow
	Outcomes map[string]int64
}

// SourceScans is what came of the scans of one sort of code.
type SourceScans struct {
	Kind     string
	Channel  string
	Scans    int64
	Followed int64
}

// CodeStatistics counts the scans of one code by day (A4), each day from the first to the last.
func (s *Service) CodeStatistics(ctx context.Context, actor access.Actor, codeID string, span Span) ([]DayScans, error) {
	c, err := s.Code(ctx, actor, codeID)
	if err != nil {
		return nil, err
	}
	days, err := s.days(span)
	if err != nil {
		return nil, err
	}
	rows, err := quarters(s.inSpan(ctx, days).Where("scans.code_id = ?", c.ID))
	if err != nil {
		return nil, err
	}
	byDay, _ := sum(days, rows)
	return byDay, nil
}

// Statistics counts the scans of all codes the actor may see, by day and by source. storeID and clerkID, if any, limit
// them to the codes of that store or clerk.
func (s *Service) Statistics(ctx context.Context, actor access.Actor, storeID, clerkID string, span Span) ([]DayScans, []SourceScans, error) {
	days, err := s.days(span)
	if err != nil {
		return nil, nil, err
	}
	scope := codesInScope(actor)
	q := s.inSpan(ctx, days).Where("scans.account_id = ?", actor.AccountID).Where(scope.SQL, scope.Args...)
	if storeID != "" {
		q = q.Where("codes.store_id = ?", storeID)
	}
	if clerkID != "" {
		q = q.Where("codes.clerk_id = ?", clerkID)
	}
	rows, err := quarters(q)
	if err != nil {
		return nil, nil, err
	}
	byDay, bySource := sum(days, rows)
	return byDay, bySource, nil
}

// days lists the days of a span.
func (s *Service) days(span Span) ([]string, error) {
	last := s.db.Now().In(model.Zone(""))
	var err error
	if span.To != "" {
		if last, err = time.Parse(model.DayLayout, span.To); err != nil {
			return nil, fault.Input("to", "invalid")
		}
	}
	last = time.Date(last.Year(), last.Month(), last.Day(), 0, 0, 0, 0, time.UTC)
	first := last.AddDate(0, 0, -29)
	if span.From != "" {
		if first, err = time.Parse(model.DayLayout, span.From); err != nil {
			return nil, fault.Input("from", "invalid")
		}
	}
	if first.After(last) {
		return nil, fault.Input("from", "after_to")
	}
	if last.Sub(first) > maxSpan*24*time.Hour {
		return nil, fault.Input("from", "too_long")
	}
	var days []string
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		days = append(days, day.Format(model.DayLayout))
	}
	return days, nil
}

// inSpan asks for the scans of some days, with a day to spare at each end for the zones.
func (s *Service) inSpan(ctx context.Context, days []string) *gorm.DB {
	edge := func(day string, offset int) int64 {
		t, _ := time.Parse(model.DayLayout, day) // made by days
		return t.AddDate(0, 0, offset).UnixMilli()
	}
	return s.db.Read(ctx).Table("scans").
		Joins("JOIN codes ON codes.id = scans.code_id").Joins("LEFT JOIN stores ON stores.id = codes.store_id").
		Where("scans.at >= ? AND scans.at < ?", edge(days[0], -1), edge(days[len(days)-1], 2))
}

// quarter counts the scans of a quarter of an hour, of which every zone's day has whole ones.
type quarter struct {
	Quarter  int64
	Zone     string
	Kind     string
	Channel  string
	Outcome  string
	Followed bool
	N        int64
}

func quarters(q *gorm.DB) ([]quarter, error) {
	var rows []quarter
	err := q.Select("scans.at - scans.at % 900000 AS quarter, COALESCE(stores.time_zone, '') AS zone, codes.kind AS kind, " +
		"codes.channel AS channel, scans.outcome AS outcome, scans.followed AS followed, COUNT(*) AS n").
		Group("scans.at - scans.at % 900000, COALESCE(stores.time_zone, ''), codes.kind, codes.channel, scans.outcome, scans.followed").
		Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count scans: %w", err)
	}
	return rows, nil
}

func sum(days []string, rows []quarter) ([]DayScans, []SourceScans) {
	byDay := make([]DayScans, len(days))
	place := map[string]int{}
	for i, day := range days {
		byDay[i] = DayScans{Day: day, Outcomes: map[string]int64{}}
		place[day] = i
	}
	bySource := []SourceScans{}
	zones := map[string]*time.Location{}
	for _, r := range rows {
		if zones[r.Zone] == nil {
			zones[r.Zone] = model.Zone(r.Zone)
		}
		i, ok := place[time.UnixMilli(r.Quarter).In(zones[r.Zone]).Format(model.DayLayout)]
		if !ok {
			continue
		}
		j := slices.IndexFunc(bySource, func(s SourceScans) bool { return s.Kind == r.Kind && s.Channel == r.Channel })
		if j < 0 {
			bySource = append(bySource, SourceScans{Kind: r.Kind, Channel: r.Channel})
			j = len(bySource) - 1
		}
		byDay[i].Scans += r.N
		byDay[i].Outcomes[r.Outcome] += r.N
		bySource[j].Scans += r.N
		if r.Followed {
			byDay[i].Followed += r.N
			bySource[j].Followed += r.N
		}
	}
	slices.SortFunc(bySource, func(a, b SourceScans) int {
		return strings.Compare(a.Kind+" "+a.Channel, b.Kind+" "+b.Channel)
	})
	return byDay, bySource
}
