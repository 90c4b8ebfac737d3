package metrics

import (
	"maps"
	"sync"
	"sync/atomic"
)

// resolved remembers what was made for each key. Looking up a known one takes no lock and allocates nothing, which the
// library's own look-up by labels does. Nothing is ever forgotten: keys are of a bounded set.
type resolved[K comparable, V any] struct {
	create func(K) V
	lock   sync.Mutex
	// known is replaced as a whole, never changed.
	known atomic.Pointer[map[K]V]
}

func newResolved[K comparable, V any](create func(K) V) *resolved[K, V] {
	r := &resolved[K, V]{create: create}
	r.known.Store(&map[K]V{})
	return r
}

func (r *resolved[K, V]) get(key K) V {
	if value, known := (*r.known.Load())[key]; known {
		return value
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	if value, known := (*r.known.Load())[key]; known {
		return value
	}
	more := maps.Clone(*r.known.Load())
	value := r.create(key)
	more[key] = value
	r.known.Store(&more)
	return value
}
