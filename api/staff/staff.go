// Package staff serves the people who sign in, their stores and regions (L1, E14).
package staff

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/staff"
)

// Deps is what the room needs.
type Deps struct {
	Staff *staff.Service
	// PublicURL is how browsers reach the program, for the address in a sign-in code.
	PublicURL string
}

// Room is the room.
type Room struct {
	staff     *staff.Service
	publicURL string
}

// New makes the room.
func New(d Deps) *Room { return &Room{d.Staff, d.PublicURL} }

const tag = "staff"

// bosses may add and change people; which of them, the service knows.
func bosses() []string { return []string{model.RoleOwner, model.RoleManager} }

func owners() []string { return []string{model.RoleOwner} }

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/staff", Status: http.StatusCreated, Tag: tag, ID: "createStaff", Roles: bosses(),
		Idempotent: true, Summary: "Add a person", Errors: []int{http.StatusNotFound},
	}, r.create)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/staff", Tag: tag, ID: "listStaff", Summary: "The people I may see",
	}, r.list)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/staff/{id}", Tag: tag, ID: "getStaff", Summary: "One person",
	}, r.get)
	rest.Register(a, rest.Operation{
		Method: http.MethodPatch, Path: "/api/staff/{id}", Tag: tag, ID: "updateStaff", Roles: bosses(),
		Summary: "Change a person", Errors: []int{http.StatusConflict},
	}, r.update)
	act := func(method, path, id, summary string, f func(context.Context, access.Actor, string) error, errors ...int) {
		rest.Register(a, rest.Operation{
			Method: method, Path: "/api/staff/{id}" + path, Status: http.StatusNoContent, Tag: tag, ID: id, Roles: bosses(),
			Summary: summary, Errors: errors,
		}, func(ctx context.Context, actor access.Actor, in *one) (rest.None, error) {
			return rest.None{}, f(ctx, actor, in.ID)
		})
	}
	act(http.MethodDelete, "", "deactivateStaff", "A person leaves; his sessions end", r.deactivate, http.StatusConflict)
	act(http.MethodPost, "/reactivate", "reactivateStaff", "A person comes back, with the same password", r.reactivate)
	act(http.MethodDelete, "/sessions", "endStaffSessions", "Sign a person out everywhere", r.endSessions)
	act(http.MethodDelete, "/otp", "endStaffOTP", "End the second factor of a person who lost his phone", r.endOTP)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/staff/{id}/password", Status: http.StatusNoContent, Tag: tag, ID: "resetStaffPassword",
		Roles: bosses(), Summary: "Give a person who forgot his password another first one; his sessions end", Errors: []int{http.StatusConflict},
	}, r.resetPassword)
	r.mountSignInCode(a)
	r.mountDuty(a)
	r.mountStores(a)
}

type one struct {
	ID string `path:"id"`
}

// Staff is one person.
type Staff struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Phone      string          `json:"phone" doc:"masked"`
	Role       string          `json:"role"`
	StoreID    *string         `json:"store_id"`
	RegionID   *string         `json:"region_id"`
	Active     bool            `json:"active" doc:"false once he left"`
	Away       bool            `json:"away" doc:"takes no new members for now"`
	OTPEnabled bool            `json:"otp_enabled"`
	SeenAt     rest.TimeOrNull `json:"seen_at" doc:"to the minute"`
	CreatedAt  rest.Time       `json:"created_at"`
	LeftAt     rest.TimeOrNull `json:"left_at"`
	LeavingAt  rest.TimeOrNull `json:"leaving_at" doc:"end of the last day of who has given notice; null: none"`
}

func (r *Room) view(p model.Staff) (Staff, error) {
	phone, err := r.staff.MaskedPhone(p)
	return Staff{
		ID: p.ID, Name: p.Name, Phone: phone, Role: p.Role, StoreID: rest.Null(p.StoreID), RegionID: rest.Null(p.RegionID),
		Active: p.Active, Away: p.Away, OTPEnabled: p.OTPEnabled, SeenAt: rest.TimeOrNull(p.SeenAt),
		CreatedAt: rest.Time(p.CreatedAt), LeftAt: rest.TimeOrNull(p.LeftAt), LeavingAt: rest.TimeOrNull(p.LeavingAt),
	}, err
}

