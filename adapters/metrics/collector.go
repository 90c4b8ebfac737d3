package metrics

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/journey-os/journey-api/core/health"
)

const (
	// maxKeys bounds the keys with a series of their own, whatever the endpoint publishes; all of them are counted.
	maxKeys = 20
	// maxKeyIDBytes bounds the label; Supabase's kids are UUIDs of 36.
	maxKeyIDBytes = 64
)

// collector turns a Snapshot into metrics at each scrape, so that nothing is counted twice and nothing runs between
// scrapes.
type collector struct {
	snapshot func() Snapshot

	activeRequests, activeRequestsLimit             *prometheus.Desc
	ready, draining                                 *prometheus.Desc
	dependencyUp, dependencyLatency                 *prometheus.Desc
	keys, keyAge                                    *prometheus.Desc
	endpointOK, endpointSinceSuccess, keyFetches    *prometheus.Desc
	cacheHits, cacheMisses, cacheEntries, cacheSize *prometheus.Desc
	poolInUse, poolCapacity                         *prometheus.Desc
	logLinesDropped                                 *prometheus.Desc
}

func newCollector(snapshot func() Snapshot) *collector {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &collector{
		snapshot:             snapshot,
		activeRequests:       describe("http_server_active_requests", "Requests being served, beside probes."),
		activeRequestsLimit:  describe("http_server_active_requests_limit", "How many requests may be served at once (MAX_IN_FLIGHT)."),
		ready:                describe("journey_api_ready", "1 if /health/ready answers 200, else 0."),
		draining:             describe("journey_api_draining", "1 once the service is stopping, else 0."),
		dependencyUp:         describe("journey_api_dependency_up", "1 if the last result of the probe is good, 0 if it is not or is too old; absent before the first.", "dependency"),
		dependencyLatency:    describe("journey_api_dependency_probe_latency_seconds", "What the last probe took; absent while the dependency is down.", "dependency"),
		keys:                 describe("journey_api_signing_keys", "Published signing keys in use."),
		keyAge:               describe("journey_api_signing_key_age_seconds", "How long this copy of the service has known a published signing key.", "kid", "algorithm"),
		endpointOK:           describe("journey_api_key_endpoint_ok", "1 if the last fetch of the signing keys brought some, or none are needed, else 0."),
		endpointSinceSuccess: describe("journey_api_key_endpoint_since_success_seconds", "Age of the last good answer with signing keys; absent if there was none."),
		keyFetches:           describe("journey_api_key_fetches_total", "Fetches of the signing keys that have ended, by result: ok or failed.", "result"),
		cacheHits:            describe("journey_api_cache_hits_total", "Look-ups that a cache answered.", "cache"),
		cacheMisses:          describe("journey_api_cache_misses_total", "Look-ups that a cache could not answer.", "cache"),
		cacheEntries:         describe("journey_api_cache_entries", "Entries that a cache holds.", "cache"),
		cacheSize:            describe("journey_api_cache_capacity", "Entries that a cache may hold.", "cache"),
		poolInUse:            describe("journey_api_pool_in_use", "How much of a pool is in use.", "pool"),
		poolCapacity:         describe("journey_api_pool_capacity", "How much of a pool may be in use; absent if nothing bounds it.", "pool"),
		logLinesDropped:      describe("journey_api_log_lines_dropped_total", "Lines of the log that were dropped because stdout could not be written."),
	}
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{
		c.activeRequests, c.activeRequestsLimit, c.ready, c.draining, c.dependencyUp, c.dependencyLatency, c.keys, c.keyAge,
		c.endpointOK, c.endpointSinceSuccess, c.keyFetches, c.cacheHits, c.cacheMisses, c.cacheEntries, c.cacheSize,
		c.poolInUse, c.poolCapacity, c.logLinesDropped,
	} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	now, scrape := c.snapshot(), scrape{to}
	scrape.gauge(c.activeRequests, float64(now.ActiveRequests))
	scrape.gauge(c.activeRequestsLimit, float64(now.ActiveRequestsLimit))
	scrape.gauge(c.ready, boolValue(now.Ready))
	scrape.gauge(c.draining, boolValue(now.Draining))
	for _, dependency := range now.Dependencies {
		isUp := dependency.Status == health.StatusOK
		scrape.gauge(c.dependencyUp, boolValue(isUp), dependency.Name)
		if isUp {
			scrape.gauge(c.dependencyLatency, dependency.Latency.Seconds(), dependency.Name)
		}
	}
	scrape.counter(c.logLinesDropped, float64(now.LogLinesDropped))
	c.collectKeys(scrape, now)
	for _, cache := range now.Caches {
		scrape.counter(c.cacheHits, float64(cache.Hits), cache.Name)
		scrape.counter(c.cacheMisses, float64(cache.Misses), cache.Name)
		scrape.gauge(c.cacheEntries, float64(cache.Entries), cache.Name)
		scrape.gauge(c.cacheSize, float64(cache.Capacity), cache.Name)
	}
	for _, pool := range now.Pools {
		scrape.gauge(c.poolInUse, float64(pool.InUse), pool.Name)
		if pool.Capacity > 0 {
			scrape.gauge(c.poolCapacity, float64(pool.Capacity), pool.Name)
		}
	}
}

func (c *collector) collectKeys(scrape scrape, now Snapshot) {
	scrape.gauge(c.keys, float64(len(now.Keys)))
	told := map[health.SigningKey]bool{}
	for _, key := range now.Keys[:min(len(now.Keys), maxKeys)] {
		label := health.SigningKey{ID: keyLabel(key.ID), Algorithm: key.Algorithm}
		if !told[label] { // two kids may be the same once they are cut, and a series told twice spoils the scrape
			scrape.gauge(c.keyAge, key.Age.Seconds(), label.ID, label.Algorithm)
		}
		told[label] = true
	}
	scrape.gauge(c.endpointOK, boolValue(now.KeyEndpoint.OK))
	if now.KeyEndpoint.SinceSuccess > 0 {
		scrape.gauge(c.endpointSinceSuccess, now.KeyEndpoint.SinceSuccess.Seconds())
	}
	scrape.counter(c.keyFetches, float64(now.KeyEndpoint.Succeeded), "ok")
	scrape.counter(c.keyFetches, float64(now.KeyEndpoint.Failed), "failed")
}

// keyLabel returns a kid as a label, shortened and made valid UTF-8, since the endpoint may publish any text.
func keyLabel(id string) string {
	return strings.ToValidUTF8(id[:min(len(id), maxKeyIDBytes)], "")
}

func boolValue(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// scrape receives the metrics of one scrape.
type scrape struct{ to chan<- prometheus.Metric }

func (s scrape) gauge(desc *prometheus.Desc, value float64, labels ...string) {
	s.to <- metric(desc, prometheus.GaugeValue, value, labels)
}

func (s scrape) counter(desc *prometheus.Desc, value float64, labels ...string) {
	s.to <- metric(desc, prometheus.CounterValue, value, labels)
}

// metric returns a metric. One that can't be made fails the scrape, not the service.
func metric(desc *prometheus.Desc, kind prometheus.ValueType, value float64, labels []string) prometheus.Metric {
	made, err := prometheus.NewConstMetric(desc, kind, value, labels...)
	if err != nil {
		return prometheus.NewInvalidMetric(desc, err)
	}
	return made
}
