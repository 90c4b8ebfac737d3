package jwtauth

import (
	"slices"
	"time"
)

// apply lets an answer count, and returns what is to be told of it once the lock is given back. A good answer with keys
// is the truth. One without keys is too, as long as there never were any: it is what a project with only HS256 publishes.
// After that it is taken for a fault of the endpoint, as nobody would lock all users out on purpose.
func (m *keyManager) apply(f *flight, a answer) (tell func()) {
	now := time.Now()
	if a.fault == "" && len(a.keys) == 0 && m.hadKeys {
		a.fault = FaultNoKeys
		if len(a.ignored) > 0 {
			a.fault = FaultNoUsableKey
		}
	}
	m.fault = a.fault
	left := false
	if a.fault == "" {
		left = m.succeed(f, a.keys, now)
	} else {
		m.fail(f)
	}
	m.next = now.Add(m.spacing())
	m.refresh = now.Add(max(fetchSpacing, jittered(min(refreshInterval, m.maxStale/2))))
	return m.report(left, a)
}

// succeed replaces the set and says whether a key has left it. A key that stays is the same pointer.
func (m *keyManager) succeed(f *flight, published []*publicKey, now time.Time) (left bool) {
	set := &keySet{keys: make(map[string]*publicKey, len(published)), began: f.began, freshUntil: m.now().Add(m.maxStale)}
	old := m.current.Load()
	for _, key := range published {
		key.known = now
		if old != nil && old.keys[key.id] != nil && old.keys[key.id].equal(key) {
			key = old.keys[key.id]
		}
		set.keys[key.id] = key
	}
	if old != nil {
		for id, key := range old.keys {
			left = left || set.keys[id] != key
		}
	}
	m.current.Store(set)
	m.checked = f.asked // the ones that are known by now do no harm in there: known comes first
	m.hadKeys = m.hadKeys || len(set.keys) > 0
	m.failures = 0
	m.succeeded++
	m.lastSuccess = now
	return left
}

// fail leaves the set as it is. Who was asked for is still asked for.
func (m *keyManager) fail(f *flight) {
	m.failed++
	m.failures++
	for id := range f.asked {
		if len(m.asked) < maxAskedKeys {
			m.asked[id] = struct{}{}
		}
	}
}

func (m *keyManager) report(left bool, a answer) func() {
	state, fault := m.state(), m.fault
	changed := state != m.toldState || fault != m.toldFault
	m.toldState, m.toldFault = state, fault
	var news []IgnoredKey
	if a.fault == "" || a.fault == FaultNoUsableKey {
		for _, key := range a.ignored {
			if !slices.Contains(m.ignored, key) && !slices.Contains(news, key) {
				news = append(news, key)
			}
		}
		m.ignored = a.ignored
	}
	return func() {
		if left {
			m.keysLeft()
		}
		if changed {
			m.changed(state, fault)
		}
		for _, key := range news {
			m.ignore(key)
		}
	}
}

// state is that of the endpoint now: keys go stale without anything happening.
func (m *keyManager) state() KeyEndpointState {
	set := m.current.Load()
	switch {
	case m.hadKeys && !m.now().Before(set.freshUntil):
		return KeyEndpointStale
	case m.fault != "":
		return KeyEndpointFailing
	case set == nil:
		return KeyEndpointNeverFetched
	case len(set.keys) == 0:
		return KeyEndpointNoKeys
	default:
		return KeyEndpointOK
	}
}