type createStaff struct {
	Body struct {
		Name     string  `json:"name" maxLength:"200"`
		Phone    string  `json:"phone" maxLength:"64"`
		Password string  `json:"password" maxLength:"1024" doc:"8 to 128 bytes"`
		Role     string  `json:"role" enum:"owner,supervisor,manager,clerk,support"`
		StoreID  *string `json:"store_id,omitempty" doc:"required for clerks and managers"`
		RegionID *string `json:"region_id,omitempty" doc:"for supervisors"`
	}
}

func (r *Room) create(ctx context.Context, actor access.Actor, in *createStaff) (Staff, error) {
	p, err := r.staff.Create(ctx, actor, staff.Create{
		Name: in.Body.Name, Phone: in.Body.Phone, Password: in.Body.Password, Role: in.Body.Role,
		StoreID: rest.Or(in.Body.StoreID), RegionID: rest.Or(in.Body.RegionID),
	})
	if err != nil {
		return Staff{}, err
	}
	return r.view(p)
}

type listStaff struct {
	rest.Paging

	StoreID string `query:"store_id"`
	Role    string `query:"role" enum:"owner,supervisor,manager,clerk,support"`
	Active  string `query:"active" enum:"true,false"`
}

func (r *Room) list(ctx context.Context, actor access.Actor, in *listStaff) (rest.List[Staff], error) {
	f := staff.Filter{StoreID: in.StoreID, Role: in.Role}
	if in.Active != "" {
		active := in.Active == "true"
		f.Active = &active
	}
	rows, next, err := r.staff.List(ctx, actor, f, staff.Page{Cursor: in.Cursor, Limit: in.Limit})
	if err != nil {
		return rest.List[Staff]{}, err
	}
	out := rest.List[Staff]{Items: make([]Staff, len(rows)), Next: rest.Null(next)}
	for i, row := range rows {
		if out.Items[i], err = r.view(row); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (r *Room) get(ctx context.Context, actor access.Actor, in *one) (Staff, error) {
	p, err := r.staff.Get(ctx, actor, in.ID)
	if err != nil {
		return Staff{}, err
	}
	return r.view(p)
}

type updateStaff struct {
	ID   string `path:"id"`
	Body struct {
		Name     rest.Patch[string] `json:"name,omitempty" maxLength:"200"`
		Phone    rest.Patch[string] `json:"phone,omitempty" maxLength:"64"`
		Role     rest.Patch[string] `json:"role,omitempty" maxLength:"16"`
		StoreID  rest.Patch[string] `json:"store_id,omitempty"`
		RegionID rest.Patch[string] `json:"region_id,omitempty"`
	}
}

func (r *Room) update(ctx context.Context, actor access.Actor, in *updateStaff) (Staff, error) {
	p, err := r.staff.Update(ctx, actor, in.ID, staff.Update{
		Name: in.Body.Name.Ptr(), Phone: in.Body.Phone.Ptr(), Role: in.Body.Role.Ptr(), StoreID: in.Body.StoreID.Ptr(), RegionID: in.Body.RegionID.Ptr(),
	})
	if err != nil {
		return Staff{}, err
	}
	return r.view(p)
}

func (r *Room) deactivate(ctx context.Context, actor access.Actor, id string) error {
	return r.staff.Deactivate(ctx, actor, id)
}

func (r *Room) reactivate(ctx context.Context, actor access.Actor, id string) error {
	return r.staff.Reactivate(ctx, actor, id)
}

func (r *Room) endSessions(ctx context.Context, actor access.Actor, id string) error {
	return r.staff.SignOutEverywhere(ctx, actor, id)
}

func (r *Room) endOTP(ctx context.Context, actor access.Actor, id string) error {
	return r.staff.DisableOTP(ctx, actor, id, "")
}

type resetPassword struct {
	ID   string `path:"id"`
	Body struct {
		Password string `json:"password" maxLength:"1024" doc:"8 to 128 bytes"`
	}
}

func (r *Room) resetPassword(ctx context.Context, actor access.Actor, in *resetPassword) (rest.None, error) {
	return rest.None{}, r.staff.ResetPassword(ctx, actor, in.ID, in.Body.Password)
}
