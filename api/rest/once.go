package rest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/fault"
	"liuke/service/idempotency"
)

// headerKey is the header by which a caller says that two creating calls are one.
const headerKey = "Idempotency-Key"

const longestKey = 255

// once answers a creating call that comes again with the same key as it was answered the first time.
func (a *API) once(c *gin.Context) {
	key := c.GetHeader(headerKey)
	if key == "" {
		return
	}
	if model.ASCIIKey(key, longestKey) == "" {
		a.fail(c, fault.Input(headerKey, "invalid"))
		return
	}
	ctx := c.Request.Context()
	actor := actorOf(ctx)
	call := idempotency.Call{Key: key, Request: digest(c)}
	answer, err := a.deps.Repeats.Begin(ctx, actor, call)
	if err != nil {
		a.fail(c, err)
		return
	}
	if answer != nil {
		c.Header("Idempotent-Replayed", "true")
		c.Abort()
		c.Data(answer.Status, "application/json", []byte(answer.Body))
		return
	}

	kept := &keeper{ResponseWriter: c.Writer, status: http.StatusOK}
	c.Writer = kept
	done := false
	defer func() {
		c.Writer = kept.ResponseWriter
		if !done { // it panicked: the next try may run
			_ = a.deps.Repeats.Forget(ctx, actor, call)
		}
	}()
	c.Next()
	done = true
	// Kept before it is sent: a repeat that follows the answer at once finds it.
	if kept.status >= 200 && kept.status < 300 {
		err = a.deps.Repeats.Finish(ctx, actor, call, idempotency.Answer{Status: kept.status, Body: kept.body.String()})
	} else {
		err = a.deps.Repeats.Forget(ctx, actor, call)
	}
	if err != nil {
		a.deps.Log.WarnContext(ctx, "an answer was not kept for repeats",
			slog.String("request_id", actor.RequestID), slog.String("error", database.Describe(err)))
	}
	kept.send()
}

// onceRaw is once for an operation that reads its body by itself: only with the header is the body taken into memory.
func (a *API) onceRaw(limit int64) gin.HandlerFunc {
	read := a.readBody(limit)
	return func(c *gin.Context) {
		if c.GetHeader(headerKey) == "" {
			return
		}
		if read(c); !c.IsAborted() {
			a.once(c)
		}
	}
}

// digest tells whether two calls are the same.
func digest(c *gin.Context) string {
	h := sha256.New()
	h.Write([]byte(c.Request.Method + " " + c.Request.URL.RequestURI() + "\n"))
	body, _ := c.Request.Context().Value(bodyKey).([]byte)
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// keeper holds an answer back.
type keeper struct {
	gin.ResponseWriter
	status int
	wrote  bool
	body   bytes.Buffer
}

func (k *keeper) WriteHeader(status int) {
	if status > 0 {
		k.status = status
	}
}

func (k *keeper) WriteHeaderNow() { k.wrote = true }

func (k *keeper) Write(b []byte) (int, error) {
	k.wrote = true
	return k.body.Write(b)
}

func (k *keeper) WriteString(s string) (int, error) {
	k.wrote = true
	return k.body.WriteString(s)
}

// Status is what the answer will be.
func (k *keeper) Status() int { return k.status }

// Size is how much of the answer there is.
func (k *keeper) Size() int { return k.body.Len() }

// Written reports whether an answer has begun.
func (k *keeper) Written() bool { return k.wrote }

func (k *keeper) send() {
	k.ResponseWriter.WriteHeader(k.status)
	if k.body.Len() == 0 {
		k.ResponseWriter.WriteHeaderNow()
		return
	}
	_, _ = k.ResponseWriter.Write(k.body.Bytes()) // the caller has gone: his matter
}
