package main

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// event is one server-sent event.
type event struct{ id, kind, data string }

// sse reads a live feed in the background.
type sse struct {
	t      *testing.T
	events chan event // closed when the stream has ended
	end    time.Time  // when that was; not before events is closed
	cancel context.CancelFunc
}

// feed opens a live feed; lastID resumes. It closes with the test.
func (i *instance) feed(token, lastID string) *sse {
	i.t.Helper()
	ctx, cancel := context.WithCancel(i.t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, i.url+"/api/feed", http.NoBody)
	require.NoError(i.t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	resp, err := http.DefaultClient.Do(req) //nolint:bodyclose // closed by the reader below
	require.NoError(i.t, err)
	require.Equal(i.t, http.StatusOK, resp.StatusCode)
	require.Equal(i.t, "text/event-stream", resp.Header.Get("Content-Type"))
	s := &sse{t: i.t, events: make(chan event, 10_000), cancel: cancel}
	go func() {
		defer close(s.events)
		defer func() { s.end = time.Now() }()
		defer func() { _ = resp.Body.Close() }()
		readEvents(bufio.NewScanner(resp.Body), func(e event) {
			if e.data != "" {
				s.events <- e
			}
		})
	}()
	i.t.Cleanup(s.close)
	return s
}

// readEvents reads a stream to its end. An id without data says where the client stands before the first event.
func readEvents(lines *bufio.Scanner, take func(event)) {
	var e event
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.kind = value
		case "data":
			e.data = value
		case "":
			if e.id != "" {
				take(e)
			}
			e = event{}
		}
	}
}

// next waits for the next event; ok is false when the stream has ended.
func (s *sse) next() (e event, ok bool) {
	s.t.Helper()
	select {
	case e, ok = <-s.events:
		return e, ok
	case <-time.After(patience):
		require.Fail(s.t, "no event came")
		return e, false
	}
}

// until waits for an event of a kind whose data holds a text, and gives it.
func (s *sse) until(kind, text string) event {
	s.t.Helper()
	for {
		e, ok := s.next()
		require.True(s.t, ok, "the stream ended before a %s with %s came", kind, text)
		if e.kind == kind && strings.Contains(e.data, text) {
			return e
		}
	}
}

// ended waits until the server has ended the stream.
func (s *sse) ended() {
	s.t.Helper()
	for {
		if _, ok := s.next(); !ok {
			return
		}
	}
}

func (s *sse) close() { s.cancel() }
