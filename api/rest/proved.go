package rest

import (
	"maps"
	"net/http"

	"github.com/gin-gonic/gin"
)

// recall takes who calls from memory where he is known there, and asks for him like every other call where he is not.
func (a *API) recall(c *gin.Context) {
	token, _ := tokenOf(c.Request)
	actor, known := a.deps.Sessions.Recall(token)
	if !known || token == "" || impossible(c) != nil {
		a.authenticatePerson(c)
		return
	}
	actor.RequestID = requestIDOf(c.Request.Context())
	with(c, actorKey, actor)
}

// proved lets the last step answer whom it found in memory, if that is a success: then it was proved. Of whatever else it
// would say nothing gets out. It is asked in earnest who calls, and the step begins anew.
func (a *API) proved(last gin.HandlerFunc) gin.HandlerFunc {
	return func(c *gin.Context) {
		if !actorOf(c.Request.Context()).Recalled {
			last(c)
			return
		}
		if !try(c, last) && a.authenticatePerson(c) {
			last(c)
		}
	}
}

// try runs a step and lets its answer out only if it is a success. It reports whether it was.
func try(c *gin.Context, step gin.HandlerFunc) bool {
	w := &attempt{ResponseWriter: c.Writer, header: http.Header{}}
	c.Writer = w
	defer func() { c.Writer = w.ResponseWriter }()
	step(c)
	return !w.refused
}

// attempt writes an answer only if it is a success. The status comes before the body.
type attempt struct {
	gin.ResponseWriter

	header  http.Header
	refused bool
}

// Header are those that go with a success.
func (w *attempt) Header() http.Header { return w.header }

// WriteHeader notes what the answer is.
func (w *attempt) WriteHeader(status int) {
	if w.refused = status != http.StatusOK; !w.refused {
		w.ResponseWriter.WriteHeader(status)
	}
}

// Write drops what is no success.
func (w *attempt) Write(b []byte) (int, error) {
	if w.refused {
		return len(b), nil
	}
	if !w.Written() {
		maps.Copy(w.ResponseWriter.Header(), w.header)
	}
	return w.ResponseWriter.Write(b)
}
