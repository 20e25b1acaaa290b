package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"

	"github.com/gin-gonic/gin"

	"liuke/model"
	"liuke/service/access"
)

type contextKey int

const (
	requestIDKey contextKey = iota
	actorKey
	bodyKey
	clientIPKey
)

func requestIDOf(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey).(string)
	return id
}

func actorOf(ctx context.Context) access.Actor {
	actor, ok := ctx.Value(actorKey).(access.Actor)
	if !ok {
		actor.RequestID = requestIDOf(ctx)
	}
	return actor
}

// ClientIP is the caller's address in a public operation, for limits.
func ClientIP(ctx context.Context) string {
	ip, _ := ctx.Value(clientIPKey).(string)
	return ip
}

func with(c *gin.Context, key contextKey, value any) {
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), key, value))
}

// headerRequestID names a request in logs, here and at whoever called.
const headerRequestID = "X-Request-Id"

const longestRequestID = 64

// requestID takes the caller's name for the request, or gives one.
func (a *API) requestID(c *gin.Context) {
	id := model.ASCIIKey(c.GetHeader(headerRequestID), longestRequestID)
	if id == "" {
		id = model.NewID()
	}
	c.Header(headerRequestID, id)
	with(c, requestIDKey, id)
}

// observe writes one line per request. It holds the pattern of the route, never the address with its values.
func (a *API) observe(c *gin.Context) {
	start := a.deps.Now()
	c.Next()
	if c.FullPath() == "" {
		return // nothing of ours; the problem document was the answer
	}
	ctx := c.Request.Context()
	actor := actorOf(ctx)
	level := slog.LevelInfo
	if quiet(c.FullPath()) {
		level = slog.LevelDebug
	}
	a.deps.Log.LogAttrs(ctx, level, "request",
		slog.String("method", c.Request.Method), slog.String("route", c.FullPath()), slog.Int("status", c.Writer.Status()),
		slog.Int64("took_us", a.deps.Now().Sub(start).Microseconds()), slog.String("request_id", requestIDOf(ctx)),
		slog.String("staff_id", actor.StaffID))
}

// quiet are the routes that machines call all the time.
func quiet(route string) bool {
	return route == "/healthz" || route == "/readyz" || route == "/metrics" || route == "/wechat/:appid"
}

// recover answers 500 when a step panics.
func (a *API) recover(c *gin.Context) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(p)
		}
		a.deps.Log.ErrorContext(c.Request.Context(), "a request panicked",
			slog.String("request_id", requestIDOf(c.Request.Context())), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
		if c.Writer.Written() {
			c.Abort()
			return
		}
		write(c, newProblem(http.StatusInternalServerError, "internal"))
	}()
	c.Next()
}

// readBody takes the body in, so that what follows works on memory.
func (a *API) readBody(limit int64) gin.HandlerFunc {
	return func(c *gin.Context) {
		if c.Request.Body == nil || c.Request.Body == http.NoBody {
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
		if err != nil {
			write(c, unreadable(err))
			return
		}
		c.Request.Body = io.NopCloser(bytes.NewReader(body))
		with(c, bodyKey, body)
	}
}

func unreadable(err error) *Problem {
	if tooLarge(err) {
		return newProblem(http.StatusRequestEntityTooLarge, "too_large")
	}
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() {
		return newProblem(http.StatusRequestTimeout, "too_slow")
	}
	return newProblem(http.StatusBadRequest, "unreadable")
}
