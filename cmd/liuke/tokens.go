package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"liuke/model/keys"
	"liuke/service/bus"
)

// sealedTokens keeps WeChat's access tokens where all instances see them, in a form that only they can read.
type sealedTokens struct {
	bus  *bus.Bus
	keys *keys.Ring
}

// Get gives a token, "" for none; one that was sealed under other keys is none.
func (s sealedTokens) Get(ctx context.Context, key string) (string, error) {
	text, err := s.bus.Get(ctx, key)
	if err != nil || text == "" {
		return "", err
	}
	sealed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", fmt.Errorf("read a token: %w", err)
	}
	return s.keys.OpenString(sealed)
}

// Set keeps a token.
func (s sealedTokens) Set(ctx context.Context, key, value string, ttl time.Duration) error {
	return s.bus.Set(ctx, key, base64.StdEncoding.EncodeToString(s.keys.SealString(value)), ttl)
}

// Delete forgets a token.
func (s sealedTokens) Delete(ctx context.Context, key string) error { return s.bus.Delete(ctx, key) }
