package handover

import (
	"strings"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/handover"
)

// ListedHandover is a handover as lists show it.
type ListedHandover struct {
	ID          string          `json:"id"`
	FromClerkID string          `json:"from_clerk_id"`
	StoreID     *string         `json:"store_id"`
	Kind        string          `json:"kind" enum:"leaving,move,start"`
	Leaving     bool            `json:"leaving"`
	State       string          `json:"state" enum:"planned,running,done,undoing,undone,failed"`
	Phase       *string         `json:"phase" enum:"waiting,moving,todos,done"`
	Reason      *string         `json:"reason" doc:"why it failed, or could not be undone"`
	Counts      MoveCounts      `json:"counts"`
	CodesTo     []string        `json:"codes_to" nullable:"false"`
	RetryOf     *string         `json:"retry_of" doc:"the handover whose failures this one moves"`
	CreatedBy   string          `json:"created_by"`
	CreatedAt   rest.Time       `json:"created_at"`
	PlannedAt   rest.Time       `json:"planned_at"`
	RunBy       *string         `json:"run_by"`
	RunAt       rest.TimeOrNull `json:"run_at"`
	DoneAt      rest.TimeOrNull `json:"done_at"`
	UndoUntil   rest.TimeOrNull `json:"undo_until"`
	UndoBy      *string         `json:"undo_by"`
	UndoneAt    rest.TimeOrNull `json:"undone_at"`
}

// MoveCounts is how many members had which result.
type MoveCounts struct {
	Total   int64 `json:"total"`
	Moved   int64 `json:"moved"`
	Skipped int64 `json:"skipped"`
	Failed  int64 `json:"failed"`
	Undone  int64 `json:"undone"`
	Stays   int64 `json:"stays"`
}

func item(h model.Handover) ListedHandover {
	codes := []string{}
	if h.CodesTo != "" {
		codes = strings.Split(h.CodesTo, ",")
	}
	return ListedHandover{
		ID: h.ID, FromClerkID: h.FromClerkID, StoreID: rest.Null(h.StoreID), Kind: h.Kind, Leaving: h.Leaving, State: h.State,
		Phase: rest.Null(h.Phase), Reason: rest.Null(h.Reason), CodesTo: codes, RetryOf: rest.Null(h.RetryOf),
		Counts:    MoveCounts{h.Total, h.Moved, h.Skipped, h.Failed, h.Undone, h.Stayed},
		CreatedBy: h.CreatedBy, CreatedAt: rest.Time(h.CreatedAt), PlannedAt: rest.Time(h.PlannedAt), RunBy: rest.Null(h.RunBy),
		RunAt: rest.TimeOrNull(h.RunAt), DoneAt: rest.TimeOrNull(h.DoneAt), UndoUntil: rest.TimeOrNull(h.UndoUntil),
		UndoBy: rest.Null(h.UndoBy), UndoneAt: rest.TimeOrNull(h.UndoneAt),
	}
}

// Handover is one with its preview.
type Handover struct {
	ListedHandover

	Preview PlanPreview          `json:"preview" doc:"what it would do, as of the plan"`
	Fit     rest.OrNull[PlanFit] `json:"fit" doc:"whether a plan still fits; null once it was run"`
	Left    int64                `json:"left" doc:"of one that is done: members whom a retry would hold"`
	// Progress is a hint while a run or an undo is under way; what came of it is in the counts once it is over.
	Progress rest.OrNull[RunProgress] `json:"progress" doc:"how far a run or an undo is; null when none is under way"`
}

// RunProgress is how far a run or an undo is.
type RunProgress struct {
	Step  string `json:"step" enum:"look,members,bindings,conversations,access,todos"`
	Done  int64  `json:"done" doc:"members"`
	Total int64  `json:"total"`
}

// PlanFit says whether a plan can still run as it was seen.
type PlanFit struct {
	OK            bool     `json:"ok"`
	TooOld        bool     `json:"too_old" doc:"older than a week"`
	ReceiversGone []string `json:"receivers_gone" nullable:"false"`
	Rebound       int64    `json:"rebound" doc:"members bound anew since; a run leaves them where they are"`
	Late          int64    `json:"late" doc:"members who became the leaver's since; a run spreads them too"`
	Unsigned      bool     `json:"hand_in_unsigned" doc:"the account wants the leaver's hand-in checklist signed by both before, and it is not"`
}

