package textmessage

import (
	"context"
	"slices"
	"sync"
)

// maxRecorded bounds what a Recorder keeps.
const maxRecorded = 10_000

// Recorder is a provider for trying things out: it takes every message, sends none and keeps the latest in memory.
type Recorder struct {
	mu   sync.Mutex
	kept []Message
}

// Send keeps the message.
func (r *Recorder) Send(_ context.Context, m Message) (Receipt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.kept) == maxRecorded {
		r.kept = slices.Delete(r.kept, 0, 1)
	}
	r.kept = append(r.kept, m)
	return Receipt{Parts: Parts(m.Signature, Filled(m.Text, m.Params))}, nil
}

// Sent lists what was kept, the oldest first.
func (r *Recorder) Sent() []Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.kept)
}
