package handover

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/handover"
)

func (r *Room) mountHandIn(a *rest.API) {
	const path = "/api/staff/{id}/hand_in"
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: path, Tag: tag, ID: "getHandIn",
		Summary: "The hand-in checklist of a person who has given notice: for him and his manager", Errors: []int{http.StatusNotFound},
	}, r.handIn)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: path + "/items", Status: http.StatusCreated, Tag: tag, ID: "addHandInItem", Roles: managers(),
		Summary: "Add an item; what was signed is void then", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.addItem)
	rest.Register(a, rest.Operation{
		Method: http.MethodPatch, Path: path + "/items/{item_id}", Tag: tag, ID: "changeHandInItem",
		Summary: "Tick an item off or write a note to it; what was signed is void then", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.changeItem)
	rest.Register(a, rest.Operation{
		Method: http.MethodDelete, Path: path + "/items/{item_id}", Status: http.StatusNoContent, Tag: tag, ID: "dropHandInItem", Roles: managers(),
		Summary: "Take an added item off; what was signed is void then", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.dropItem)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: path + "/sign", Tag: tag, ID: "signHandIn",
		Summary: "Sign the checklist as I saw it: my own as the leaver, my clerk's as his manager", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.sign)
}

// HandIn is a hand-in checklist.
type HandIn struct {
	StaffID    string            `json:"staff_id"`
	StaffName  string            `json:"staff_name"`
	LeavingAt  rest.TimeOrNull   `json:"leaving_at" doc:"end of the last day"`
	Active     bool              `json:"active" doc:"false once he left: the checklist stays as it is"`
	Version    int64             `json:"version" doc:"grows with every change of an item; it is signed with"`
	Side       *string           `json:"side" enum:"leaver,manager" doc:"as what the caller signs; null: he only looks on"`
	Signed     bool              `json:"signed" doc:"both signatures hold"`
	Items      []HandInItem      `json:"items"`
	Facts      HandInFacts       `json:"facts"`
	Signatures []HandInSignature `json:"signatures" doc:"the newest first, with those that were voided"`
}

// HandInItem is one line of it.
type HandInItem struct {
	ID        string          `json:"id"`
	Kind      string          `json:"kind" enum:"files,promises,gifts,complaints,other"`
	Title     string          `json:"title" doc:"of kind other"`
	Done      bool            `json:"done"`
	Note      string          `json:"note"`
	ChangedBy *string         `json:"changed_by"`
	ChangedAt rest.TimeOrNull `json:"changed_at"`
}

// HandInFacts is what is known about the items.
type HandInFacts struct {
	Members    int64 `json:"members"`
	Incomplete int64 `json:"incomplete_files" doc:"members without a name or a phone"`
	Todos      int64 `json:"open_todos"`
	Pending    int64 `json:"pending_replies" doc:"kept until the member opens a window"`
	Drafts     int64 `json:"drafts" doc:"typed and not sent"`
	Waiting    int64 `json:"waiting" doc:"members with an unanswered message"`
}

// HandInSignature is one side's name under what the checklist said then.
type HandInSignature struct {
	Side      string          `json:"side" enum:"leaver,manager"`
	StaffID   string          `json:"staff_id"`
	StaffName string          `json:"staff_name" doc:"as it was then"`
	SignedAt  rest.Time       `json:"signed_at"`
	VoidedAt  rest.TimeOrNull `json:"voided_at" doc:"when a change of an item made it void; null: it holds"`
	VoidedBy  *string         `json:"voided_by"`
	Items     []SignedItem    `json:"items" doc:"what was signed"`
	Facts     HandInFacts     `json:"facts" doc:"what was known then"`
}

// SignedItem is one item as it was signed.
type SignedItem struct {
	Kind  string `json:"kind"`
	Title string `json:"title"`
	Done  bool   `json:"done"`
	Note  string `json:"note"`
}

func handIn(h handover.HandIn) (HandIn, error) {
	v := HandIn{
		StaffID: h.StaffID, StaffName: h.Person.Name, LeavingAt: rest.TimeOrNull(h.Person.LeavingAt), Active: h.Person.Active,
		Version: h.Version, Side: rest.Null(h.Side), Signed: h.Signed(), Facts: HandInFacts(h.Facts),
		Items: make([]HandInItem, len(h.Items)), Signatures: make([]HandInSignature, len(h.Signatures)),
	}
	for i, item := range h.Items {
		v.Items[i] = handInItem(item)
	}
	for i, s := range h.Signatures {
		items, facts, err := handover.Signed(s)
		if err != nil {
			return v, err
		}
		signed := HandInSignature{
			Side: s.Side, StaffID: s.StaffID, StaffName: s.StaffName, SignedAt: rest.Time(s.SignedAt), VoidedAt: rest.TimeOrNull(s.VoidedAt),
			VoidedBy: rest.Null(s.VoidedBy), Items: make([]SignedItem, len(items)), Facts: HandInFacts(facts),
		}
		for n, item := range items {
			signed.Items[n] = SignedItem(item)
		}
		v.Signatures[i] = signed
	}
	return v, nil
}

func handInItem(i model.HandInItem) HandInItem {
	return HandInItem{
		ID: i.ID, Kind: i.Kind, Title: i.Title, Done: i.Done, Note: i.Note, ChangedBy: rest.Null(i.ChangedBy), ChangedAt: rest.TimeOrNull(i.ChangedAt),
	}
}

// answer shows the checklist that a call gave.
func answer(h handover.HandIn, err error) (HandIn, error) {
	if err != nil {
		return HandIn{}, err
	}
	return handIn(h)
}

func (r *Room) handIn(ctx context.Context, actor access.Actor, in *idInput) (HandIn, error) {
	return answer(r.handover.HandIn(ctx, actor, in.ID))
}

type addItemInput struct {
	ID   string `path:"id"`
	Body struct {
		Title string `json:"title" maxLength:"1024" doc:"up to 200 characters"`
	}
}

func (r *Room) addItem(ctx context.Context, actor access.Actor, in *addItemInput) (HandIn, error) {
	return answer(r.handover.AddToHandIn(ctx, actor, in.ID, in.Body.Title))
}

type changeItemInput struct {
	ID     string `path:"id"`
	ItemID string `path:"item_id"`
	Body   struct {
		Done rest.Patch[bool]   `json:"done,omitempty"`
		Note rest.Patch[string] `json:"note,omitempty" maxLength:"8192" doc:"up to 1,000 characters"`
	}
}

func (r *Room) changeItem(ctx context.Context, actor access.Actor, in *changeItemInput) (HandIn, error) {
	return answer(r.handover.ChangeHandIn(ctx, actor, in.ID, in.ItemID, handover.ItemChange{Done: in.Body.Done.Ptr(), Note: in.Body.Note.Ptr()}))
}

type itemInput struct {
	ID     string `path:"id"`
	ItemID string `path:"item_id"`
}

func (r *Room) dropItem(ctx context.Context, actor access.Actor, in *itemInput) (rest.None, error) {
	_, err := r.handover.DropFromHandIn(ctx, actor, in.ID, in.ItemID)
	return rest.None{}, err
}

type signInput struct {
	ID   string `path:"id"`
	Body struct {
		Version int64 `json:"version" minimum:"0"`
	}
}

func (r *Room) sign(ctx context.Context, actor access.Actor, in *signInput) (HandIn, error) {
	return answer(r.handover.SignHandIn(ctx, actor, in.ID, in.Body.Version))
}
