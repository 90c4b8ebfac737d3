package health

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/journey-os/journey-api/core"
)

// Report returns what is known now. It waits only before a dependency's first result, 250 ms at most.
func (m *Monitor) Report(ctx context.Context) Report {
	m.awaitFirst(ctx)
	now := m.config.Now()
	dependencies := make([]Dependency, len(m.watches))
	for i, w := range m.watches {
		dependencies[i] = w.at(now)
	}
	return Report{
		Status:       OverallStatus(dependencies, m.isRequired),
		Version:      m.config.Version,
		Timestamp:    now.UTC(),
		Uptime:       now.Sub(m.started),
		Dependencies: dependencies,
	}
}

// LastResults returns the last result of each dependency that was checked at least once. It never waits.
func (m *Monitor) LastResults() []Dependency {
	now := m.config.Now()
	var known []Dependency
	for _, w := range m.watches {
		if w.last.Load() != nil {
			known = append(known, w.at(now))
		}
	}
	return known
}

// Ready returns nil if the service can take requests. Its errors have CodeUnavailable: core.ReasonStarting until each
// required dependency has been checked once, then core.ReasonDependencyUnavailable while one of them is down.
func (m *Monitor) Ready() error {
	now := m.config.Now()
	for _, w := range m.watches {
		if !m.isRequired(w.name) {
			continue
		}
		if w.last.Load() == nil {
			return core.NewUnavailableError(core.ReasonStarting, "The service is starting", readyRetryAfter)
		}
		if dependency := w.at(now); dependency.Status != StatusOK {
			return core.NewUnavailableError(core.ReasonDependencyUnavailable, "A dependency is unavailable", readyRetryAfter).
				WithCause(fmt.Errorf("%s: %w", w.name, dependency.Cause))
		}
	}
	return nil
}

func (m *Monitor) isRequired(name string) bool { return slices.Contains(m.config.Required, name) }

// at returns the state at now: the last outcome until it expires.
func (w *watch) at(now time.Time) Dependency {
	last := w.last.Load()
	switch {
	case last == nil:
		return Dependency{Name: w.name, Status: StatusError, Fault: core.FaultTimedOut, Cause: errNotCheckedYet}
	case now.After(last.expires):
		return Dependency{Name: w.name, Status: StatusError, Fault: core.FaultTimedOut, Cause: errExpired}
	default:
		return last.dependency
	}
}
