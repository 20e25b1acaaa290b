// Package binding is the HTTP side of codes, scans and what the manager decides about them.
package binding

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/binding"
	"liuke/service/fault"
)

// Room answers the calls about codes.
type Room struct{ binding *binding.Service }

// New makes the room.
func New(b *binding.Service) *Room { return &Room{b} }

const tag = "binding"

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/codes", Status: http.StatusCreated, Tag: tag, ID: "createCode",
		Summary: "A code to scan; asked again, a permanent one is the same", Idempotent: true,
		Roles:  []string{model.RoleOwner, model.RoleManager, model.RoleClerk, model.RoleSupport},
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusBadGateway, http.StatusServiceUnavailable},
	}, r.create)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/codes", Tag: tag, ID: "listCodes", Summary: "Codes, the newest first",
	}, r.list)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/code_stock", Tag: tag, ID: "getCodeStock", Summary: "Permanent codes used and left of the account's 100,000",
	}, r.stock)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/codes/{id}", Tag: tag, ID: "getCode", Summary: "One code", Errors: []int{http.StatusNotFound},
	}, r.get)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/codes/{id}/scans", Tag: tag, ID: "listScans", Summary: "Scans of a code, the newest first",
		Errors: []int{http.StatusNotFound},
	}, r.scans)
	rest.Raw(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/codes/{id}/image.png", Tag: tag, ID: "getCodePNG", Summary: "The QR picture",
		Produces: "image/png", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.png)
	rest.Raw(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/codes/{id}/image.svg", Tag: tag, ID: "getCodeSVG", Summary: "The QR picture, for print",
		Produces: "image/svg+xml", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.svg)
	r.mountStatistics(a)
	r.mountLink(a)
	managers := []string{model.RoleOwner, model.RoleManager}
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/binding_requests", Tag: tag, ID: "listBindingRequests", Roles: managers,
		Summary: "Second scans to decide and codes that went astray, the newest first",
	}, r.requests)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/binding_requests/{id}/decision", Tag: tag, ID: "decideBindingRequest", Roles: managers,
		Summary: "Approve or refuse", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.decide)
}

type createInput struct {
	Body struct {
		Kind     string `json:"kind" enum:"clerk,store,member"`
		ClerkID  string `json:"clerk_id,omitempty" maxLength:"36"`
		StoreID  string `json:"store_id,omitempty" maxLength:"36"`
		MemberID string `json:"member_id,omitempty" maxLength:"36"`
		Greeting string `json:"greeting,omitempty" maxLength:"600" doc:"with {member} {clerk} {store} {account}; empty: the store's or account's"`
	}
}

func (r *Room) create(ctx context.Context, actor access.Actor, in *createInput) (Code, error) {
	b := in.Body
	c, err := r.binding.Mint(ctx, actor, binding.Mint{
		Kind: b.Kind, ClerkID: b.ClerkID, StoreID: b.StoreID, MemberID: b.MemberID, Greeting: b.Greeting,
	})
	if err != nil {
		return Code{}, err
	}
	return codeView(c), nil
}

type listInput struct {
	rest.Paging

	Kind    string `query:"kind" enum:"clerk,store,member"`
	StoreID string `query:"store_id" maxLength:"36"`
}

func (r *Room) list(ctx context.Context, actor access.Actor, in *listInput) (rest.List[Code], error) {
	if err := checkCursor(in.Cursor); err != nil {
		return rest.List[Code]{}, err
	}
	rows, next, err := r.binding.Codes(ctx, actor, in.Kind, in.StoreID, in.Cursor, in.Limit)
	if err != nil {
		return rest.List[Code]{}, err
	}
	return rest.Page(rows, next, codeView), nil
}

func checkCursor(cursor string) error {
	if cursor != "" && !model.ValidID(cursor) {
		return fault.Input("cursor", "unknown")
	}
	return nil
}

type idInput struct {
	ID string `path:"id"`
}

func (r *Room) get(ctx context.Context, actor access.Actor, in *idInput) (Code, error) {
	c, err := r.binding.Code(ctx, actor, in.ID)
	if err != nil {
		return Code{}, err
	}
	return codeView(c), nil
}

// Stock is how many permanent codes there are.
type Stock struct {
	Used int64 `json:"used"`
	Left int64 `json:"left"`
}

func (r *Room) stock(ctx context.Context, actor access.Actor, _ *struct{}) (Stock, error) {
	used, left, err := r.binding.Stock(ctx, actor)
	return Stock{used, left}, err
}

type scansInput struct {
	rest.Paging

	ID string `path:"id"`
}

func (r *Room) scans(ctx context.Context, actor access.Actor, in *scansInput) (rest.List[Scan], error) {
	if err := checkCursor(in.Cursor); err != nil {
		return rest.List[Scan]{}, err
	}
	rows, next, err := r.binding.Scans(ctx, actor, in.ID, in.Cursor, in.Limit)
	if err != nil {
		return rest.List[Scan]{}, err
	}
	return rest.Page(rows, next, scanView), nil
}

type requestsInput struct {
	rest.Paging

	State   string `query:"state" enum:"open,approved,refused,noted"`
	StoreID string `query:"store_id" maxLength:"36" doc:"only those about this store, the one left or the one scanned in"`
}

func (r *Room) requests(ctx context.Context, actor access.Actor, in *requestsInput) (rest.List[Request], error) {
	if err := checkCursor(in.Cursor); err != nil {
		return rest.List[Request]{}, err
	}
	rows, next, err := r.binding.Requests(ctx, actor, in.State, in.StoreID, in.Cursor, in.Limit)
	if err != nil {
		return rest.List[Request]{}, err
	}
	return rest.Page(rows, next, requestView), nil
}

type decideInput struct {
	ID   string `path:"id"`
	Body struct {
		Approve bool `json:"approve"`
	}
}

func (r *Room) decide(ctx context.Context, actor access.Actor, in *decideInput) (Request, error) {
	q, err := r.binding.Decide(ctx, actor, in.ID, in.Body.Approve)
	if err != nil {
		return Request{}, err
	}
	return requestView(q), nil
}
