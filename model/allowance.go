package model

import "time"

// The windows of WeChat's customer messages (fact page, section 5). They are numbers of today and may change.
const (
	UserWindowSends  = 5
	UserWindow       = 48 * time.Hour
	EventWindowSends = 3
	EventWindow      = time.Minute
)

// Windows that a send may draw on.
const (
	WindowNone  = ""
	WindowUser  = "user"
	WindowEvent = "event"
	WindowBoth  = "both"
)

// OpenUser opens the window of a follower's message: five sends for 48 hours, less those of the window before it that
// are still on their way.
func (a *Allowance) OpenUser(at int64) {
	a.UserLeft = max(0, UserWindowSends-a.Inflight)
	a.UserUntil = at + UserWindow.Milliseconds()
}

// OpenEvent opens the short window of a follow, scan or menu tap.
func (a *Allowance) OpenEvent(at int64) {
	a.EventLeft = EventWindowSends
	a.EventUntil = at + EventWindow.Milliseconds()
}

// Reserve takes one send and says from which windows; WindowNone means that there is none left. How WeChat combines
// windows that are open at once is not documented, so the careful reading holds: each send counts in every one of them.
func (a *Allowance) Reserve(now int64) string {
	user, event := a.UserUntil > now, a.EventUntil > now
	if (!user || a.UserLeft == 0) && (!event || a.EventLeft == 0) {
		return WindowNone
	}
	window := WindowNone
	if user && a.UserLeft > 0 {
		a.UserLeft--
		a.Inflight++
		window = WindowUser
	}
	if event && a.EventLeft > 0 {
		a.EventLeft--
		if window == WindowUser {
			return WindowBoth
		}
		window = WindowEvent
	}
	return window
}

// Open reports whether a reserved send may still leave.
func (a *Allowance) Open(window string, now int64) bool {
	return draws(window, WindowUser) && a.UserUntil > now || draws(window, WindowEvent) && a.EventUntil > now
}

func draws(window, on string) bool { return window == on || window == WindowBoth }

// Settle ends a reservation. Unused ones go back to their windows.
func (a *Allowance) Settle(window string, used bool) {
	if window == WindowNone {
		return
	}
	if draws(window, WindowUser) {
		a.Inflight = max(0, a.Inflight-1)
	}
	if used {
		return
	}
	if draws(window, WindowUser) {
		a.UserLeft = min(UserWindowSends, a.UserLeft+1)
	}
	if draws(window, WindowEvent) {
		a.EventLeft = min(EventWindowSends, a.EventLeft+1)
	}
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
	if a.UserUntil > now && (a.UserLeft >= left || until == 0) {
		left, until = a.UserLeft, a.UserUntil
	}
	return left, until
}
