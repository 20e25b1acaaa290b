package handover

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/service/access"
)

// Progress is how far one person is with his to-dos.
type Progress struct {
	StaffID    string
	Name       string
	StoreID    string
	Todos      TodoCounts // Done: of a handover all, otherwise of the last TodoDoneSpan
	Introduced int64      // members who got an introduction that WeChat took
	Waiting    int64      // introductions that wait for the member's next message, or are on their way
	Reachable  int64      // members who can be introduced to: both of these, and those to whom none was written yet
	Quiet      int64      // members without contact for longer than the account allows (E7)
}

// ProgressFilter says whose progress is asked for.
type ProgressFilter struct {
	HandoverID string // only what comes from this handover
	After      string // cursor: the person seen last
	Limit      int
}

// TodoProgress pages through the people in the actor's reach who have or had to-dos, with how far they are. Days are
// those of each person's store. Of a handover the last one, without an id, are the members who wait in a queue.
func (s *Service) TodoProgress(ctx context.Context, actor access.Actor, f ProgressFilter) ([]Progress, string, error) {
	db := s.db.Read(ctx)
	since := s.db.Now().Add(-model.TodoDoneSpan).UnixMilli()
	if f.HandoverID != "" {
		if _, err := find(db, actor, f.HandoverID); err != nil {
			return nil, "", err
		}
		since = 0
	}
	q := todosOf(db, f.HandoverID).Where("todos.account_id = ? AND (todos.done_at = 0 OR todos.done_at >= ?)", actor.AccountID, since)
	if f.HandoverID == "" {
		team, err := teamOf(actor)
		if err != nil {
			return nil, "", err
		}
		q = q.Where("todos.staff_id IN (SELECT staff.id FROM staff WHERE "+team.SQL+")", team.Args...)
	}
	var ids []string
	err := q.Where("(todos.staff_id > ? OR todos.staff_id = '')", f.After).Group("todos.staff_id").
		Order("CASE todos.staff_id WHEN '' THEN 1 ELSE 0 END, todos.staff_id").Limit(f.Limit+1).Pluck("todos.staff_id", &ids).Error
	if err != nil {
		return nil, "", fmt.Errorf("find who has to-dos: %w", err)
	}
	next := ""
	if len(ids) > f.Limit {
		ids = ids[:f.Limit]
		next = ids[f.Limit-1]
	}
	rows, err := s.progressOf(db, actor.AccountID, ids, f.HandoverID, since)
	return rows, next, err
}

// todosOf reads to-dos, those of one handover by the ids that its moves gave them.
func todosOf(db *gorm.DB, handoverID string) *gorm.DB {
	q := db.Table("todos")
	if handoverID != "" {
		q = q.Joins("JOIN handover_moves ON handover_moves.todo_id = todos.id").Where("handover_moves.handover_id = ?", handoverID)
	}
	return q
}

func (s *Service) progressOf(db *gorm.DB, accountID string, ids []string, handoverID string, since int64) ([]Progress, error) {
	people, err := peopleOf(db, accountID, ids)
	if err != nil {
		return nil, err
	}
	var stores []string
	for _, p := range people {
		stores = append(stores, p.StoreID)
	}
	zones, err := zonesOf(db, stores)
	if err != nil {
		return nil, err
	}
	inZone := map[string][]string{}
	for _, id := range ids {
		zone := zones[people[id].StoreID]
		inZone[zone] = append(inZone[zone], id)
	}
	found := map[string]*Progress{}
	out := make([]Progress, len(ids))
	for i, id := range ids {
		out[i] = Progress{StaffID: id, Name: people[id].Name, StoreID: people[id].StoreID}
		found[id] = &out[i]
	}
	for zone, those := range inZone {
		if err := s.countTodos(db, found, those, handoverID, model.Zone(zone), since); err != nil {
			return nil, err
		}
	}
	if err := s.countQuiet(db, accountID, found, ids, handoverID); err != nil {
		return nil, err
	}
	if err := countIntroductions(db, found, ids, handoverID); err != nil {
		return nil, err
	}
	return out, countReachable(db, found, ids, handoverID)
}

func (s *Service) countTodos(db *gorm.DB, found map[string]*Progress, ids []string, handoverID string, zone *time.Location, since int64) error {
	from, to := model.Day(s.db.Now(), zone)
	var rows []struct {
		StaffID                     string
		Overdue, Today, Later, Done int64
	}
	err := todosOf(db, handoverID).Select("todos.staff_id, "+todoSums, sumArgs(from, to, since)...).
		Where("todos.staff_id IN ? AND (todos.done_at = 0 OR todos.done_at >= ?)", ids, since).Group("todos.staff_id").Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("count the to-dos of people: %w", err)
	}
	for _, r := range rows {
		found[r.StaffID].Todos = TodoCounts{r.Overdue, r.Today, r.Later, r.Done}
	}
	return nil
}

func (s *Service) countQuiet(db *gorm.DB, accountID string, found map[string]*Progress, ids []string, handoverID string) error {
	before, err := s.quietBefore(db, accountID)
	if err != nil || before == 0 {
		return err
	}
	var rows []struct {
		StaffID string
		N       int64
	}
	err = todosOf(db, handoverID).Select("todos.staff_id, COUNT(*) AS n").Where("todos.staff_id IN ?", ids).
		Where(quietSQL, accountID, model.TodoFirstContact, before).Group("todos.staff_id").Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("count who is without contact: %w", err)
	}
	for _, r := range rows {
		found[r.StaffID].Quiet = r.N
	}
	return nil
}

func countIntroductions(db *gorm.DB, found map[string]*Progress, ids []string, handoverID string) error {
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		StaffID string
		State   string
		N       int64
	}
	q := db.Model(&model.Introduction{}).Select("staff_id, state, COUNT(*) AS n").Where("staff_id IN ?", ids)
	if handoverID != "" {
		q = q.Where("handover_id = ?", handoverID)
	}
	if err := q.Group("staff_id, state").Scan(&rows).Error; err != nil {
		return fmt.Errorf("count introductions: %w", err)
	}
	for _, r := range rows {
		switch {
		case r.State == model.StateAccepted || r.State == model.StateUnknown:
			found[r.StaffID].Introduced += r.N
		case slices.Contains([]string{model.StatePending, model.StateQueued, model.StateSending}, r.State):
			found[r.StaffID].Waiting += r.N
		}
	}
	return nil
}

// countReachable adds the members to whom no introduction was written yet and whom WeChat can reach.
func countReachable(db *gorm.DB, found map[string]*Progress, ids []string, handoverID string) error {
	var rows []struct {
		StaffID string
		N       int64
	}
	err := todosOf(db, handoverID).Select("todos.staff_id, COUNT(*) AS n").Joins(stillHis).
		Where("todos.staff_id IN ? AND todos.kind = ?", ids, model.TodoFirstContact).
		Where("(todos.done_at = 0 OR todos.result IN ?)", []string{model.TodoReached, model.TodoNoAnswer, model.TodoNotNeeded}).
		Where("EXISTS (SELECT 1 FROM conversations WHERE conversations.member_id = todos.member_id)").
		Where("NOT EXISTS (SELECT 1 FROM introductions WHERE introductions.handover_id = todos.handover_id"+
			" AND introductions.member_id = todos.member_id AND introductions.state NOT IN ?)", []string{model.StateRefused, model.StateWithdrawn}).
		Group("todos.staff_id").Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("count who can be introduced to: %w", err)
	}
	for _, p := range found {
		p.Reachable = p.Introduced + p.Waiting
	}
	for _, r := range rows {
		found[r.StaffID].Reachable += r.N
	}
	return nil
}
