package simulator

import "time"

// The customer message windows (WeChat: "send customer message", figures since 2023-06-12).
const (
	messageCount  = 5
	messageWindow = 48 * time.Hour
	briefCount    = 3
	briefWindow   = time.Minute
)

// allowance is what the account may still send to one person. How the two windows combine is not published; here they
// are kept apart and the short one is used up first.
type allowance struct {
	left       int
	until      time.Time
	brief      int
	briefUntil time.Time
}

// message opens the long window anew: the person wrote.
func (a *allowance) message(now time.Time) { a.left, a.until = messageCount, now.Add(messageWindow) }

// trigger opens the short window anew: the person followed, scanned or tapped a click menu.
func (a *allowance) trigger(now time.Time) { a.brief, a.briefUntil = briefCount, now.Add(briefWindow) }

func (a *allowance) open(now time.Time) bool {
	return now.Before(a.until) || now.Before(a.briefUntil)
}

func (a *allowance) take(now time.Time) *fail {
	switch {
	case now.Before(a.briefUntil) && a.brief > 0:
		a.brief--
	case now.Before(a.until) && a.left > 0:
		a.left--
	case a.open(now):
		return failed(45047)
	default:
		return failed(45015)
	}
	return nil
}
