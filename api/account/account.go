// Package account serves the settings of the service account and the audit log (L3).
package account

import (
	"context"
	"net/http"
	"time"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/account"
	"liuke/service/audit"
)

// Deps is what the room needs.
type Deps struct {
	Accounts *account.Service
	Audit    *audit.Service
	Checker  *account.Checker
	// PublicURL is how WeChat reaches the program, for the address of the callback.
	PublicURL string
}

// Room is the room.
type Room struct {
	accounts  *account.Service
	audit     *audit.Service
	checker   *account.Checker
	publicURL string
}

// New makes the room.
func New(d Deps) *Room { return &Room{d.Accounts, d.Audit, d.Checker, d.PublicURL} }

const tag = "account"

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	owners := []string{model.RoleOwner}
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/account", Tag: tag, ID: "getAccount", Summary: "The account's settings",
		Errors: []int{http.StatusNotFound},
	}, r.get)
	rest.Register(a, rest.Operation{
		Method: http.MethodPatch, Path: "/api/account", Tag: tag, ID: "updateAccount", Roles: owners,
		Summary: "Change the account's settings", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.update)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/account/resume", Status: http.StatusNoContent, Tag: tag, ID: "resumeAccount", Roles: owners,
		Summary: "Send again after WeChat's refusal was mended",
	}, r.resume)
	r.mountCheck(a)
	r.mountKeys(a)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/audits", Tag: tag, ID: "listAudits", Roles: owners,
		Summary: "Who saw, changed or exported what, newest first",
	}, r.audits)
}

// Account is the service account without its secrets.
type Account struct {
	ID          string      `json:"id"`
	AppID       string      `json:"appid"`
	Name        string      `json:"name"`
	OriginalID  string      `json:"original_id" doc:"gh_…"`
	Encrypted   bool        `json:"encrypted" doc:"the callback takes encrypted pushes"`
	CallbackURL string      `json:"callback_url" doc:"to be entered at WeChat"`
	State       string      `json:"state" enum:"active,stopped"`
	StateReason string      `json:"state_reason" doc:"why nothing is sent, a stable word"`
	Greeting    string      `json:"greeting"`
	SecondScan  string      `json:"second_scan" enum:"keep,change,ask"`
	WaitAmber   int64       `json:"wait_amber_minutes" doc:"a member who waits longer is shown amber"`
	WaitRed     int64       `json:"wait_red_minutes" doc:"and red after this"`
	Hours       []rest.Span `json:"business_hours" nullable:"false" doc:"when waiting counts, in the zone of each store; empty: always open"`
	UndoHours   int64       `json:"undo_hours" doc:"how long a handover can be taken back"`
	CodesUsed   int64       `json:"codes_used" doc:"permanent codes taken from the stock of 100,000"`
	CreatedAt   rest.Time   `json:"created_at"`
	UpdatedAt   rest.Time   `json:"updated_at"`
}

func (r *Room) view(a model.Account) Account {
	return Account{
		ID: a.ID, AppID: a.AppID, Name: a.Name, OriginalID: a.OriginalID, Encrypted: len(a.AESKeySealed) > 0,
		CallbackURL: r.publicURL + "/wechat/" + a.AppID, State: a.State, StateReason: a.StateReason,
		Greeting: a.Greeting, SecondScan: a.SecondScan,
		WaitAmber: a.WaitAmberMinutes, WaitRed: a.WaitRedMinutes, Hours: rest.Spans(model.ReadWeek(a.BusinessHours)), UndoHours: a.UndoHours, CodesUsed: a.CodesUsed,
		CreatedAt: rest.Time(a.CreatedAt), UpdatedAt: rest.Time(a.UpdatedAt),
	}
}

func (r *Room) get(ctx context.Context, actor access.Actor, _ *struct{}) (Account, error) {
	a, err := r.accounts.Get(ctx, actor)
	return r.view(a), err
}

