package simulator

import (
	"io"
	"net/http"
	"time"
)

const (
	livePause = 150 * time.Millisecond // between two hints, so that a burst is one
	liveBeat  = 10 * time.Second       // what ends by itself (typing, windows, the shown clock) is seen by then
)

// touch wakes the pages that look on. The caller holds s.mu.
func (s *Simulator) touch() {
	if s.stirred != nil {
		close(s.stirred)
		s.stirred = nil
	}
}

// change is closed when something is next different from now.
func (s *Simulator) change() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stirred == nil {
		s.stirred = make(chan struct{})
	}
	return s.stirred
}

// stirring wakes the pages after everything that people and programs do here.
func (s *Simulator) stirring(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			s.mu.Lock()
			s.touch()
			s.mu.Unlock()
		}
	})
}

// live hints to a page, by one stream for all phones on it, that it should look again. The hint says no more, so
// nothing is missed when the stream breaks: the first hint comes at once.
func (s *Simulator) live(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	flush := http.NewResponseController(w).Flush
	for {
		changed := s.change()
		if _, err := io.WriteString(w, "retry: 1000\ndata: look\n\n"); err != nil {
			return
		}
		if err := flush(); err != nil {
			return
		}
		beat := time.NewTimer(liveBeat)
		select {
		case <-changed:
		case <-beat.C:
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
		beat.Stop()
		if !s.wait(r.Context(), livePause) {
			return
		}
	}
}
