package metrics

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// msgTypes are the kinds of pushes that have a figure of their own: what a sender makes up shall not make labels.
func msgTypes() []string {
	return []string{"text", "image", "voice", "video", "shortvideo", "location", "link", "event"}
}

func known(word string, words []string) string {
	if slices.Contains(words, word) {
		return word
	}
	return "other"
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
}

func histogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets})
}

func histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
}
