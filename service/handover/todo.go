package handover

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
)

const day = 24 * time.Hour

// inMoves joins a to-do to the move of its member in a handover, if that is one that was made.
const inMoves = "EXISTS (SELECT 1 FROM handover_moves WHERE handover_moves.handover_id = ? AND handover_moves.member_id = todos.member_id AND handover_moves.result = '')"

// passTodos moves the clerk's open to-dos about the members along. Who owed a first contact before owes it no more: each
// handover has its own, under the id that its move gave.
func passTodos(tx *database.Tx, h model.Handover) error {
	now := tx.Millis()
	err := tx.Exec("UPDATE todos SET done_at = ?, result = ? WHERE staff_id = ? AND done_at = 0 AND kind = ? AND handover_id <> ? AND "+inMoves,
		now, model.TodoHandedOver, h.FromClerkID, model.TodoFirstContact, h.ID, h.ID).Error
	if err != nil {
		return fmt.Errorf("end the first contacts of another handover: %w", err)
	}
	err = tx.Exec("UPDATE todos SET assigned_at = ?, contacted_at = 0, neglected_at = 0,"+
		" staff_id = (SELECT handover_moves.to_clerk_id FROM handover_moves WHERE handover_moves.handover_id = ? AND handover_moves.member_id = todos.member_id)"+
		" WHERE staff_id = ? AND done_at = 0 AND "+inMoves, now, h.ID, h.FromClerkID, h.ID).Error
	if err != nil {
		return fmt.Errorf("move to-dos along: %w", err)
	}
	return nil
}

// obligeDays gives each receiver a first contact for each member (E6), as far as they are due on the days from..to after
// the run.
func obligeDays(tx *database.Tx, h model.Handover, stores []string, from, to int64) error {
	now := tx.Millis()
	due, args, err := dueByStore(tx, h, stores)
	if err != nil {
		return err
	}
	due += " + handover_moves.due_day * ?"
	args = append(args, day.Milliseconds())
	values := append([]any{h.AccountID, model.TodoFirstContact}, args...)
	values = append(append(values, args...), now, now, h.ID, from, to, h.ID)
	err = tx.Exec("INSERT INTO todos (id, account_id, staff_id, member_id, kind, handover_id, level, priority, first_due_at, due_at, snoozes,"+
		" assigned_at, contacted_at, neglected_at, done_at, done_by, result, note, created_at)"+
		" SELECT handover_moves.todo_id, ?, handover_moves.to_clerk_id, handover_moves.member_id, ?, handover_moves.handover_id, handover_moves.level, "+
		rankSQL+", "+due+", "+due+", 0, ?, 0, 0, 0, '', '', '', ?"+
		" FROM handover_moves WHERE handover_moves.handover_id = ? AND handover_moves.result = ''"+
		" AND handover_moves.due_day >= ? AND handover_moves.due_day < ?"+
		" AND NOT EXISTS (SELECT 1 FROM todos WHERE todos.member_id = handover_moves.member_id AND todos.handover_id = ?)", values...).Error
	if err != nil {
		return fmt.Errorf("oblige the receivers: %w", err)
	}
	return nil
}

// rankSQL is model.LevelRank of a move.
const rankSQL = "CASE handover_moves.level WHEN 'diamond' THEN 0 WHEN 'A' THEN 1 WHEN 'B' THEN 2 WHEN 'C' THEN 3 WHEN '' THEN 5 ELSE 4 END"

// dueByStore is, as SQL, when the first contacts of a handover begin to be due: in the zone of each receiving store.
func dueByStore(tx *database.Tx, h model.Handover, stores []string) (string, []any, error) {
	zones, err := zonesOf(tx.DB, stores)
	if err != nil {
		return "", nil, err
	}
	ran := model.Time(h.DoneAt)
	usual := model.TodoDue(ran, model.Zone(""), 0).UnixMilli()
	var cases strings.Builder
	var args []any
	for _, id := range stores {
		if due := model.TodoDue(ran, model.Zone(zones[id]), 0).UnixMilli(); due != usual {
			cases.WriteString(" WHEN ? THEN ?")
			args = append(args, id, due)
		}
	}
	if len(args) == 0 {
		return "?", []any{usual}, nil
	}
	return "CASE handover_moves.to_store_id" + cases.String() + " ELSE ? END", append(args, usual), nil
}

