package handover

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/feed"
)

// firstDue is when the first contacts of a handover are due: at the end of the day in Beijing, or of the next day when
// less than four hours are left.
func firstDue(now time.Time) int64 {
	zone := time.FixedZone("CST", 8*60*60)
	y, m, d := now.Add(4 * time.Hour).In(zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone).UnixMilli()
}

const day = 24 * time.Hour

// oblige moves the clerk's open to-dos about the members along, and gives each receiver a first contact for each member
// who has none open (E6).
func (s *Service) oblige(tx *database.Tx, h model.Handover) error {
	const inSet = "EXISTS (SELECT 1 FROM handover_moves WHERE handover_moves.handover_id = ? AND handover_moves.member_id = todos.member_id AND handover_moves.result = '')"
	err := tx.Exec("UPDATE todos SET staff_id = (SELECT handover_moves.to_clerk_id FROM handover_moves WHERE handover_moves.handover_id = ? AND handover_moves.member_id = todos.member_id)"+
		" WHERE staff_id = ? AND done_at = 0 AND "+inSet, h.ID, h.FromClerkID, h.ID).Error
	if err != nil {
		return fmt.Errorf("move to-dos along: %w", err)
	}
	err = tx.Exec("INSERT INTO todos (id, account_id, staff_id, member_id, kind, handover_id, level, due_at, done_at, done_by, result, note, created_at)"+
		" SELECT handover_moves.todo_id, ?, handover_moves.to_clerk_id, handover_moves.member_id, ?, handover_moves.handover_id, handover_moves.level,"+
		" ? + handover_moves.due_day * ?, 0, '', '', '', ? FROM handover_moves WHERE handover_moves.handover_id = ? AND handover_moves.result = ''"+
		" AND NOT EXISTS (SELECT 1 FROM todos WHERE todos.member_id = handover_moves.member_id AND todos.kind = ? AND todos.done_at = 0)",
		h.AccountID, model.TodoFirstContact, firstDue(tx.Now), day.Milliseconds(), tx.Millis(), h.ID, model.TodoFirstContact).Error
	if err != nil {
		return fmt.Errorf("oblige the receivers: %w", err)
	}
	return nil
}

// absolve takes the first contacts of a handover back, and gives the clerk the other to-dos about his members.
func (s *Service) absolve(tx *database.Tx, h model.Handover, receivers []string) error {
	const inSet = "EXISTS (SELECT 1 FROM handover_moves WHERE handover_moves.handover_id = ? AND handover_moves.member_id = todos.member_id AND handover_moves.result = '')"
	err := tx.Exec("UPDATE todos SET done_at = ?, result = ? WHERE staff_id IN ? AND done_at = 0 AND handover_id = ? AND "+inSet,
		tx.Millis(), model.TodoTakenBack, receivers, h.ID, h.ID).Error
	if err != nil {
		return fmt.Errorf("take to-dos back: %w", err)
	}
	err = tx.Exec("UPDATE todos SET staff_id = ? WHERE staff_id IN ? AND done_at = 0 AND "+inSet, h.FromClerkID, receivers, h.ID).Error
	if err != nil {
		return fmt.Errorf("give to-dos back: %w", err)
	}
	return nil
}

// Todo is something to do, with the member's name.
type Todo struct {
	model.Todo

	MemberName string
}

// TodoFilter narrows a list of to-dos.
type TodoFilter struct {
	Done       bool   // the done ones instead of the open ones
	HandoverID string // of one handover, for managers
	After      string // cursor
	Limit      int
}

// Todos pages through to-dos, the first due first: one's own, or those of a handover that the actor may see.
func (s *Service) Todos(ctx context.Context, actor access.Actor, f TodoFilter) ([]Todo, string, error) {
	q := s.db.Read(ctx).Table("todos").Select("todos.*, members.name AS member_name").
		Joins("JOIN members ON members.id = todos.member_id").Where("todos.account_id = ?", actor.AccountID)
	if f.HandoverID != "" {
		if _, err := find(s.db.Read(ctx), actor, f.HandoverID); err != nil {
			return nil, "", err
		}
		q = q.Where("todos.handover_id = ?", f.HandoverID)
	} else {
		q = q.Where("todos.staff_id = ?", actor.StaffID)
	}
	if f.Done {
		q = q.Where("todos.done_at > 0")
	} else {
		q = q.Where("todos.done_at = 0")
	}
	if f.After != "" {
		at, id, ok := readCursor(f.After)
		if !ok {
			return nil, "", fault.Input("cursor", "unknown")
		}
		q = q.Where("(todos.due_at > ? OR todos.due_at = ? AND todos.id > ?)", at, at, id)
	}
	var rows []Todo
	if err := q.Order("todos.due_at, todos.id").Limit(f.Limit + 1).Scan(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list to-dos: %w", err)
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		last := rows[f.Limit-1]
		return rows, writeCursor(last.DueAt, last.ID), nil
	}
	return rows, "", nil
}

// maxTodoNote is the width of the column, in runes.
const maxTodoNote = 600

// DoTodo notes the result of one's own to-do. One that is done: Conflict done.
func (s *Service) DoTodo(ctx context.Context, actor access.Actor, id, result, note string) (Todo, error) {
	var t Todo
	if utf8.RuneCountInString(note) > maxTodoNote || !utf8.ValidString(note) {
		return t, fault.Input("note", "length")
	}
	if !model.ValidID(id) {
		return t, fault.New(fault.NotFound, "todo_not_found")
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		err := tx.Lock().First(&t.Todo, "id = ? AND account_id = ? AND staff_id = ?", id, actor.AccountID, actor.StaffID).Error
		if database.IsNotFound(err) {
			return fault.New(fault.NotFound, "todo_not_found")
		}
		if err != nil {
			return fmt.Errorf("find to-do: %w", err)
		}
		if t.DoneAt > 0 {
			return fault.New(fault.Conflict, "done")
		}
		t.DoneAt, t.DoneBy, t.Result, t.Note = tx.Millis(), actor.StaffID, result, note
		err = tx.Model(&model.Todo{}).Where("id = ? AND done_at = 0", id).
			Updates(map[string]any{"done_at": t.DoneAt, "done_by": t.DoneBy, "result": result, "note": note}).Error
		if err != nil {
			return fmt.Errorf("do a to-do: %w", err)
		}
		var names []string
		if err := tx.Model(&model.Member{}).Where("id = ?", t.MemberID).Pluck("name", &names).Error; err != nil {
			return fmt.Errorf("find name: %w", err)
		}
		if len(names) == 1 {
			t.MemberName = names[0]
		}
		s.feed.PublishTx(tx, feed.Event{AccountID: t.AccountID, Kind: "todo", MemberID: t.MemberID, Data: map[string]string{"todo_id": id}}, feed.Staff(actor.StaffID))
		return s.audit.RecordTx(tx, actor, audit.Entry{Action: "todo.done", Object: "todo", ObjectID: id, MemberID: t.MemberID, Detail: result})
	})
	return t, err
}
