package health

import "time"

// Pool is how much of a bounded resource is in use; Capacity is 0 if nothing bounds it.
type Pool struct {
	Name            string
	InUse, Capacity int
}

// Cache is how full a cache is, with its hits and misses.
type Cache struct {
	Name              string
	Entries, Capacity int
	Hits, Misses      uint64
}

// SigningKey is a published key that tokens are verified with, by its names and never by its material.
type SigningKey struct {
	ID, Algorithm string
	// Age is how long this copy of the service has known it.
	Age time.Duration
}
