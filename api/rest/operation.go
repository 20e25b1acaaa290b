package rest

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"liuke/service/access"
)

// Operation describes one call.
type Operation struct {
	Method  string
	Path    string // such as /api/stores/{id}
	Status  int    // of success; 0: 200, or 204 when the answer is None
	Tag     string // the room
	Summary string // one line
	ID      string // name in generated clients, such as createStore
	// Roles may call it; none: everybody who is signed in.
	Roles []string
	// Keys: programs may call it too, with an API key in KeyHeader.
	Keys bool
	// Public: no sign-in.
	Public bool
	// Idempotent: a creating call, which takes an Idempotency-Key.
	Idempotent bool
	// Errors are statuses it may answer beside those that follow from its shape.
	Errors []int
	// MaxBody in bytes; 0: DefaultMaxBody.
	MaxBody int64
	// Produces and Consumes are the media types of a Raw operation, when it is not JSON.
	Produces, Consumes string
}

// DefaultMaxBody is how long a body may be: enough for a thousand purchases at once.
const DefaultMaxBody = 2 << 20

func (op Operation) maxBody() int64 {
	if op.MaxBody > 0 {
		return op.MaxBody
	}
	return DefaultMaxBody
}

// None is the answer without a body (204).
type None struct{}

// Func is what every call of the product is: no HTTP in it. In is filled as huma does it: fields with path, query or
// header tags, and a field Body.
type Func[In, Out any] func(ctx context.Context, actor access.Actor, in *In) (Out, error)

// Register adds a call that answers Out as JSON, or nothing if Out is None.
func Register[In, Out any](a *API, op Operation, f Func[In, Out]) {
	var none any = *new(Out)
	if _, ok := none.(None); ok {
		RegisterFull(a, op, func(ctx context.Context, actor access.Actor, in *In) (*struct{}, error) {
			_, err := f(ctx, actor, in)
			return nil, err
		})
		return
	}
	RegisterFull(a, op, func(ctx context.Context, actor access.Actor, in *In) (*full[Out], error) {
		out, err := f(ctx, actor, in)
		if err != nil {
			return nil, err
		}
		return &full[Out]{out}, nil
	})
}

type full[Out any] struct{ Body Out }

// RegisterFull adds a call that sets headers too: Out is an output struct of huma.
func RegisterFull[In, Out any](a *API, op Operation, f Func[In, *Out]) {
	huma.Register(a.huma, a.describe(op), func(ctx context.Context, in *In) (*Out, error) {
		out, err := f(ctx, actorOf(ctx), in)
		if err != nil {
			return nil, problemError{a.problemOf(ctx, err)}
		}
		return out, nil
	})
}

// Raw adds a call that reads its body and writes its answer by itself: files and streams. An error that it returns
// before it has written anything leaves as a problem document.
func Raw(a *API, op Operation, f func(c *gin.Context, actor access.Actor) error) {
	described := a.describe(op)
	describeRaw(&described, op)
	a.huma.OpenAPI().AddOperation(&described)
	steps := a.steps(op)
	if op.Idempotent {
		steps = append(steps, a.onceRaw(op.maxBody()))
	}
	steps = append(steps, func(c *gin.Context) {
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, op.maxBody())
		if err := f(c, actorOf(c.Request.Context())); err != nil {
			a.fail(c, err)
		}
	})
	a.engine.Handle(op.Method, ginPath(op.Path), steps...)
}

// Plain adds a route that is described elsewhere, behind the same steps as the others.
func (a *API) Plain(op Operation, f gin.HandlerFunc) {
	a.engine.Handle(op.Method, ginPath(op.Path), append(a.steps(op), f)...)
}

// ginPath writes {id} as :id.
func ginPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}