type updateAccount struct {
	Body struct {
		Name       *string      `json:"name,omitempty" maxLength:"200"`
		OriginalID *string      `json:"original_id,omitempty" maxLength:"64"`
		Greeting   *string      `json:"greeting,omitempty" maxLength:"2048"`
		SecondScan *string      `json:"second_scan,omitempty" enum:"keep,change,ask"`
		WaitAmber  *int64       `json:"wait_amber_minutes,omitempty" minimum:"1" maximum:"10080"`
		WaitRed    *int64       `json:"wait_red_minutes,omitempty" minimum:"2" maximum:"10080" doc:"more than wait_amber_minutes"`
		Hours      *[]rest.Span `json:"business_hours,omitempty" maxItems:"42" nullable:"false" doc:"empty: always open; otherwise an hour a week at least"`
		UndoHours  *int64       `json:"undo_hours,omitempty" minimum:"1" maximum:"720"`
		Secret     *string      `json:"secret,omitempty" maxLength:"128" doc:"cannot be read again"`
		Token      *string      `json:"token,omitempty" maxLength:"32" doc:"cannot be read again"`
		AESKey     *string      `json:"aes_key,omitempty" maxLength:"43" doc:"the one before is still accepted; empty: plain mode"`
	}
}

func (r *Room) update(ctx context.Context, actor access.Actor, in *updateAccount) (Account, error) {
	b := in.Body
	var week *model.Week
	if b.Hours != nil {
		w, err := rest.Week("business_hours", *b.Hours)
		if err != nil {
			return Account{}, err
		}
		week = &w
	}
	a, err := r.accounts.Update(ctx, actor, account.Update{
		Name: b.Name, OriginalID: b.OriginalID, Greeting: b.Greeting, SecondScan: b.SecondScan,
		WaitAmberMinutes: b.WaitAmber, WaitRedMinutes: b.WaitRed, BusinessHours: week, UndoHours: b.UndoHours,
		Secret: b.Secret, Token: b.Token, AESKey: b.AESKey,
	})
	return r.view(a), err
}

func (r *Room) resume(ctx context.Context, actor access.Actor, _ *struct{}) (rest.None, error) {
	return rest.None{}, r.accounts.ResumeSending(ctx, actor)
}

// Audit is one record. It holds ids, never contents.
type Audit struct {
	ID        string    `json:"id"`
	At        rest.Time `json:"at"`
	ActorKind string    `json:"actor_kind" enum:"staff,system"`
	ActorID   *string   `json:"actor_id"`
	Action    string    `json:"action" doc:"stable words such as staff.create"`
	Object    string    `json:"object"`
	ObjectID  *string   `json:"object_id"`
	MemberID  *string   `json:"member_id"`
	Detail    string    `json:"detail"`
	RequestID *string   `json:"request_id"`
}

func viewAudit(a model.Audit) Audit {
	return Audit{
		ID: a.ID, At: rest.Time(a.At), ActorKind: a.ActorKind, ActorID: rest.Null(a.ActorID), Action: a.Action,
		Object: a.Object, ObjectID: rest.Null(a.ObjectID), MemberID: rest.Null(a.MemberID), Detail: a.Detail,
		RequestID: rest.Null(a.RequestID),
	}
}

type listAudits struct {
	rest.Paging

	ActorID  string    `query:"actor_id"`
	Action   string    `query:"action"`
	Object   string    `query:"object" maxLength:"32" doc:"kind of the thing, such as store"`
	ObjectID string    `query:"object_id"`
	MemberID string    `query:"member_id"`
	From     time.Time `query:"from" doc:"from this moment on"`
	To       time.Time `query:"to" doc:"before this moment"`
}

func (r *Room) audits(ctx context.Context, actor access.Actor, in *listAudits) (rest.List[Audit], error) {
	f := audit.Filter{ActorID: in.ActorID, Action: in.Action, Object: in.Object, ObjectID: in.ObjectID, MemberID: in.MemberID, Cursor: in.Cursor, Limit: in.Limit}
	if !in.From.IsZero() {
		f.From = in.From.UnixMilli()
	}
	if !in.To.IsZero() {
		f.To = in.To.UnixMilli()
	}
	rows, next, err := r.audit.List(ctx, actor, f)
	return rest.Page(rows, next, viewAudit), err
}
