package transfer

import (
	"context"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/transfer"
)

// mountPurchases adds the operations on files of purchases.
func (r *Room) mountPurchases(a *rest.API) {
	managers := []string{model.RoleOwner, model.RoleManager}
	gone := []int{http.StatusNotFound, http.StatusConflict}
	rest.Raw(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/purchase_imports", Status: http.StatusCreated, Tag: tag, ID: "uploadPurchaseImport", Roles: managers,
		Summary: "Read a file of purchases, as the body or as field file of a form: CSV or XLSX, the first row has the headings, each other row is a line of a sale; nothing is taken in yet",
		MaxBody: maxBody,
	}, r.uploadPurchases)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/purchase_imports", Tag: tag, ID: "listPurchaseImports", Roles: managers,
		Summary: "Imports of purchases, the newest first",
	}, r.listPurchases)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/purchase_imports/{id}", Tag: tag, ID: "getPurchaseImport", Roles: managers,
		Summary: "One import of purchases: its state and how far it is", Errors: gone,
	}, r.getPurchases)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/purchase_imports/{id}/preview", Tag: tag, ID: "previewPurchaseImport", Roles: managers,
		Summary: "What would become of the sales in the first 20 rows; nothing is taken in", Errors: gone,
	}, r.previewPurchases)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/purchase_imports/{id}/run", Status: http.StatusAccepted, Tag: tag, ID: "runPurchaseImport", Roles: managers,
		Summary: "Take the sales in, in the background; one that was told before changes nothing", Errors: gone,
	}, r.runPurchases)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/purchase_imports/{id}/cancel", Tag: tag, ID: "cancelPurchaseImport", Roles: managers,
		Summary: "End an import before its time; what was taken in stays", Errors: gone,
	}, r.cancelPurchases)
	rest.Raw(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/purchase_imports/{id}/refused.csv", Tag: tag, ID: "getRefusedPurchases", Roles: managers,
		Summary: "The rows of the sales that were not taken, each with its number in the file and its reason; kept for a week", Produces: "text/csv",
	}, r.refused(model.ImportPurchases))
}

// PurchaseImport is a file of purchases on its way in.
type PurchaseImport struct {
	ID         string          `json:"id"`
	State      string          `json:"state" enum:"uploaded,running,done,cancelled,failed"`
	Reason     *string         `json:"reason" doc:"why it failed"`
	Total      int64           `json:"total" doc:"rows below the headings, without empty ones"`
	Done       int64           `json:"done" doc:"rows worked off"`
	Created    int64           `json:"created" doc:"sales, which may have several rows, as the next two"`
	Unchanged  int64           `json:"unchanged" doc:"were told before in the same words"`
	Refused    int64           `json:"refused"`
	ByID       string          `json:"by_id"`
	CreatedAt  rest.Time       `json:"created_at"`
	StartedAt  rest.TimeOrNull `json:"started_at"`
	FinishedAt rest.TimeOrNull `json:"finished_at"`
}

func viewPurchases(i model.Import) PurchaseImport {
	return PurchaseImport{
		ID: i.ID, State: i.State, Reason: rest.Null(i.Reason), Total: i.Total, Done: i.Done, Created: i.Created, Unchanged: i.Updated,
		Refused: i.Refused, ByID: i.ByID, CreatedAt: rest.Time(i.CreatedAt), StartedAt: rest.TimeOrNull(i.StartedAt),
		FinishedAt: rest.TimeOrNull(i.FinishedAt),
	}
}

// UploadedPurchaseImport is a file that was read and waits for its start.
type UploadedPurchaseImport struct {
	PurchaseImport

	Columns []string       `json:"columns" nullable:"false" doc:"the headings"`
	Preview [][]string     `json:"preview" nullable:"false" doc:"the first 20 rows; a row may be shorter than the headings"`
	Mapping map[string]int `json:"mapping" nullable:"false" doc:"field -> column as the headings suggest"`
}

