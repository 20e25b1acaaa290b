package campaign

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/bus"
	"liuke/wechat"
)

// answered gives what a mass send returns that WeChat answers with a text; cut: it hangs up instead.
func answered(t *testing.T, text string) (string, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case strings.Contains(r.URL.Path, "token"):
			_, _ = rw.Write([]byte(`{"access_token":"t","expires_in":7200}`))
		case text == "cut":
			panic(http.ErrAbortHandler)
		default:
			_, _ = rw.Write([]byte(text))
		}
	}))
	defer server.Close()
	b, err := bus.Open(t.Context(), bus.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer b.Close() //nolint:errcheck // nothing to do about it
	client, err := wechat.NewClient(wechat.Options{BaseURL: server.URL, Tokens: b, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer client.Close()
	api := client.Account(wechat.Credentials{AppID: "wx0000000000000001", Secret: "s"})
	return api.SendMass(t.Context(), wechat.MassMessage{ToUsers: []string{"a", "b"}, Kind: wechat.KindText, Text: "x", ClientMsgID: "id"})
}

// The table of the fact page (section 12), for a first call and for the repeat of one that may have been taken.
func TestJudgeMass(t *testing.T) {
	t.Parallel()
	midnight := time.Date(2026, 11, 26, 16, 0, 0, 0, time.UTC)
	tomorrow := midnight.Add(afterMidnight)
	for name, c := range map[string]struct {
		answer string
		first  massVerdict // without reason and due
		again  string      // its state as a repeat
		after  time.Duration
	}{
		"taken":                 {`{"errcode":0,"msg_id":7}`, massVerdict{state: "sent", msgID: "7"}, "sent", 0},
		"taken before":          {`{"errcode":45065,"msg_id":8}`, massVerdict{state: "sent", msgID: "8"}, "sent", 0},
		"repeated too soon":     {`{"errcode":45066}`, massVerdict{state: "sending"}, "sending", time.Minute},
		"the answer is lost":    {"cut", massVerdict{state: "sending"}, "sending", time.Minute},
		"busy":                  {`{"errcode":-1}`, massVerdict{state: "sending"}, "sending", time.Second},
		"no mass sends left":    {`{"errcode":45028}`, massVerdict{state: "failed", onward: true, closed: tomorrow}, "sending", time.Second},
		"too short a list":      {`{"errcode":40130}`, massVerdict{state: "failed", onward: true}, "sending", time.Second},
		"nobody is known":       {`{"errcode":40003}`, massVerdict{state: "failed", onward: true}, "sending", time.Second},
		"too long a text":       {`{"errcode":45002}`, massVerdict{state: "failed", pause: true}, "sending", time.Second},
		"the API is not given":  {`{"errcode":48001}`, massVerdict{state: "ready", pause: true}, "sending", time.Second},
		"the API is taken away": {`{"errcode":50002}`, massVerdict{state: "ready", pause: true}, "sending", time.Second},
		"from another address":  {`{"errcode":40164}`, massVerdict{state: "ready", stop: true}, "sending", time.Second},
		"the day's calls":       {`{"errcode":45009}`, massVerdict{state: "ready", closed: midnight.Add(5*time.Second + 30*time.Second)}, "sending", midnight.Sub(noon)},
		"the minute's calls":    {`{"errcode":45011}`, massVerdict{state: "ready", closed: noon.Add(75 * time.Second)}, "sending", time.Minute},
	} {
		id, err := answered(t, c.answer)
		v := judgeMass(id, err, 1, false, noon, 0.5)
		if v.state != model.MassSent {
			require.GreaterOrEqual(t, v.due.Sub(noon), c.after, name)
		}
		v.reason, v.due, v.closed = "", time.Time{}, v.closed.UTC()
		require.Equal(t, c.first, v, name)
		again := judgeMass(id, err, 2, true, noon, 0.5)
		require.Equal(t, c.again, again.state, name)
		require.False(t, again.onward && again.state != model.MassFailed, name)
	}
	v := judgeMass("", &wechat.Error{Reaction: wechat.ReactRetryLater, Reason: "circuit_open"}, 1, false, noon, 0)
	require.Equal(t, model.MassReady, v.state, "it never left")
	require.True(t, v.uncounted)
	near := judgeMass("", &wechat.Error{Reaction: wechat.ReactRetryLater, Reason: "circuit_open"}, 1, false, noon, 0).due
	far := judgeMass("", &wechat.Error{Reaction: wechat.ReactRetryLater, Reason: "circuit_open"}, 9, false, noon, 0).due
	require.Greater(t, far.Sub(noon), 10*near.Sub(noon), "ever later while the network is away")
}

func TestMassOpens(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 11, 29, 16, 0, 0, 0, time.UTC) // the 30th in Beijing
	month := day.Add(24 * time.Hour)
	for name, c := range map[string]struct {
		account model.MassAccount
		at, to  time.Time
	}{
		"nothing stands against it":            {model.MassAccount{}, day, day},
		"yesterday's calls do not count":       {model.MassAccount{Day: 20261129, Calls: 100}, day, day},
		"a hundred calls are a day's":          {model.MassAccount{Day: 20261130, Calls: 100}, day, month.Add(afterMidnight)},
		"one is left":                          {model.MassAccount{Day: 20261130, Calls: 99}, day, day},
		"the month is about to end":            {model.MassAccount{}, month.Add(-time.Minute), month.Add(afterMidnight)},
		"a day that ends in a month is no end": {model.MassAccount{}, day.Add(-time.Minute), day.Add(-time.Minute)},
		"WeChat said later":                    {model.MassAccount{ClosedUntil: day.Add(time.Hour).UnixMilli()}, day, day.Add(time.Hour)},
	} {
		require.WithinDuration(t, c.to, massOpens(c.account, c.at), 0, name)
	}
	require.EqualValues(t, 202611, model.MassMonth(month.Add(-time.Second)))
	require.EqualValues(t, 202612, model.MassMonth(month))
	require.EqualValues(t, 20261201, model.MassDay(month))
	require.EqualValues(t, 202701, model.MassMonth(time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC)))
}

