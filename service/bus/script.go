package bus

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// ErrAlone says that there is no Redis to ask, so that only this process can answer.
var ErrAlone = errors.New("bus: no redis")

// Script is a piece of Lua that Redis runs as one step.
type Script struct{ script *redis.Script }

// NewScript makes one of its source. It may touch the key it is given and no other, so that it runs in a cluster too.
func NewScript(source string) Script { return Script{redis.NewScript(source)} }

// Run runs a script on a key for all instances and gives the whole numbers that it returns. Errors: ErrAlone without
// Redis; any other means that Redis did not answer in time, and that the script may have run.
func (b *Bus) Run(ctx context.Context, s Script, key string, args ...any) ([]int64, error) {
	if b.redis == nil {
		return nil, ErrAlone
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	numbers, err := s.script.Run(ctx, b.redis, []string{keyPrefix + key}, args...).Int64Slice()
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("run a script in redis: %w", err)
	}
	return numbers, nil
}
