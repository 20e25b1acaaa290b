// Package member is the HTTP side of the member's file.
package member

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/member"
)

// Room answers the calls about members.
type Room struct{ members *member.Service }

// New makes the room.
func New(m *member.Service) *Room { return &Room{m} }

const tag = "member"

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	everybodyButSupervisors := []string{model.RoleOwner, model.RoleManager, model.RoleClerk, model.RoleSupport}
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/members", Status: http.StatusCreated, Tag: tag, ID: "createMember", Summary: "A new member",
		Roles: everybodyButSupervisors, Idempotent: true, Errors: []int{http.StatusConflict},
	}, r.create)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/members", Tag: tag, ID: "listMembers", Summary: "Members the caller may see, the newest first",
	}, r.list)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/members/{id}", Tag: tag, ID: "getMember", Summary: "One member's file; the reading is recorded",
		Errors: []int{http.StatusNotFound},
	}, r.get)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/members/{id}/bindings", Tag: tag, ID: "listBindings",
		Summary: "To whom the member belonged, the newest first", Errors: []int{http.StatusNotFound},
	}, r.bindings)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/members/{id}/phone_reveals", Status: http.StatusCreated, Tag: tag, ID: "revealPhone",
		Summary: "The whole phone number; each reveal is recorded", Roles: everybodyButSupervisors, Errors: []int{http.StatusNotFound},
	}, r.reveal)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/members/{id}/link", Tag: tag, ID: "linkMember",
		Summary: "Tie a follower who is not known yet to a till member by phone or id, or give him his phone",
		Roles:   everybodyButSupervisors, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.link)
	r.mountFile(a, everybodyButSupervisors)
	r.mountMerges(a)
	r.mountRelatives(a, everybodyButSupervisors)
}

type createInput struct {
	Body struct {
		Name    string `json:"name" minLength:"1" maxLength:"200"`
		Phone   string `json:"phone,omitempty" maxLength:"32"`
		CardNo  string `json:"card_no,omitempty" maxLength:"64"`
		StoreID string `json:"store_id,omitempty" maxLength:"36"`
		ClerkID string `json:"clerk_id,omitempty" maxLength:"36" doc:"owner and manager only; a clerk's new member is his own"`
	}
}

func (r *Room) create(ctx context.Context, actor access.Actor, in *createInput) (Member, error) {
	b := in.Body
	for field, id := range map[string]string{"store_id": b.StoreID, "clerk_id": b.ClerkID} {
		if id != "" && !model.ValidID(id) {
			return Member{}, fault.Missing(field)
		}
	}
	m, err := r.members.Create(ctx, actor, member.Create{Name: b.Name, Phone: b.Phone, CardNo: b.CardNo, StoreID: b.StoreID, ClerkID: b.ClerkID})
	if err != nil {
		return Member{}, err
	}
	return r.get(ctx, actor, &idInput{m.ID})
}

// Narrowing picks members, in lists and in counts.
type Narrowing struct {
	Query    string `query:"q" maxLength:"200" doc:"part of the name, pinyin initials, the whole phone or its last four digits, the card number"`
	ClerkID  string `query:"clerk_id" maxLength:"36"`
	StoreID  string `query:"store_id" maxLength:"36"`
	Tag      string `query:"tag" maxLength:"120"`
	Class    string `query:"class" enum:"seed,key"`
	SubClass string `query:"sub_class" maxLength:"240" doc:"together with class"`
	Level    string `query:"level" maxLength:"16"`
	// Optional truths are words: a query has no null.
	Subscribed string `query:"subscribed" enum:"true,false" doc:"follows the account now"`
	Unbound    string `query:"unbound" enum:"true,false" doc:"has no clerk"`
}

func (in Narrowing) filter() member.Filter {
	return member.Filter{
		Query: in.Query, ClerkID: in.ClerkID, StoreID: in.StoreID, Tag: in.Tag, Class: in.Class, SubClass: in.SubClass,
		Level: in.Level, Subscribed: truth(in.Subscribed), Unbound: truth(in.Unbound),
	}
}

// nobody says that the filter names somebody who cannot exist, and so has no members.
func (in Narrowing) nobody() bool {
	return in.ClerkID != "" && !model.ValidID(in.ClerkID) || in.StoreID != "" && !model.ValidID(in.StoreID)
}

type listInput struct {
	rest.Paging
	Narrowing
}

// truth is true, false, or nil for what was not given.
func truth(word string) *bool {
	if word == "" {
		return nil
	}
	is := word == "true"
	return &is
}

func (r *Room) list(ctx context.Context, actor access.Actor, in *listInput) (rest.List[Member], error) {
	if in.nobody() {
		return rest.Page([]member.File(nil), "", view), nil
	}
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return rest.List[Member]{}, fault.Input("cursor", "unknown")
	}
	f := in.filter()
	f.Before, f.Limit = in.Cursor, in.Limit
	files, next, err := r.members.List(ctx, actor, f)
	if err != nil {
		return rest.List[Member]{}, err
	}
	return rest.Page(files, next, view), nil
}

type idInput struct {
	ID string `path:"id"`
}

func (r *Room) get(ctx context.Context, actor access.Actor, in *idInput) (Member, error) {
	f, err := r.members.Get(ctx, actor, in.ID)
	if err != nil {
		return Member{}, err
	}
	return view(f), nil
}

type bindingsInput struct {
	rest.Paging

	ID string `path:"id"`
}

func (r *Room) bindings(ctx context.Context, actor access.Actor, in *bindingsInput) (rest.List[Binding], error) {
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return rest.List[Binding]{}, fault.Input("cursor", "unknown")
	}
	rows, next, err := r.members.Bindings(ctx, actor, in.ID, in.Cursor, in.Limit)
	if err != nil {
		return rest.List[Binding]{}, err
	}
	return rest.Page(rows, next, bindingView), nil
}

// Revealed is a whole phone number.
type Revealed struct {
	Phone *string `json:"phone" doc:"E.164; null when none is known"`
}

func (r *Room) reveal(ctx context.Context, actor access.Actor, in *idInput) (Revealed, error) {
	phone, err := r.members.RevealPhone(ctx, actor, in.ID)
	if err != nil {
		return Revealed{}, err
	}
	return Revealed{rest.Null(phone)}, nil
}

type linkInput struct {
	ID   string `path:"id"`
	Body struct {
		Phone    string `json:"phone,omitempty" maxLength:"32"`
		MemberID string `json:"member_id,omitempty" maxLength:"36"`
		Name     string `json:"name,omitempty" maxLength:"200" doc:"for a follower whose phone nobody has yet"`
	}
}

func (r *Room) link(ctx context.Context, actor access.Actor, in *linkInput) (Member, error) {
	m, err := r.members.Link(ctx, actor, in.ID, member.Link{Phone: in.Body.Phone, MemberID: in.Body.MemberID, Name: in.Body.Name})
	if err != nil {
		return Member{}, err
	}
	return r.get(ctx, actor, &idInput{m.ID})
}
