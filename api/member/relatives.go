package member

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
)

func (r *Room) mountRelatives(a *rest.API, roles []string) {
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/members/{id}/family", Tag: tag, ID: "listRelatives",
		Summary: "The others of the member's family whom the caller may see", Errors: []int{http.StatusNotFound},
	}, r.relatives)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/members/{id}/family", Tag: tag, ID: "relateMembers", Roles: roles,
		Summary: "Link two members as a family; families they have already become one",
		Errors:  []int{http.StatusNotFound, http.StatusConflict},
	}, r.relate)
	rest.Register(a, rest.Operation{
		Method: http.MethodDelete, Path: "/api/members/{id}/family", Status: http.StatusNoContent, Tag: tag, ID: "partMember", Roles: roles,
		Summary: "Take the member out of his family", Errors: []int{http.StatusNotFound},
	}, r.part)
}

// Relative is another member of a family.
type Relative struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	ClerkID *string `json:"clerk_id"`
}

func (r *Room) relatives(ctx context.Context, actor access.Actor, in *idInput) (rest.List[Relative], error) {
	rows, err := r.members.Relatives(ctx, actor, in.ID)
	if err != nil {
		return rest.List[Relative]{}, err
	}
	return rest.Page(rows, "", func(m model.Member) Relative { return Relative{m.ID, m.Name, rest.Null(m.ClerkID)} }), nil
}

type relateInput struct {
	ID   string `path:"id"`
	Body struct {
		MemberID string `json:"member_id" maxLength:"64"`
	}
}

func (r *Room) relate(ctx context.Context, actor access.Actor, in *relateInput) (rest.List[Relative], error) {
	if err := r.members.Relate(ctx, actor, in.ID, in.Body.MemberID); err != nil {
		return rest.List[Relative]{}, err
	}
	return r.relatives(ctx, actor, &idInput{in.ID})
}

func (r *Room) part(ctx context.Context, actor access.Actor, in *idInput) (rest.None, error) {
	return rest.None{}, r.members.Part(ctx, actor, in.ID)
}
