// Package purchase is the HTTP side of what members bought and returned.
package purchase

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/purchase"
)

// Room answers the calls about purchases.
type Room struct{ purchases *purchase.Service }

// New makes the room.
func New(s *purchase.Service) *Room { return &Room{s} }

const tag = "purchase"

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	const path = "/api/purchases"
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: path, Status: http.StatusOK, Tag: tag, ID: "recordPurchases", Roles: []string{model.RoleOwner}, Keys: true,
		Idempotent: true,
		Summary: "Record one sale or refund, or up to 1,000 in an array; the same external_id again changes nothing. " +
			"Each is answered for itself: one that is refused keeps no other from being taken",
	}, r.record)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/members/{id}/purchases", Tag: tag, ID: "listMemberPurchases",
		Summary: "What a member bought and returned, the latest first", Errors: []int{http.StatusNotFound},
	}, r.list)
	a.Describe(func(doc *huma.OpenAPI) {
		one := doc.Components.Schemas.Schema(reflect.TypeFor[Sale](), true, "Sale")
		most := model.MaxPurchases
		doc.Paths[path].Post.RequestBody.Content["application/json"].Schema = &huma.Schema{
			OneOf: []*huma.Schema{one, {Type: huma.TypeArray, Items: one, MaxItems: &most}},
		}
	})
}

type recordInput struct{ Body json.RawMessage }

func (r *Room) record(ctx context.Context, actor access.Actor, in *recordInput) (Recorded, error) {
	sales, alone, err := read(in.Body)
	if err != nil {
		return Recorded{}, err
	}
	outcomes, err := r.purchases.Record(ctx, actor, sales)
	if err != nil {
		return Recorded{}, err
	}
	out := Recorded{Items: make([]Outcome, len(outcomes))}
	for i, o := range outcomes {
		out.Items[i] = viewOutcome(o)
	}
	if alone {
		o := outcomes[0]
		out.ExternalID, out.ID, out.Result, out.Reason = o.ExternalID, o.ID, o.Result, o.Reason
	}
	return out, nil
}

type listInput struct {
	rest.Paging

	ID string `path:"id"`
}

func (r *Room) list(ctx context.Context, actor access.Actor, in *listInput) (rest.List[Purchase], error) {
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return rest.List[Purchase]{}, fault.Input("cursor", "unknown")
	}
	rows, next, err := r.purchases.List(ctx, actor, in.ID, in.Cursor, in.Limit)
	return rest.Page(rows, next, view), err
}
