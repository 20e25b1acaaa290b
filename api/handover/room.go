// Package handover is the HTTP side of handovers, to-dos, substitutes and leaving.
package handover

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/handover"
	"liuke/service/sheet"
)

// Room answers the calls about handovers.
type Room struct{ handover *handover.Service }

// New makes the room.
func New(h *handover.Service) *Room { return &Room{h} }

const tag = "handover"

// maxPlan is how long a plan by hand may be: 50,000 moves.
const maxPlan = 8 << 20

func managers() []string { return []string{model.RoleOwner, model.RoleManager} }

// watchers may look at what managers do.
func watchers() []string { return []string{model.RoleOwner, model.RoleManager, model.RoleSupervisor} }

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/handovers", Status: http.StatusCreated, Tag: tag, ID: "planHandover", Roles: managers(),
		Summary: "Plan a handover and see what it would do; nothing moves", Idempotent: true, MaxBody: maxPlan,
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.plan)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/handovers", Tag: tag, ID: "listHandovers", Roles: watchers(), Summary: "Handovers, the newest first",
	}, r.list)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/handovers/{id}", Tag: tag, ID: "getHandover", Roles: watchers(),
		Summary: "State, counts and preview; of a plan whether it still fits", Errors: []int{http.StatusNotFound},
	}, r.get)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/handovers/{id}/moves", Tag: tag, ID: "listMoves", Roles: watchers(),
		Summary: "Per member who gets him, why, and what came of it", Errors: []int{http.StatusNotFound},
	}, r.moves)
	for _, kind := range []string{sheet.CSV, sheet.XLSX} {
		rest.Raw(a, rest.Operation{
			Method: http.MethodGet, Path: "/api/handovers/{id}/moves." + kind, Tag: tag, ID: "getReceipt" + kind, Roles: watchers(),
			Summary: "The receipt as a file; the reading is recorded", Produces: sheet.MediaType(kind), Errors: []int{http.StatusNotFound},
		}, r.receipt(kind))
	}
	step := func(verb, id, summary string, f rest.Func[idInput, Handover]) {
		rest.Register(a, rest.Operation{
			Method: http.MethodPost, Path: "/api/handovers/{id}/" + verb, Status: http.StatusAccepted, Tag: tag, ID: id, Roles: managers(),
			Summary: summary, Errors: []int{http.StatusNotFound, http.StatusConflict},
		}, f)
	}
	step("run", "runHandover", "Carry a plan out, all or nothing; the answer comes before the end", r.run)
	step("undo", "undoHandover", "Take a handover back as a whole, within the time that the account allows", r.undo)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/handovers/{id}/replan", Tag: tag, ID: "replanHandover", Roles: managers(),
		Summary: "Work out the difference of a plan that no longer fits, or that failed",
		Errors:  []int{http.StatusNotFound, http.StatusConflict},
	}, r.replan)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/handovers/{id}/retry", Status: http.StatusCreated, Tag: tag, ID: "retryHandover", Roles: managers(),
		Summary: "Plan a handover of those whom one that is done did not move and who are still the clerk's", Idempotent: true,
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.retry)
	r.mountFile(a)
	r.mountTodos(a)
	r.mountReceived(a)
	r.mountDuty(a)
	r.mountHandIn(a)
	r.mountBrowsing(a)
}

type planInput struct {
	Body struct {
		FromClerkID string       `json:"from_clerk_id" maxLength:"64"`
		Kind        string       `json:"kind,omitempty" enum:"move,start" doc:"why it is done, when the clerk stays"`
		Rule        *SpreadRule  `json:"rule,omitempty" doc:"either this or moves"`
		Moves       []MoveByHand `json:"moves,omitempty"`
		Leaving     bool         `json:"leaving,omitempty" doc:"the clerk leaves: all his members go, and his access ends with the run"`
		CodesTo     []string     `json:"codes_to,omitempty" doc:"whom the leaver's printed codes lead to, in turn; absent: the receivers"`
	}
}

// SpreadRule says how members are spread.
type SpreadRule struct {
	Kind           string         `json:"kind" doc:"balanced"`
	To             []string       `json:"to" nullable:"false" doc:"who gets them"`
	SameStoreFirst bool           `json:"same_store_first,omitempty"`
	ByLevel        *bool          `json:"by_level,omitempty" doc:"balance each level; absent: true"`
	ServedBefore   bool           `json:"served_before,omitempty" doc:"to who had the member before"`
	Capacity       map[string]int `json:"capacity,omitempty" doc:"how many a receiver may get at most"`
	KeepFamilies   bool           `json:"keep_families,omitempty" doc:"members of one family to one receiver, if one has room for all of them"`
	Count          int            `json:"count,omitempty" doc:"only so many members, of each level the same part"`
	PerDay         int            `json:"per_day,omitempty" doc:"first contacts due per receiver and day; absent: 20"`
}

