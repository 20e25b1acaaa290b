package handover

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/feed"
)

// Todo is something to do, with what a list shows beside it.
type Todo struct {
	model.Todo

	MemberName     string
	StaffName      string
	ConversationID string             `gorm:"-"` // empty: the member has never written or followed
	Introduction   model.Introduction `gorm:"-"` // of a first contact; without a state: none was written
}

// When open to-dos are due, in the zone of the store of whoever has them.
const (
	DueOverdue = "overdue" // the day on which they were due is over
	DueToday   = "today"
	DueLater   = "later"
)

// TodoFilter narrows a list of to-dos; an empty field does not.
type TodoFilter struct {
	Team       bool   // those of the people in the actor's reach instead of his own
	StaffID    string // with Team: of one person
	Done       bool   // the done ones, the latest first, instead of the open ones, the first due first
	Due        string // of the open ones: Due…, by the day of the actor's store
	HandoverID string
	After      string // cursor
	Limit      int
}

// Todos pages through to-dos: one's own, or for those who manage, the ones of their people or of a handover that they
// may see. Of those due at the same time the most valuable member comes first.
func (s *Service) Todos(ctx context.Context, actor access.Actor, f TodoFilter) ([]Todo, string, error) {
	db := s.db.Read(ctx)
	q := db.Table("todos").Select("todos.*, members.name AS member_name, staff.name AS staff_name").
		Joins("JOIN members ON members.id = todos.member_id").Joins("LEFT JOIN staff ON staff.id = todos.staff_id").
		Where("todos.account_id = ?", actor.AccountID)
	q, err := s.whose(q, db, actor, f)
	if err != nil {
		return nil, "", err
	}
	if f.Done {
		q = q.Where("todos.done_at > 0").Order("todos.done_at DESC, todos.id DESC")
	} else {
		zone, err := zoneOf(db, actor.StoreID)
		if err != nil {
			return nil, "", err
		}
		q = due(q.Where("todos.done_at = 0"), f.Due, s.db.Now(), zone).Order("todos.due_at, todos.priority, todos.id")
	}
	if f.After != "" {
		if q, err = after(q, f); err != nil {
			return nil, "", err
		}
	}
	var rows []Todo
	if err := q.Limit(f.Limit + 1).Scan(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list to-dos: %w", err)
	}
	next := ""
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		next = cursorOf(rows[f.Limit-1].Todo, f.Done)
	}
	return rows, next, beside(db, rows)
}

// whose limits to-dos to those that the actor may see. Of a member who went on to somebody else he sees no more.
func (s *Service) whose(q, db *gorm.DB, actor access.Actor, f TodoFilter) (*gorm.DB, error) {
	if f.HandoverID != "" && !model.ValidID(f.HandoverID) {
		return nil, notFound()
	}
	if !f.Team {
		visible := actor.Members(s.db.Now().UnixMilli())
		q = q.Where("todos.staff_id = ?", actor.StaffID).Where(visible.SQL, visible.Args...)
		if f.HandoverID != "" {
			q = q.Where("todos.handover_id = ?", f.HandoverID)
		}
		return q, nil
	}
	if f.StaffID != "" {
		if !model.ValidID(f.StaffID) {
			return nil, fault.New(fault.NotFound, "staff_not_found")
		}
		q = q.Where("todos.staff_id = ?", f.StaffID)
	}
	if f.HandoverID != "" {
		if _, err := find(db, actor, f.HandoverID); err != nil {
			return nil, err
		}
		return q.Joins("JOIN handover_moves ON handover_moves.todo_id = todos.id").Where("handover_moves.handover_id = ?", f.HandoverID), nil
	}
	team, err := teamOf(actor)
	if err != nil {
		return nil, err
	}
	return q.Where("todos.staff_id IN (SELECT staff.id FROM staff WHERE "+team.SQL+")", team.Args...), nil
}

