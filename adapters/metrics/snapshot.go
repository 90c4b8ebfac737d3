package metrics

import (
	"time"

	"github.com/journey-os/journey-api/core/health"
)

// Snapshot is what the other parts of the service know of themselves at one moment.
type Snapshot struct {
	// ActiveRequests are being served, beside probes; ActiveRequestsLimit bounds them.
	ActiveRequests, ActiveRequestsLimit int
	// Ready is what the readiness probe answers.
	Ready, Draining bool
	// Dependencies are those that were checked at least once.
	Dependencies []health.Dependency
	// Keys are the published keys in use.
	Keys        []health.SigningKey
	KeyEndpoint KeyEndpoint
	Caches      []health.Cache
	Pools       []health.Pool
	// LogLinesDropped counts the lines of the log that nobody read in time.
	LogLinesDropped uint64
}

// KeyEndpoint is how fetching the keys goes.
type KeyEndpoint struct {
	// OK reports whether the last fetch brought keys, or that none are needed.
	OK bool
	// SinceSuccess is the age of the last good answer; zero if there was none.
	SinceSuccess time.Duration
	// Succeeded and Failed count the fetches that have ended.
	Succeeded, Failed uint64
}