// MoveByHand is one member and who shall get him.
type MoveByHand struct {
	MemberID  string `json:"member_id" maxLength:"64"`
	ToClerkID string `json:"to_clerk_id" maxLength:"64"`
}

func (r *Room) plan(ctx context.Context, actor access.Actor, in *planInput) (Handover, error) {
	b := in.Body
	p := handover.Plan{FromClerkID: b.FromClerkID, Kind: b.Kind, Leaving: b.Leaving, CodesTo: b.CodesTo}
	if b.Rule != nil {
		rule := handover.Rule(*b.Rule)
		p.Rule = &rule
	}
	for _, m := range b.Moves {
		p.Moves = append(p.Moves, handover.ByHand(m))
	}
	out, err := r.handover.Plan(ctx, actor, p)
	if err != nil {
		return Handover{}, err
	}
	return view(out), nil
}

type listInput struct {
	rest.Paging

	State string `query:"state" enum:"planned,running,done,undoing,undone,failed"`
}

func (r *Room) list(ctx context.Context, actor access.Actor, in *listInput) (rest.List[ListedHandover], error) {
	if err := checkCursor(in.Cursor); err != nil {
		return rest.List[ListedHandover]{}, err
	}
	rows, next, err := r.handover.List(ctx, actor, in.State, in.Cursor, in.Limit)
	if err != nil {
		return rest.List[ListedHandover]{}, err
	}
	return rest.Page(rows, next, item), nil
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

func (r *Room) get(ctx context.Context, actor access.Actor, in *idInput) (Handover, error) {
	out, err := r.handover.Get(ctx, actor, in.ID)
	if err != nil {
		return Handover{}, err
	}
	return view(out), nil
}

type movesInput struct {
	rest.Paging

	ID        string `path:"id"`
	ToClerkID string `query:"to_clerk_id" maxLength:"36"`
	Result    string `query:"result" enum:"planned,moved,skipped,failed,undone,stays"`
}

func (r *Room) moves(ctx context.Context, actor access.Actor, in *movesInput) (rest.List[Move], error) {
	if err := checkCursor(in.Cursor); err != nil {
		return rest.List[Move]{}, err
	}
	f := handover.MoveFilter{ToClerkID: in.ToClerkID, Result: in.Result, After: in.Cursor, Limit: in.Limit}
	if f.ToClerkID != "" && !model.ValidID(f.ToClerkID) {
		f.ToClerkID = model.NewID() // who cannot exist gets nobody
	}
	rows, next, err := r.handover.Moves(ctx, actor, in.ID, f)
	if err != nil {
		return rest.List[Move]{}, err
	}
	return rest.Page(rows, next, move), nil
}

func (r *Room) run(ctx context.Context, actor access.Actor, in *idInput) (Handover, error) {
	if _, err := r.handover.Run(ctx, actor, in.ID); err != nil {
		return Handover{}, err
	}
	return r.get(ctx, actor, in)
}

func (r *Room) undo(ctx context.Context, actor access.Actor, in *idInput) (Handover, error) {
	if _, err := r.handover.Undo(ctx, actor, in.ID); err != nil {
		return Handover{}, err
	}
	return r.get(ctx, actor, in)
}

func (r *Room) replan(ctx context.Context, actor access.Actor, in *idInput) (Handover, error) {
	out, err := r.handover.Replan(ctx, actor, in.ID)
	if err != nil {
		return Handover{}, err
	}
	return view(out), nil
}

type retryInput struct {
	ID   string     `path:"id"`
	Body *RetryBody `required:"false"`
}

// RetryBody names other receivers.
type RetryBody struct {
	To []string `json:"to,omitempty" doc:"who gets them; absent: the receivers of the handover who still serve"`
}

func (r *Room) retry(ctx context.Context, actor access.Actor, in *retryInput) (Handover, error) {
	var to []string
	if in.Body != nil {
		to = in.Body.To
	}
	out, err := r.handover.Retry(ctx, actor, in.ID, to)
	if err != nil {
		return Handover{}, err
	}
	return view(out), nil
}
