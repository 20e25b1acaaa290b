// Package segment is the HTTP side of choosing members by filters.
package segment

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/segment"
)

// Room answers the calls about segments.
type Room struct{ segments *segment.Service }

// New makes the room.
func New(s *segment.Service) *Room { return &Room{s} }

const tag = "segment"

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	roles := []string{model.RoleOwner, model.RoleSupervisor, model.RoleManager}
	gone := []int{http.StatusNotFound}
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/segments/preview", Status: http.StatusOK, Tag: tag, ID: "previewSegment", Roles: roles,
		Summary: "Whom a filter takes now, of the members the caller may see: how many, and ten examples",
	}, r.preview)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/segments/fields", Tag: tag, ID: "listSegmentFields", Roles: roles,
		Summary: "What members can be chosen by",
	}, r.fields)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/segments", Status: http.StatusCreated, Tag: tag, ID: "createSegment", Roles: roles, Idempotent: true,
		Summary: "Save a filter under a name", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.create)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/segments", Tag: tag, ID: "listSegments", Roles: roles, Summary: "Saved filters: the account's, the store's, one's own",
	}, r.list)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/segments/{id}", Tag: tag, ID: "getSegment", Roles: roles, Summary: "One saved filter", Errors: gone,
	}, r.get)
	rest.Register(a, rest.Operation{
		Method: http.MethodPatch, Path: "/api/segments/{id}", Tag: tag, ID: "updateSegment", Roles: roles,
		Summary: "Change a saved filter", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.update)
	rest.Register(a, rest.Operation{
		Method: http.MethodDelete, Path: "/api/segments/{id}", Tag: tag, ID: "deleteSegment", Roles: roles, Summary: "Forget a saved filter", Errors: gone,
	}, r.delete)
}

// Example is one member whom a filter takes.
type Example struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	StoreID *string `json:"store_id"`
	ClerkID *string `json:"clerk_id"`
	Level   *string `json:"level"`
}

// Preview is whom a filter takes.
type Preview struct {
	Count    int64     `json:"count"`
	Examples []Example `json:"examples" nullable:"false"`
}

type previewInput struct {
	Body struct {
		Filter Filter `json:"filter"`
	}
}

func (r *Room) preview(ctx context.Context, actor access.Actor, in *previewInput) (Preview, error) {
	p, err := r.segments.Preview(ctx, actor, in.Body.Filter.filter())
	if err != nil {
		return Preview{}, err
	}
	out := Preview{Count: p.Count, Examples: make([]Example, len(p.Examples))}
	for i, e := range p.Examples {
		out.Examples[i] = Example{e.ID, e.Name, rest.Null(e.StoreID), rest.Null(e.ClerkID), rest.Null(e.Level)}
	}
	return out, nil
}

// Field is something members can be chosen by.
type Field struct {
	Name   string   `json:"name"`
	Kind   string   `json:"kind" enum:"choice,number,since,flag" doc:"what a condition gives: in; from and to; from and to days ago, or is; is"`
	Values []string `json:"values" nullable:"false" doc:"of a choice, when only these are taken"`
	Days   bool     `json:"days" doc:"may be narrowed to the days just gone"`
	From   int64    `json:"from" doc:"the least number"`
	To     int64    `json:"to" doc:"the greatest"`
	Span   int64    `json:"span" doc:"how far from and to may be apart, and both are needed; 0: any distance"`
}

// Fields are all of them.
type Fields struct {
	Items []Field `json:"items" nullable:"false"`
}

func (r *Room) fields(context.Context, access.Actor, *struct{}) (Fields, error) {
	var out Fields
	for _, f := range segment.Fields() {
		values := f.Values
		if values == nil {
			values = []string{}
		}
		out.Items = append(out.Items, Field{f.Name, f.Kind, values, f.Days, f.From, f.To, f.Span})
	}
	return out, nil
}

// Segment is a saved filter.
type Segment struct {
	ID        string    `json:"id"`
	Scope     string    `json:"scope" enum:"account,store,own" doc:"who finds it"`
	StoreID   *string   `json:"store_id"`
	StaffID   string    `json:"staff_id" doc:"who made it"`
	Name      string    `json:"name"`
	Filter    Filter    `json:"filter"`
	Version   int64     `json:"version"`
	CreatedAt rest.Time `json:"created_at"`
	UpdatedAt rest.Time `json:"updated_at"`
}

func view(row model.Segment) (Segment, error) {
	f, err := segment.Kept(row.Filter)
	return Segment{
		ID: row.ID, Scope: row.Scope, StoreID: rest.Null(row.StoreID), StaffID: row.StaffID, Name: row.Name, Filter: viewFilter(f),
		Version: row.Version, CreatedAt: rest.Time(row.CreatedAt), UpdatedAt: rest.Time(row.UpdatedAt),
	}, err
}

type createInput struct {
	Body struct {
		Scope   string `json:"scope" enum:"account,store,own"`
		StoreID string `json:"store_id,omitempty" maxLength:"36" doc:"of scope store; a manager's own by itself"`
		Name    string `json:"name" minLength:"1" maxLength:"100"`
		Filter  Filter `json:"filter"`
	}
}

func (r *Room) create(ctx context.Context, actor access.Actor, in *createInput) (Segment, error) {
	b := in.Body
	f := b.Filter.filter()
	row, err := r.segments.Create(ctx, actor, segment.Edit{Scope: b.Scope, StoreID: b.StoreID, Name: &b.Name, Filter: &f})
	if err != nil {
		return Segment{}, err
	}
	return view(row)
}

type listInput struct{ rest.Paging }

func (r *Room) list(ctx context.Context, actor access.Actor, in *listInput) (rest.List[Segment], error) {
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return rest.List[Segment]{}, fault.Input("cursor", "unknown")
	}
	rows, next, err := r.segments.List(ctx, actor, in.Cursor, in.Limit)
	if err != nil {
		return rest.List[Segment]{}, err
	}
	items := make([]Segment, len(rows))
	for i, row := range rows {
		if items[i], err = view(row); err != nil {
			return rest.List[Segment]{}, err
		}
	}
	return rest.List[Segment]{Items: items, Next: rest.Null(next)}, nil
}

type idInput struct {
	ID string `path:"id"`
}

func (r *Room) get(ctx context.Context, actor access.Actor, in *idInput) (Segment, error) {
	row, err := r.segments.Get(ctx, actor, in.ID)
	if err != nil {
		return Segment{}, err
	}
	return view(row)
}

type updateInput struct {
	ID   string `path:"id"`
	Body struct {
		Name    *string `json:"name,omitempty" minLength:"1" maxLength:"100"`
		Filter  *Filter `json:"filter,omitempty"`
		Version int64   `json:"version,omitempty" doc:"the one that was read: what was changed since is a conflict"`
	}
}

func (r *Room) update(ctx context.Context, actor access.Actor, in *updateInput) (Segment, error) {
	edit := segment.Edit{Name: in.Body.Name, Version: in.Body.Version}
	if in.Body.Filter != nil {
		f := in.Body.Filter.filter()
		edit.Filter = &f
	}
	row, err := r.segments.Change(ctx, actor, in.ID, edit)
	if err != nil {
		return Segment{}, err
	}
	return view(row)
}

func (r *Room) delete(ctx context.Context, actor access.Actor, in *idInput) (rest.None, error) {
	return rest.None{}, r.segments.Delete(ctx, actor, in.ID)
}
