// Package bus carries hints between the instances of the program and keeps a small cache that they share.
//
// With Redis it reaches all instances, without it stays in the process. It holds nothing that must survive: a lost
// hint costs its reader one turn of polling, a lost cache entry one look-up. Redis being away slows nobody down.
//
// Nobody else speaks to Redis. Each command and script has one key, so all of it works on a Redis Cluster: a key with
// braces, such as rate:{account:api}, lies where its braces say, and hints go to every node by Redis itself.
package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"liuke/model"
)

// redisTimeout bounds every single call to Redis, so that a Redis that swallows calls delays its callers by that much.
const redisTimeout = 300 * time.Millisecond

// Options say where Redis is. Now and Log are required.
type Options struct {
	Addrs              []string // host:port; none = stay in the process
	DB                 int      // of a single Redis; a cluster has only 0
	Username, Password string
	Cluster            bool // also with one address; several addresses are a cluster anyway
	Now                func() time.Time
	Log                *slog.Logger
}

// Bus is one instance's end of the bus. It is safe for concurrent use.
type Bus struct {
	id     string // tells own hints from others'
	redis  redis.UniversalClient
	log    *slog.Logger
	cache  *cache
	local  *queue // hints for this instance's subscribers
	remote *queue // hints for the other instances

	mu     sync.RWMutex
	topics map[string]map[*subscriber]struct{}

	dropped atomic.Int64
	stop    context.CancelFunc
	loops   sync.WaitGroup
	closing sync.Once
	closed  error
}

// Open starts the bus. Redis being away is no error: the bus works within the process and joins the others as soon as
// Redis answers. ctx bounds only the start.
func Open(ctx context.Context, o Options) (*Bus, error) {
	if o.Now == nil || o.Log == nil {
		return nil, errors.New("bus: Now and Log are required")
	}
	b := &Bus{
		id: model.NewID(), log: o.Log, cache: newCache(o.Now), local: newQueue(), remote: newQueue(),
		topics: map[string]map[*subscriber]struct{}{},
	}
	if len(o.Addrs) > 0 {
		logging.Disable() // go-redis would write lines of its own to stderr
		b.redis = redis.NewUniversalClient(&redis.UniversalOptions{
			Addrs: o.Addrs, DB: o.DB, Username: o.Username, Password: o.Password,
			IsClusterMode: o.Cluster || len(o.Addrs) > 1,
			DialTimeout:   redisTimeout, ReadTimeout: redisTimeout, WriteTimeout: redisTimeout,
			PoolTimeout: redisTimeout, ContextTimeoutEnabled: true, DialerRetries: 1, MaxRetries: 1,
			DisableIdentity:          true,
			MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		})
	}
	loops, stop := context.WithCancel(context.WithoutCancel(ctx))
	b.stop = stop
	b.loops.Go(func() { b.dispatch(loops) })
	if b.redis != nil {
		b.loops.Go(func() { b.send(loops) })
		b.loops.Go(func() { b.receive(loops) })
	}
	return b, nil
}

// Shared reports whether the bus is meant to reach other instances.
func (b *Bus) Shared() bool { return b.redis != nil }

// Healthy asks Redis for an answer. Without Redis the bus is always healthy.
func (b *Bus) Healthy(ctx context.Context) error {
	if b.redis == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	if err := b.redis.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("reach redis: %w", err)
	}
	return nil
}

// Dropped counts the hints that were lost because a queue was full or Redis did not take them.
func (b *Bus) Dropped() int64 { return b.dropped.Load() }

// Close ends the bus and waits for its goroutines. Hints not yet delivered are lost. It may be called twice.
func (b *Bus) Close() error {
	b.closing.Do(func() {
		b.stop()
		b.loops.Wait()
		if b.redis == nil {
			return
		}
		if err := b.redis.Close(); err != nil {
			b.closed = fmt.Errorf("close redis: %w", err)
		}
	})
	return b.closed
}
