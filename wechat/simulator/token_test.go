package simulator

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (w *world) works(token string) int {
	w.t.Helper()
	return w.call(http.MethodGet, "/cgi-bin/getcallbackip?access_token="+token, nil).code()
}

func TestTheStableTokenStaysTheSameUntilItsLastFiveMinutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.stable(false)
	require.InDelta(t, 7200, first.num("expires_in"), 2)
	w.Advance(6800 * time.Second)
	again := w.stable(false)
	require.Equal(t, first.str("access_token"), again.str("access_token"))
	require.InDelta(t, 400, again.num("expires_in"), 2)
	w.Advance(150 * time.Second)
	next := w.stable(false)
	require.NotEqual(t, first.str("access_token"), next.str("access_token"))
	require.Equal(t, 0, w.works(first.str("access_token")), "both are valid for a while")
	require.Equal(t, 0, w.works(next.str("access_token")))
	w.Advance(300 * time.Second)
	require.Equal(t, 42001, w.works(first.str("access_token")))
	require.Equal(t, 40014, w.works("short"))
	require.Equal(t, 40001, w.works(next.str("access_token")[:135]+"!"))
}

func TestAForcedRefreshKillsTheOldTokenAndIsRare(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetClock(time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC))
	old := w.stable(false).str("access_token")
	fresh := w.stable(true).str("access_token")
	require.NotEqual(t, old, fresh)
	require.Equal(t, 40001, w.works(old))
	require.Equal(t, 0, w.works(fresh))
	require.Equal(t, 45011, w.stable(true).code(), "30 s apart")
	for range 19 {
		w.Advance(31 * time.Second)
		require.Equal(t, 0, w.stable(true).code())
	}
	w.Advance(31 * time.Second)
	require.Equal(t, 45009, w.stable(true).code(), "20 a day")
	require.Equal(t, 0, w.stable(false).code())
	w.Advance(16 * time.Hour)
	require.Equal(t, 0, w.stable(true).code(), "a new day in Beijing")
}

func TestThePlainTokenIsNewEachTimeAndApartFromTheStableOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	get := func() string {
		return w.call(http.MethodGet, "/cgi-bin/token?grant_type=client_credential&appid="+testApp+"&secret="+testSecret, nil).str("access_token")
	}
	stable := w.stable(false).str("access_token")
	first := get()
	second := get()
	require.NotEqual(t, first, second)
	require.Equal(t, 0, w.works(first))
	w.Advance(5*time.Minute + time.Second)
	require.Equal(t, 40001, w.works(first))
	require.Equal(t, 0, w.works(second))
	require.Equal(t, 0, w.works(stable))
	require.NoError(t, w.RevokeTokens(testApp))
	require.Equal(t, 40001, w.works(second))
	require.Equal(t, 40001, w.works(stable))
	require.NotEqual(t, stable, w.stable(false).str("access_token"))
}

func TestWrongCredentialsAreNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for code, in := range map[int]answer{
		40002: {"grant_type": "x", "appid": testApp, "secret": testSecret},
		41002: {"grant_type": "client_credential", "secret": testSecret},
		41004: {"grant_type": "client_credential", "appid": testApp},
		40013: {"grant_type": "client_credential", "appid": "wx", "secret": testSecret},
		40125: {"grant_type": "client_credential", "appid": testApp, "secret": "x"},
	} {
		require.Equal(t, code, w.call(http.MethodPost, "/cgi-bin/stable_token", in).code())
	}
}

func TestQuotasEndTheDayAndTheMinuteByTheBeijingClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetClock(time.Date(2026, 3, 1, 15, 0, 5, 0, time.UTC)) // 23:00 in Beijing
	require.NoError(t, w.SetQuota(testApp, "/cgi-bin/user/get", 4, 2))
	list := func() int { return w.get("/cgi-bin/user/get").code() }
	require.Equal(t, 0, list())
	require.Equal(t, 0, list())
	require.Equal(t, 45011, list())
	w.Advance(time.Minute)
	require.Equal(t, 0, list())
	require.Equal(t, 0, list())
	w.Advance(time.Minute)
	require.Equal(t, 45009, list())
	used := w.post("/cgi-bin/openapi/quota/get", answer{"cgi_path": "/cgi-bin/user/get"})["quota"]
	require.Equal(t, map[string]any{"daily_limit": json.Number("4"), "used": json.Number("4"), "remain": json.Number("0")}, used)
	w.Advance(time.Hour)
	require.Equal(t, 0, list(), "midnight in Beijing has passed")
	for range 10 {
		require.Equal(t, 0, w.post("/cgi-bin/clear_quota", answer{"appid": testApp}).code())
	}
	require.Equal(t, 48006, w.post("/cgi-bin/clear_quota", answer{"appid": testApp}).code())
	require.Equal(t, 48006, w.call(http.MethodPost, "/cgi-bin/clear_quota/v2", answer{"appid": testApp, "appsecret": testSecret}).code())
}

