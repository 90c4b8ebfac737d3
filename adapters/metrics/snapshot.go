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
	Keys        []Key
	KeyEndpoint KeyEndpoint
	Caches      []Cache
	Pools       []Pool
	// LogLinesDropped counts the lines of the log that nobody read in time.
	LogLinesDropped uint64
}

// Key is one published signing key.
type Key struct {
	ID, Algorithm string
	// Age is how long this copy of the service has known it.
	Age time.Duration
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

// Cache is how full a cache is and what it was good for.
type Cache struct {
	Name              string
	Entries, Capacity int
	Hits, Misses      uint64
}

// Pool is how much of a thing is in use; Capacity is 0 if nothing bounds it.
type Pool struct {
	Name            string
	InUse, Capacity int
}
