package wechat

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// load gives the token to use, "" for none. If the store is away, it is the one fetched last by this process.
func (k *keeper) load(ctx context.Context) string {
	token, err := k.read(ctx, k.key())
	if err == nil {
		return token
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.client.now().Before(k.until) {
		return k.spare
	}
	return ""
}

func (k *keeper) store(ctx context.Context, token string, life time.Duration) {
	if life <= 0 {
		return
	}
	k.mu.Lock()
	k.spare, k.until = token, k.client.now().Add(life)
	k.mu.Unlock()
	k.write(ctx, k.key(), token, life)
}

func (k *keeper) drop(ctx context.Context) {
	k.mu.Lock()
	k.spare, k.until = "", time.Time{}
	k.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := k.client.tokens.Delete(ctx, k.key()); err != nil {
		k.complain(ctx, "delete")
	}
}

func (k *keeper) read(ctx context.Context, key string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	value, err := k.client.tokens.Get(ctx, key)
	if err != nil {
		k.complain(ctx, "get")
	}
	return value, err
}

func (k *keeper) write(ctx context.Context, key, value string, life time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := k.client.tokens.Set(ctx, key, value, life); err != nil {
		k.complain(ctx, "set")
	}
}

// complain leaves the store's error out: drivers put commands, and so tokens, into theirs.
func (k *keeper) complain(ctx context.Context, act string) {
	k.client.log.WarnContext(ctx, "token store failed", slog.String("act", act))
}

// memoryTokens is the TokenStore of one process alone. It holds two entries an account, so that none need be evicted.
type memoryTokens struct {
	now     func() time.Time
	mu      sync.Mutex
	entries map[string]memoryToken
}

type memoryToken struct {
	value string
	until time.Time
}

func (m *memoryTokens) Get(_ context.Context, key string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if entry := m.entries[key]; m.now().Before(entry.until) {
		return entry.value, nil
	}
	return "", nil
}

func (m *memoryTokens) Set(_ context.Context, key, value string, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries[key] = memoryToken{value: value, until: m.now().Add(ttl)}
	return nil
}

func (m *memoryTokens) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.entries, key)
	return nil
}