func TestTheUsualQuotasAreThoseOfANewAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get("/cgi-bin/user/get")
	for _, q := range w.Quotas(testApp) {
		if q.Path == "/cgi-bin/user/get" {
			require.Equal(t, Quota{testApp, q.Path, 500, 0, 1, 1}, q)
			return
		}
	}
	require.Fail(t, "the call was not counted")
}

func TestTheJSTicketStaysForItsLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.get("/cgi-bin/ticket/getticket?type=jsapi").str("ticket")
	require.NotEmpty(t, first)
	require.Equal(t, first, w.get("/cgi-bin/ticket/getticket?type=jsapi").str("ticket"))
	w.Advance(7201 * time.Second)
	w.access = ""
	require.NotEqual(t, first, w.get("/cgi-bin/ticket/getticket?type=jsapi").str("ticket"))
}

func TestFaultsSpoilTheCallsTheyFit(t *testing.T) {
	t.Parallel()
	path := "/cgi-bin/message/custom/send"
	send := func(w *world, fan string) (int, string, error) {
		req, err := http.NewRequest(http.MethodPost, w.api.URL+w.with(path), jsonBody(`{"touser":"`+fan+`","msgtype":"text","text":{"content":"x"}}`))
		require.NoError(t, err)
		return roundTrip(req)
	}
	for name, c := range map[string]struct {
		fault  Fault
		status int
		body   string
		cut    bool
		kept   int
	}{
		"any errcode":      {Fault{Kind: FaultCode, Code: 45047}, 200, `{"errcode":45047`, false, 0},
		"busy":             {Fault{Kind: FaultCode, Code: -1}, 200, `{"errcode":-1,"errmsg":"system error rid`, false, 0},
		"gateway":          {Fault{Kind: FaultStatus}, 502, "<html>", false, 0},
		"nonsense":         {Fault{Kind: FaultNonsense}, 200, "<html>", false, 0},
		"cut before":       {Fault{Kind: FaultCutBefore}, 0, "", true, 0},
		"cut after":        {Fault{Kind: FaultCutAfter}, 0, "", true, 1},
		"slow":             {Fault{Kind: FaultSlow, Delay: 20 * time.Millisecond}, 200, `{"errcode":0`, false, 1},
		"another path":     {Fault{Kind: FaultCode, Code: -1, Path: "/cgi-bin/user/get"}, 200, `{"errcode":0`, false, 1},
		"another account":  {Fault{Kind: FaultCode, Code: -1, AppID: otherApp}, 200, `{"errcode":0`, false, 1},
		"only after one":   {Fault{Kind: FaultCode, Code: 40001, After: 1}, 200, `{"errcode":0`, false, 1},
		"this path, by id": {Fault{Kind: FaultCode, Code: 45009, Path: path, AppID: testApp}, 200, `{"errcode":45009`, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			fan := w.fan("a")
			_, err := w.SendText(testApp, fan, "hi")
			require.NoError(t, err)
			w.with(path)
			c.fault.Count = 1
			_, err = w.AddFault(c.fault)
			require.NoError(t, err)
			status, body, err := send(w, fan)
			require.Equal(t, c.cut, err != nil)
			require.Equal(t, c.status, status)
			require.Contains(t, body, c.body)
			require.Len(t, w.Inbox(fan), c.kept)
			calls := w.Calls(path)
			require.Len(t, calls, 1, "every call is seen, also a cut one")
			require.Equal(t, c.status, calls[0].Status)
			if c.kept == 0 {
				require.Empty(t, w.Faults(), "used up")
				status, body, err = send(w, fan)
				require.NoError(t, err)
				require.Equal(t, 200, status)
				require.Contains(t, body, `"errcode":0`)
			}
		})
	}
}

func TestWhatASlowCallDidStaysDoneWhenTheCallerGivesUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fan := w.fan("a")
	_, err := w.SendText(testApp, fan, "hi")
	require.NoError(t, err)
	path := w.with("/cgi-bin/message/custom/send")
	_, err = w.AddFault(Fault{Kind: FaultSlow, Delay: time.Minute, Count: 1})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.api.URL+path, jsonBody(`{"touser":"`+fan+`","msgtype":"text","text":{"content":"x"}}`))
	require.NoError(t, err)
	_, _, err = roundTrip(req)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Eventually(t, func() bool { return len(w.Inbox(fan)) == 1 }, 2*time.Second, time.Millisecond)
	require.Equal(t, "slow", w.Calls("/cgi-bin/message/custom/send")[0].Fault)
}
