package model

import "time"

// States of a handover.
//
//	planned -> running -> done -> undoing -> undone
//	               '----> failed            nothing moved; it can be planned anew
const (
	HandoverPlanned = "planned"
	HandoverRunning = "running"
	HandoverDone    = "done"
	HandoverUndoing = "undoing"
	HandoverUndone  = "undone"
	HandoverFailed  = "failed"
)

// Phases of a handover's work.
const (
	PhaseWaiting = "waiting" // asked for, not begun
	PhaseMoving  = "moving"  // its transaction runs
	PhaseTodos   = "todos"   // it has committed; the receivers' first contacts are being written
	PhaseDone    = "done"
)

// Kinds of handovers.
const (
	HandoverLeaving = "leaving" // the clerk leaves (E1)
	HandoverMove    = "move"    // between serving clerks or stores (E13)
	HandoverStart   = "start"   // a new clerk's first members (E8)
)

// Results of one member's move. The table holds exceptions alone: an empty one goes with its handover, so that a run
// writes no row of moves.
const (
	MovePlanned = "planned"
	MoveMoved   = "moved"
	MoveSkipped = "skipped"
	MoveFailed  = "failed"
	MoveUndone  = "undone"
	MoveStays   = "stays"
)

// Why a member goes to whom.
const (
	WhyByHand    = "by_hand"
	WhyFamily    = "family" // to who gets, or has, another of his family
	WhyServed    = "served_before"
	WhySameStore = "same_store"
	WhyBalance   = "balance"
	WhyRest      = "rest" // named by nobody in a plan by hand for a leaver
	WhyLate      = "late" // became the leaver's after the plan
)

// Limits of handovers.
const (
	PlanLife       = 7 * 24 * time.Hour   // after that a plan must be made anew
	UndoHours      = 72                   // how long a handover can be taken back, unless the account says otherwise (E11)
	MaxUndoHours   = 720                  // the longest an account may say
	FirstContacts  = 20                   // first contacts due per receiver and day, unless told otherwise (E6)
	MaxMoves       = 50_000               // members of one handover
	MaxReceivers   = 200                  // receivers of one handover
	MaxSubstitute  = 366 * 24 * time.Hour // how long one substitution may last
	MaxHandoverTry = 5                    // failures by its own fault before a handover is given up
)

// LevelRank orders levels, the most valuable first; members without a level come last.
func LevelRank(level string) int {
	switch level {
	case "diamond":
		return 0
	case "A":
		return 1
	case "B":
		return 2
	case "C":
		return 3
	case "":
		return 5
	}
	return 4
}

// Handover is a plan to give one clerk's members to others, and what came of it.
type Handover struct {
	ID          string `gorm:"column:id;primaryKey"`
	AccountID   string `gorm:"column:account_id"`
	StoreID     string `gorm:"column:store_id"` // of the clerk, when it was planned
	FromClerkID string `gorm:"column:from_clerk_id"`
	Kind        string `gorm:"column:kind"`
	Leaving     bool   `gorm:"column:leaving"`  // the clerk's access ends with the run
	RetryOf     string `gorm:"column:retry_of"` // the handover whose failures this one moves
	Rule        string `gorm:"column:rule"`     // JSON; empty = by hand
	CodesTo     string `gorm:"column:codes_to"` // ids, comma between; of a leaver never empty
	Preview     string `gorm:"column:preview"`  // JSON, as of the plan
	State       string `gorm:"column:state"`
	Phase       string `gorm:"column:phase"`
	Reason      string `gorm:"column:reason"` // why it failed or could not be undone
	Tries       int64  `gorm:"column:tries"`
	Total       int64  `gorm:"column:total"`
	Moved       int64  `gorm:"column:moved"`
	Skipped     int64  `gorm:"column:skipped"`
	Failed      int64  `gorm:"column:failed"`
	Undone      int64  `gorm:"column:undone"`
	Stayed      int64  `gorm:"column:stayed"`
	CreatedBy   string `gorm:"column:created_by"`
	CreatedAt   int64  `gorm:"column:created_at"`
	PlannedAt   int64  `gorm:"column:planned_at"` // who was bound anew after this is no longer meant
	RunBy       string `gorm:"column:run_by"`
	RunAt       int64  `gorm:"column:run_at"`
	DoneAt      int64  `gorm:"column:done_at"`
	UndoUntil   int64  `gorm:"column:undo_until"`
	UndoBy      string `gorm:"column:undo_by"`
	UndoneAt    int64  `gorm:"column:undone_at"`
	Days        int64  `gorm:"column:days"`         // over which the first contacts are spread
	ObligedDays int64  `gorm:"column:obliged_days"` // of these, those whose to-dos are written
}

