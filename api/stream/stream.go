// Package stream serves the live feed as server-sent events.
package stream

import (
	"context"
	"errors"
	"log/slog"
	"net"
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
	Log   *slog.Logger
}

// Room is the room.
type Room struct {
	deps   Deps
	group  sync.WaitGroup // of the open streams
	mu     sync.Mutex
	open   map[string][]*stream // by person, the oldest first
	closed bool
}

// New makes the room.
func New(d Deps) *Room { return &Room{deps: d, open: map[string][]*stream{}} }

// Mount adds the operation.
func (r *Room) Mount(a *rest.API) {
	rest.Raw(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/feed", Tag: "feed", ID: "feed", Produces: "text/event-stream",
		Summary: "What changed, live, as server-sent events; Last-Event-ID (or ?last_event_id=) resumes",
	}, r.serve)
}

// Close ends all streams, lets none begin and waits until they have ended.
func (r *Room) Close() {
	r.mu.Lock()
	r.closed = true
	for _, streams := range r.open {
		for _, s := range streams {
			s.end()
		}
	}
	r.mu.Unlock()
	r.group.Wait()
}

// serve begins a stream and takes its connection away from the server: what the server keeps for a request, and the
// stack that all the steps before this one have grown, is several times what a stream needs for hours of waiting.
func (r *Room) serve(c *gin.Context, actor access.Actor) error {
	last := c.GetHeader("Last-Event-ID")
	if last == "" {
		last = c.Query("last_event_id")
	}
	if r.stopping() {
		return fault.New(fault.Unavailable, "stopping")
	}
	sub, err := r.deps.Feed.Subscribe(c.Request.Context(), actor, last)
	if errors.Is(err, feed.ErrEnded) {
		return fault.New(fault.Unsigned, "not_signed_in")
	}
	if err != nil {
		return err
	}
	conn, _, err := http.NewResponseController(c.Writer).Hijack()
	if err != nil {
		sub.Close()
		return err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.Request.Context())) // the server ends the request's
	s := &stream{
		deps: r.deps, staffID: actor.StaffID, sub: sub, cancel: cancel, conn: conn, seen: r.deps.Now(),
		out: writer{to: conn, now: r.deps.Now, timeout: writeTimeout},
	}
	s.begin(c.Writer.Header(), last == "")
	if !r.enter(ctx, s) {
		s.end()
		sub.Close()
	}
	return nil
}

func (r *Room) stopping() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

// enter lets a stream run, unless the program stops.
func (r *Room) enter(ctx context.Context, s *stream) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.open[s.staffID] = append(r.open[s.staffID], s)
	if streams := r.open[s.staffID]; len(streams) > perPerson {
		streams[0].end()
		r.open[s.staffID] = streams[1:]
	}
	r.group.Go(s.watch)
	r.group.Go(func() {
		s.run(ctx)
		r.leave(s)
	})
	return true
}

func (r *Room) leave(s *stream) {
	r.mu.Lock()
	defer r.mu.Unlock()
	streams := slices.DeleteFunc(r.open[s.staffID], func(other *stream) bool { return s == other })
	if len(streams) == 0 {
		delete(r.open, s.staffID)
		return
	}
	r.open[s.staffID] = streams
}

// stream is an open feed. Two goroutines wait for it, both with small stacks: whatever goes deep runs on one that ends.
type stream struct {
	deps    Deps
	staffID string
	sub     *feed.Subscription
	cancel  context.CancelFunc
	conn    net.Conn
	out     writer
	seen    time.Time // when its person was last said to be there
}

// end lets it end, from anywhere.
func (s *stream) end() {
	s.cancel()
	_ = s.conn.Close() // so that who writes or reads stops at once
}

// begin prepares the head of the answer, to be written with the first events.
func (s *stream) begin(header http.Header, fresh bool) {
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-cache")
	header.Set("X-Accel-Buffering", "no")
	header.Set("Connection", "close") // the answer ends with the connection, so it needs no lengths
	header.Set("Date", s.deps.Now().UTC().Format(http.TimeFormat))
	s.out.text.WriteString("HTTP/1.1 200 OK\r\n")
	_ = header.Write(&s.out.text) // a buffer takes everything
	s.out.text.WriteString("\r\nretry: " + retryAfter + "\n")
	if fresh { // lets the client resume from here before the first event
		s.out.text.WriteString("id: " + s.sub.Position() + "\n")
	}
	s.out.text.WriteString("\n")
}

// watch ends the stream when its client has gone. What he says meanwhile is of no interest.
func (s *stream) watch() {
	said := make([]byte, 64)
	for {
		if _, err := s.conn.Read(said); err != nil {
			s.end()
			return
		}
	}
}

// run writes events until the client has gone, is too slow, lost his rights, or the program stops.
func (s *stream) run(ctx context.Context) {
	defer s.sub.Close()
	defer s.end()
	idle := false
	for {
		turn := make(chan bool)
		go func() { turn <- s.turn(ctx, idle) }()
		if !<-turn {
			return
		}
		var err error
		if idle, err = s.sub.Wait(ctx); err != nil {
			return
		}
	}
}

// turn writes what has happened, or after an idle time that the stream is alive. It reports whether to go on.
func (s *stream) turn(ctx context.Context, idle bool) (ok bool) {
	defer func() {
		if p := recover(); p != nil {
			s.deps.Log.ErrorContext(ctx, "a live feed panicked", slog.Any("panic", p))
			ok = false
		}
	}()
	for {
		items, err := s.sub.Read(ctx)
		if err != nil {
			return false
		}
		for _, i := range items {
			s.out.event(i)
		}
		if idle && len(items) == 0 {
			s.out.text.WriteString(": alive\n\n")
		}
		idle = false
		if s.out.flush() != nil {
			return false
		}
		if len(items) == 0 {
			return s.tellSeen(ctx)
		}
	}
}

// tellSeen says now and then that the person is there.
func (s *stream) tellSeen(ctx context.Context) bool {
	now := s.deps.Now()
	if now.Sub(s.seen) < seenEvery {
		return true
	}
	s.seen = now
	return s.deps.Staff.Seen(ctx, s.staffID) == nil // if not: the database is away; the client comes again
}