// zonesOf gives the time zones of stores.
func zonesOf(db *gorm.DB, ids []string) (map[string]string, error) {
	zones := make(map[string]string, len(ids))
	for chunk := range slices.Chunk(ids, askRows) {
		var rows []model.Store
		if err := db.Select("id", "time_zone").Where("id IN ?", chunk).Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("read the zones of stores: %w", err)
		}
		for _, r := range rows {
			zones[r.ID] = r.TimeZone
		}
	}
	return zones, nil
}

// absolve takes the first contacts of a handover back, and gives the clerk the other to-dos about his members, as well
// as the first contacts that he himself owed.
func (s *Service) absolve(tx *database.Tx, h model.Handover, receivers []string) error {
	now := tx.Millis()
	err := tx.Exec("UPDATE todos SET done_at = ?, result = ? WHERE staff_id IN ? AND done_at = 0 AND handover_id = ? AND "+inMoves,
		now, model.TodoTakenBack, receivers, h.ID, h.ID).Error
	if err != nil {
		return fmt.Errorf("take to-dos back: %w", err)
	}
	err = tx.Exec("UPDATE todos SET staff_id = ?, assigned_at = ?, contacted_at = 0, neglected_at = 0 WHERE staff_id IN ? AND done_at = 0 AND "+inMoves,
		h.FromClerkID, now, receivers, h.ID).Error
	if err != nil {
		return fmt.Errorf("give to-dos back: %w", err)
	}
	err = tx.Exec("UPDATE todos SET done_at = 0, result = '', assigned_at = ?, neglected_at = 0 WHERE staff_id = ? AND done_at >= ? AND result = ? AND "+inMoves,
		now, h.FromClerkID, h.DoneAt, model.TodoHandedOver, h.ID).Error
	if err != nil {
		return fmt.Errorf("open the clerk's first contacts again: %w", err)
	}
	return nil
}

// receive notes how many members each receiver got, for the news of it in his app.
func receive(tx *database.Tx, h model.Handover, flows []flow) error {
	var rows []model.Receiver
	for _, f := range flows {
		i := slices.IndexFunc(rows, func(r model.Receiver) bool { return r.StaffID == f.ToClerkID })
		if i < 0 {
			i, rows = len(rows), append(rows, model.Receiver{HandoverID: h.ID, StaffID: f.ToClerkID, AccountID: h.AccountID, At: tx.Millis()})
		}
		rows[i].Members += f.N
	}
	if len(rows) == 0 {
		return nil
	}
	if err := tx.Create(&rows).Error; err != nil {
		return fmt.Errorf("note who received members: %w", err)
	}
	return nil
}

// receiveOne counts one more member of a receiver.
func (s *Service) receiveOne(tx *database.Tx, h model.Handover, clerkID string) error {
	r := tx.Exec("UPDATE handover_receivers SET members = members + 1 WHERE handover_id = ? AND staff_id = ?", h.ID, clerkID)
	if r.Error != nil {
		return fmt.Errorf("count a received member: %w", r.Error)
	}
	if r.RowsAffected > 0 {
		return nil
	}
	row := model.Receiver{HandoverID: h.ID, StaffID: clerkID, AccountID: h.AccountID, Members: 1, At: tx.Millis()}
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("note a receiver: %w", err)
	}
	return nil
}

// unreceive ends the news of a handover that is taken back.
func (s *Service) unreceive(tx *database.Tx, h model.Handover) error {
	err := tx.Model(&model.Receiver{}).Where("handover_id = ? AND ended_at = 0", h.ID).Update("ended_at", tx.Millis()).Error
	if err != nil {
		return fmt.Errorf("end the news of a handover: %w", err)
	}
	return nil
}
