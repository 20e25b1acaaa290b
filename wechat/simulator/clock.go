package simulator

import "time"

// beijing is the zone of all of WeChat's days and months.
func beijing() *time.Location { return time.FixedZone("CST", 8*3600) }

func (s *Simulator) now() time.Time { return s.real().Add(s.offset) }

// Clock is the time by the movable clock.
func (s *Simulator) Clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// Advance moves the clock by d. CreateTime, windows, token lives, expiry and quotas follow it; the timestamp in the
// query of a push stays real time.
func (s *Simulator) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset += d
}

// SetClock makes the clock show t; it runs on from there.
func (s *Simulator) SetClock(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset = t.Sub(s.real())
}

// dayCount counts within one Beijing day.
type dayCount struct {
	day  string
	used int
}

func (c *dayCount) add(now time.Time) {
	if day := now.In(beijing()).Format(time.DateOnly); c.day != day {
		c.day, c.used = day, 0
	}
	c.used++
}

func (c *dayCount) at(now time.Time) int {
	if c.day != now.In(beijing()).Format(time.DateOnly) {
		return 0
	}
	return c.used
}

// monthCount counts within one Beijing month.
type monthCount struct {
	month string
	used  int
}

func (c *monthCount) add(now time.Time) {
	if month := now.In(beijing()).Format("2006-01"); c.month != month {
		c.month, c.used = month, 0
	}
	c.used++
}

func (c *monthCount) at(now time.Time) int {
	if c.month != now.In(beijing()).Format("2006-01") {
		return 0
	}
	return c.used
}
