package portstest

import (
	"context"
	"net"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports"
)

const (
	// checkDeadline ends a check that waits for a silent peer.
	checkDeadline = 300 * time.Millisecond
	// checkRoom is how late an answer may come before it counts as hanging; a busy machine is no fault.
	checkRoom = 45 * time.Second
)

// HealthCheckerFixture is what the suite needs from an implementation.
type HealthCheckerFixture struct {
	// Name is what the checker must call itself.
	Name string
	// New returns a checker of the dependency at address (host:port) whose own timeouts are well above the suite's
	// deadline of 300 ms, and what frees all that it holds.
	New func(t *testing.T, address string) (checker ports.HealthChecker, release func())
	// Start serves a dependency that works on listener until stop, which closes its connections too.
	Start func(t *testing.T, listener net.Listener) (stop func())
}

// HealthCheckerSuite tests an implementation of ports.HealthChecker against its contract, only on loopback: it tells up
// from down, finds the right word, ends with ctx, recovers, and leaves no goroutine behind. It must not run in parallel
// with other tests.
func HealthCheckerSuite(t *testing.T, fixture HealthCheckerFixture) {
	for _, rule := range []struct {
		name string
		hold func(*testing.T, HealthCheckerFixture)
	}{
		{"its name never changes", keepsItsName},
		{"a dependency that works is ok, again and again", isOKWhileUp},
		{"nobody listening is Connection refused", saysRefused},
		{"a silent peer is Timed out, at the deadline", keepsToTheDeadline},
		{"a peer that closes at once has a word of the closed set", saysSomethingWhenClosed},
		{"a context that is cancelled already ends it at once", endsWhenCancelledBefore},
		{"a context that is cancelled while it waits ends it", endsWhenCancelledMeanwhile},
		{"a dependency that comes back is ok again", recovers},
	} {
		t.Run(rule.name, func(t *testing.T) {
			leavesNoGoroutine(t)
			rule.hold(t, fixture)
		})
	}
}

func keepsItsName(t *testing.T, fixture HealthCheckerFixture) {
	checker := fixture.at(t, refusingAddress(t))
	before := checker.Name()
	_ = check(t, t.Context(), checker)
	if after := checker.Name(); before != fixture.Name || after != fixture.Name {
		t.Errorf("it is named %q, then %q; want %q", before, after, fixture.Name)
	}
}

func isOKWhileUp(t *testing.T, fixture HealthCheckerFixture) {
	listener := listen(t, "127.0.0.1:0")
	defer fixture.Start(t, listener)()
	checker := fixture.at(t, listener.Addr().String())
	for range 3 {
		wantFault(t, check(t, t.Context(), checker), "")
	}
}

func saysRefused(t *testing.T, fixture HealthCheckerFixture) {
	wantFault(t, check(t, t.Context(), fixture.at(t, refusingAddress(t))), core.FaultConnectionRefused)
}

func keepsToTheDeadline(t *testing.T, fixture HealthCheckerFixture) {
	checker := fixture.at(t, silentPeer(t).address)
	ctx, cancel := context.WithTimeout(t.Context(), checkDeadline)
	defer cancel()
	err := check(t, ctx, checker)
	if ctx.Err() == nil {
		t.Errorf("it gave up before its deadline: %v", err)
	}
	wantFault(t, err, core.FaultTimedOut)
}

func saysSomethingWhenClosed(t *testing.T, fixture HealthCheckerFixture) {
	address := peer(t, func(conn net.Conn) { _ = conn.Close() })
	fault := core.FaultOf(check(t, t.Context(), fixture.at(t, address)))
	if !slices.Contains(closedSet(), fault) {
		t.Errorf("fault %q is none of the closed set", fault)
	}
}

func endsWhenCancelledBefore(t *testing.T, fixture HealthCheckerFixture) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := check(t, ctx, fixture.at(t, silentPeer(t).address)); err == nil {
		t.Error("a check that could not be made is ok")
	}
}

func endsWhenCancelledMeanwhile(t *testing.T, fixture HealthCheckerFixture) {
	silent := silentPeer(t)
	checker := fixture.at(t, silent.address)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		select {
		case <-silent.spokenTo:
		case <-time.After(checkRoom):
		}
		cancel()
	}()
	if err := check(t, ctx, checker); err == nil {
		t.Error("a check that was broken off is ok")
	}
}

func recovers(t *testing.T, fixture HealthCheckerFixture) {
	listener := listen(t, "127.0.0.1:0")
	address := listener.Addr().String()
	stop := fixture.Start(t, listener)
	checker := fixture.at(t, address)
	wantFault(t, check(t, t.Context(), checker), "")
	stop()
	if err := check(t, t.Context(), checker); err == nil {
		t.Error("a dependency that is gone is ok")
	}
	defer fixture.Start(t, listen(t, address))()
	wantFault(t, check(t, t.Context(), checker), "")
}

func (fixture HealthCheckerFixture) at(t *testing.T, address string) ports.HealthChecker {
	t.Helper()
	checker, release := fixture.New(t, address)
	t.Cleanup(release)
	return checker
}

// check fails the test if Check does not end soon after ctx, or at all.
func check(t *testing.T, ctx context.Context, checker ports.HealthChecker) error {
	t.Helper()
	answer := make(chan error, 1)
	go func() { answer <- checker.Check(ctx) }()
	select {
	case err := <-answer:
		return err
	case <-time.After(checkDeadline + checkRoom):
		t.Fatal("the check hangs")
		return nil
	}
}

func wantFault(t *testing.T, err error, want core.Fault) {
	t.Helper()
	if got := core.FaultOf(err); got != want {
		t.Errorf("fault %q, want %q (%v)", got, want, err)
	}
}

func closedSet() []core.Fault {
	return []core.Fault{
		core.FaultConnectionRefused, core.FaultTimedOut, core.FaultHostNotFound, core.FaultTLSFailed,
		core.FaultCredentialsRejected, core.FaultServerError, core.FaultUnreachable, core.FaultStorageFull,
	}
}

// leavesNoGoroutine compares the number of goroutines now with that after the test's cleanups.
func leavesNoGoroutine(t *testing.T) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for deadline := time.Now().Add(checkRoom); runtime.NumGoroutine() > before; <-ticker.C {
			if time.Now().After(deadline) {
				stacks := make([]byte, 1<<20)
				t.Errorf("goroutines: %d before, %d after\n%s", before, runtime.NumGoroutine(),
					stacks[:runtime.Stack(stacks, true)])
				return
			}
		}
	})
}