// teamOf limits rows of the table staff to the people whose to-dos the actor may see.
func teamOf(a access.Actor) (access.Where, error) {
	switch {
	case a.Is(model.RoleOwner):
		return access.Where{SQL: "staff.account_id = ?", Args: []any{a.AccountID}}, nil
	case a.Is(model.RoleSupervisor) && a.RegionID != "":
		return access.Where{
			SQL: "staff.account_id = ? AND staff.store_id IN (SELECT stores.id FROM stores WHERE stores.account_id = ? AND" +
				" (stores.region_id = ? OR stores.region_id IN (SELECT regions.id FROM regions WHERE regions.parent_id = ?)))",
			Args: []any{a.AccountID, a.AccountID, a.RegionID, a.RegionID},
		}, nil
	case a.Is(model.RoleManager) && a.StoreID != "":
		return access.Where{SQL: "staff.account_id = ? AND staff.store_id = ?", Args: []any{a.AccountID, a.StoreID}}, nil
	}
	return access.Where{}, fault.New(fault.Forbidden, "not_allowed")
}

// zoneOf is the zone of a store; Beijing's for who has none.
func zoneOf(db *gorm.DB, storeID string) (*time.Location, error) {
	zones, err := zonesOf(db, []string{storeID})
	return model.Zone(zones[storeID]), err
}

func due(q *gorm.DB, which string, now time.Time, zone *time.Location) *gorm.DB {
	from, to := model.Day(now, zone)
	switch which {
	case DueOverdue:
		return q.Where("todos.due_at < ?", from.UnixMilli())
	case DueToday:
		return q.Where("todos.due_at >= ? AND todos.due_at < ?", from.UnixMilli(), to.UnixMilli())
	case DueLater:
		return q.Where("todos.due_at >= ?", to.UnixMilli())
	}
	return q
}

// The cursor of an open to-do is "due.priority.id", that of a done one "done.0.id".
func cursorOf(t model.Todo, done bool) string {
	at, priority := t.DueAt, t.Priority
	if done {
		at, priority = t.DoneAt, 0
	}
	return strings.Join([]string{strconv.FormatInt(at, 10), strconv.FormatInt(priority, 10), t.ID}, ".")
}

func after(q *gorm.DB, f TodoFilter) (*gorm.DB, error) {
	unknown := fault.Input("cursor", "unknown")
	parts := strings.Split(f.After, ".")
	if len(parts) != 3 || !model.ValidID(parts[2]) {
		return nil, unknown
	}
	at, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return nil, unknown
	}
	priority, err := strconv.ParseInt(parts[1], 10, 16)
	if err != nil {
		return nil, unknown
	}
	if f.Done {
		return q.Where("(todos.done_at < ? OR todos.done_at = ? AND todos.id < ?)", at, at, parts[2]), nil
	}
	return q.Where("(todos.due_at > ? OR todos.due_at = ? AND (todos.priority > ? OR todos.priority = ? AND todos.id > ?))",
		at, at, priority, priority, parts[2]), nil
}

// beside reads the conversations of the members and the introductions that were written to them.
func beside(db *gorm.DB, rows []Todo) error {
	if len(rows) == 0 {
		return nil
	}
	members := make([]string, len(rows))
	for i, r := range rows {
		members[i] = r.MemberID
	}
	var talks []model.Conversation
	if err := db.Select("id", "member_id").Where("member_id IN ?", members).Order("last_at, id").Find(&talks).Error; err != nil {
		return fmt.Errorf("find conversations: %w", err)
	}
	of := map[string]string{}
	for _, c := range talks {
		of[c.MemberID] = c.ID // the latest, if he has several
	}
	var written []model.Introduction
	handovers := make([]string, len(rows))
	for i, r := range rows {
		handovers[i] = r.HandoverID
	}
	err := db.Where("handover_id IN ? AND member_id IN ?", handovers, members).Find(&written).Error
	if err != nil {
		return fmt.Errorf("find introductions: %w", err)
	}
	said := map[string]model.Introduction{}
	for _, i := range written {
		said[i.HandoverID+i.MemberID] = i
	}
	for i := range rows {
		rows[i].ConversationID = of[rows[i].MemberID]
		rows[i].Introduction = said[rows[i].HandoverID+rows[i].MemberID]
	}
	return nil
}

