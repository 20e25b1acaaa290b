package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Limit is how often somebody may call.
type Limit struct {
	PerSecond float64
	Burst     int // at once
}

// mostCalls bounds both numbers; with it as both nobody is held.
const mostCalls = 1_000_000

// Off reports whether nobody is held.
func (l Limit) Off() bool { return l.PerSecond == mostCalls && l.Burst == mostCalls }

// UnmarshalText reads 20/200: calls a second, and at once.
func (l *Limit) UnmarshalText(text []byte) error {
	second, burst, _ := strings.Cut(string(text), "/")
	perSecond, err := strconv.ParseFloat(second, 64)
	atOnce, errBurst := strconv.Atoi(burst)
	if err != nil || errBurst != nil || !(perSecond > 0 && perSecond <= mostCalls) || atOnce < 1 || atOnce > mostCalls {
		return errors.New("must be calls a second and calls at once, such as 20/200, each up to 1000000")
	}
	l.PerSecond, l.Burst = perSecond, atOnce
	return nil
}

// String is how it is given.
func (l Limit) String() string { return fmt.Sprintf("%g/%d", l.PerSecond, l.Burst) }
