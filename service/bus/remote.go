package bus

import (
	"context"
	"encoding/json"
	"time"

	"github.com/redis/go-redis/v9"
)

// channel is the one pub/sub channel; the braces keep it on one node of a cluster.
const channel = "{liuke}"

// sendBatch is how many waiting hints travel in one message.
const sendBatch = 256

// healthCheck is how soon a receiver notices that Redis is gone, and so about how soon it comes back.
const healthCheck = time.Second

type envelope struct {
	From  string `json:"from"`
	Hints []hint `json:"hints"`
}

// send passes this instance's hints on to the others, many in one message when many wait.
func (b *Bus) send(ctx context.Context) {
	for {
		hints := b.remote.take(ctx, sendBatch)
		if hints == nil {
			return
		}
		if err := b.publish(ctx, hints); err != nil {
			b.dropped.Add(int64(len(hints)))
		}
	}
}

func (b *Bus) publish(ctx context.Context, hints []hint) error {
	message, err := json.Marshal(envelope{b.id, hints})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	return b.redis.Publish(ctx, channel, message).Err()
}

// receive takes the others' hints. go-redis connects again by itself whenever Redis was away.
func (b *Bus) receive(ctx context.Context) {
	sub := b.redis.Subscribe(ctx, channel)
	defer func() { _ = sub.Close() }()
	messages := sub.Channel(redis.WithChannelHealthCheckInterval(healthCheck))
	for {
		select {
		case <-ctx.Done():
			return
		case m, open := <-messages:
			if !open {
				return
			}
			var e envelope
			if err := json.Unmarshal([]byte(m.Payload), &e); err != nil || e.From == b.id {
				continue
			}
			for _, h := range e.Hints {
				b.dropped.Add(b.local.put(h))
			}
		}
	}
}
