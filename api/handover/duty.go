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

func (r *Room) mountDuty(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodPut, Path: "/api/staff/{id}/leaving", Tag: tag, ID: "setLeaving", Roles: managers(),
		Summary: "From now to a person's last day: new members go elsewhere, no phone number in full",
		Errors:  []int{http.StatusNotFound, http.StatusConflict},
	}, r.setLeaving)
	rest.Register(a, rest.Operation{
		Method: http.MethodDelete, Path: "/api/staff/{id}/leaving", Status: http.StatusNoContent, Tag: tag, ID: "endLeaving", Roles: managers(),
		Summary: "Take a notice back", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.endLeaving)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/substitutes", Status: http.StatusCreated, Tag: tag, ID: "createSubstitute", Roles: managers(),
		Summary: "Let one person serve another's members from a time to a time; it ends by itself", Idempotent: true,
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.substitute)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/substitutes", Tag: tag, ID: "listSubstitutes", Summary: "Who stands in for whom, the newest first",
	}, r.substitutes)
	rest.Register(a, rest.Operation{
		Method: http.MethodDelete, Path: "/api/substitutes/{id}", Status: http.StatusNoContent, Tag: tag, ID: "endSubstitute", Roles: managers(),
		Summary: "End a substitution before its time", Errors: []int{http.StatusNotFound},
	}, r.endSubstitute)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/members/{id}/owner", Tag: tag, ID: "getOwner", Summary: "To whom the member belonged at a time",
		Errors: []int{http.StatusNotFound},
	}, r.owner)
}

type leavingInput struct {
	ID   string `path:"id"`
	Body struct {
		LastDay string `json:"last_day" format:"date" doc:"the last day of work"`
	}
}

// Leaving is a person who has given notice.
type Leaving struct {
	ID        string          `json:"id"`
	LeavingAt rest.TimeOrNull `json:"leaving_at" doc:"end of the last day, in the zone of the store"`
}

func (r *Room) setLeaving(ctx context.Context, actor access.Actor, in *leavingInput) (Leaving, error) {
	day, err := time.Parse(time.DateOnly, in.Body.LastDay)
	if err != nil {
		return Leaving{}, fault.Input("last_day", "not_a_date")
	}
	p, err := r.handover.SetLeaving(ctx, actor, in.ID, day)
	if err != nil {
		return Leaving{}, err
	}
	return Leaving{p.ID, rest.TimeOrNull(p.LeavingAt)}, nil
}

func (r *Room) endLeaving(ctx context.Context, actor access.Actor, in *idInput) (rest.None, error) {
	_, err := r.handover.EndLeaving(ctx, actor, in.ID)
	return rest.None{}, err
}

// Substitute is who stands in for whom.
type Substitute struct {
	ID             string          `json:"id"`
	ClerkID        string          `json:"clerk_id"`
	ClerkName      string          `json:"clerk_name"`
	SubstituteID   string          `json:"substitute_id"`
	SubstituteName string          `json:"substitute_name"`
	StoreID        *string         `json:"store_id" doc:"of the clerk"`
	From           rest.Time       `json:"from"`
	To             rest.Time       `json:"to"`
	EndedAt        rest.TimeOrNull `json:"ended_at" doc:"ended before its time; null: not"`
	CreatedBy      string          `json:"created_by"`
	CreatedAt      rest.Time       `json:"created_at"`
}

func substitute(s handover.NamedSubstitute) Substitute {
	return Substitute{
		ID: s.ID, ClerkID: s.ClerkID, ClerkName: s.ClerkName, SubstituteID: s.SubstituteID, SubstituteName: s.SubstituteName,
		StoreID: rest.Null(s.StoreID), From: rest.Time(s.FromAt), To: rest.Time(s.ToAt),
		EndedAt: rest.TimeOrNull(s.EndedAt), CreatedBy: s.CreatedBy, CreatedAt: rest.Time(s.CreatedAt),
	}
}

type substituteInput struct {
	Body struct {
		ClerkID      string    `json:"clerk_id" maxLength:"64"`
		SubstituteID string    `json:"substitute_id" maxLength:"64"`
		From         time.Time `json:"from" format:"date-time"`
		To           time.Time `json:"to" format:"date-time"`
	}
}

func (r *Room) substitute(ctx context.Context, actor access.Actor, in *substituteInput) (Substitute, error) {
	s, err := r.handover.Substitute(ctx, actor, handover.StandIn{
		ClerkID: in.Body.ClerkID, SubstituteID: in.Body.SubstituteID, From: in.Body.From, To: in.Body.To,
	})
	if err != nil {
		return Substitute{}, err
	}
	return substitute(s), nil
}

type substitutesInput struct {
	rest.Paging

	From time.Time `query:"from" format:"date-time" doc:"only those in force after this time"`
	To   time.Time `query:"to" format:"date-time" doc:"only those in force before this time"`
}

func (r *Room) substitutes(ctx context.Context, actor access.Actor, in *substitutesInput) (rest.List[Substitute], error) {
	if err := checkCursor(in.Cursor); err != nil {
		return rest.List[Substitute]{}, err
	}
	f := handover.SubstituteFilter{Before: in.Cursor, Limit: in.Limit}
	if !in.From.IsZero() {
		f.From = model.Millis(in.From)
	}
	if !in.To.IsZero() {
		f.To = model.Millis(in.To)
	}
	rows, next, err := r.handover.Substitutes(ctx, actor, f)
	if err != nil {
		return rest.List[Substitute]{}, err
	}
	return rest.Page(rows, next, substitute), nil
}

func (r *Room) endSubstitute(ctx context.Context, actor access.Actor, in *idInput) (rest.None, error) {
	return rest.None{}, r.handover.EndSubstitute(ctx, actor, in.ID)
}

type ownerInput struct {
	ID string    `path:"id"`
	At time.Time `query:"at" format:"date-time" required:"true"`
}

// MemberOwner is to whom a member belonged.
type MemberOwner struct {
	ClerkID *string         `json:"clerk_id" doc:"null: to nobody"`
	StoreID *string         `json:"store_id"`
	From    rest.TimeOrNull `json:"from"`
	To      rest.TimeOrNull `json:"to" doc:"null: still"`
	How     *string         `json:"how" enum:"scan,import,claim,handover,manual"`
}

func (r *Room) owner(ctx context.Context, actor access.Actor, in *ownerInput) (MemberOwner, error) {
	b, err := r.handover.OwnerAt(ctx, actor, in.ID, model.Millis(in.At))
	if err != nil {
		return MemberOwner{}, err
	}
	v := MemberOwner{ClerkID: rest.Null(b.ClerkID), StoreID: rest.Null(b.StoreID), From: rest.TimeOrNull(b.FromAt), How: rest.Null(b.How)}
	if b.ID != "" && !b.Open() {
		v.To = rest.TimeOrNull(b.ToAt)
	}
	return v, nil
}