// TodoCounts is how many open to-dos somebody has, and how many he did today.
type TodoCounts struct{ Overdue, Today, Later, Done int64 }

// CountTodos counts the actor's own.
func (s *Service) CountTodos(ctx context.Context, actor access.Actor) (TodoCounts, error) {
	var c TodoCounts
	db := s.db.Read(ctx)
	zone, err := zoneOf(db, actor.StoreID)
	if err != nil {
		return c, err
	}
	from, to := model.Day(s.db.Now(), zone)
	err = db.Table("todos").Select(todoSums, sumArgs(from, to, from.UnixMilli())...).
		Where("todos.account_id = ? AND todos.staff_id = ? AND (todos.done_at = 0 OR todos.done_at >= ?)", actor.AccountID, actor.StaffID, from.UnixMilli()).
		Scan(&c).Error
	if err != nil {
		return c, fmt.Errorf("count to-dos: %w", err)
	}
	return c, nil
}

// todoSums counts to-dos by when they are due, and those that were done; what ended by itself was not done.
const todoSums = "COALESCE(SUM(CASE WHEN todos.done_at = 0 AND todos.due_at < ? THEN 1 ELSE 0 END), 0) AS overdue," +
	" COALESCE(SUM(CASE WHEN todos.done_at = 0 AND todos.due_at >= ? AND todos.due_at < ? THEN 1 ELSE 0 END), 0) AS today," +
	" COALESCE(SUM(CASE WHEN todos.done_at = 0 AND todos.due_at >= ? THEN 1 ELSE 0 END), 0) AS later," +
	" COALESCE(SUM(CASE WHEN todos.done_at > 0 AND todos.done_at >= ? AND todos.result IN ('reached', 'no_answer', 'not_needed') THEN 1 ELSE 0 END), 0) AS done"

func sumArgs(from, to time.Time, doneFrom int64) []any {
	f, t := from.UnixMilli(), to.UnixMilli()
	return []any{f, f, t, t, doneFrom}
}

func noTodo() error { return fault.New(fault.NotFound, "todo_not_found") }

func checkNote(note string) error {
	if utf8.RuneCountInString(note) > model.MaxTodoNote || !utf8.ValidString(note) {
		return fault.Input("note", "length")
	}
	return nil
}

// DoTodo notes the result of one's own to-do. One that is done: Conflict done.
func (s *Service) DoTodo(ctx context.Context, actor access.Actor, id, result, note string) (Todo, error) {
	if err := checkNote(note); err != nil {
		return Todo{}, err
	}
	return s.changeTodo(ctx, actor, id, "todo.done", func(_ *database.Tx, now int64, t *model.Todo) (map[string]any, error) {
		if t.DoneAt > 0 {
			return nil, fault.New(fault.Conflict, "done")
		}
		t.DoneAt, t.DoneBy, t.Result, t.Note = now, actor.StaffID, result, note
		return map[string]any{"done_at": t.DoneAt, "done_by": t.DoneBy, "result": result, "note": note}, nil
	})
}

// ReopenTodo takes a result back that the actor noted within the last day. One that is open: Conflict not_done; too
// late, or ended otherwise: Conflict not_reopened.
func (s *Service) ReopenTodo(ctx context.Context, actor access.Actor, id string) (Todo, error) {
	return s.changeTodo(ctx, actor, id, "todo.reopen", func(_ *database.Tx, now int64, t *model.Todo) (map[string]any, error) {
		switch {
		case t.DoneAt == 0:
			return nil, fault.New(fault.Conflict, "not_done")
		case t.DoneBy != actor.StaffID || now-t.DoneAt > model.ReopenTodo.Milliseconds():
			return nil, fault.New(fault.Conflict, "not_reopened")
		}
		t.DoneAt, t.DoneBy, t.Result = 0, "", ""
		return map[string]any{"done_at": 0, "done_by": "", "result": ""}, nil
	})
}

