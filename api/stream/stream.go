// Package stream serves the live feed as server-sent events.
package stream

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"liuke/api/rest"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/feed"
	"liuke/service/staff"
)

const (
	// writeTimeout is how long a client may take to take what is written; then it is cut off.
	writeTimeout = 10 * time.Second
	// seenEvery is how often an open stream says that its person is there.
	seenEvery = time.Minute
	// perPerson is how many streams one person may have; a further one ends the oldest.
	perPerson = 5
	// retryAfter is how soon a browser comes again, in milliseconds.
	retryAfter = "1000"
)

// Deps is what the room needs.
type Deps struct {
	Feed  *feed.Service
	Staff *staff.Service
	Now   func() time.Time
}

// Room is the room.
type Room struct {
	deps   Deps
	mu     sync.Mutex
	open   map[string][]*ending // by person, the oldest first
	closed bool
}

// ending ends one stream.
type ending struct{ cancel context.CancelFunc }

// New makes the room.
func New(d Deps) *Room { return &Room{deps: d, open: map[string][]*ending{}} }

// Mount adds the operation.
func (r *Room) Mount(a *rest.API) {
	rest.Raw(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/feed", Tag: "feed", ID: "feed", Produces: "text/event-stream",
		Summary: "What changed, live, as server-sent events; Last-Event-ID (or ?last_event_id=) resumes",
	}, r.serve)
}

// Close ends all streams and lets none begin.
func (r *Room) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for _, streams := range r.open {
		for _, s := range streams {
			s.cancel()
		}
	}
}

func (r *Room) serve(c *gin.Context, actor access.Actor) error {
	ctx, cancel := context.WithCancel(c.Request.Context())
	defer cancel()
	end := &ending{cancel}
	if !r.enter(actor.StaffID, end) {
		return fault.New(fault.Unavailable, "stopping")
	}
	defer r.leave(actor.StaffID, end)

	last := c.GetHeader("Last-Event-ID")
	if last == "" {
		last = c.Query("last_event_id")
	}
	sub, err := r.deps.Feed.Subscribe(ctx, actor, last)
	if errors.Is(err, feed.ErrEnded) {
		return fault.New(fault.Unsigned, "not_signed_in")
	}
	if err != nil {
		return err
	}
	defer sub.Close()

	header := c.Writer.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-cache")
	header.Set("X-Accel-Buffering", "no")
	out := &writer{to: c.Writer, control: http.NewResponseController(c.Writer), now: r.deps.Now, timeout: writeTimeout}
	// The server's time-out for reading a request would end the stream as well.
	if err := out.control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	c.Writer.WriteHeader(http.StatusOK)
	out.text.WriteString("retry: " + retryAfter + "\n")
	if last == "" { // lets the client resume from here before the first event
		out.text.WriteString("id: " + sub.Position() + "\n")
	}
	out.text.WriteString("\n")
	if out.flush() == nil {
		r.pump(ctx, actor, sub, out)
	}
	return nil
}

// pump writes events until the client has gone, is too slow, lost his rights, or the program stops.
func (r *Room) pump(ctx context.Context, actor access.Actor, sub *feed.Subscription, out *writer) {
	seen := r.deps.Now()
	for {
		items, err := sub.Next(ctx)
		if err != nil {
			return
		}
		for _, i := range items {
			out.event(i)
		}
		if len(items) == 0 {
			out.text.WriteString(": alive\n\n")
		}
		if out.flush() != nil {
			return
		}
		if now := r.deps.Now(); now.Sub(seen) >= seenEvery {
			seen = now
			if r.deps.Staff.Seen(ctx, actor.StaffID) != nil {
				return // the database is away; the client comes again
			}
		}
	}
}

func (r *Room) enter(staffID string, end *ending) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.open[staffID] = append(r.open[staffID], end)
	if streams := r.open[staffID]; len(streams) > perPerson {
		streams[0].cancel()
		r.open[staffID] = streams[1:]
	}
	return true
}

func (r *Room) leave(staffID string, end *ending) {
	r.mu.Lock()
	defer r.mu.Unlock()
	streams := slices.DeleteFunc(r.open[staffID], func(s *ending) bool { return s == end })
	if len(streams) == 0 {
		delete(r.open, staffID)
		return
	}
	r.open[staffID] = streams
}