// TableName names the table.
func (Handover) TableName() string { return "handovers" }

// Move is one member of a handover. The ids of the rows that run and undo will make are given by the plan, so that
// both can make them by one statement each.
type Move struct {
	HandoverID    string `gorm:"column:handover_id;primaryKey"`
	MemberID      string `gorm:"column:member_id;primaryKey"`
	FromStoreID   string `gorm:"column:from_store_id"`
	ToClerkID     string `gorm:"column:to_clerk_id"`
	ToStoreID     string `gorm:"column:to_store_id"`
	Level         string `gorm:"column:level"` // when it was planned
	Why           string `gorm:"column:why"`
	BindingID     string `gorm:"column:binding_id"`  // the open one that the run closes
	BindingSeq    int64  `gorm:"column:binding_seq"` // its number
	NewBindingID  string `gorm:"column:new_binding_id"`
	UndoBindingID string `gorm:"column:undo_binding_id"`
	TodoID        string `gorm:"column:todo_id"`
	DueDay        int64  `gorm:"column:due_day"` // days after the run on which the first contact is due
	Result        string `gorm:"column:result"`  // an exception, see MoveMoved
	Reason        string `gorm:"column:reason"`
}

// TableName names the table.
func (Move) TableName() string { return "handover_moves" }

// ResultIn is what became of the move, given the state of its handover.
func (m Move) ResultIn(state string) string {
	switch {
	case m.Result != "":
		return m.Result
	case state == HandoverDone || state == HandoverUndoing:
		return MoveMoved
	case state == HandoverUndone:
		return MoveUndone
	}
	return MovePlanned
}

// Successor is one of those whom the printed codes of a clerk who left lead to, in turn (E12).
type Successor struct {
	HandoverID string `gorm:"column:handover_id;primaryKey"`
	StaffID    string `gorm:"column:staff_id;primaryKey"`
	AccountID  string `gorm:"column:account_id"`
	ClerkID    string `gorm:"column:clerk_id"` // who left
	TurnAt     int64  `gorm:"column:turn_at"`  // his last turn
	EndedAt    int64  `gorm:"column:ended_at"` // taken back; 0 = holds
}

// TableName names the table.
func (Successor) TableName() string { return "handover_successors" }

// Substitute lets one person serve all members of another from one date to another (C8).
type Substitute struct {
	ID           string `gorm:"column:id;primaryKey"`
	AccountID    string `gorm:"column:account_id"`
	StoreID      string `gorm:"column:store_id"` // of the clerk
	ClerkID      string `gorm:"column:clerk_id"`
	SubstituteID string `gorm:"column:substitute_id"`
	FromAt       int64  `gorm:"column:from_at"`
	ToAt         int64  `gorm:"column:to_at"`
	EndedAt      int64  `gorm:"column:ended_at"` // taken back before its end; 0 = not
	CreatedBy    string `gorm:"column:created_by"`
	CreatedAt    int64  `gorm:"column:created_at"`
	ToldFrom     int64  `gorm:"column:told_from"` // when both were told that it began; 0 = not yet
	ToldTo       int64  `gorm:"column:told_to"`   // when both were told that it is over; 0 = not yet
}

// TableName names the table.
func (Substitute) TableName() string { return "substitutes" }