// SnoozeTodo puts one's own open to-do off to a later day of one's store, at most MaxSnooze days ahead; a note may say
// why. For how long the member has been without contact goes on counting.
func (s *Service) SnoozeTodo(ctx context.Context, actor access.Actor, id string, to time.Time, note string) (Todo, error) {
	if err := checkNote(note); err != nil {
		return Todo{}, err
	}
	return s.changeTodo(ctx, actor, id, "todo.snooze", func(tx *database.Tx, _ int64, t *model.Todo) (map[string]any, error) {
		if t.DoneAt > 0 {
			return nil, fault.New(fault.Conflict, "done")
		}
		zone, err := zoneOf(tx.DB, actor.StoreID)
		if err != nil {
			return nil, err
		}
		y, m, d := to.Date()
		at := time.Date(y, m, d, model.TodoHour, 0, 0, 0, zone)
		_, tomorrow := model.Day(tx.Now, zone)
		if at.Before(tomorrow) {
			return nil, fault.Input("until", "not_later")
		}
		if !at.Before(tomorrow.AddDate(0, 0, model.MaxSnooze)) {
			return nil, fault.Input("until", "too_far")
		}
		t.DueAt, t.Snoozes = at.UnixMilli(), t.Snoozes+1
		columns := map[string]any{"due_at": t.DueAt, "snoozes": t.Snoozes}
		if note != "" {
			t.Note = note
			columns["note"] = note
		}
		return columns, nil
	})
}

// changeTodo changes one's own to-do about a member whom one still sees, and tells one's screens.
func (s *Service) changeTodo(
	ctx context.Context, actor access.Actor, id, action string, f func(*database.Tx, int64, *model.Todo) (map[string]any, error),
) (Todo, error) {
	var out []Todo
	if !model.ValidID(id) {
		return Todo{}, noTodo()
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		out = []Todo{{}}
		t := &out[0].Todo
		err := tx.Lock().First(t, "id = ? AND account_id = ? AND staff_id = ?", id, actor.AccountID, actor.StaffID).Error
		if database.IsNotFound(err) {
			return noTodo()
		}
		if err != nil {
			return fmt.Errorf("find to-do: %w", err)
		}
		visible := actor.Members(tx.Millis())
		var names []string
		err = tx.Model(&model.Member{}).Where(visible.SQL, visible.Args...).Where("members.id = ?", t.MemberID).Pluck("name", &names).Error
		if err != nil {
			return fmt.Errorf("find name: %w", err)
		}
		if len(names) == 0 {
			return noTodo()
		}
		out[0].MemberName, out[0].StaffName = names[0], actor.Name
		was := t.DoneAt
		columns, err := f(tx, tx.Millis(), t)
		if err != nil {
			return err
		}
		r := tx.Model(&model.Todo{}).Where("id = ? AND staff_id = ? AND done_at = ?", id, actor.StaffID, was).Updates(columns)
		if r.Error != nil {
			return fmt.Errorf("change a to-do: %w", r.Error)
		}
		if r.RowsAffected != 1 {
			return fault.New(fault.Conflict, "changed_meanwhile")
		}
		s.tellTodo(tx, *t, actor.StoreID)
		return s.audit.RecordTx(tx, actor, audit.Entry{Action: action, Object: "todo", ObjectID: id, MemberID: t.MemberID, Detail: t.Result})
	})
	if err != nil {
		return Todo{}, err
	}
	return out[0], beside(s.db.Read(ctx), out)
}

// tellTodo lets the screens of who has a to-do, and of those who watch his store, look again.
func (s *Service) tellTodo(tx *database.Tx, t model.Todo, storeID string) {
	e := feed.Event{AccountID: t.AccountID, Kind: "todo", MemberID: t.MemberID, Data: map[string]string{"todo_id": t.ID}}
	s.feed.PublishTx(tx, e, feed.Staff(t.StaffID), feed.Store(storeID))
}
