package handover

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/service/access"
	"liuke/service/handover"
)

func (r *Room) mountTodos(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/todos", Tag: tag, ID: "listTodos",
		Summary: "What the caller has to do, the first due first; with a handover, what its receivers have", Errors: []int{http.StatusNotFound},
	}, r.todos)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/todos/{id}/done", Tag: tag, ID: "doTodo", Summary: "Note the result of one's own to-do",
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.done)
}

// Todo is something to do about a member.
type Todo struct {
	ID         string          `json:"id"`
	Kind       string          `json:"kind" enum:"first_contact"`
	StaffID    string          `json:"staff_id"`
	MemberID   string          `json:"member_id"`
	MemberName string          `json:"member_name"`
	Level      *string         `json:"level"`
	HandoverID *string         `json:"handover_id"`
	DueAt      rest.Time       `json:"due_at"`
	DoneAt     rest.TimeOrNull `json:"done_at"`
	Result     *string         `json:"result" enum:"reached,no_answer,not_needed,taken_back"`
	Note       *string         `json:"note"`
	CreatedAt  rest.Time       `json:"created_at"`
}

func todo(t handover.Todo) Todo {
	return Todo{
		ID: t.ID, Kind: t.Kind, StaffID: t.StaffID, MemberID: t.MemberID, MemberName: t.MemberName, Level: rest.Null(t.Level),
		HandoverID: rest.Null(t.HandoverID), DueAt: rest.Time(t.DueAt), DoneAt: rest.TimeOrNull(t.DoneAt),
		Result: rest.Null(t.Result), Note: rest.Null(t.Note), CreatedAt: rest.Time(t.CreatedAt),
	}
}

type todosInput struct {
	rest.Paging

	State      string `query:"state" enum:"open,done" default:"open"`
	HandoverID string `query:"handover_id" maxLength:"64" doc:"for managers: how far its receivers are"`
}

func (r *Room) todos(ctx context.Context, actor access.Actor, in *todosInput) (rest.List[Todo], error) {
	rows, next, err := r.handover.Todos(ctx, actor, handover.TodoFilter{
		Done: in.State == "done", HandoverID: in.HandoverID, After: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return rest.List[Todo]{}, err
	}
	return rest.Page(rows, next, todo), nil
}

type doneInput struct {
	ID   string `path:"id"`
	Body struct {
		Result string `json:"result" enum:"reached,no_answer,not_needed"`
		Note   string `json:"note,omitempty" maxLength:"600"`
	}
}

func (r *Room) done(ctx context.Context, actor access.Actor, in *doneInput) (Todo, error) {
	t, err := r.handover.DoTodo(ctx, actor, in.ID, in.Body.Result, in.Body.Note)
	if err != nil {
		return Todo{}, err
	}
	return todo(t), nil
}
