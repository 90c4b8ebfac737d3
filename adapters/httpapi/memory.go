package httpapi

const (
	// connectionsPerRequest is how many connections are served for each request that may be in flight: most of them idle,
	// some slow. An open one takes about 27 KiB, or less if it has never sent anything.
	connectionsPerRequest = 4
	// memoryAtStart is the memory of the whole service before its first request, in bytes.
	memoryAtStart = 22 << 20
	// An open connection takes headCopies times the longest head, as received and as parsed, and memoryOfConnection
	// besides, in bytes: stack, buffers for replies and for the first smallBody bytes of a body. A test measures both.
	headCopies         = 3
	memoryOfConnection = 20 << 10
)

// MostMemory is how much memory callers can make the service hold, in bytes, before the garbage collector's own share:
// every connection open in the middle of a request, and the whole budget for bodies used. The memory of engines and
// stores comes on top of it.
func (c Config) MostMemory() int {
	connections := (connectionsPerRequest + 1) * c.MaxInFlight
	return memoryAtStart + connections*(headCopies*c.MaxHeaderBytes+memoryOfConnection) + newBodyBudget(c).most
}
