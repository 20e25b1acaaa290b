// Package transfer is the HTTP side of taking lists of members and purchases in and giving members out.
package transfer

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/sheet"
	"liuke/service/transfer"
)

// Room answers the calls about files.
type Room struct{ transfer *transfer.Service }

// New makes the room.
func New(s *transfer.Service) *Room { return &Room{s} }

const tag = "transfer"

// maxBody lets a form stand around the largest file.
const maxBody = model.MaxImportBytes + 64<<10

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	managers := []string{model.RoleOwner, model.RoleManager}
	gone := []int{http.StatusNotFound, http.StatusConflict}
	rest.Raw(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/member_imports", Status: http.StatusCreated, Tag: tag, ID: "uploadImport", Roles: managers,
		Summary: "Read a file of members, as the body or as field file of a form: CSV or XLSX, the first row has the headings; nothing is taken in yet",
		MaxBody: maxBody,
	}, r.upload)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/member_imports", Tag: tag, ID: "listImports", Roles: managers, Summary: "Imports, the newest first",
	}, r.list)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/member_imports/{id}", Tag: tag, ID: "getImport", Roles: managers,
		Summary: "One import: its state and how far it is", Errors: gone,
	}, r.get)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/member_imports/{id}/run", Status: http.StatusAccepted, Tag: tag, ID: "runImport", Roles: managers,
		Summary: "Take the rows in, in the background", Errors: gone,
	}, r.run)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/member_imports/{id}/cancel", Tag: tag, ID: "cancelImport", Roles: managers,
		Summary: "End an import before its time; what was taken in stays", Errors: gone,
	}, r.cancel)
	rest.Raw(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/member_imports/{id}/refused.csv", Tag: tag, ID: "getRefused", Roles: managers,
		Summary: "The rows that were not taken, each with its reason; kept for a week", Produces: "text/csv",
	}, r.refused(model.ImportMembers))
	for _, kind := range []string{sheet.CSV, sheet.XLSX} {
		rest.Raw(a, rest.Operation{
			Method: http.MethodGet, Path: "/api/member_exports." + kind, Tag: tag, ID: "exportMembers" + kind, Roles: managers,
			Summary:  "The members whom the caller may see, as a file; filters as for the list, phones=true for the owner; recorded",
			Produces: sheet.MediaType(kind),
		}, r.export(kind))
	}
	r.mountPurchases(a)
	describe(a)
}

// Import is a file of members on its way in.
type Import struct {
	ID         string          `json:"id"`
	State      string          `json:"state" enum:"uploaded,running,done,cancelled,failed"`
	Reason     *string         `json:"reason" doc:"why it failed"`
	Total      int64           `json:"total" doc:"rows below the headings"`
	Done       int64           `json:"done"`
	Created    int64           `json:"created"`
	Updated    int64           `json:"updated" doc:"were there already; their files were completed"`
	Refused    int64           `json:"refused"`
	ByID       string          `json:"by_id"`
	CreatedAt  rest.Time       `json:"created_at"`
	StartedAt  rest.TimeOrNull `json:"started_at"`
	FinishedAt rest.TimeOrNull `json:"finished_at"`
}

func view(i model.Import) Import {
	return Import{
		ID: i.ID, State: i.State, Reason: rest.Null(i.Reason), Total: i.Total, Done: i.Done, Created: i.Created, Updated: i.Updated,
		Refused: i.Refused, ByID: i.ByID, CreatedAt: rest.Time(i.CreatedAt), StartedAt: rest.TimeOrNull(i.StartedAt),
		FinishedAt: rest.TimeOrNull(i.FinishedAt),
	}
}

type listInput struct{ rest.Paging }

func (r *Room) list(ctx context.Context, actor access.Actor, in *listInput) (rest.List[Import], error) {
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return rest.List[Import]{}, fault.Input("cursor", "unknown")
	}
	rows, next, err := r.transfer.List(ctx, actor, model.ImportMembers, in.Cursor, in.Limit)
	return rest.Page(rows, next, view), err
}

type idInput struct {
	ID string `path:"id"`
}

func (r *Room) get(ctx context.Context, actor access.Actor, in *idInput) (Import, error) {
	i, err := r.transfer.Get(ctx, actor, model.ImportMembers, in.ID)
	return view(i), err
}

type runInput struct {
	ID   string `path:"id"`
	Body struct {
		Mapping    map[string]int `json:"mapping" doc:"field -> number of its column, from 0: name (required), phone, card_no, birthday, sex, level, tags, note, store (its code), clerk (his phone, or his name where it is the only one)"`
		StoreID    string         `json:"store_id,omitempty" maxLength:"36" doc:"where rows without a store go; a manager's own by itself"`
		Duplicates string         `json:"duplicates,omitempty" enum:"refuse,update" default:"refuse" doc:"what happens to rows whose phone or card is known"`
	}
}

func (r *Room) run(ctx context.Context, actor access.Actor, in *runInput) (Import, error) {
	b := in.Body
	i, err := r.transfer.Run(ctx, actor, model.ImportMembers, in.ID, transfer.Start{Mapping: b.Mapping, StoreID: b.StoreID, Duplicates: b.Duplicates})
	return view(i), err
}

func (r *Room) cancel(ctx context.Context, actor access.Actor, in *idInput) (Import, error) {
	i, err := r.transfer.Cancel(ctx, actor, model.ImportMembers, in.ID)
	return view(i), err
}
