package wechat

import (
	"errors"
	"time"
)

// Result is what is known after one try of SendMass, SendTemplate or SendSubscribe, and what it asks for.
type Result struct {
	Outcome Outcome
	MsgID   string // accepted: WeChat's id of it, for its event; empty for a subscription notice
	Reason  string // a stable snake_case word; empty if accepted
	Field   string // refused: the template's field that WeChat named
	Concern Concern
	// After is when to try again with the same client id: always set for OutcomeLater, for OutcomeUnknown only where
	// the id keeps WeChat from sending twice (within MassIDLife or TemplateIDLife of the first try).
	After time.Time
	// Once says that only one more try is safe; after that the outcome counts as unknown.
	Once bool
}

// Outcome is what is known of a send.
type Outcome string

// The outcomes. Nothing was sent when it is refused, later or stopped.
const (
	OutcomeAccepted Outcome = "accepted" // WeChat took it; an event tells what became of it
	OutcomeRefused  Outcome = "refused"  // WeChat will not take this one; Concern tells for whom else that holds
	OutcomeLater    Outcome = "later"    // not now; try again at After
	OutcomeUnknown  Outcome = "unknown"  // it may have been taken; see After
	OutcomeStopped  Outcome = "stopped"  // nothing goes until a person has put Concern right; keep the queue, alarm
)

// Concern is how far a result reaches beyond the one send.
type Concern string

// The concerns.
const (
	ConcernNone    Concern = ""
	ConcernMember  Concern = "member"  // the one follower: take another channel for him
	ConcernContent Concern = "content" // everybody who would get these words, media or template: pause, tell the author
	ConcernAPI     Concern = "api"     // every send by this API of the account
	ConcernAccount Concern = "account" // every call of the account
	ConcernProgram Concern = "program" // we asked wrongly: a bug
)

// ReasonMediaExpired is the Reason of a refused send whose media WeChat no longer has: upload our copy again, once.
const ReasonMediaExpired = "media_expired"

// How long to wait. spread is on top, so that instances and accounts do not come back together.
const (
	busyPause   = time.Second
	minutePause = time.Minute
	minuteSpan  = 30 * time.Second
	dayMargin   = 5 * time.Second // clocks differ
	daySpan     = time.Minute
)

// ResultOf judges one try: msgID and err are what the send returned, now is when, spread is a random number from 0 to
// 1. It is a pure function of these, the table of the platform's errcodes is Classify.
func ResultOf(msgID string, err error, now time.Time, spread float64) Result {
	if err == nil {
		return Result{Outcome: OutcomeAccepted, MsgID: msgID}
	}
	var e *Error
	if !errors.As(err, &e) {
		return Result{Outcome: OutcomeRefused, Reason: "internal", Concern: ConcernProgram}
	}
	r := Result{Reason: e.Reason, Field: e.Field}
	after := func(pause, span time.Duration) time.Time {
		return now.Add(pause + time.Duration(spread*float64(span)))
	}
	switch e.Reaction {
	case ReactNone, ReactAccepted:
		return Result{Outcome: OutcomeAccepted, MsgID: e.msgID}
	case ReactRetryLater:
		r.Outcome, r.After = OutcomeLater, after(busyPause, busyPause)
		switch {
		case !e.Left: // nor was anything sent when it is the token's answer that got lost
		case e.API == apiTemplateSend:
			r.Outcome = OutcomeUnknown
		case e.API == apiMassSend:
			r.Outcome, r.After = OutcomeUnknown, after(massIDPause, minuteSpan)
		}
	case ReactRetryOnce:
		r.Outcome, r.After, r.Once = OutcomeLater, after(busyPause, busyPause), true
	case ReactSlow:
		r.Outcome, r.After = OutcomeLater, after(minutePause, minuteSpan)
		if e.Code == codeTooManyCalls {
			r.Concern = ConcernAPI
		}
	case ReactStopAPIToday:
		r.Outcome, r.Concern, r.After = OutcomeLater, ConcernAPI, after(untilNextDay(now)+dayMargin, daySpan)
		if isBan(e.Code) {
			r.Outcome, r.After = OutcomeStopped, time.Time{}
		}
	case ReactStopAccount:
		r.Outcome, r.Concern = OutcomeStopped, ConcernAccount
	case ReactUnknown:
		r.Outcome = OutcomeUnknown
	case ReactReupload, ReactPending, ReactGiveUp, ReactIgnore:
		r.Outcome, r.Concern = refusedFor(e)
	}
	return r
}

// refusedFor tells a refusal that holds for one send from those that stop all of a kind.
func refusedFor(e *Error) (Outcome, Concern) {
	switch {
	case e.Reaction == ReactPending, aboutPerson(e.Code) != "":
		return OutcomeRefused, ConcernMember
	case e.Code == 45028: // no mass sends left: other channels are open
		return OutcomeRefused, ConcernAPI
	case e.Code == 48001, e.Code == 48003, e.Code == 48008, e.Code == 50001, e.Code == 40200:
		return OutcomeStopped, ConcernAPI
	case e.Reason == reasonBadInput, isOurMistake(e.Code):
		return OutcomeRefused, ConcernProgram
	}
	return OutcomeRefused, ConcernContent
}

func isOurMistake(code int) bool {
	switch code {
	case 40130, 40031, 40032, 41001, 45067, 47001:
		return true
	default:
		return false
	}
}

// untilNextDay is how long WeChat's present day, a Beijing day, lasts.
func untilNextDay(now time.Time) time.Duration {
	const offset, day = 8 * time.Hour, 24 * time.Hour
	local := now.UTC().Add(offset)
	return local.Truncate(day).Add(day).Sub(local)
}
