// Package metrics counts what the rooms report and shows it to Prometheus. Labels are routes, states and stable words,
// never people.
package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is the observer of every room. Each method fits the Observer interface of one of them.
type Metrics struct {
	registry *prometheus.Registry

	callbacks  *prometheus.HistogramVec
	batch      prometheus.Histogram
	accept     prometheus.Histogram
	backlog    prometheus.Gauge
	backlogAge prometheus.Gauge
	aside      *prometheus.CounterVec
	drained    prometheus.Counter
	deliveries *prometheus.CounterVec
	refusals   *prometheus.CounterVec
	calls      *prometheus.HistogramVec
	errcodes   *prometheus.CounterVec
	tokens     *prometheus.CounterVec
	media      *prometheus.CounterVec
	held       *prometheus.CounterVec
	runs       *prometheus.HistogramVec
}

// New makes the figures.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		callbacks: histograms("liuke_callback_seconds", "Time to answer a push, by status.",
			[]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}, "status"),
		batch:      histogram("liuke_accept_batch_size", "Pushes stored by one commit.", []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}),
		accept:     histogram("liuke_accept_commit_seconds", "Time of one commit of pushes.", []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}),
		backlog:    gauge("liuke_push_backlog", "Pushes stored and not yet worked off."),
		backlogAge: gauge("liuke_push_backlog_age_seconds", "Age of the oldest of them."),
		aside:      counters("liuke_pushes_set_aside_total", "Pushes set aside after bounded tries.", "msg_type"),
		drained:    counter("liuke_journal_drained_total", "Pushes that went from the journal into the database."),
		deliveries: counters("liuke_deliveries_total", "State changes of what is sent.", "purpose", "state"),
		refusals:   counters("liuke_allowance_refusals_total", "Sends that had to wait for a window.", "reason"),
		calls: histograms("liuke_wechat_call_seconds", "Time of one call to WeChat.",
			[]float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 8}, "api", "outcome"),
		errcodes: counters("liuke_wechat_errcodes_total", "WeChat's errcodes that are not 0.", "api", "errcode"),
		tokens:   counters("liuke_wechat_token_refreshes_total", "Access tokens fetched.", "forced"),
		media:    counters("liuke_media_fetches_total", "Tries to fetch inbound media.", "kind", "state", "reason"),
		held:     counters("liuke_calls_refused_total", "Calls answered 429, by whose limit was reached.", "limit"),
		runs: histograms("liuke_loop_seconds", "Time of one run of a loop.",
			[]float64{.001, .01, .1, 1, 10}, "loop", "failed"),
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.callbacks, m.batch, m.accept, m.backlog, m.backlogAge, m.aside, m.drained, m.deliveries, m.refusals, m.calls, m.errcodes,
		m.tokens, m.media, m.held, m.runs)
	return m
}

// Handler shows the figures.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Watch shows a figure that is asked for when it is needed.
func (m *Metrics) Watch(name, help string, f func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, f))
}

// Callback reports the answer to a push.
func (m *Metrics) Callback(status int, took time.Duration) {
	m.callbacks.WithLabelValues(strconv.Itoa(status)).Observe(took.Seconds())
}

// AcceptBatch reports one commit of pushes.
func (m *Metrics) AcceptBatch(size int, took time.Duration) {
	m.batch.Observe(float64(size))
	m.accept.Observe(took.Seconds())
}

// PushSetAside reports a push that could not be worked off.
func (m *Metrics) PushSetAside(msgType string) {
	m.aside.WithLabelValues(known(msgType, msgTypes())).Inc()
}

// Backlog reports how many pushes wait and how old the oldest is.
func (m *Metrics) Backlog(count int64, oldest time.Duration) {
	m.backlog.Set(float64(count))
	m.backlogAge.Set(oldest.Seconds())
}

// JournalDrained reports pushes that went from the journal into the database.
func (m *Metrics) JournalDrained(count int) { m.drained.Add(float64(count)) }

// Delivered reports a change of state of what is sent.
func (m *Metrics) Delivered(purpose, state, reason string) {
	m.deliveries.WithLabelValues(purpose, state).Inc()
	if state == "pending" {
		m.refusals.WithLabelValues(reason).Inc()
	}
}

// Call reports one request to WeChat.
func (m *Metrics) Call(api string, code int, outcome string, d time.Duration) {
	m.calls.WithLabelValues(api, outcome).Observe(d.Seconds())
	if code != 0 {
		m.errcodes.WithLabelValues(api, strconv.Itoa(code)).Inc()
	}
}

// TokenRefresh reports an access token fetched.
func (m *Metrics) TokenRefresh(_ string, forced bool) {
	m.tokens.WithLabelValues(strconv.FormatBool(forced)).Inc()
}

// Fetched reports one try to fetch inbound media.
func (m *Metrics) Fetched(kind, state, reason string) {
	m.media.WithLabelValues(kind, state, reason).Inc()
}

// Run reports one run of a loop.
func (m *Metrics) Run(loop string, failed bool, d time.Duration) {
	m.runs.WithLabelValues(loop, strconv.FormatBool(failed)).Observe(d.Seconds())
}

// CallRefused reports a call that came too soon.
func (m *Metrics) CallRefused(kind string) { m.held.WithLabelValues(kind).Inc() }
