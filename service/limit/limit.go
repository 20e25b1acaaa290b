// Package limit keeps how often callers may call: an address, a person, a program with a key, and all of an account
// together. All instances share the counts through Redis, which is asked once for many calls; without it, or while it is
// away, each process counts alone.
package limit

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"liuke/service/bus"
)

// Kinds of callers.
const (
	Address = "address" // who is not known
	Staff   = "staff"
	Key     = "key"
	Account = "account" // its people and programs together
)

// Rate is how often one may call; zero: as often as he likes.
type Rate struct {
	PerSecond float64
	Burst     int // at once
}

// Rates are those in force, by kind of caller.
type Rates map[string]Rate

// Observer counts the refused.
type Observer interface {
	// CallRefused reports a call that came too soon.
	CallRefused(kind string)
}

// Deps is what the limits stand on. Observer may be nil.
type Deps struct {
	Bus      *bus.Bus
	Rates    Rates
	Observer Observer
	Now      func() time.Time
	Log      *slog.Logger
}

const (
	// mostCallers bounds how many are remembered here.
	mostCallers = 10_000
	// A process takes calls from the common count for one that comes, and twice as many each time that it has used them up within
	// holds: of who calls much, up to this part of the burst at once. What is not used within holds is lost, so no more is lost
	// than was used.
	share = 8
	holds = time.Second
	// awayFor is how long Redis is not asked after it did not answer, so that a dead one delays no call.
	awayFor = time.Second
)

// Limiter keeps the limits.
type Limiter struct {
	deps   Deps
	script bus.Script
	mu     sync.Mutex
	known  map[caller]*count
	away   time.Time // Redis is not asked before
}

type caller struct{ kind, who string }

// name is the count's key in Redis. The braces keep it on one node of a cluster.
func (c caller) name() string { return "calls:{" + c.kind + ":" + c.who + "}" }

// count is what this process knows of a caller.
type count struct {
	calls   int           // of the common count, taken and not used yet
	until   time.Time     // they hold
	part    int           // how many to take next
	asking  chan struct{} // closed when the one call that asks Redis has its answer; nil: none does
	refused time.Time     // when the common count was empty
	wait    time.Duration // from then on
	alone   *rate.Limiter // without Redis
}

// New makes the limits.
func New(d Deps) *Limiter {
	return &Limiter{deps: d, script: bus.NewScript(common), known: map[caller]*count{}}
}

// Take asks for one call of somebody. It gives 0, or how long to wait. It never fails.
func (l *Limiter) Take(ctx context.Context, kind, who string) time.Duration {
	r := l.deps.Rates[kind]
	if r.PerSecond <= 0 || r.Burst <= 0 {
		return 0
	}
	wait := l.take(ctx, caller{kind, who}, r)
	if wait > 0 && l.deps.Observer != nil {
		l.deps.Observer.CallRefused(kind)
	}
	return wait
}

func (l *Limiter) take(ctx context.Context, c caller, r Rate) time.Duration {
	for {
		now := l.deps.Now()
		a, wait, decided, others := l.here(c, r, now)
		if decided {
			return wait
		}
		if others == nil {
			return l.ask(ctx, a, c, r, now)
		}
		<-others // many calls at once must not each take a part
	}
}

// ask takes from the common count.
func (l *Limiter) ask(ctx context.Context, a *count, c caller, r Rate, now time.Time) time.Duration {
	// Who hangs up meanwhile must not look as if Redis were away.
	got, err := l.deps.Bus.Run(context.WithoutCancel(ctx), l.script, c.name(), r.PerSecond, r.Burst, a.part)
	l.mu.Lock()
	defer l.mu.Unlock()
	close(a.asking)
	a.asking = nil
	switch {
	case err != nil || len(got) != 2:
		l.deps.Log.LogAttrs(ctx, slog.LevelWarn, "limits of callers are not shared while redis is away", slog.Any("error", err))
		l.away = now.Add(awayFor)
		return a.takeAlone(now)
	case got[0] == 0:
		a.refused, a.wait = now, time.Duration(got[1])*time.Millisecond
		return a.wait
	}
	a.calls, a.until = int(got[0])-1, now.Add(holds)
	return 0
}

// here decides what this process can: of the calls that it holds, after a refusal that still counts, or alone. If it cannot, the
// caller shall ask Redis, or wait for the others' answer if somebody does so already.
func (l *Limiter) here(c caller, r Rate, now time.Time) (a *count, wait time.Duration, decided bool, others chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a = l.of(c, r, now)
	if !l.deps.Bus.Shared() || now.Before(l.away) {
		return a, a.takeAlone(now), true, nil
	}
	// A clock that was put back shall not lengthen either.
	left := a.until.Sub(now)
	inTime := left > 0 && left <= holds
	if a.calls > 0 && inTime {
		a.calls--
		return a, 0, true, nil
	}
	if left := a.refused.Add(a.wait).Sub(now); left > 0 && left <= a.wait {
		return a, left, true, nil
	}
	if a.asking != nil {
		return a, 0, false, a.asking
	}
	if a.calls = 0; inTime {
		a.part = min(2*a.part, max(1, r.Burst/share))
	} else {
		a.part = 1
	}
	a.asking = make(chan struct{})
	return a, 0, false, nil
}

func (a *count) takeAlone(now time.Time) time.Duration {
	if a.alone.AllowN(now, 1) {
		return 0
	}
	missing := 1 - a.alone.TokensAt(now)
	return max(time.Millisecond, time.Duration(missing/float64(a.alone.Limit())*float64(time.Second)))
}

// of gives what is known of a caller. Who holds the lock calls it.
func (l *Limiter) of(c caller, r Rate, now time.Time) *count {
	a := l.known[c]
	if a == nil {
		if len(l.known) >= mostCallers {
			l.makeRoom(now)
		}
		a = &count{alone: rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst)}
		l.known[c] = a
	}
	return a
}

// makeRoom forgets whom forgetting gives nothing; if there is nobody, whoever comes first.
func (l *Limiter) makeRoom(now time.Time) {
	for c, a := range l.known {
		if now.Sub(a.until) > 0 && now.Sub(a.refused) > a.wait && a.alone.TokensAt(now) >= float64(a.alone.Burst()) {
			delete(l.known, c)
		}
	}
	for c := range l.known {
		if len(l.known) < mostCallers {
			return
		}
		delete(l.known, c)
	}
}

// common is the count of a caller in Redis: calls come back at a rate, up to a burst. It goes by the clock of Redis, as those
// of instances differ. KEYS[1] is its hash. ARGV: calls a second, the burst, how many are wanted. It gives how many are
// granted, or after how many milliseconds there is one.
const common = `
local per, most, n = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local h = redis.call('HMGET', KEYS[1], 'calls', 'at')
local calls, at = tonumber(h[1] or most), tonumber(h[2] or now)
if now > at then calls = calls + (now - at) * per / 1000 end
calls = math.min(calls, most)
local granted, wait = math.min(n, math.floor(calls)), 0
if granted > 0 then
  calls = calls - granted
else
  wait = math.ceil((1 - calls) * 1000 / per)
end
redis.call('HSET', KEYS[1], 'calls', string.format('%.17g', calls), 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(most * 1000 / per) + 1000)
return {granted, wait}
`
