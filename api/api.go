// Package api puts the rooms, the callback, the health checks and the web apps behind one handler.
package api

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	callbackapi "liuke/api/callback"
	consentapi "liuke/api/consent"
	"liuke/api/rest"
	streamapi "liuke/api/stream"
	"liuke/service/account"
	"liuke/service/audit"
	"liuke/service/binding"
	"liuke/service/campaign"
	"liuke/service/chat"
	"liuke/service/complaint"
	"liuke/service/consent"
	"liuke/service/feed"
	"liuke/service/handover"
	"liuke/service/idempotency"
	"liuke/service/inbound"
	"liuke/service/limit"
	"liuke/service/media"
	"liuke/service/member"
	"liuke/service/notice"
	"liuke/service/privacy"
	"liuke/service/purchase"
	"liuke/service/report"
	"liuke/service/segment"
	"liuke/service/sms"
	"liuke/service/staff"
	"liuke/service/transfer"
)

// Deps is what the API stands on. Without the services it can describe itself but not serve.
type Deps struct {
	Accounts   *account.Service
	Audit      *audit.Service
	Binding    *binding.Service
	Chat       *chat.Service
	Checker    *account.Checker
	Feed       *feed.Service
	Handover   *handover.Service
	Inbound    *inbound.Service
	Media      *media.Service
	Members    *member.Service
	Purchases  *purchase.Service
	Segments   *segment.Service
	Consents   *consent.Service
	Complaints *complaint.Service
	Campaigns  *campaign.Service
	Repeats    *idempotency.Service
	Notice     *notice.Service
	Privacy    *privacy.Service
	Report     *report.Service
	SMS        *sms.Service
	Staff      *staff.Service
	Transfer   *transfer.Service

	Health Health
	// Callbacks takes the figures of the callback; it may be nil.
	Callbacks callbackapi.Observer
	Now       func() time.Time
	Log       *slog.Logger
	PublicURL string
	Limits    *limit.Limiter // nil: nobody is held
}

// API is the handler.
type API struct {
	rest     *rest.API
	stream   *streamapi.Room
	callback http.Handler
	overTLS  bool // browsers come by https, and shall come by nothing else
}

// New makes the handler.
func New(d Deps) (*API, error) {
	a := &API{
		rest: rest.New(rest.Deps{
			Sessions: d.Staff, Keys: d.Accounts, Repeats: d.Repeats, Log: d.Log, Now: d.Now, Limits: d.Limits,
		}),
		stream:  streamapi.New(streamapi.Deps{Feed: d.Feed, Staff: d.Staff, Now: d.Now, Log: d.Log}),
		overTLS: strings.HasPrefix(d.PublicURL, "https://"),
	}
	a.callback = callbackapi.New(callbackapi.Deps{
		Accounts: d.Accounts, Inbox: d.Inbound, Stranger: a.rest.Stranger, Observer: d.Callbacks, Now: d.Now, Log: d.Log,
	})
	for _, room := range append(rooms(d), a.stream) {
		room.Mount(a.rest)
	}
	engine := a.rest.Engine()
	for path, h := range d.Health.handlers() {
		engine.GET(path, gin.WrapH(h))
	}
	engine.GET("/api/openapi.yaml", a.rest.LimitStranger, a.showDocument())
	consentapi.New(d.Consents, d.Log).MountPages(engine, a.rest.Stranger)
	a.rest.Describe(describePlain)
	return a, mountWeb(engine)
}

// ServeHTTP serves everything. The callback goes past the router: every push of every member comes that way.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, callbackapi.Prefix) {
		a.callback.ServeHTTP(w, r)
		return
	}
	if a.overTLS {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000") // a year
	}
	a.rest.ServeHTTP(w, r)
}

// CloseStreams ends the live feeds and lets none begin, so that the server can stop.
func (a *API) CloseStreams() { a.stream.Close() }
