package keyring

import (
	"slices"
	"time"
)

// apply applies an answer, and returns the reports to make once the lock is released. A good answer with keys replaces
// the set. So does one without keys as long as there never were any: a project with only HS256 publishes that. Later it
// counts as a fault of the endpoint, since nobody would lock out all users on purpose.
func (r *Ring) apply(f *flight, a answer) (tell func()) {
	now := time.Now()
	if a.fault == "" && len(a.keys) == 0 && r.hadKeys {
		a.fault = FaultNoKeys
		if len(a.ignored) > 0 {
			a.fault = FaultNoUsableKey
		}
	}
	r.fault = a.fault
	left := false
	if a.fault == "" {
		left = r.succeed(f, a.keys, now)
	} else {
		r.fail(f)
	}
	r.next = now.Add(r.spacing())
	r.refresh = now.Add(max(fetchSpacing, jittered(min(refreshInterval, r.maxStale/2))))
	return r.report(left, a)
}

// succeed replaces the set and reports whether a key has left it. A key that stays is the same pointer.
func (r *Ring) succeed(f *flight, published []*Key, now time.Time) (left bool) {
	set := &keySet{keys: make(map[string]*Key, len(published)), began: f.began, freshUntil: r.now().Add(r.maxStale)}
	old := r.current.Load()
	for _, key := range published {
		key.known = now
		if old != nil && old.keys[key.ID] != nil && old.keys[key.ID].equal(key) {
			key = old.keys[key.ID]
		}
		set.keys[key.ID] = key
	}
	if old != nil {
		for id, key := range old.keys {
			left = left || set.keys[id] != key
		}
	}
	r.current.Store(set)
	r.checked = f.asked // the ones that are known by now do no harm in there: known comes first
	r.hadKeys = r.hadKeys || len(set.keys) > 0
	r.failures = 0
	r.succeeded++
	r.lastSuccess = now
	return left
}

// fail leaves the set as it is. The kids asked for stay asked for.
func (r *Ring) fail(f *flight) {
	r.failed++
	r.failures++
	for id := range f.asked {
		if len(r.asked) < maxAsked {
			r.asked[id] = struct{}{}
		}
	}
}

func (r *Ring) report(left bool, a answer) func() {
	state, fault := r.state(), r.fault
	changed := state != r.toldState || fault != r.toldFault
	r.toldState, r.toldFault = state, fault
	var news []IgnoredKey
	if a.fault == "" || a.fault == FaultNoUsableKey {
		for _, key := range a.ignored {
			if !slices.Contains(r.ignored, key) && !slices.Contains(news, key) {
				news = append(news, key)
			}
		}
		r.ignored = a.ignored
	}
	return func() {
		if left {
			r.keyRemoved()
		}
		if changed {
			r.changed(state, fault)
		}
		for _, key := range news {
			r.ignore(key)
		}
	}
}

// state returns the endpoint's state now: keys go stale by time alone.
func (r *Ring) state() EndpointState {
	set := r.current.Load()
	switch {
	case r.hadKeys && !r.now().Before(set.freshUntil):
		return EndpointStale
	case r.fault != "":
		return EndpointFailing
	case set == nil:
		return EndpointNeverFetched
	case len(set.keys) == 0:
		return EndpointNoKeys
	default:
		return EndpointOK
	}
}
