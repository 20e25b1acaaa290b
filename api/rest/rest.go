// Package rest turns one Go function per call into an HTTP operation: who calls, with which rights and how often, what
// is wrong with the input, the answer, and its place in the OpenAPI document.
//
// The order is fixed: request id, access log, signed in (401), role (403), rate (429), body read (413), repeat of an
// Idempotency-Key, validation (422), the function. Every error leaves as a problem document (RFC 9457).
package rest

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/idempotency"
	"liuke/service/limit"
)

// sessions tells who calls.
type sessions interface {
	Authenticate(ctx context.Context, token string) (access.Actor, error)
	CheckCSRF(ctx context.Context, actor access.Actor, token string) error
	// Recall gives who was called by the token a moment ago, without asking whether he still is.
	Recall(token string) (access.Actor, bool)
}

// keys tells which program calls.
type keys interface {
	AuthenticateKey(ctx context.Context, secret string) (access.Actor, error)
}

// Deps is what the operations stand on. Everything is required but Limits.
type Deps struct {
	Sessions sessions
	Keys     keys
	Repeats  *idempotency.Service
	Log      *slog.Logger
	Now      func() time.Time
	Limits   *limit.Limiter // nil: nobody is held
}

// Room adds the operations of one room.
type Room interface {
	Mount(a *API)
}

// API holds the router and what makes the OpenAPI document, and is where rooms add their operations.
type API struct {
	deps   Deps
	engine *gin.Engine
	pages  pages
	// described make the OpenAPI document, each a part of it.
	described []func(*document)
}

// New makes an API without operations.
func New(d Deps) *API {
	gin.SetMode(gin.ReleaseMode) // gin prints its routes otherwise
	engine := gin.New()
	engine.RedirectTrailingSlash = false
	engine.HandleMethodNotAllowed = true
	// What stands in front of the program stands in its own network; whoever comes from elsewhere is taken as he is.
	if err := engine.SetTrustedProxies([]string{
		"127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7",
	}); err != nil {
		panic("rest: " + err.Error()) // a mistake in the list above
	}
	a := &API{deps: d, engine: engine}
	engine.Use(a.requestID, a.observe, a.recover, secure)
	engine.NoRoute(a.noRoute)
	engine.NoMethod(func(c *gin.Context) { write(c, newProblem(http.StatusMethodNotAllowed, "method_not_allowed")) })
	return a
}

func (a *API) noRoute(c *gin.Context) {
	write(c, newProblem(http.StatusNotFound, "not_found"))
}

// Engine is the router, for what is no operation: callback, health, web apps.
func (a *API) Engine() *gin.Engine { return a.engine }

// ServeHTTP serves what was added.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.engine.ServeHTTP(w, r) }

// steps are those before anything of the request is looked at.
func (a *API) steps(op Operation) []gin.HandlerFunc {
	if op.Public {
		return []gin.HandlerFunc{a.LimitStranger, func(c *gin.Context) { with(c, clientIPKey, c.ClientIP()) }}
	}
	if op.Proves {
		return []gin.HandlerFunc{a.recall, a.limit, possible}
	}
	return []gin.HandlerFunc{a.authenticate(op.Keys), a.allow(op.Roles), a.limit, possible}
}

// possible answers what is impossible, before the body is looked at.
func possible(c *gin.Context) {
	if p := impossible(c); p != nil {
		write(c, p)
	}
}

// impossible is the 404 of an id in the path that cannot exist, or the 422 of a query that is no text; else nil.
func impossible(c *gin.Context) *Problem {
	for _, p := range c.Params {
		if (p.Key == "id" || strings.HasSuffix(p.Key, "_id")) && !model.ValidID(p.Value) {
			return newProblem(http.StatusNotFound, "not_found")
		}
	}
	if utf8.ValidString(c.Request.URL.RawQuery) && !strings.Contains(c.Request.URL.RawQuery, "%") {
		return nil
	}
	for name, values := range c.Request.URL.Query() {
		for _, v := range values {
			if !utf8.ValidString(v) {
				p := newProblem(http.StatusUnprocessableEntity, "invalid_input")
				p.Errors = []FieldProblem{{clipped(name), "invalid"}}
				return p
			}
		}
	}
	return nil
}

// clipped bounds and cleans a name that came from the caller.
func clipped(name string) string {
	return strings.ToValidUTF8(name[:min(len(name), longestField)], "")
}

// patience is how long an operation may take. A database that hangs answers nothing; the caller shall not wait for it.
const patience = 15 * time.Second

// bound ends an operation that takes too long.
func bound(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), patience)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
}

// secure sets the headers that keep browsers from doing more with an answer than was meant.
func secure(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
}
