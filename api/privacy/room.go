// Package privacy is the HTTP side of what a member may ask of his data: all of it in one file, or that it is erased.
package privacy

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/privacy"
)

// Room answers the calls about members' data.
type Room struct{ privacy *privacy.Service }

// New makes the room.
func New(s *privacy.Service) *Room { return &Room{s} }

const (
	tag      = "privacy"
	filePath = "/api/members/{id}/data.zip"
)

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	managers := []string{model.RoleOwner, model.RoleManager}
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/retention_settings", Tag: tag, ID: "getRetentionSettings", Roles: managers,
		Summary: "How many days the data of who follows no more is kept",
	}, r.settings)
	rest.Register(a, rest.Operation{
		Method: http.MethodPut, Path: "/api/retention_settings", Status: http.StatusOK, Tag: tag, ID: "setRetentionSettings", Roles: []string{model.RoleOwner},
		Summary: "Change that; a stricter rule counts from now on",
	}, r.set)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/members/{id}/erasure", Status: http.StatusAccepted, Tag: tag, ID: "eraseMember", Roles: managers,
		Summary: "Erase a member's data for ever; sales stay without a person", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.erase)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/erasures", Tag: tag, ID: "listErasures", Roles: managers,
		Summary: "Erasures, the latest first: of the account for the owner, of his store for a manager",
	}, r.list)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/erasures/{id}", Tag: tag, ID: "getErasure", Roles: managers,
		Summary: "One erasure; once it is done, the certificate of it", Errors: []int{http.StatusNotFound},
	}, r.get)
	rest.Raw(a, rest.Operation{
		Method: http.MethodGet, Path: filePath, Tag: tag, ID: "exportMember", Roles: managers, Produces: "application/zip",
		Summary: "All that is kept of a member, in one file: member.json and his pictures, voices and videos; recorded",
		Errors:  []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}, r.export)
	a.Describe(describeExport)
}

func describeExport(doc *huma.OpenAPI) {
	get := doc.Paths[filePath].Get
	for _, p := range []struct {
		name  string
		words []any
	}{
		{"cause", []any{model.EraseWish, model.ExportAuthority}},
		{"how", []any{model.WishInStore, model.WishByPhone, model.WishByWeChat, model.WishByLetter}},
	} {
		get.Parameters = append(get.Parameters, &huma.Param{
			Name: p.name, In: "query", Required: p.name == "cause", Schema: &huma.Schema{Type: huma.TypeString, Enum: p.words},
		})
	}
}

// Retention is how long the data of who follows no more is kept.
type Retention struct {
	GraceDays int64           `json:"grace_days" minimum:"0" maximum:"3650" doc:"0: never erased by itself"`
	From      rest.TimeOrNull `json:"from" doc:"nobody's days began before; null: they have not begun"`
	UpdatedAt rest.TimeOrNull `json:"updated_at"`
}

func retention(s model.RetentionSettings) Retention {
	return Retention{s.GraceDays, rest.TimeOrNull(s.FromAt), rest.TimeOrNull(s.UpdatedAt)}
}

func (r *Room) settings(ctx context.Context, actor access.Actor, _ *struct{}) (Retention, error) {
	s, err := r.privacy.Settings(ctx, actor)
	return retention(s), err
}

type setInput struct {
	Body struct {
		GraceDays int64 `json:"grace_days" minimum:"0" maximum:"3650"`
	}
}

func (r *Room) set(ctx context.Context, actor access.Actor, in *setInput) (Retention, error) {
	s, err := r.privacy.Set(ctx, actor, in.Body.GraceDays)
	return retention(s), err
}

