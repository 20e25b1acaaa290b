package handover

import (
	"context"
	"net/http"
	"time"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/handover"
)

func (r *Room) mountTodos(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/todos", Tag: tag, ID: "listTodos",
		Summary: "What the caller has to do, the first due first; or what his people have, for those who manage", Errors: []int{http.StatusNotFound},
	}, r.todos)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/todos/counts", Tag: tag, ID: "countTodos", Summary: "How many to-dos the caller has, by when they are due",
	}, r.counts)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/todos/progress", Tag: tag, ID: "listTodoProgress", Roles: watchers(),
		Summary: "How far each person is with his to-dos, of everything or of one handover", Errors: []int{http.StatusNotFound},
	}, r.progress)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/todos/{id}/done", Tag: tag, ID: "doTodo", Summary: "Note the result of one's own to-do",
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.done)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/todos/{id}/reopen", Tag: tag, ID: "reopenTodo", Summary: "Take a result back within a day",
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.reopen)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/todos/{id}/snooze", Tag: tag, ID: "snoozeTodo", Summary: "Put one's own to-do off to a later day",
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.snooze)
}

// Todo is something to do about a member.
type Todo struct {
	ID             string                        `json:"id"`
	Kind           string                        `json:"kind" enum:"first_contact,campaign" doc:"campaign: a call in place of a message that could not be sent; what to say stands in note"`
	StaffID        *string                       `json:"staff_id" doc:"null while the member waits in a queue"`
	StaffName      string                        `json:"staff_name"`
	MemberID       string                        `json:"member_id"`
	MemberName     string                        `json:"member_name"`
	ConversationID *string                       `json:"conversation_id" doc:"null: the member has no conversation"`
	Level          *string                       `json:"level"`
	HandoverID     *string                       `json:"handover_id"`
	Introduction   rest.OrNull[IntroductionSent] `json:"introduction" doc:"null: none was written"`
	DueAt          rest.Time                     `json:"due_at" doc:"overdue once this day is over in the zone of the store"`
	FirstDueAt     rest.Time                     `json:"first_due_at" doc:"before it was put off"`
	Snoozes        int64                         `json:"snoozes" doc:"how often it was put off"`
	ContactedAt    rest.TimeOrNull               `json:"contacted_at" doc:"when WeChat took the first message to the member"`
	DoneAt         rest.TimeOrNull               `json:"done_at"`
	Result         *string                       `json:"result" enum:"reached,no_answer,not_needed,taken_back,handed_over"`
	Note           *string                       `json:"note"`
	CreatedAt      rest.Time                     `json:"created_at"`
}

// IntroductionSent is what became of an introduction.
type IntroductionSent struct {
	State  string    `json:"state" enum:"queued,sending,accepted,refused,unknown,pending,withdrawn"`
	Reason *string   `json:"reason"`
	At     rest.Time `json:"at"`
}

func introduction(i model.Introduction) (o rest.OrNull[IntroductionSent]) {
	if i.State != "" {
		o.Value = &IntroductionSent{i.State, rest.Null(i.Reason), rest.Time(i.CreatedAt)}
	}
	return o
}

func todo(t handover.Todo) Todo {
	return Todo{
		ID: t.ID, Kind: t.Kind, StaffID: rest.Null(t.StaffID), StaffName: t.StaffName, MemberID: t.MemberID, MemberName: t.MemberName,
		ConversationID: rest.Null(t.ConversationID), Level: rest.Null(t.Level), HandoverID: rest.Null(t.HandoverID),
		Introduction: introduction(t.Introduction), DueAt: rest.Time(t.DueAt), FirstDueAt: rest.Time(t.FirstDueAt), Snoozes: t.Snoozes,
		ContactedAt: rest.TimeOrNull(t.ContactedAt), DoneAt: rest.TimeOrNull(t.DoneAt),
		Result: rest.Null(t.Result), Note: rest.Null(t.Note), CreatedAt: rest.Time(t.CreatedAt),
	}
}

type todosInput struct {
	rest.Paging

	Whose      string `query:"whose" enum:"mine,team" default:"mine" doc:"team: those of the people in reach of owner, supervisor or manager"`
	StaffID    string `query:"staff_id" maxLength:"64" doc:"with team: of one person"`
	State      string `query:"state" enum:"open,done" default:"open"`
	Due        string `query:"due" enum:"overdue,today,later" doc:"of the open ones, by the day of the caller's store"`
	HandoverID string `query:"handover_id" maxLength:"64" doc:"only what comes from this handover"`
}

