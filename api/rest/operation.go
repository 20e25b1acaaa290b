package rest

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"sync"

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
	// Proves: a call that only reads, for everybody who is signed in, and whose function reads with access.Actor.Proof. It is
	// spared the question who asks.
	Proves bool
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

// Func is what every call of the product is: no HTTP in it. In is a struct: its fields with a path or query tag come from
// there, and its field Body is the JSON body.
type Func[In, Out any] func(ctx context.Context, actor access.Actor, in *In) (Out, error)

// Register adds a call that answers Out as JSON, or nothing if Out is None.
func Register[In, Out any](a *API, op Operation, f Func[In, Out]) {
	a.add(op, reflect.TypeFor[In](), reflect.TypeFor[Out](), false, func(ctx context.Context, actor access.Actor, in any) (any, []http.Cookie, error) {
		out, err := f(ctx, actor, in.(*In))
		return out, nil, err
	})
}

// CookieFunc is a Func that sets cookies too.
type CookieFunc[In, Out any] func(ctx context.Context, actor access.Actor, in *In) (Out, []http.Cookie, error)

// RegisterWithCookies adds a call that sets cookies too.
func RegisterWithCookies[In, Out any](a *API, op Operation, f CookieFunc[In, Out]) {
	a.add(op, reflect.TypeFor[In](), reflect.TypeFor[Out](), true, func(ctx context.Context, actor access.Actor, in any) (any, []http.Cookie, error) {
		return f(ctx, actor, in.(*In))
	})
}

// run is a Func or CookieFunc without its types: in points to the In that add was told of.
type run func(ctx context.Context, actor access.Actor, in any) (any, []http.Cookie, error)

// add is all of an operation that does not depend on its types at compile time. There are hundreds of operations: what is
// generic is compiled, and lies in the program, once for each.
func (a *API) add(op Operation, in, out reflect.Type, cookies bool, f run) {
	if op.Proves && (op.Method != http.MethodGet || op.Public || op.Keys || len(op.Roles) > 0) {
		panic("rest: " + op.ID + " cannot prove who asks") // a mistake in the room
	}
	if op.Status == 0 {
		op.Status = http.StatusOK
		if out == reflect.TypeFor[None]() {
			op.Status = http.StatusNoContent
		}
	}
	a.described = append(a.described, func(d *document) {
		described := d.operation(op)
		newInput(in, d.Components.Schemas).describe(described)
		d.answer(described, out, cookies)
		d.AddOperation(described)
	})
	// Made by the first call. What most processes are never asked for lies in their memory nowhere.
	input := sync.OnceValue(func() *input {
		return newInput(in, huma.NewMapRegistry(schemaPrefix, huma.DefaultSchemaNamer))
	})

	steps := append(a.steps(op), a.readBody(op.maxBody()), bound)
	if op.Idempotent {
		steps = append(steps, a.once)
	}
	last := func(c *gin.Context) {
		v, problem := input().fill(c)
		if problem != nil {
			write(c, problem)
			return
		}
		ctx := c.Request.Context()
		answer, cookies, err := f(ctx, actorOf(ctx), v.Interface())
		if err != nil {
			a.fail(c, err)
			return
		}
		for _, cookie := range cookies {
			c.Writer.Header().Add("Set-Cookie", cookie.String())
		}
		a.answer(c, op.Status, answer)
	}
	if op.Proves {
		last = a.proved(last)
	}
	steps = append(steps, last)
	a.engine.Handle(op.Method, ginPath(op.Path), steps...)
}

// answer writes what an operation gave.
func (a *API) answer(c *gin.Context, status int, body any) {
	c.Status(status)
	if _, none := body.(None); none {
		return
	}
	c.Header("Content-Type", "application/json")
	if err := a.pages.write(c.Writer, body); err != nil {
		a.fail(c, err) // a body that is no JSON; or who asked has gone, and then an answer has begun
	}
}

// Raw adds a call that reads its body and writes its answer by itself: files and streams. An error that it returns
// before it has written anything leaves as a problem document.
func Raw(a *API, op Operation, f func(c *gin.Context, actor access.Actor) error) {
	a.described = append(a.described, func(d *document) { d.raw(op) })
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

// ginPath writes {id} as :id.
func ginPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}
