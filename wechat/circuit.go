package wechat

import (
	"context"
	"errors"
	"time"

	"github.com/sony/gobreaker/v2"
)

// A host that failed this often in a row is left alone for a moment, so that a dead WeChat does not hold every sender
// for its whole time-out.
const (
	circuitFailures = 10
	circuitPause    = 3 * time.Second
	circuitProbes   = 3
	circuitProbing  = time.Second // while the probes are under way
)

// circuit guards one account at one host.
type circuit struct {
	breaker *gobreaker.TwoStepCircuitBreaker[struct{}]
}

func newCircuit() *circuit {
	return &circuit{breaker: gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		MaxRequests: circuitProbes,
		Timeout:     circuitPause,
		ReadyToTrip: func(counts gobreaker.Counts) bool { return counts.ConsecutiveFailures >= circuitFailures },
		IsExcluded:  func(err error) bool { return errors.Is(err, context.Canceled) },
		// An errcode is an answer: WeChat is there.
		IsSuccessful: func(err error) bool {
			var failure *Error
			return !errors.As(err, &failure) || !failure.transport
		},
	})}
}

// guard runs the call unless the circuit is open, when nothing is sent and the error says after what time it may be.
func (c *circuit) guard(api string, call func() error) (err error) {
	done, refused := c.breaker.Allow()
	if refused != nil {
		after := circuitPause
		if errors.Is(refused, gobreaker.ErrTooManyRequests) {
			after = circuitProbing
		}
		return &Error{API: api, Reaction: ReactRetryLater, Reason: reasonCircuitOpen, After: after}
	}
	defer func() { done(err) }()
	return call()
}
