package metrics

import (
	"time"

	"github.com/journey-os/journey-api/core/health"
)

// Snapshot is the state of the other parts of the service at one moment.
type Snapshot struct {
	// ActiveRequests counts the requests being served, without probes; ActiveRequestsLimit bounds them.
	ActiveRequests, ActiveRequestsLimit int
	// Ready reports whether the readiness probe succeeds.
	Ready, Draining bool
	// Dependencies are the dependencies that were checked at least once.
	Dependencies []health.Dependency
	// Keys are the published keys in use.
	Keys        []health.SigningKey
	KeyEndpoint KeyEndpoint
	Caches      []health.Cache
	Pools       []health.Pool
	// LogLinesDropped counts the log lines that were dropped because stdout was not read in time.
	LogLinesDropped uint64
}

// KeyEndpoint is the state of fetching the keys.
type KeyEndpoint struct {
	// OK reports whether the last fetch brought keys, or none are needed.
	OK bool
	// SinceSuccess is the age of the last good answer; zero if there was none.
	SinceSuccess time.Duration
	// Succeeded and Failed count the fetches that have ended.
	Succeeded, Failed uint64
}
