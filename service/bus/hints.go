package bus

import (
	"context"
	"log/slog"
	"sync"
)

// queueSize bounds the hints waiting in one direction. A full queue drops its oldest: their readers poll as well.
const queueSize = 8192

type hint struct {
	Topic   string `json:"t"`
	Payload string `json:"p"`
}

type subscriber struct{ f func(payload string) }

// Publish hints that something changed. It never blocks. Subscribers of this instance get it at once, those of other
// instances through Redis; nobody gets it twice, and under overload or without Redis some may not get it at all.
func (b *Bus) Publish(topic, payload string) {
	h := hint{topic, payload}
	b.dropped.Add(b.local.put(h))
	if b.redis != nil {
		b.dropped.Add(b.remote.put(h))
	}
}

// Subscribe calls f with the payload of every hint on the topic until cancel. f must be quick: one goroutine serves
// all subscribers of the bus. A call of f that has begun may outlast cancel.
func (b *Bus) Subscribe(topic string, f func(payload string)) (cancel func()) {
	s := &subscriber{f}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.topics[topic] == nil {
		b.topics[topic] = map[*subscriber]struct{}{}
	}
	b.topics[topic][s] = struct{}{}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.topics[topic], s)
		if len(b.topics[topic]) == 0 {
			delete(b.topics, topic)
		}
	}
}

// dispatch hands hints to the subscribers of this instance.
func (b *Bus) dispatch(ctx context.Context) {
	for {
		hints := b.local.take(ctx, queueSize)
		if hints == nil {
			return
		}
		for _, h := range hints {
			for _, s := range b.subscribers(h.Topic) {
				b.call(s, h)
			}
		}
	}
}

func (b *Bus) subscribers(topic string) []*subscriber {
	b.mu.RLock()
	defer b.mu.RUnlock()
	all := make([]*subscriber, 0, len(b.topics[topic]))
	for s := range b.topics[topic] {
		all = append(all, s)
	}
	return all
}

// call keeps a subscriber that panics from taking the others down.
func (b *Bus) call(s *subscriber, h hint) {
	defer func() {
		if p := recover(); p != nil {
			b.log.Error("a subscriber of the bus panicked", slog.String("topic", h.Topic), slog.Any("panic", p))
		}
	}()
	s.f(h.Payload)
}

// queue is a bounded line of hints with one taker.
type queue struct {
	mu    sync.Mutex
	hints []hint
	some  chan struct{}
}

func newQueue() *queue { return &queue{some: make(chan struct{}, 1)} }

// put adds a hint and tells how many old ones had to go.
func (q *queue) put(h hint) (dropped int64) {
	q.mu.Lock()
	if len(q.hints) == queueSize {
		q.hints = q.hints[1:]
		dropped = 1
	}
	q.hints = append(q.hints, h)
	q.mu.Unlock()
	select {
	case q.some <- struct{}{}:
	default:
	}
	return dropped
}

// take waits for hints and gives at most n of them, oldest first; nil when ctx is done.
func (q *queue) take(ctx context.Context, n int) []hint {
	for {
		if ctx.Err() != nil {
			return nil
		}
		q.mu.Lock()
		hints := q.hints
		if len(hints) > n {
			hints, q.hints = hints[:n:n], hints[n:]
		} else {
			q.hints = nil
		}
		q.mu.Unlock()
		if len(hints) > 0 {
			return hints
		}
		select {
		case <-q.some:
		case <-ctx.Done():
			return nil
		}
	}
}
