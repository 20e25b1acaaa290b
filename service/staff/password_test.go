package staff

import (
	"context"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/stretchr/testify/require"

	"liuke/service/fault"
)

func TestPasswords_costWhatOWASPRecommends(t *testing.T) {
	t.Parallel()
	hash, err := newPasswords(Hashing{}).hash(t.Context(), "password")
	require.NoError(t, err)
	require.Contains(t, hash, "$argon2id$v=19$m=19456,t=2,p=1$")
}

func TestNobodysHash_costsAsMuchAsARealOne(t *testing.T) {
	t.Parallel()
	params, _, _, err := argon2id.DecodeHash(nobodysHash)
	require.NoError(t, err)
	require.Equal(t, newPasswords(Hashing{}).params(), params)
}

func TestPasswords_waitForATurnAndGiveUp(t *testing.T) {
	t.Parallel()
	p := newPasswords(Hashing{})
	for range hashesAtOnce {
		_, err := p.turn(t.Context())
		require.NoError(t, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := p.hash(ctx, "password")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	p.wait = time.Millisecond
	_, err = p.matches(t.Context(), "password", nobodysHash)
	require.True(t, fault.Is(err, fault.Unavailable))
}

func TestPasswords_matchOnlyTheirOwn(t *testing.T) {
	t.Parallel()
	p := newPasswords(Hashing{})
	hash, err := p.hash(t.Context(), "密码密码密码")
	require.NoError(t, err)
	for password, want := range map[string]bool{"密码密码密码": true, "密码密码密马": false, "": false, string(make([]byte, 200)): false} {
		ok, err := p.matches(t.Context(), password, hash)
		require.NoError(t, err)
		require.Equal(t, want, ok)
	}
	_, err = p.matches(t.Context(), "x", "no hash")
	require.Error(t, err)
}