func (r *Room) uploadPurchases(c *gin.Context, actor access.Actor) error {
	return rest.Upload(c, http.StatusCreated, func(body io.Reader) (UploadedPurchaseImport, error) {
		up, err := r.transfer.Upload(c.Request.Context(), actor, model.ImportPurchases, body)
		return UploadedPurchaseImport{viewPurchases(up.Import), up.Columns, up.Preview, up.Guess}, err
	})
}

func (r *Room) listPurchases(ctx context.Context, actor access.Actor, in *listInput) (rest.List[PurchaseImport], error) {
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return rest.List[PurchaseImport]{}, fault.Input("cursor", "unknown")
	}
	rows, next, err := r.transfer.List(ctx, actor, model.ImportPurchases, in.Cursor, in.Limit)
	return rest.Page(rows, next, viewPurchases), err
}

func (r *Room) getPurchases(ctx context.Context, actor access.Actor, in *idInput) (PurchaseImport, error) {
	i, err := r.transfer.Get(ctx, actor, model.ImportPurchases, in.ID)
	return viewPurchases(i), err
}

type runPurchasesInput struct {
	ID   string `path:"id"`
	Body struct {
		Mapping map[string]int `json:"mapping" doc:"field -> number of its column, from 0: external_id, paid_at, phone or card_no, amount or item_amount (required); store (its code), clerk (phone or name), refund_of, sku, item_name, category, quantity"`
		StoreID string         `json:"store_id,omitempty" maxLength:"36" doc:"where sales were whose rows name no store; a manager's own by itself"`
	}
}

func (in *runPurchasesInput) start() transfer.Start {
	return transfer.Start{Mapping: in.Body.Mapping, StoreID: in.Body.StoreID}
}

func (r *Room) runPurchases(ctx context.Context, actor access.Actor, in *runPurchasesInput) (PurchaseImport, error) {
	i, err := r.transfer.Run(ctx, actor, model.ImportPurchases, in.ID, in.start())
	return viewPurchases(i), err
}

func (r *Room) cancelPurchases(ctx context.Context, actor access.Actor, in *idInput) (PurchaseImport, error) {
	i, err := r.transfer.Cancel(ctx, actor, model.ImportPurchases, in.ID)
	return viewPurchases(i), err
}

// SeenSale is a sale of a file as it would be taken in.
type SeenSale struct {
	Row        int64           `json:"row" doc:"its first one, as a spreadsheet numbers it"`
	Rows       int             `json:"rows"`
	ExternalID string          `json:"external_id"`
	StoreID    *string         `json:"store_id"`
	ClerkID    *string         `json:"clerk_id"`
	PaidAt     rest.TimeOrNull `json:"paid_at"`
	Amount     int64           `json:"amount" doc:"fen; below zero: a refund"`
	Items      int             `json:"items"`
	Result     string          `json:"result" enum:"created,unchanged,refused"`
	Reason     *string         `json:"reason"`
}

func viewSeen(s transfer.Seen) SeenSale {
	v := SeenSale{
		Row: s.Row, Rows: s.Rows, ExternalID: s.Sale.ExternalID, StoreID: rest.Null(s.Sale.StoreID), ClerkID: rest.Null(s.Sale.ClerkID),
		Amount: s.Sale.Amount, Items: len(s.Sale.Items), Result: s.Result, Reason: rest.Null(s.Reason),
	}
	if !s.Sale.PaidAt.IsZero() {
		v.PaidAt = rest.TimeOrNull(s.Sale.PaidAt.UnixMilli())
	}
	return v
}

func (r *Room) previewPurchases(ctx context.Context, actor access.Actor, in *runPurchasesInput) (rest.List[SeenSale], error) {
	seen, err := r.transfer.Preview(ctx, actor, in.ID, in.start())
	return rest.Page(seen, "", viewSeen), err
}
