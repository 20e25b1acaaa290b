package wechat

import (
	"errors"
	"io"
	"sync"
)

// source is a request's body. It tells a body that could not be read from a network that could not be written, and it
// ends all reading with the exchange: net/http's writer may go on after an early answer, while the caller already
// rewinds the file for the second run.
type source struct {
	mu      sync.Mutex
	reader  io.Reader
	failed  bool
	stopped bool
}

func (s *source) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return 0, io.ErrClosedPipe
	}
	n, err := s.reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.failed = true
	}
	return n, err
}

func (s *source) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
}

func (s *source) hasFailed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}
