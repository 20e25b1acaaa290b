package bus

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// cacheSize bounds the entries kept in the process.
const cacheSize = 10_000

// keyPrefix keeps our keys apart from those of other programs in the same Redis.
const keyPrefix = "liuke:"

// Get gives the value of a key, "" for none. While Redis does not answer it gives what this process knows.
func (b *Bus) Get(ctx context.Context, key string) (string, error) {
	if b.redis == nil {
		return b.cache.get(key), nil
	}
	call, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	value, err := b.redis.Get(call, keyPrefix+key).Result()
	switch {
	case err == nil:
		return value, nil
	case errors.Is(err, redis.Nil):
		return "", nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	}
	return b.cache.get(key), nil
}

// Set keeps a value for ttl, which must be positive: in Redis for all instances, and here for when Redis is away.
func (b *Bus) Set(ctx context.Context, key, value string, ttl time.Duration) error {
	if ttl <= 0 {
		return errors.New("bus: a cache entry needs a time to live")
	}
	b.cache.set(key, value, ttl)
	if b.redis == nil {
		return nil
	}
	call, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	_ = b.redis.Set(call, keyPrefix+key, value, ttl).Err() // the copy here serves until Redis is back
	return ctx.Err()
}

// Delete forgets a key. While Redis is away only this process forgets it.
func (b *Bus) Delete(ctx context.Context, key string) error {
	b.cache.delete(key)
	if b.redis == nil {
		return nil
	}
	call, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	_ = b.redis.Del(call, keyPrefix+key).Err() // as with Set
	return ctx.Err()
}

// cache is the twin in the process.
type cache struct {
	now     func() time.Time
	mu      sync.Mutex
	entries map[string]entry
}

type entry struct {
	value string
	until time.Time
}

func newCache(now func() time.Time) *cache { return &cache{now: now, entries: map[string]entry{}} }

func (c *cache) get(key string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if !ok {
		return ""
	}
	if !c.now().Before(e.until) {
		delete(c.entries, key)
		return ""
	}
	return e.value
}

func (c *cache) set(key, value string, ttl time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.entries[key]; !known && len(c.entries) >= cacheSize {
		c.makeRoom()
	}
	c.entries[key] = entry{value, c.now().Add(ttl)}
}

// makeRoom throws out what has expired, and some tenth of the rest if that was not enough.
func (c *cache) makeRoom() {
	now := c.now()
	for key, e := range c.entries {
		if !now.Before(e.until) {
			delete(c.entries, key)
		}
	}
	for key := range c.entries {
		if len(c.entries) <= cacheSize*9/10 {
			return
		}
		delete(c.entries, key)
	}
}

func (c *cache) delete(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, key)
}