// PlanPreview is what a plan would do.
type PlanPreview struct {
	Members   int            `json:"members"`
	Why       map[string]int `json:"why" nullable:"false" doc:"by_hand, family, served_before, same_store, balance, rest, late -> how many"`
	Receivers []Receiving    `json:"receivers" nullable:"false"`
	Open      OpenMatters    `json:"open"`
}

// Receiving is one receiver with his load before and after.
type Receiving struct {
	ClerkID string     `json:"clerk_id"`
	Name    string     `json:"name"`
	StoreID *string    `json:"store_id"`
	Gets    int        `json:"gets"`
	Days    int        `json:"days" doc:"over which his first contacts are spread"`
	Before  MemberLoad `json:"before"`
	After   MemberLoad `json:"after"`
}

// MemberLoad is how many members somebody has.
type MemberLoad struct {
	Total   int            `json:"total"`
	ByLevel map[string]int `json:"by_level" nullable:"false" doc:"the empty level is of those without one"`
}

// OpenMatters is what is under way with the members.
type OpenMatters struct {
	Waiting int64 `json:"waiting" doc:"conversations with an unanswered message"`
	Pending int64 `json:"pending" doc:"replies kept until the member opens a window"`
	Queued  int64 `json:"queued" doc:"messages on their way"`
	Planned int64 `json:"planned" doc:"messages that are to go out at a time to come"`
	Drafts  int64 `json:"drafts" doc:"what the clerk has typed and not sent"`
	Guests  int64 `json:"guests" doc:"dated rights of others to the members"`
	Grants  int64 `json:"grants" doc:"dated rights of the clerk to other members; they end when he leaves"`
	Codes   int64 `json:"codes" doc:"permanent codes of the clerk"`
	Todos   int64 `json:"todos" doc:"open to-dos of the clerk"`
}

func view(p handover.Planned) Handover {
	v := Handover{ListedHandover: item(p.Handover), Left: p.Left, Preview: PlanPreview{
		Members: p.Preview.Members, Why: p.Preview.Why, Receivers: make([]Receiving, len(p.Preview.Receivers)), Open: OpenMatters(p.Preview.Open),
	}}
	for i, r := range p.Preview.Receivers {
		v.Preview.Receivers[i] = Receiving{
			ClerkID: r.ClerkID, Name: r.Name, StoreID: rest.Null(r.StoreID), Gets: r.Gets, Days: r.Days,
			Before: MemberLoad(r.Before), After: MemberLoad(r.After),
		}
	}
	if p.Fit != nil {
		v.Fit.Value = &PlanFit{p.Fit.OK, p.Fit.TooOld, append([]string{}, p.Fit.Gone...), p.Fit.Rebound, p.Fit.Late, p.Fit.Unsigned}
	}
	if p.Running != nil {
		v.Progress.Value = &RunProgress{p.Running.Step, p.Running.Done, p.Running.Total}
	}
	return v
}

// Move is one member of a handover.
type Move struct {
	MemberID    string  `json:"member_id"`
	MemberName  string  `json:"member_name"`
	Level       *string `json:"level"`
	FromStoreID *string `json:"from_store_id"`
	ToClerkID   string  `json:"to_clerk_id"`
	ToStoreID   *string `json:"to_store_id"`
	Why         string  `json:"why" enum:"by_hand,family,served_before,same_store,balance,rest,late"`
	Result      string  `json:"result" enum:"planned,moved,skipped,failed,undone,stays"`
	Reason      *string `json:"reason" doc:"of what is neither moved nor undone: rebound, merged, receiver_left, answered, moved_on"`
}

func move(m handover.Moved) Move {
	return Move{
		MemberID: m.Move.MemberID, MemberName: m.Name, Level: rest.Null(m.Move.Level), FromStoreID: rest.Null(m.Move.FromStoreID),
		ToClerkID: m.Move.ToClerkID, ToStoreID: rest.Null(m.Move.ToStoreID), Why: m.Move.Why, Result: m.Result, Reason: rest.Null(m.Move.Reason),
	}
}
