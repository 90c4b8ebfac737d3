package app

import (
	"net"
	"runtime"

	"github.com/journey-os/journey-api/adapters/debughttp"
	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/adapters/jwtauth/keyring"
	"github.com/journey-os/journey-api/adapters/metrics"
	"github.com/journey-os/journey-api/core/health"
)

// prepareOperators builds the pages of METRICS_ADDR and DEBUG_ADDR, if they are set.
func (a *App) prepareOperators() {
	addresses := a.settings.Observability
	if addresses.MetricsAddress != "" {
		a.metrics = a.newMetrics()
		page := a.operators.add("METRICS_ADDR", "metrics_address", addresses.MetricsAddress, a.metrics.Handler())
		page.server.ReadTimeout = pageHeaderTimeout // nothing here reads a body
	}
	if addresses.DebugAddress != "" {
		page := a.operators.add("DEBUG_ADDR", "debug_address", addresses.DebugAddress, debughttp.New(debughttp.Config{
			Level: a.log.level, LevelChanged: a.log.levelChanged,
		}))
		page.mayListen = isOnLoopback
	}
}

func isOnLoopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

func (a *App) newMetrics() *metrics.Recorder {
	config := metrics.Config{Version: a.version, GoVersion: runtime.Version(), Snapshot: a.measure, Figures: a.figures}
	for _, dependency := range a.dependencies {
		config.Dependencies = append(config.Dependencies, dependency.Name)
	}
	return metrics.New(config)
}

// observer returns the function that counts requests, nil if there are no metrics.
func (a *App) observer() func(httpapi.Observation) {
	if a.metrics == nil {
		return nil
	}
	return func(seen httpapi.Observation) { a.metrics.Request(metrics.Request(seen)) }
}

// dependencyChanged logs and counts a change.
func (a *App) dependencyChanged(dependency health.Dependency) {
	logDependency(a.log.Logger, dependency)
	if a.metrics != nil {
		a.metrics.DependencyChanged(dependency)
	}
}

// measure collects the state of the adapters, for a scrape.
func (a *App) measure() metrics.Snapshot {
	tokens, server := a.verifier.Stats(), a.server.Stats()
	now := metrics.Snapshot{
		ActiveRequests:      server.InFlight,
		ActiveRequestsLimit: server.MaxInFlight,
		Ready:               !server.Draining && a.monitor.Ready() == nil,
		Draining:            server.Draining,
		LogLinesDropped:     a.lines.dropped(),
		Dependencies:        a.monitor.LastResults(),
		KeyEndpoint: metrics.KeyEndpoint{
			OK:           keySourceHealthy(tokens.KeyEndpoint.State),
			SinceSuccess: tokens.KeyEndpoint.SinceSuccess,
			Succeeded:    tokens.KeyEndpoint.Succeeded,
			Failed:       tokens.KeyEndpoint.Failed,
		},
	}
	connections := health.Pool{Name: "connections", InUse: server.Connections, Capacity: server.MaxConnections}
	now.Keys, now.Caches = tokens.Keys, []health.Cache{tokens.Verdicts}
	now.Pools = append([]health.Pool{connections}, a.pools(tokens)...)
	return now
}

// figures returns the figures of the queue and of all engines.
func (a *App) figures() []metrics.Figure {
	all := a.jobFigures()
	for _, engine := range a.engines {
		if engine.Figures != nil {
			all = append(all, engine.Figures()...)
		}
	}
	return all
}

// keySourceHealthy reports whether the last fetch brought keys, or none are needed.
func keySourceHealthy(state keyring.EndpointState) bool {
	switch state {
	case keyring.EndpointOK, keyring.EndpointNoKeys, keyring.EndpointOff:
		return true
	default:
		return false
	}
}

// jobFigures are of the whole database, whichever copy reports them. Each kind has its number of failed jobs, also if
// it is 0.
func (a *App) jobFigures() []metrics.Figure {
	const name, help = "jobs", "Jobs in the background by kind and state; those that are over stay for a while."
	var all []metrics.Figure
	failed := map[string]bool{}
	for _, one := range a.queue.Counts() {
		state := one.State
		if state == "discarded" {
			state = "failed"
			failed[one.Kind] = true
		}
		all = append(all, metrics.Figure{Name: name, Help: help, Labels: map[string]string{"kind": one.Kind, "state": state}, Value: float64(one.Jobs)})
	}
	for _, kind := range a.queue.Kinds() {
		if !failed[kind] {
			all = append(all, metrics.Figure{Name: name, Help: help, Labels: map[string]string{"kind": kind, "state": "failed"}})
		}
	}
	return all
}
