package wechat

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Reaction is what the caller has to do about a failed call.
type Reaction int

// The reactions. What a call may be answered with stands in Classify.
const (
	// ReactNone: no error.
	ReactNone Reaction = iota
	// ReactRetryLater: WeChat did not act on it; repeating is safe, with backoff.
	ReactRetryLater
	// ReactRetryOnce: WeChat was busy; one repeat, then the outcome counts as unknown.
	ReactRetryOnce
	// ReactSlow: too many calls this minute; repeat after at least 60 s.
	ReactSlow
	// ReactStopAPIToday: this API is closed until the next Beijing day.
	ReactStopAPIToday
	// ReactReupload: the media has expired; upload it again from our copy and repeat once.
	ReactReupload
	// ReactPending: the member's window is closed or used up; keep it until a window opens.
	ReactPending
	// ReactGiveUp: repeating cannot help.
	ReactGiveUp
	// ReactStopAccount: the account's settings are wrong at WeChat or here; keep the queue, alarm the operator.
	ReactStopAccount
	// ReactUnknown: it may have been sent; never repeat by itself.
	ReactUnknown
	// ReactAccepted: WeChat has had this one already under the same client id; a success.
	ReactAccepted
	// ReactIgnore: a best-effort call failed; nothing to do.
	ReactIgnore
)

// String is a stable word for logs and metrics.
func (r Reaction) String() string {
	switch r {
	case ReactNone:
		return "none"
	case ReactRetryLater:
		return "retry_later"
	case ReactRetryOnce:
		return "retry_once"
	case ReactSlow:
		return "slow"
	case ReactStopAPIToday:
		return "stop_api_today"
	case ReactReupload:
		return "reupload"
	case ReactPending:
		return "pending"
	case ReactGiveUp:
		return "give_up"
	case ReactStopAccount:
		return "stop_account"
	case ReactUnknown:
		return "unknown"
	case ReactAccepted:
		return "accepted"
	case ReactIgnore:
		return "ignore"
	default:
		return strconv.Itoa(int(r))
	}
}

// Error is every error of a call to WeChat. It holds nothing of the request (no address, secret, token, openid or
// text) and nothing of WeChat's errmsg, which repeats such things, but our own address when a token is refused to it and
// the name of a refused field; RID is what WeChat's support asks for.
type Error struct {
	API      string // such as "message/custom/send"
	Code     int    // WeChat's errcode, 0 if there was none
	Status   int    // the HTTP status if it was not 200
	RID      string
	IP       string // our own address, when WeChat refuses it and names it
	Field    string // the template's field that WeChat refuses (47003), when it names one
	Reaction Reaction
	Reason   string // a stable snake_case word
	Left     bool   // the request may have reached WeChat, but no answer of WeChat's came back

	// After is how long WeChat is left alone because it failed too often in a row; 0 with any other error.
	After time.Duration

	msgID     string // of the send that 45065 found
	transport bool   // the road to WeChat failed; counts for the circuit
	cause     error  // context.Canceled, context.DeadlineExceeded, ErrTooLarge or the caller's own writer's error
}

// Error names the API, the reason and the numbers that help to find it again.
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString("wechat: " + e.API + ": " + e.Reason)
	if e.Code != 0 {
		text.WriteString(", errcode " + strconv.Itoa(e.Code))
	}
	if e.Status != 0 {
		text.WriteString(", status " + strconv.Itoa(e.Status))
	}
	if e.RID != "" {
		text.WriteString(", rid " + e.RID)
	}
	return text.String()
}

// Unwrap gives the cause where it is context.Canceled, context.DeadlineExceeded, ErrTooLarge, or what the caller's own
// writer failed with. The network's errors are not kept: they repeat addresses.
func (e *Error) Unwrap() error { return e.cause }

// Reasons that do not come from an errcode; those that do stand in Classify.
const (
	reasonNetwork     = "network"
	reasonTimeout     = "timeout"
	reasonCanceled    = "canceled"
	reasonCircuitOpen = "circuit_open"
	reasonHTTPStatus  = "http_status"
	reasonBadAnswer   = "bad_answer"
	reasonBadInput    = "bad_input"
	reasonTooLarge    = "too_large"
	reasonSource      = "source_failed"
	reasonSink        = "sink_failed"
)

func badInput(api string) error {
	return &Error{API: api, Reaction: ReactGiveUp, Reason: reasonBadInput}
}

func isBadToken(err error) bool {
	var failure *Error
	if !errors.As(err, &failure) || failure.API == apiToken {
		return false
	}
	switch failure.Code {
	case codeBadCredential, codeBadToken, codeTokenExpired:
		return true
	default:
		return false
	}
}
