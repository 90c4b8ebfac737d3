package health

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/core"
)

const (
	// firstResultWait is how long a report waits for first results.
	firstResultWait = 250 * time.Millisecond
	// expiryGrace is what a result may be late by, beyond interval and timeout, before it counts as down.
	expiryGrace = 500 * time.Millisecond
	// credentialsPause keeps a wrong password from locking the account: databases count the attempts.
	credentialsPause = 15 * time.Second
	// readyRetryAfter is when a caller who was told "not ready" should ask again.
	readyRetryAfter = time.Second
)

// Config is how a Monitor works. Interval, Timeout and Now are required.
type Config struct {
	// Version is the service's version, as the report shows it.
	Version string
	// Interval is the time between the starts of two checks of one dependency.
	Interval time.Duration
	// Timeout bounds one check.
	Timeout time.Duration
	// Now is the wall clock.
	Now func() time.Time
	// Required names the dependencies that the service can't work without.
	Required []string
	// Changed, if set, is called for each dependency's first state and for each change after it. Each dependency has a
	// goroutine that calls it, so several calls may run at once; the dependency's next check waits for its call.
	Changed func(Dependency)
}

// Monitor checks each dependency in the background, so that a report costs its caller nothing and a thousand callers
// add no check. Each dependency is checked by one goroutine, one check at a time. A check that hangs occupies one
// goroutine more.
type Monitor struct {
	config  Config
	started time.Time
	watches []*watch
}

// watch is one dependency with its last result.
type watch struct {
	checker core.HealthChecker
	name    string
	last    atomic.Pointer[outcome]
	// known is closed by the first outcome.
	known chan struct{}
}

// outcome is what one check found, and until when it counts.
type outcome struct {
	dependency Dependency
	expires    time.Time
}

var (
	errEndedWithoutAnswer = errors.New("the check ended without an answer")
	errHangs              = errors.New("the check has not come back by its deadline")
	errExpired            = errors.New("the last result is too old")
	errNotCheckedYet      = errors.New("not checked yet")
)

// NewMonitor returns a Monitor, which checks nothing until Run. The error is for an interval or a timeout that is not
// positive, a missing clock, two dependencies of one name, and a required one that is not among the checkers.
func NewMonitor(config Config, checkers ...core.HealthChecker) (*Monitor, error) {
	switch {
	case config.Interval <= 0 || config.Timeout <= 0:
		return nil, errors.New("the health interval and timeout must be above zero")
	case config.Now == nil:
		return nil, errors.New("the health monitor needs a clock")
	}
	monitor := &Monitor{config: config, started: config.Now()}
	var names []string
	for _, checker := range checkers {
		name := checker.Name()
		if slices.Contains(names, name) {
			return nil, fmt.Errorf("two dependencies are named %q", name)
		}
		names = append(names, name)
		monitor.watches = append(monitor.watches, &watch{checker: checker, name: name, known: make(chan struct{})})
	}
	for _, name := range config.Required {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("required dependency %q is unknown", name)
		}
	}
	return monitor, nil
}

// Run checks until ctx ends. A check that ignores its deadline is abandoned.
func (m *Monitor) Run(ctx context.Context) {
	var running sync.WaitGroup
	for _, w := range m.watches {
		running.Go(func() { m.keepChecking(ctx, w) })
	}
	running.Wait()
}

func (m *Monitor) awaitFirst(ctx context.Context) {
	if !slices.ContainsFunc(m.watches, func(w *watch) bool { return w.last.Load() == nil }) {
		return
	}
	timer := time.NewTimer(firstResultWait)
	defer timer.Stop()
	for _, w := range m.watches {
		select {
		case <-w.known:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (m *Monitor) keepChecking(ctx context.Context, w *watch) {
	for ctx.Err() == nil {
		began := m.config.Now()
		answer := m.ask(ctx, w.checker)
		answered, err := m.await(ctx, answer)
		if ctx.Err() != nil {
			return // being stopped is no finding
		}
		pause, from := m.config.Interval, began
		if core.FaultOf(err) == core.FaultCredentialsRejected {
			pause, from = max(pause, credentialsPause), m.config.Now()
		}
		m.record(w, err, began, pause)
		if !answered && !wait(ctx, answer) {
			return
		}
		timer := time.NewTimer(from.Add(pause).Sub(m.config.Now()))
		if !wait(ctx, timer.C) {
			timer.Stop()
			return
		}
	}
}

// ask starts one check. The channel always gets its result.
func (m *Monitor) ask(ctx context.Context, checker core.HealthChecker) <-chan error {
	answer := make(chan error, 1)
	go func() {
		err := errEndedWithoutAnswer
		defer func() {
			if cause := recover(); cause != nil {
				err = fmt.Errorf("the check panicked: %v", cause)
			}
			answer <- err
		}()
		ctx, cancel := context.WithTimeout(ctx, m.config.Timeout)
		defer cancel()
		err = checker.Check(ctx)
	}()
	return answer
}

// await returns the check's result, or false if it hangs. The grace lets a check that keeps to its deadline report
// itself what it was waiting for.
func (m *Monitor) await(ctx context.Context, answer <-chan error) (answered bool, err error) {
	timer := time.NewTimer(m.config.Timeout + expiryGrace/2)
	defer timer.Stop()
	select {
	case err := <-answer:
		return true, err
	case <-timer.C:
		return false, core.NewHealthError(core.FaultTimedOut, errHangs)
	case <-ctx.Done():
		// A check that honours its context ends before Run returns.
		leave, cancel := context.WithTimeout(context.WithoutCancel(ctx), expiryGrace)
		defer cancel()
		wait(leave, answer)
		return false, ctx.Err()
	}
}

func (m *Monitor) record(w *watch, err error, began time.Time, pause time.Duration) {
	now := m.config.Now()
	dependency := Dependency{Name: w.name, Status: StatusOK, Latency: now.Sub(began)}
	if err != nil {
		dependency = Dependency{Name: w.name, Status: StatusError, Fault: core.FaultOf(err), Cause: err}
	}
	before := w.last.Swap(&outcome{dependency: dependency, expires: now.Add(pause + m.config.Timeout + expiryGrace)})
	if before == nil {
		close(w.known)
	}
	changed := before == nil || before.dependency.Fault != dependency.Fault
	if changed && m.config.Changed != nil {
		m.config.Changed(dependency)
	}
}

// wait returns true when signal fires and false when ctx ends first.
func wait[T any](ctx context.Context, signal <-chan T) bool {
	select {
	case <-signal:
		return true
	case <-ctx.Done():
		return false
	}
}