// Erasure is the erasing of one member's data. It tells nothing of the member.
type Erasure struct {
	ID         string          `json:"id"`
	StoreID    *string         `json:"store_id" doc:"where the member belonged"`
	Cause      string          `json:"cause" enum:"wish,no_purpose,unlawful,unfollowed" doc:"unfollowed: by itself, after the grace"`
	How        *string         `json:"how" doc:"of cause wish: how he told it: store, phone, wechat, letter"`
	ByID       *string         `json:"by_id" doc:"who asked for it; null: the program itself"`
	ByName     *string         `json:"by_name"`
	State      string          `json:"state" enum:"waiting,erasing,done,cancelled" doc:"cancelled: the member followed again, or was merged into another file, before it began"`
	WaitsFor   *string         `json:"waits_for" doc:"why it does not go on at the moment: sending, pushes, journal, file, calm"`
	AskedAt    rest.Time       `json:"asked_at"`
	CutAt      rest.TimeOrNull `json:"cut_at" doc:"since when nothing leads to the member"`
	FinishedAt rest.TimeOrNull `json:"finished_at"`
	Files      int64           `json:"files" doc:"pictures, voices and videos that were deleted"`
	Tables     []ErasedTable   `json:"tables" nullable:"false"`
}

// ErasedTable says what became of the rows of a table.
type ErasedTable struct {
	Table string  `json:"table"`
	Fate  string  `json:"fate" enum:"removed,blanked,kept"`
	Why   *string `json:"why" doc:"of kept ones: law, ids, soon, file"`
	Rows  int64   `json:"rows" doc:"how many were removed or blanked"`
}

func view(c privacy.Certificate) Erasure {
	out := Erasure{
		ID: c.ID, StoreID: rest.Null(c.StoreID), Cause: c.Cause, How: rest.Null(c.How), ByID: rest.Null(c.ByID), ByName: rest.Null(c.Name), State: c.State, WaitsFor: rest.Null(c.WaitsFor),
		AskedAt: rest.Time(c.AskedAt), CutAt: rest.TimeOrNull(c.CutAt), FinishedAt: rest.TimeOrNull(c.FinishedAt), Files: c.Files,
		Tables: make([]ErasedTable, len(c.Rows)),
	}
	for i, t := range c.Rows {
		out.Tables[i] = ErasedTable{t.Table, t.Fate, rest.Null(t.Why), t.Count}
	}
	return out
}

type eraseInput struct {
	ID   string `path:"id"`
	Body struct {
		Cause   string `json:"cause" enum:"wish,no_purpose,unlawful"`
		How     string `json:"how,omitempty" enum:"store,phone,wechat,letter" doc:"of cause wish: how he told it"`
		Confirm string `json:"confirm" enum:"erase" doc:"the word erase: it cannot be taken back"`
	}
}

func (r *Room) erase(ctx context.Context, actor access.Actor, in *eraseInput) (Erasure, error) {
	c, err := r.privacy.Erase(ctx, actor, in.ID, privacy.Ask{Cause: in.Body.Cause, How: in.Body.How})
	return view(c), err
}

func (r *Room) list(ctx context.Context, actor access.Actor, in *rest.Paging) (rest.List[Erasure], error) {
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return rest.List[Erasure]{}, fault.Input("cursor", "unknown")
	}
	rows, next, err := r.privacy.List(ctx, actor, in.Cursor, in.Limit)
	return rest.Page(rows, next, view), err
}

type getInput struct {
	ID string `path:"id"`
}

func (r *Room) get(ctx context.Context, actor access.Actor, in *getInput) (Erasure, error) {
	c, err := r.privacy.Get(ctx, actor, in.ID)
	return view(c), err
}

// export writes the file as it is read. A fault before its first byte is answered as one.
func (r *Room) export(c *gin.Context, actor access.Actor) error {
	ask := privacy.Ask{Cause: c.Query("cause"), How: c.Query("how")}
	return rest.Whole(c, r.privacy.Export(c.Request.Context(), actor, model.ASCIIKey(c.Param("id"), 36), ask, func() io.Writer {
		rest.Download(c, "application/zip", "member.zip")
		return c.Writer
	}))
}
