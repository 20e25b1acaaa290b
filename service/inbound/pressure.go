package inbound

import (
	"context"
	"sync"
	"time"
)

// Accepting goes before effects. WeChat waits 5 s for its answer and gives a push up after three tries (fact page, section
// 2), while a clerk hardly minds a message that is a moment late. So when pushes come in crowds, the workers take long rests
// and leave the machine to accepting; the effects catch up when the crowd has passed, or when they are held back too long.
// Then it is the answers that are held back, by a little: a crowd that does not pass is accepted as fast as its effects can
// be taken, and what waits for them does not grow.
const (
	// crowd is how many pushes share a commit when they come faster than both can be done.
	crowd = 12
	// calm is how long after the last commit a crowd has passed.
	calm = 50 * time.Millisecond
	// restTimes is how many times as long as it worked a worker rests then, at most longestRest.
	restTimes   = 16
	longestRest = 2 * time.Second
	// lateAtMost is how old a push may be that is held back so.
	lateAtMost = 5 * time.Second
	// lateFor is how long accepting is slowed down after such an old push was met.
	lateFor = 500 * time.Millisecond
	// longestPause is how long accepting pauses between two commits at most. It takes pauseStep more each time while effects are
	// late, and less when they are not.
	longestPause = 100 * time.Millisecond
	pauseStep    = time.Millisecond
	pauseFades   = 32 // by the so-manieth part each time
)

// pressure knows how many pushes come in together.
type pressure struct {
	mu   sync.Mutex
	rows float64 // of a commit, the late ones counting most
	at   time.Time

	lateAt time.Time     // when a push was worked off that had been held back too long
	pause  time.Duration // before the next commit

	alone chan struct{} // holds a token while a worker works alone
}

func newPressure() pressure { return pressure{alone: make(chan struct{}, 1)} }

// committed notes a commit of accepted pushes.
func (p *pressure) committed(rows int, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over(now) {
		p.rows = 0
	}
	p.rows += (float64(rows) - p.rows) / 8
	p.at = now
}

// turn lets a worker begin, in a crowd only when no other works: several transactions at once would take the processor from
// the commits whose senders wait. He calls done at the end.
func (p *pressure) turn(ctx context.Context, now time.Time) (done func(), err error) {
	p.mu.Lock()
	alone := p.yields(now)
	p.mu.Unlock()
	if !alone {
		return func() {}, nil
	}
	select {
	case p.alone <- struct{}{}:
		return func() { <-p.alone }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// rest tells how long a worker shall rest that worked that long on pushes of that age.
func (p *pressure) rest(now time.Time, worked, age time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.yields(now) || age >= lateAtMost {
		return 0
	}
	return min(restTimes*worked, longestRest)
}

// yields reports whether effects step back for accepting. While answers are held back for the effects' sake, the machine is
// the effects': if both rested, nobody would use it. The caller holds the lock.
func (p *pressure) yields(now time.Time) bool { return p.rows >= crowd && !p.over(now) && p.pause == 0 }

// worked notes how old the oldest push was that a worker took.
func (p *pressure) worked(now time.Time, age time.Duration) {
	if age < lateAtMost {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lateAt = now
}

// hold tells how long accepting shall pause after a commit.
func (p *pressure) hold(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	since := now.Sub(p.lateAt)
	if late := since >= 0 && since <= lateFor; late && p.rows >= crowd && !p.over(now) {
		p.pause = min(p.pause+pauseStep, longestPause)
	} else if p.pause -= p.pause / pauseFades; p.pause < pauseStep {
		p.pause = 0
	}
	return p.pause
}

// over reports whether a crowd has passed; also if the clock was put back since. The caller holds the lock.
func (p *pressure) over(now time.Time) bool {
	since := now.Sub(p.at)
	return since < 0 || since > calm
}

// giveWay lets accepting go first after a worker's transaction that began then, on pushes of which the oldest came then.
func (s *Service) giveWay(ctx context.Context, began time.Time, oldest int64) {
	now := s.db.Now()
	age := time.Duration(now.UnixMilli()-oldest) * time.Millisecond
	s.pressure.worked(now, age)
	rest(ctx, s.pressure.rest(now, now.Sub(began), age))
}

// rest returns after that time, or when ctx is done.
func rest(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
