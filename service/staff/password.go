package staff

import (
	"context"
	"fmt"
	"time"

	"github.com/alexedwards/argon2id"

	"liuke/service/fault"
)

// What password hashing may take of the machine.
const (
	hashMemory     = 19 * 1024 // KiB
	hashIterations = 2
	hashSalt       = 16
	hashKey        = 32
	// hashesAtOnce bounds the memory and the processors that signing in can take from everything else.
	hashesAtOnce = 2
	// hashWait is how long one waits for a turn before being told to come back.
	hashWait = 5 * time.Second
)

// nobodysHash has the cost of a real hash and no password. It is compared where no person was found, so that the time
// of an answer does not tell which phones are known.
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$bGl1a2Utbm9ib2R5LTAxMg$Yx0bnJ6wq3kR8v1oT5hLzE2cP7uDfG4sJ9aWmXiKQ0o"

// Hashing is what a new hash costs. The zero value is what everybody's passwords get; tests, which hire and sign in by the
// thousand, ask for less. A hash says what it costs, so comparing goes by that.
type Hashing struct {
	Memory     uint32 // KiB
	Iterations uint32
}

// passwords hashes with argon2id, a few at a time.
type passwords struct {
	cost  Hashing
	turns chan struct{}
	wait  time.Duration
}

func newPasswords(cost Hashing) passwords {
	if cost == (Hashing{}) {
		cost = Hashing{hashMemory, hashIterations}
	}
	return passwords{cost, make(chan struct{}, hashesAtOnce), hashWait}
}

func (p passwords) params() *argon2id.Params {
	return &argon2id.Params{Memory: p.cost.Memory, Iterations: p.cost.Iterations, Parallelism: 1, SaltLength: hashSalt, KeyLength: hashKey}
}

// turn waits for one of the turns.
func (p passwords) turn(ctx context.Context) (done func(), err error) {
	timer := time.NewTimer(p.wait)
	defer timer.Stop()
	select {
	case p.turns <- struct{}{}:
		return func() { <-p.turns }, nil
	case <-timer.C:
		return nil, fault.New(fault.Unavailable, "busy")
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
}

func (p passwords) hash(ctx context.Context, password string) (string, error) {
	done, err := p.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	hash, err := argon2id.CreateHash(password, p.params())
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// matches compares; a password that is too long to be one costs as much as any other.
func (p passwords) matches(ctx context.Context, password, hash string) (bool, error) {
	tooLong := len(password) > maxPassword
	if tooLong {
		password, hash = "", nobodysHash
	}
	done, err := p.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("compare a password: %w", err)
	}
	return ok && !tooLong, nil
}
