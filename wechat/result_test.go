package wechat

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// answered is the error of an API that answered with a code.
func answered(api string, code int) error {
	reaction, reason := Classify(api, code)
	return &Error{API: api, Code: code, Reaction: reaction, Reason: reason}
}

func TestResultOf_followsTheTableOfTheFactPage(t *testing.T) {
	t.Parallel()
	every := []string{apiMassSend, apiTemplateSend, apiSubscribeSend}
	now := time.Date(2026, 3, 31, 15, 59, 58, 0, time.UTC) // two seconds before April in Beijing
	second, minute, midnight := now.Add(time.Second), now.Add(time.Minute), now.Add(2*time.Second+dayMargin)
	for _, c := range []struct {
		apis  []string
		want  Result
		codes []int
	}{
		{every, Result{Outcome: OutcomeAccepted}, []int{45065}},
		{[]string{apiMassSend, apiTemplateSend}, Result{Outcome: OutcomeLater, After: second}, []int{-1, 61450}},
		{[]string{apiSubscribeSend}, Result{Outcome: OutcomeLater, After: second, Once: true}, []int{-1, 61450}},
		{every, Result{Outcome: OutcomeLater, After: second}, []int{40001, 40014, 42001}},
		{every, Result{Outcome: OutcomeLater, Concern: ConcernAPI, After: midnight}, []int{45009}},
		{every, Result{Outcome: OutcomeLater, Concern: ConcernAPI, After: minute}, []int{45011}},
		{every, Result{Outcome: OutcomeLater, After: minute}, []int{45066}},
		{every, Result{Outcome: OutcomeRefused, Concern: ConcernMember}, []int{40003, 46004, 49003, 43004, 50005, 43019, 43101, 48002, 45015, 45047}},
		{every, Result{Outcome: OutcomeRefused, Concern: ConcernContent}, []int{45001, 45002, 45008, 40007, 40008, 44001, 44004, 47003, 40037, 87014, 99999, 1}},
		{every, Result{Outcome: OutcomeRefused, Concern: ConcernProgram}, []int{40130, 40031, 40032, 45067, 47001, 41001}},
		{every, Result{Outcome: OutcomeRefused, Concern: ConcernAPI}, []int{45028}},
		{every, Result{Outcome: OutcomeStopped, Concern: ConcernAPI}, []int{48001, 48003, 48004, 48008, 50001, 50002, 40200}},
		{every, Result{Outcome: OutcomeStopped, Concern: ConcernAccount}, []int{40013, 40125, 41002, 41004, 40164, 61004, 40243, 89501, 89503, 89507}},
	} {
		for _, api := range c.apis {
			for _, code := range c.codes {
				want := c.want
				if want.Outcome != OutcomeAccepted {
					_, want.Reason = Classify(api, code)
				}
				require.Equal(t, want, ResultOf("", answered(api, code), now, 0), "%s %d", api, code)
			}
		}
	}
	require.Equal(t, Result{Outcome: OutcomeStopped, Reason: "config_secret", Concern: ConcernAccount}, ResultOf("", answered(apiToken, 40001), now, 0))
}

func TestResultOf_spreadsWhoWaits(t *testing.T) {
	t.Parallel()
	now := testNow()
	for _, c := range []struct{ code, least, most int }{{45011, 60, 90}, {45066, 60, 90}} {
		for _, spread := range []float64{0, 0.5, 0.999} {
			wait := ResultOf("", answered(apiMassSend, c.code), now, spread).After.Sub(now).Seconds()
			require.GreaterOrEqual(t, wait, float64(c.least))
			require.Less(t, wait, float64(c.most))
		}
	}
	quota := answered(apiTemplateSend, 45009)
	for at, day := range map[string]string{
		"2026-03-31T15:59:59Z": "2026-03-31T16:00:00Z", "2026-03-31T16:00:00Z": "2026-04-01T16:00:00Z", "2026-02-28T20:00:00Z": "2026-03-01T16:00:00Z",
	} {
		now, err := time.Parse(time.RFC3339, at)
		require.NoError(t, err)
		midnight, err := time.Parse(time.RFC3339, day)
		require.NoError(t, err)
		for _, spread := range []float64{0, 0.999} {
			after := ResultOf("", quota, now, spread).After
			require.True(t, after.After(midnight), at)
			require.Less(t, after.Sub(midnight), 2*time.Minute, at)
		}
	}
}

func TestResultOf_knowsWhatMayBeRepeated(t *testing.T) {
	t.Parallel()
	now := testNow()
	lost := func(api string, reaction Reaction) error {
		return &Error{API: api, Reaction: reaction, Reason: "timeout", Left: true}
	}
	require.Equal(t, Result{Outcome: OutcomeUnknown, Reason: "timeout", After: now.Add(time.Minute)}, ResultOf("", lost(apiMassSend, ReactRetryLater), now, 0))
	require.Equal(t, Result{Outcome: OutcomeUnknown, Reason: "timeout", After: now.Add(time.Second)}, ResultOf("", lost(apiTemplateSend, ReactRetryLater), now, 0))
	require.Equal(t, Result{Outcome: OutcomeUnknown, Reason: "timeout"}, ResultOf("", lost(apiSubscribeSend, ReactUnknown), now, 0), "never again")
	require.Equal(t, Result{Outcome: OutcomeLater, Reason: "timeout", After: now.Add(time.Second)}, ResultOf("", lost(apiToken, ReactRetryLater), now, 0))
	require.Equal(t, Result{Outcome: OutcomeAccepted, MsgID: "7"}, ResultOf("7", nil, now, 0))
	require.Equal(t, Result{Outcome: OutcomeRefused, Reason: "bad_input", Concern: ConcernProgram}, ResultOf("", badInput(apiMassSend), now, 0))
	require.Equal(t, Result{Outcome: OutcomeRefused, Reason: "internal", Concern: ConcernProgram}, ResultOf("", errors.New("of ours"), now, 0))
}
