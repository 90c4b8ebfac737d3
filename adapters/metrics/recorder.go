// Package metrics exports the service's metrics to Prometheus: events that bootstrap reports (requests, changes of a
// dependency's state), and a Snapshot that is taken at each scrape. Every label is one of a bounded set, whatever
// callers send. No other package imports Prometheus' library.
package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/health"
)

// Request is one request that was answered. Its strings must be of bounded sets, since each becomes a label.
type Request struct {
	// Method is "" if the request could not be read.
	Method string
	// Route is the pattern that matched, or one word for all requests that matched none.
	Route    string
	Status   int
	Duration time.Duration
	// Authentication is the outcome of the token's check, "" if no token was checked.
	Authentication string
}

// Recorder counts requests and changes of dependencies. It may be used by many goroutines at once.
type Recorder struct {
	registry          *prometheus.Registry
	durations         *prometheus.HistogramVec
	authentications   *prometheus.CounterVec
	dependencyChanges *prometheus.CounterVec
}

// Config configures a Recorder. Everything but Figures is required.
type Config struct {
	Version, GoVersion string
	// Dependencies are the names of all dependencies.
	Dependencies []string
	// Snapshot is called at each scrape, by several goroutines at once.
	Snapshot func() Snapshot
	// Figures, if set, returns the engines' figures. It is called in the same way as Snapshot.
	Figures func() []Figure
}

// New makes a Recorder with a registry of its own, so that no library can add to what it exports.
func New(config Config) *Recorder {
	r := &Recorder{
		registry: prometheus.NewRegistry(),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "http_server_request_duration_seconds",
			Help:    "Time from a request understood to its reply made, by route pattern.",
			Buckets: durationBuckets(),
		}, []string{"http_request_method", "http_route", "http_response_status_code"}),
		authentications: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "journey_api_authentications_total",
			Help: "Requests whose token was looked at, by outcome: ok, or the reason of the refusal.",
		}, []string{"outcome"}),
		dependencyChanges: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "journey_api_dependency_changes_total",
			Help: "Changes of a dependency's state, the first one included: ok, or what is wrong with it.",
		}, []string{"dependency", "state"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "journey_api_build_info",
		Help:        "Always 1; the labels say what was built.",
		ConstLabels: prometheus.Labels{"version": config.Version, "goversion": config.GoVersion},
	})
	build.Set(1)
	r.registry.MustRegister(
		r.durations, r.authentications, r.dependencyChanges, build, newCollector(config.Snapshot),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	if config.Figures != nil {
		r.registry.MustRegister(figureCollector{config.Figures})
	}
	r.startAtZero(config.Dependencies)
	return r
}

// durationBuckets are those of OpenTelemetry's conventions for HTTP servers, and one for the replies of a warm copy.
func durationBuckets() []float64 {
	return []float64{0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
}

// startAtZero creates the series whose first event matters: Prometheus sees no increase in a series that begins at 1.
func (r *Recorder) startAtZero(dependencies []string) {
	r.authentications.WithLabelValues("ok")
	for _, name := range dependencies {
		r.dependencyChanges.WithLabelValues(name, string(health.StatusOK))
		for _, fault := range core.Faults() {
			r.dependencyChanges.WithLabelValues(name, string(fault))
		}
	}
}

// Request counts a request.
func (r *Recorder) Request(seen Request) {
	r.durations.WithLabelValues(seen.Method, seen.Route, strconv.Itoa(seen.Status)).Observe(seen.Duration.Seconds())
	if seen.Authentication != "" {
		r.authentications.WithLabelValues(seen.Authentication).Inc()
	}
}

// DependencyChanged counts a dependency's first state and each change of it.
func (r *Recorder) DependencyChanged(dependency health.Dependency) {
	state := string(health.StatusOK)
	if dependency.Status != health.StatusOK {
		state = string(dependency.Fault)
	}
	r.dependencyChanges.WithLabelValues(dependency.Name, state).Inc()
}
