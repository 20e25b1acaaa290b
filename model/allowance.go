package model

import "time"

// The windows of WeChat's customer messages (fact page, section 5). They are numbers of today and may change.
const (
	UserWindowSends  = 5
	UserWindow       = 48 * time.Hour
	EventWindowSends = 3
	EventWindow      = time.Minute
)

// Kinds of windows that a send may draw on.
const (
	WindowNone  = ""
	WindowUser  = "user"
	WindowEvent = "event"
)

// OpenUser opens the window of a follower's message: five sends, less those still on their way, for 48 hours.
func (a *Allowance) OpenUser(at int64) {
	a.UserLeft = max(0, UserWindowSends-a.Inflight)
	a.UserUntil = at + UserWindow.Milliseconds()
}

// OpenEvent opens the short window of a follow, scan or menu tap. It never shortens one that is open.
func (a *Allowance) OpenEvent(at int64) {
	a.EventLeft = EventWindowSends
	a.EventUntil = at + EventWindow.Milliseconds()
}

// Reserve takes one send, from the window that closes first, and says from which; WindowNone means there is none.
func (a *Allowance) Reserve(now int64) string {
	user, event := a.UserLeft > 0 && a.UserUntil > now, a.EventLeft > 0 && a.EventUntil > now
	switch {
	case event && (!user || a.EventUntil <= a.UserUntil):
		a.EventLeft--
		a.Inflight++
		return WindowEvent
	case user:
		a.UserLeft--
		a.Inflight++
		return WindowUser
	}
	return WindowNone
}

// Open reports whether a reserved send may still leave.
func (a *Allowance) Open(window string, now int64) bool {
	if window == WindowEvent {
		return a.EventUntil > now
	}
	return window == WindowUser && a.UserUntil > now
}

// Settle ends a reservation. Unused ones go back to their window.
func (a *Allowance) Settle(window string, used bool) {
	if window == WindowNone {
		return
	}
	a.Inflight = max(0, a.Inflight-1)
	if used {
		return
	}
	if window == WindowEvent {
		a.EventLeft = min(EventWindowSends, a.EventLeft+1)
		return
	}
	a.UserLeft = min(UserWindowSends, a.UserLeft+1)
}

// Close ends both windows: WeChat said 45015, or the follower left.
func (a *Allowance) Close() { a.UserLeft, a.UserUntil, a.EventLeft, a.EventUntil = 0, 0, 0, 0 }

// Exhaust keeps the windows but leaves nothing in them: WeChat said 45047.
func (a *Allowance) Exhaust() { a.UserLeft, a.EventLeft = 0, 0 }

// Left tells how many sends are left now and until when; the time is 0 when no window is open.
func (a *Allowance) Left(now int64) (left, until int64) {
	if a.EventUntil > now {
		left, until = a.EventLeft, a.EventUntil
	}
	if a.UserUntil > now {
		left += a.UserLeft
		until = max(until, a.UserUntil)
	}
	return left, until
}
