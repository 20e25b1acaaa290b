package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Health answers balancers and Prometheus.
type Health struct {
	// Database says why the database cannot be used: away, or its schema does not fit.
	Database func(ctx context.Context) error
	// Redis says why Redis cannot be used; nil when there is none.
	Redis func(ctx context.Context) error
	// Journal tells about this instance's journal; nil when there is none.
	Journal func() JournalHealth
	Metrics http.Handler
}

// JournalHealth is the state of an instance's journal.
type JournalHealth struct {
	Diverted bool  // pushes go into it
	Pushes   int64 // that wait in it
	Refuses  bool  // it could take nothing
}

// readyTimeout bounds what a balancer waits.
const readyTimeout = 3 * time.Second

// Readiness is the body of /readyz.
type Readiness struct {
	Status   string `json:"status" enum:"ok,degraded,unavailable"`
	Database string `json:"database" enum:"ok,unavailable"`
	Redis    string `json:"redis" enum:"ok,unavailable,none"`
	// Journal is this instance's: pushes go into it while the database is away.
	Journal string `json:"journal" enum:"ok,holding,unavailable,none"`
	Pushes  int64  `json:"journal_pushes" doc:"How many pushes wait in this instance's journal for the database."`
	Note    string `json:"note,omitempty" doc:"What that means, in a sentence."`
}

// Handler serves /healthz, /readyz and /metrics alone, for a process that serves nothing else.
func (h Health) Handler() http.Handler {
	mux := http.NewServeMux()
	for path, one := range h.handlers() {
		mux.Handle("GET "+path, one)
	}
	return mux
}

func (h Health) handlers() map[string]http.Handler {
	metrics := h.Metrics
	if metrics == nil {
		metrics = http.NotFoundHandler()
	}
	return map[string]http.Handler{
		"/healthz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = w.Write([]byte("ok\n")) // the caller has gone: his matter
		}),
		"/readyz":  http.HandlerFunc(h.ready),
		"/metrics": metrics,
	}
}

func (h Health) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	answer, status := Readiness{Status: "ok", Database: "ok", Redis: "none", Journal: "none"}, http.StatusOK
	if h.Redis != nil {
		answer.Redis = "ok"
		if h.Redis(ctx) != nil {
			answer.Status, answer.Redis = "degraded", "unavailable"
		}
	}
	if h.Database(ctx) != nil {
		answer.Status, answer.Database, status = "unavailable", "unavailable", http.StatusServiceUnavailable
	}
	if h.Journal != nil {
		h.Journal().tell(&answer)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // the caller has gone: his matter
}

// tell says what becomes of pushes.
func (j JournalHealth) tell(r *Readiness) {
	r.Journal, r.Pushes = "ok", j.Pushes
	away := r.Database != "ok"
	switch {
	case j.Refuses && away:
		r.Journal, r.Note = "unavailable", "The database is away and the journal takes nothing: pushes are refused."
	case j.Refuses:
		r.Journal, r.Note = "unavailable", "The journal takes nothing: should the database go away, pushes will be refused."
	case away:
		r.Note = "The database is away: pushes are kept in this instance's journal and worked off when it is back."
	case j.Pushes > 0:
		r.Note = "The database is back: what the journal holds is being brought over."
	}
	if r.Journal == "ok" && (j.Diverted || j.Pushes > 0) {
		r.Journal = "holding"
	}
}