func TestStepsOf_sayOfRecipientsOnlyWhatWeChatTold(t *testing.T) {
	t.Parallel()
	last := func(j model.MassJob) step {
		all := stepsOf(j)
		return all[len(all)-1]
	}
	for name, c := range map[string]struct {
		job  model.MassJob
		want step
	}{
		"taken":                {model.MassJob{State: model.MassSent}, step{from: "queued", to: "accepted", reason: "ration_left", show: true}},
		"all were reached":     {model.MassJob{State: model.MassDone, Counted: true, Members: 3, Sent: 3}, step{from: "accepted", to: "delivered", reason: "ration_left"}},
		"some were":            {model.MassJob{State: model.MassDone, Counted: true, Members: 3, Sent: 2, Reason: "not_all_reached"}, step{from: "accepted", to: "accepted", reason: "not_all_reached"}},
		"nobody counted":       {model.MassJob{State: model.MassDone}, step{from: "queued", to: "accepted", reason: "ration_left", show: true}},
		"WeChat judged it":     {model.MassJob{State: model.MassFailed, Reason: "judged_advertising"}, step{from: "accepted", to: "refused", reason: "judged_advertising", mend: true, back: true}},
		"no mass sends left":   {model.MassJob{State: model.MassFailed, Onward: true}, step{from: "queued", reason: "", back: true}},
		"it never told":        {model.MassJob{State: model.MassUnknown, Reason: "no_result"}, step{from: "accepted", to: "unknown", reason: "no_result", mend: true}},
		"nobody was left":      {model.MassJob{State: model.MassDropped}, step{from: "queued", back: true}},
		"it may have been one": {model.MassJob{State: model.MassDone, Counted: true, Members: 2, Sent: 3}, step{from: "accepted", to: "delivered", reason: "ration_left"}},
	} {
		got := last(c.job)
		if c.want.to == "" {
			got.reason = ""
		}
		require.Equal(t, c.want, got, name)
	}
	require.Empty(t, stepsOf(model.MassJob{State: model.MassReady}))
}
