package rest

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"liuke/model/database"
	"liuke/service/fault"
)

// problemType is the media type of RFC 9457.
const problemType = "application/problem+json"

// Problem is the body of every answer that is no success.
type Problem struct {
	Type      string         `json:"type" doc:"always about:blank: the reason tells what it is"`
	Title     string         `json:"title" doc:"the status in words"`
	Status    int            `json:"status"`
	Reason    string         `json:"reason" doc:"stable word for programs"`
	Errors    []FieldProblem `json:"errors,omitempty" nullable:"false" doc:"what is wrong with the input"`
	RequestID string         `json:"request_id" doc:"names the request in the logs"`

	extra   map[string]any
	headers http.Header
}

// FieldProblem names one wrong input.
type FieldProblem struct {
	Field  string `json:"field" doc:"path in the body such as items[0].sku, or the name of a parameter"`
	Reason string `json:"reason" doc:"stable word such as required, too_long, unexpected, unknown, invalid"`
}

func newProblem(status int, reason string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Reason: reason}
}

// MarshalJSON puts the further members beside the standard ones.
func (p *Problem) MarshalJSON() ([]byte, error) {
	all := make(map[string]any, len(p.extra)+6)
	maps.Copy(all, p.extra)
	all["type"], all["title"], all["status"] = p.Type, p.Title, p.Status
	all["reason"], all["request_id"] = p.Reason, p.RequestID
	if len(p.Errors) > 0 {
		all["errors"] = p.Errors
	}
	return json.Marshal(all)
}

// statusOf is the only place where a kind of fault becomes a status.
func statusOf(kind fault.Kind) int {
	switch kind {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Unsigned:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Upstream:
		return http.StatusBadGateway
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Unacceptable:
		return http.StatusUnsupportedMediaType
	}
	return http.StatusInternalServerError
}

// statusGone says that nobody waits for the answer any more; it is seen in logs and counts only.
const statusGone = 499

// problemOf makes the problem document of an error and logs what people must know of, once.
func (a *API) problemOf(ctx context.Context, err error) *Problem {
	p := describeFault(ctx, err)
	p.RequestID = requestIDOf(ctx)
	if p.Status == http.StatusInternalServerError || p.Status == http.StatusServiceUnavailable || p.Status == http.StatusBadGateway {
		a.deps.Log.ErrorContext(ctx, "a request failed",
			slog.String("request_id", p.RequestID), slog.String("reason", p.Reason), slog.String("error", database.Describe(err)))
	}
	return p
}

func describeFault(ctx context.Context, err error) *Problem {
	f := fault.Of(err)
	switch {
	case f != nil:
	case errors.Is(ctx.Err(), context.Canceled):
		return newProblem(statusGone, "gone")
	case database.IsTransient(err):
		return newProblem(http.StatusServiceUnavailable, "database_unavailable")
	default:
		return newProblem(http.StatusInternalServerError, "internal")
	}
	p := newProblem(statusOf(f.Kind), f.Reason)
	for _, field := range f.Fields {
		p.Errors = append(p.Errors, FieldProblem{field.Name, field.Reason})
	}
	p.extra = f.Extra
	if f.Kind == fault.Unsigned {
		p.headers = http.Header{"WWW-Authenticate": {"Bearer"}}
	}
	if after, ok := f.Extra["retry_after"].(int64); ok {
		p.headers = http.Header{"Retry-After": {strconv.FormatInt(after, 10)}}
	}
	return p
}

// fail answers an error, unless an answer has begun already.
func (a *API) fail(c *gin.Context, err error) {
	p := a.problemOf(c.Request.Context(), err)
	if c.Writer.Written() {
		c.Abort()
		return
	}
	write(c, p)
}

// write answers a problem and ends the chain of steps.
func write(c *gin.Context, p *Problem) {
	p.RequestID = requestIDOf(c.Request.Context())
	for name, values := range p.headers {
		c.Writer.Header()[name] = values
	}
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"reason":"internal"}`)
	}
	c.Abort()
	c.Data(p.Status, problemType, body)
}
