package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/service/metrics"
)

func TestMetrics_showWhatWasReported(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	m.Callback(200, time.Millisecond)
	m.AcceptBatch(3, time.Millisecond)
	m.PushSetAside("event")
	m.PushSetAside("made_up_by_a_sender")
	m.Backlog(7, 2*time.Second)
	m.Delivered("reply", "pending", "no_window")
	m.Delivered("reply", "accepted", "")
	m.Call("send", 45015, "give_up", time.Second)
	m.Call("send", 0, "ok", time.Second)
	m.TokenRefresh("wx1", true)
	m.Fetched("image", "ready", "")
	m.Run("inbound.poll", false, time.Second)
	m.Watch("liuke_something", "Something.", func() float64 { return 5 })
	rec := httptest.NewRecorder()
	m.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	for _, line := range []string{
		`liuke_callback_seconds_count{status="200"} 1`,
		"liuke_accept_batch_size_sum 3",
		`liuke_pushes_set_aside_total{msg_type="event"} 1`,
		`liuke_pushes_set_aside_total{msg_type="other"} 1`,
		"liuke_push_backlog 7",
		"liuke_push_backlog_age_seconds 2",
		`liuke_deliveries_total{purpose="reply",state="accepted"} 1`,
		`liuke_allowance_refusals_total{reason="no_window"} 1`,
		`liuke_wechat_errcodes_total{api="send",errcode="45015"} 1`,
		`liuke_wechat_call_seconds_count{api="send",outcome="ok"} 1`,
		`liuke_wechat_token_refreshes_total{forced="true"} 1`,
		`liuke_media_fetches_total{kind="image",reason="",state="ready"} 1`,
		`liuke_loop_seconds_count{failed="false",loop="inbound.poll"} 1`,
		"liuke_something 5",
		"go_goroutines",
	} {
		require.Contains(t, rec.Body.String(), line)
	}
	require.NotContains(t, rec.Body.String(), "wx1")
}
