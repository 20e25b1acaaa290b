// Package callback takes WeChat's pushes at /wechat/{appid} and answers as soon as they are stored.
//
// It is plain net/http, because every push of every member passes here: nothing is done but what decides the answer.
package callback

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"liuke/service/account"
	"liuke/service/fault"
	"liuke/wechat"
)

// Prefix is where the callback lies; the appid follows.
const Prefix = "/wechat/"

// Observer takes the figures. It must not block.
type Observer interface {
	// Callback reports one answer.
	Callback(status int, took time.Duration)
}

type accounts interface {
	ByAppID(ctx context.Context, appid string) (*account.Callback, error)
	Refused(accountID, reason string)
}

type inbox interface {
	Accept(ctx context.Context, accountID string, p wechat.Push, plain []byte) error
}

// Deps is what the room needs. Observer may be nil.
type Deps struct {
	Accounts accounts
	Inbox    inbox
	// Stranger counts a call that was not believed and gives 0, or how long its sender has to wait. WeChat's own are
	// never counted.
	Stranger func(*http.Request) time.Duration
	Observer Observer
	Now      func() time.Time
	Log      *slog.Logger
}

// Handler serves the callback.
type Handler struct {
	deps    Deps
	buffers sync.Pool
}

// New makes the handler.
func New(d Deps) *Handler {
	return &Handler{deps: d, buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }}}
}

// lookUp is how long an account may be looked for: together with storing the push it stays below WeChat's 5 s.
const lookUp = 1500 * time.Millisecond

// ServeHTTP answers one call of WeChat.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := h.deps.Now()
	status, body := h.serve(w, r)
	header := w.Header()
	header["Content-Type"] = []string{"text/plain; charset=utf-8"}
	header["X-Content-Type-Options"] = []string{"nosniff"}
	if status >= http.StatusInternalServerError {
		header["Cache-Control"] = []string{"no-store"}
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // WeChat has gone and will repeat
	if h.deps.Observer != nil {
		h.deps.Observer.Callback(status, h.deps.Now().Sub(start))
	}
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request) (status int, body string) {
	ctx := r.Context()
	defer func() {
		if p := recover(); p != nil {
			h.deps.Log.ErrorContext(ctx, "the callback panicked", slog.Any("panic", p))
			status, body = refuse(http.StatusServiceUnavailable)
		}
	}()
	look, cancel := context.WithTimeout(ctx, lookUp)
	defer cancel()
	known, err := h.deps.Accounts.ByAppID(look, strings.TrimPrefix(r.URL.Path, Prefix))
	switch {
	case fault.Is(err, fault.NotFound):
		return h.doubt(w, r, nil, err, http.StatusNotFound)
	case err != nil:
		return h.later(ctx, "", err)
	}
	q := queryOf(r)
	switch r.Method {
	case http.MethodPost:
		return h.push(w, r, known, q)
	case http.MethodGet:
		if err := wechat.CheckURL(known.Secrets, q, h.deps.Now()); err != nil {
			return h.doubt(w, r, known, err, http.StatusForbidden)
		}
		return http.StatusOK, q.Echostr
	}
	w.Header().Set("Allow", "GET, POST")
	return refuse(http.StatusMethodNotAllowed)
}

func (h *Handler) push(w http.ResponseWriter, r *http.Request, known *account.Callback, q wechat.Query) (int, string) {
	if r.ContentLength > wechat.MaxBody {
		return refuse(http.StatusRequestEntityTooLarge)
	}
	buffer, ok := h.buffers.Get().(*bytes.Buffer)
	if !ok {
		buffer = new(bytes.Buffer)
	}
	buffer.Reset()
	if _, err := buffer.ReadFrom(http.MaxBytesReader(w, r.Body, wechat.MaxBody)); err != nil {
		if large := new(http.MaxBytesError); errors.As(err, &large) {
			return refuse(http.StatusRequestEntityTooLarge)
		}
		return refuse(http.StatusBadRequest)
	}
	plain, err := wechat.OpenPush(known.Secrets, q, buffer.Bytes(), h.deps.Now())
	if err != nil {
		return h.doubt(w, r, known, err, statusOf(err))
	}
	push, err := wechat.Parse(plain)
	if err != nil {
		return refuse(statusOf(err))
	}
	if err := h.deps.Inbox.Accept(r.Context(), known.AccountID, push, plain); err != nil {
		return h.later(r.Context(), known.AccountID, err) // the buffer may still be in a queue: it is not used again
	}
	if buffer.Cap() <= keepBuffer {
		h.buffers.Put(buffer)
	}
	return http.StatusOK, "success"
}

// keepBuffer is the largest buffer that is used again; pushes have about 1 KiB.
const keepBuffer = 64 << 10

// doubt answers who is not believed, and notes it for the check of the connection; who goes on and on is not listened to for a
// while.
func (h *Handler) doubt(w http.ResponseWriter, r *http.Request, known *account.Callback, err error, status int) (int, string) {
	if wait := h.deps.Stranger(r); wait > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10))
		return refuse(http.StatusTooManyRequests)
	}
	if reason := wechat.RefusalOf(err); known != nil && reason != "" {
		h.deps.Accounts.Refused(known.AccountID, reason)
	}
	return refuse(status)
}

func statusOf(err error) int {
	switch {
	case errors.Is(err, wechat.ErrTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, wechat.ErrForbidden):
		return http.StatusForbidden
	}
	return http.StatusBadRequest
}

func refuse(status int) (int, string) { return status, http.StatusText(status) }

// later makes WeChat repeat the push.
func (h *Handler) later(ctx context.Context, accountID string, err error) (int, string) {
	if ctx.Err() == nil {
		h.deps.Log.WarnContext(ctx, "a push was not stored", slog.String("account_id", accountID), slog.Any("error", err))
	}
	return refuse(http.StatusServiceUnavailable)
}

func queryOf(r *http.Request) wechat.Query {
	values := r.URL.Query()
	return wechat.Query{
		Signature: values.Get("signature"), Timestamp: values.Get("timestamp"), Nonce: values.Get("nonce"),
		EncryptType: values.Get("encrypt_type"), MsgSignature: values.Get("msg_signature"), Echostr: values.Get("echostr"),
	}
}
