package staff

import (
	"context"
	"net/http"
	"slices"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/staff"
)

func (r *Room) mountStores(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/stores", Status: http.StatusCreated, Tag: tag, ID: "createStore", Roles: owners(),
		Idempotent: true, Summary: "Add a store", Errors: []int{http.StatusNotFound},
	}, r.createStore)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/stores", Tag: tag, ID: "listStores", Summary: "The stores I may see",
	}, r.listStores)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/stores/{id}", Tag: tag, ID: "getStore", Summary: "One store",
	}, r.getStore)
	rest.Register(a, rest.Operation{
		Method: http.MethodPatch, Path: "/api/stores/{id}", Tag: tag, ID: "updateStore", Roles: owners(), Summary: "Change a store",
	}, r.updateStore)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/regions", Status: http.StatusCreated, Tag: tag, ID: "createRegion", Roles: owners(),
		Idempotent: true, Summary: "Add a region", Errors: []int{http.StatusNotFound},
	}, r.createRegion)
	rest.Register(a, rest.Operation{
		Method: http.MethodPatch, Path: "/api/regions/{id}", Tag: tag, ID: "updateRegion", Roles: owners(), Summary: "Change a region",
	}, r.updateRegion)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/regions", Tag: tag, ID: "listRegions", Summary: "All regions by name",
	}, r.listRegions)
}

// Store is one shop.
type Store struct {
	ID        string      `json:"id"`
	Name      string      `json:"name"`
	Code      string      `json:"code" doc:"the till's code of the store"`
	RegionID  *string     `json:"region_id"`
	TimeZone  string      `json:"time_zone" doc:"IANA name"`
	Greeting  string      `json:"greeting" doc:"goes before the account's; empty: the account's"`
	Hours     []rest.Span `json:"business_hours" nullable:"false" doc:"of its own, before the account's; empty: the account's"`
	CreatedAt rest.Time   `json:"created_at"`
}

func viewStore(s model.Store) Store {
	return Store{
		ID: s.ID, Name: s.Name, Code: s.Code, RegionID: rest.Null(s.RegionID), TimeZone: s.TimeZone, Greeting: s.Greeting,
		Hours: rest.Spans(model.ReadWeek(s.BusinessHours)), CreatedAt: rest.Time(s.CreatedAt),
	}
}

type createStore struct {
	Body struct {
		Name     string  `json:"name" maxLength:"200"`
		Code     string  `json:"code" maxLength:"200"`
		RegionID *string `json:"region_id,omitempty"`
		TimeZone *string `json:"time_zone,omitempty" maxLength:"64" doc:"IANA name; default Asia/Shanghai"`
	}
}

func (r *Room) createStore(ctx context.Context, actor access.Actor, in *createStore) (Store, error) {
	s, err := r.staff.CreateStore(ctx, actor, staff.CreateStore{
		Name: in.Body.Name, Code: in.Body.Code, RegionID: rest.Or(in.Body.RegionID), TimeZone: rest.Or(in.Body.TimeZone),
	})
	return viewStore(s), err
}

func (r *Room) listStores(ctx context.Context, actor access.Actor, in *rest.Paging) (rest.List[Store], error) {
	rows, next, err := r.staff.ListStores(ctx, actor, staff.Page{Cursor: in.Cursor, Limit: in.Limit})
	return rest.Page(rows, next, viewStore), err
}

func (r *Room) getStore(ctx context.Context, actor access.Actor, in *one) (Store, error) {
	s, err := r.staff.GetStore(ctx, actor, in.ID)
	return viewStore(s), err
}

type updateStore struct {
	ID   string `path:"id"`
	Body struct {
		Name     rest.Patch[string] `json:"name,omitempty" maxLength:"200"`
		Greeting rest.Patch[string] `json:"greeting,omitempty" maxLength:"2048"`
		RegionID rest.Patch[string] `json:"region_id,omitempty"`
		TimeZone rest.Patch[string] `json:"time_zone,omitempty" maxLength:"64"`
		Hours    *[]rest.Span       `json:"business_hours,omitempty" maxItems:"42" nullable:"false" doc:"empty: the account's; otherwise an hour a week at least"`
	}
}

func (r *Room) updateStore(ctx context.Context, actor access.Actor, in *updateStore) (Store, error) {
	var week *model.Week
	if in.Body.Hours != nil {
		w, err := rest.Week("business_hours", *in.Body.Hours)
		if err != nil {
			return Store{}, err
		}
		week = &w
	}
	s, err := r.staff.UpdateStore(ctx, actor, in.ID, staff.UpdateStore{
		BusinessHours: week,
		Name:          in.Body.Name.Ptr(), Greeting: in.Body.Greeting.Ptr(), RegionID: in.Body.RegionID.Ptr(), TimeZone: in.Body.TimeZone.Ptr(),
	})
	return viewStore(s), err
}

// Region is a node of the tree that a supervisor's scope follows.
type Region struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	ParentID  *string   `json:"parent_id"`
	CreatedAt rest.Time `json:"created_at"`
}

func viewRegion(r model.Region) Region {
	return Region{ID: r.ID, Name: r.Name, ParentID: rest.Null(r.ParentID), CreatedAt: rest.Time(r.CreatedAt)}
}

type createRegion struct {
	Body struct {
		Name     string  `json:"name" maxLength:"200"`
		ParentID *string `json:"parent_id,omitempty" doc:"regions are two levels deep"`
	}
}

func (r *Room) createRegion(ctx context.Context, actor access.Actor, in *createRegion) (Region, error) {
	g, err := r.staff.CreateRegion(ctx, actor, staff.CreateRegion{Name: in.Body.Name, ParentID: rest.Or(in.Body.ParentID)})
	return viewRegion(g), err
}

type updateRegion struct {
	ID   string `path:"id"`
	Body struct {
		Name     rest.Patch[string] `json:"name,omitempty" maxLength:"200"`
		ParentID rest.Patch[string] `json:"parent_id,omitempty" doc:"null: of the upper level; regions are two levels deep"`
	}
}

func (r *Room) updateRegion(ctx context.Context, actor access.Actor, in *updateRegion) (Region, error) {
	g, err := r.staff.UpdateRegion(ctx, actor, in.ID, staff.UpdateRegion{Name: in.Body.Name.Ptr(), ParentID: in.Body.ParentID.Ptr()})
	return viewRegion(g), err
}

type listRegionsInput struct{ rest.Paging }

// listRegions pages through what is one short list: a chain has tens of regions.
func (r *Room) listRegions(ctx context.Context, actor access.Actor, in *listRegionsInput) (rest.List[Region], error) {
	rows, err := r.staff.ListRegions(ctx, actor)
	if err != nil {
		return rest.List[Region]{}, err
	}
	if in.Cursor != "" {
		at := slices.IndexFunc(rows, func(g model.Region) bool { return g.ID == in.Cursor })
		if at < 0 {
			return rest.List[Region]{}, fault.Input("cursor", "unknown")
		}
		rows = rows[at+1:]
	}
	next := ""
	if len(rows) > in.Limit {
		rows = rows[:in.Limit]
		next = rows[in.Limit-1].ID
	}
	return rest.Page(rows, next, viewRegion), nil
}
