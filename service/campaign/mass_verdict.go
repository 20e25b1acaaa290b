package campaign

import (
	"errors"
	"time"

	"liuke/model"
	"liuke/wechat"
)

// massVerdict is what one call means for its job, by the table of the fact page (section 12).
type massVerdict struct {
	state     string // of the job
	reason    string
	due       time.Time // when to call again
	msgID     string
	onward    bool      // failed: the members go to the next channel
	pause     bool      // the campaign stops until a person has looked
	stop      bool      // so does the account
	closed    time.Time // until then the account makes no mass call
	uncounted bool      // WeChat never got the call
}

// judgeMass judges the n-th call of a job. again says that an earlier call may have been taken: then only WeChat's word
// that it has the job ends the doubt, and nothing that it refuses now proves that nothing was sent.
func judgeMass(msgID string, err error, tries int64, again bool, now time.Time, spread float64) massVerdict {
	r := wechat.ResultOf(msgID, err, now, spread)
	if r.Outcome == wechat.OutcomeAccepted {
		return massVerdict{state: model.MassSent, msgID: r.MsgID}
	}
	v := massVerdict{reason: r.Reason, due: later(r.After, now, tries)}
	var e *wechat.Error
	if errors.As(err, &e) {
		v.uncounted = e.Code == 0 && !e.Left
	}
	v.pause = r.Outcome == wechat.OutcomeStopped && r.Concern != wechat.ConcernAccount || r.Outcome == wechat.OutcomeRefused && r.Concern == wechat.ConcernContent
	v.stop = r.Outcome == wechat.OutcomeStopped && r.Concern == wechat.ConcernAccount
	switch {
	case r.Reason == reasonNoQuota:
		v.closed = model.NextBeijingDay(now).Add(afterMidnight)
	case r.Outcome == wechat.OutcomeLater && r.Concern == wechat.ConcernAPI:
		v.closed = r.After
	}
	switch {
	case again || doubtful(r):
		v.state = model.MassSending
	case r.Outcome == wechat.OutcomeRefused:
		v.state, v.onward = model.MassFailed, r.Concern != wechat.ConcernContent
	default:
		v.state = model.MassReady
	}
	return v
}

// doubtful reports whether a call may have been taken for all we know. Busy says nothing either way, and who repeats too
// soon (45066) has it there already.
func doubtful(r wechat.Result) bool {
	return r.Outcome == wechat.OutcomeUnknown || r.Reason == "system_busy" || r.Reason == "client_id_too_soon"
}

// later is when to try again: when WeChat wants it, and ever later while it does not work.
func later(after, now time.Time, tries int64) time.Time {
	pause := min(time.Second<<min(tries, 10), 10*time.Minute)
	if own := now.Add(pause); own.After(after) {
		return own
	}
	return after
}
