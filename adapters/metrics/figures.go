package metrics

import (
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// namespace begins the name of every metric that is the service's own.
const namespace = "journey_api_"

// Figure is one number that an engine knows of itself: one series.
type Figure struct {
	// Name is the metric's, less journey_api_: mastery_answers_total. All figures of a name have the same Help and the same
	// names of labels.
	Name, Help string
	// IsCounter marks what only grows while the service runs; its name ends in _total.
	IsCounter bool
	// Labels are of a bounded set each, whatever callers send. Nil if Name says it all.
	Labels map[string]string
	Value  float64
}

// figureCollector exports what Figures tells at each scrape. It describes nothing in advance, as Prometheus' library
// allows: what engines there are is not this package's business. A figure that contradicts another fails the scrape.
type figureCollector struct{ figures func() []Figure }

// Describe is prometheus.Collector's.
func (figureCollector) Describe(chan<- *prometheus.Desc) {}

// Collect is prometheus.Collector's.
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
