// Package complaint is the HTTP side of what members have against the chain.
package complaint

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/complaint"
	"liuke/service/fault"
)

// Room answers the calls about complaints.
type Room struct{ complaints *complaint.Service }

// New makes the room.
func New(s *complaint.Service) *Room { return &Room{s} }

const tag = "complaint"

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	owner := []string{model.RoleOwner}
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/members/{id}/complaints", Status: http.StatusCreated, Tag: tag, ID: "recordComplaint", Roles: owner,
		Idempotent: true, Errors: []int{http.StatusNotFound},
		Summary: "Write down what a member has against the chain. Until it is closed no campaign reaches him; clerks and managers do not see it",
	}, r.record)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/complaints", Tag: tag, ID: "listComplaints", Roles: owner,
		Summary: "Complaints, the open ones by when they are due, or the closed ones, the latest first",
	}, r.list)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/complaints/{id}/close", Status: http.StatusOK, Tag: tag, ID: "closeComplaint", Roles: owner,
		Summary: "Note how a complaint was settled", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.close)
}

// Complaint is what a member has against the chain.
type Complaint struct {
	ID         string          `json:"id"`
	MemberID   string          `json:"member_id"`
	MemberName string          `json:"member_name"`
	StoreID    *string         `json:"store_id" doc:"where he belonged then"`
	ClerkID    *string         `json:"clerk_id" doc:"whose he was then"`
	Channel    string          `json:"channel" enum:"phone,store,wechat,other" doc:"how it reached the owner"`
	Text       string          `json:"text"`
	CreatedAt  rest.Time       `json:"created_at"`
	DueAt      rest.Time       `json:"due_at" doc:"three days after it came"`
	ClosedAt   rest.TimeOrNull `json:"closed_at"`
	Result     string          `json:"result" doc:"how it was settled"`
}

func view(c complaint.Complaint) Complaint {
	return Complaint{
		c.ID, c.MemberID, c.MemberName, rest.Null(c.StoreID), rest.Null(c.ClerkID), c.Channel, c.Text, rest.Time(c.CreatedAt), rest.Time(c.DueAt),
		rest.TimeOrNull(c.ClosedAt), c.Result,
	}
}

type recordInput struct {
	ID   string `path:"id"`
	Body struct {
		Channel string `json:"channel" enum:"phone,store,wechat,other"`
		Text    string `json:"text" minLength:"1" maxLength:"2000"`
	}
}

func (r *Room) record(ctx context.Context, actor access.Actor, in *recordInput) (Complaint, error) {
	c, err := r.complaints.Record(ctx, actor, in.ID, in.Body.Channel, in.Body.Text)
	return view(c), err
}

type closeInput struct {
	ID   string `path:"id"`
	Body struct {
		Result string `json:"result" minLength:"1" maxLength:"2000"`
	}
}

func (r *Room) close(ctx context.Context, actor access.Actor, in *closeInput) (Complaint, error) {
	c, err := r.complaints.Close(ctx, actor, in.ID, in.Body.Result)
	return view(c), err
}

type listInput struct {
	rest.Paging

	State    string `query:"state" enum:"open,closed" default:"open"`
	MemberID string `query:"member_id"`
}

func (r *Room) list(ctx context.Context, actor access.Actor, in *listInput) (rest.List[Complaint], error) {
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return rest.List[Complaint]{}, fault.Input("cursor", "unknown")
	}
	rows, next, err := r.complaints.List(ctx, actor, complaint.Filter{
		Closed: in.State == "closed", MemberID: in.MemberID, After: in.Cursor, Limit: in.Limit,
	})
	return rest.Page(rows, next, view), err
}
