package rest

import (
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"liuke/service/fault"
)

// Rate is how often one person may call.
type Rate struct {
	PerSecond float64
	Burst     int // calls at once
}

// DefaultRate lets one person make 2,000 calls a second, and as many at once.
func DefaultRate() Rate { return Rate{PerSecond: 2000, Burst: 2000} }

// maxLimits bounds how many people are remembered.
const maxLimits = 10_000

// limits keeps one bucket per person.
type limits struct {
	rate Rate
	now  func() time.Time
	mu   sync.Mutex
	of   map[string]*rate.Limiter
}

func newLimits(r Rate, now func() time.Time) *limits {
	if r.PerSecond <= 0 || r.Burst <= 0 {
		r = DefaultRate()
	}
	return &limits{rate: r, now: now, of: map[string]*rate.Limiter{}}
}

func (l *limits) allow(who string) bool {
	now := l.now()
	l.mu.Lock()
	one := l.of[who]
	if one == nil {
		if len(l.of) >= maxLimits {
			l.makeRoom(now)
		}
		one = rate.NewLimiter(rate.Limit(l.rate.PerSecond), l.rate.Burst)
		l.of[who] = one
	}
	l.mu.Unlock()
	return one.AllowN(now, 1)
}

// makeRoom forgets whose bucket is full again, which changes nothing for them; if nobody's is, whoever comes first.
func (l *limits) makeRoom(now time.Time) {
	for who, one := range l.of {
		if one.TokensAt(now) >= float64(l.rate.Burst) {
			delete(l.of, who)
		}
	}
	for who := range l.of {
		if len(l.of) < maxLimits {
			return
		}
		delete(l.of, who)
	}
}

func (a *API) limit(c *gin.Context) {
	if !a.limits.allow(actorOf(c.Request.Context()).StaffID) {
		a.fail(c, fault.New(fault.TooMany, "too_many_calls").With("retry_after", int64(1)))
	}
}
