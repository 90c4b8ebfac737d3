package metrics

import (
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// namespace begins the name of every metric that is the service's own.
const namespace = "journey_api_"

// Figure is one number of an engine: one series.
type Figure struct {
	// Name is the metric's name without journey_api_: mastery_answers_total. All figures of a name have the same Help
	// and the same label names.
	Name, Help string
	// IsCounter reports whether the number only grows while the service runs; its name then ends in _total.
	IsCounter bool
	// Labels have values of bounded sets, whatever callers send. Nil if there are none.
	Labels map[string]string
	Value  float64
}

// figureCollector exports the figures at each scrape. It describes nothing in advance, as Prometheus' library allows,
// since this package does not know the engines. A figure that contradicts another fails the scrape.
type figureCollector struct{ figures func() []Figure }

// Describe implements prometheus.Collector.
func (figureCollector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c figureCollector) Collect(to chan<- prometheus.Metric) {
	for _, figure := range c.figures() {
		labels := slices.Sorted(maps.Keys(figure.Labels))
		values := make([]string, len(labels))
		for i, label := range labels {
			values[i] = figure.Labels[label]
		}
		kind := prometheus.GaugeValue
		if figure.IsCounter {
			kind = prometheus.CounterValue
		}
		to <- metric(prometheus.NewDesc(namespace+figure.Name, figure.Help, labels, nil), kind, figure.Value, values)
	}
}
