package delivery

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

func TestAhead_isReadAnewWhenOldForgottenOrReadByAnotherClock(t *testing.T) {
	t.Parallel()
	read := time.UnixMilli(1_800_000_000_000)
	for name, c := range map[string]struct {
		since  time.Duration
		forget bool
		taken  int
		others bool
	}{
		"fresh":                          {0, false, 1, false},
		"others are due":                 {othersEvery + time.Millisecond, false, 1, true},
		"just fresh":                     {aheadFor, false, 1, true},
		"old":                            {aheadFor + time.Millisecond, false, 0, true},
		"forgotten":                      {0, true, 0, false},
		"the clock was put back":         {-9 * time.Minute, false, 0, true},
		"the clock was put back a shade": {-time.Millisecond, false, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := ahead{read: read, asked: read}
			a.keep([]model.Delivery{{ID: "1"}})
			a.forget.Store(c.forget)
			now := read.Add(c.since)
			require.Equal(t, c.others, a.others(now))
			require.Len(t, a.take(now), c.taken)
			require.Empty(t, a.take(now), "taken once")
		})
	}
}