func (r *Room) todos(ctx context.Context, actor access.Actor, in *todosInput) (rest.List[Todo], error) {
	rows, next, err := r.handover.Todos(ctx, actor, handover.TodoFilter{
		Team: in.Whose == "team", StaffID: in.StaffID, Done: in.State == "done", Due: in.Due, HandoverID: in.HandoverID,
		After: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return rest.List[Todo]{}, err
	}
	return rest.Page(rows, next, todo), nil
}

// TodoCounts is how many to-dos somebody has, by the days of his store.
type TodoCounts struct {
	Overdue int64 `json:"overdue"`
	Today   int64 `json:"today"`
	Later   int64 `json:"later"`
	Done    int64 `json:"done" doc:"one's own: today; of a handover: all; otherwise of the last 30 days"`
}

func (r *Room) counts(ctx context.Context, actor access.Actor, _ *struct{}) (TodoCounts, error) {
	c, err := r.handover.CountTodos(ctx, actor)
	return TodoCounts(c), err
}

type progressInput struct {
	rest.Paging

	HandoverID string `query:"handover_id" maxLength:"64"`
}

// TodoProgress is how far one person is.
type TodoProgress struct {
	StaffID    *string    `json:"staff_id" doc:"null: the members wait in a queue"`
	Name       string     `json:"name"`
	StoreID    *string    `json:"store_id"`
	Todos      TodoCounts `json:"todos"`
	Introduced int64      `json:"introduced" doc:"members who got an introduction"`
	Pending    int64      `json:"introductions_pending" doc:"introductions that leave with the member's next message"`
	Reachable  int64      `json:"introductions_of" doc:"members who can be introduced to: both of these, and those to whom none was written yet"`
	Quiet      int64      `json:"quiet" doc:"members without contact for longer than the account allows"`
}

func (r *Room) progress(ctx context.Context, actor access.Actor, in *progressInput) (rest.List[TodoProgress], error) {
	if err := checkCursor(in.Cursor); err != nil {
		return rest.List[TodoProgress]{}, err
	}
	rows, next, err := r.handover.TodoProgress(ctx, actor, handover.ProgressFilter{HandoverID: in.HandoverID, After: in.Cursor, Limit: in.Limit})
	if err != nil {
		return rest.List[TodoProgress]{}, err
	}
	return rest.Page(rows, next, func(p handover.Progress) TodoProgress {
		return TodoProgress{
			StaffID: rest.Null(p.StaffID), Name: p.Name, StoreID: rest.Null(p.StoreID), Todos: TodoCounts(p.Todos),
			Introduced: p.Introduced, Pending: p.Waiting, Reachable: p.Reachable, Quiet: p.Quiet,
		}
	}), nil
}

type doneInput struct {
	ID   string `path:"id"`
	Body struct {
		Result string `json:"result" enum:"reached,no_answer,not_needed"`
		Note   string `json:"note,omitempty" maxLength:"600"`
	}
}

func (r *Room) done(ctx context.Context, actor access.Actor, in *doneInput) (Todo, error) {
	return viewed(r.handover.DoTodo(ctx, actor, in.ID, in.Body.Result, in.Body.Note))
}

func (r *Room) reopen(ctx context.Context, actor access.Actor, in *idInput) (Todo, error) {
	return viewed(r.handover.ReopenTodo(ctx, actor, in.ID))
}

type snoozeInput struct {
	ID   string `path:"id"`
	Body struct {
		Until string `json:"until" format:"date" doc:"a day after today in the zone of the store, at most 30 days ahead"`
		Note  string `json:"note,omitempty" maxLength:"600" doc:"why; absent: the note stays"`
	}
}

func (r *Room) snooze(ctx context.Context, actor access.Actor, in *snoozeInput) (Todo, error) {
	day, err := time.Parse(time.DateOnly, in.Body.Until)
	if err != nil {
		return Todo{}, fault.Input("until", "not_a_date")
	}
	return viewed(r.handover.SnoozeTodo(ctx, actor, in.ID, day, in.Body.Note))
}

func viewed(t handover.Todo, err error) (Todo, error) {
	if err != nil {
		return Todo{}, err
	}
	return todo(t), nil
}
