package portstest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/journey-os/journey-api/core"
)

// The names under which the report shows the platform's dependencies.
const (
	neo4jName    = "neo4j"
	supabaseName = "supabase"
)

// errDown imitates a driver's text: it names a host and a password, so that a test sees them if they leak.
var errDown = errors.New("dial tcp db.internal.example:7687: password=hunter2")

// Neo4jUp is a healthy Neo4j.
func Neo4jUp() *HealthCheckerMock { return healthChecker(neo4jName, nil) }

// Neo4jDown is a Neo4j that fails with fault.
func Neo4jDown(fault core.Fault) *HealthCheckerMock { return healthChecker(neo4jName, down(fault)) }

// SupabaseUp is a healthy Supabase.
func SupabaseUp() *HealthCheckerMock { return healthChecker(supabaseName, nil) }

// SupabaseDown is a Supabase that fails with fault.
func SupabaseDown(fault core.Fault) *HealthCheckerMock {
	return healthChecker(supabaseName, down(fault))
}

func down(fault core.Fault) error { return core.NewHealthError(fault, errDown) }

func healthChecker(name string, err error) *HealthCheckerMock {
	return &HealthCheckerMock{
		NameFunc:  func() string { return name },
		CheckFunc: func(context.Context) error { return err },
	}
}

// HangingChecker breaks its contract: Check ignores its context and hangs until Release.
type HangingChecker struct {
	name     string
	calls    atomic.Int64
	release  func()
	released chan struct{}
}

// NewHangingChecker returns a checker whose checks hang. The test must release it, or its goroutine leaks.
func NewHangingChecker(name string) *HangingChecker {
	released := make(chan struct{})
	return &HangingChecker{name: name, released: released, release: sync.OnceFunc(func() { close(released) })}
}

// Name is the name that the checker was made with.
func (c *HangingChecker) Name() string { return c.name }

// Check hangs until Release, and then returns nil.
func (c *HangingChecker) Check(context.Context) error {
	c.calls.Add(1)
	<-c.released
	return nil
}

// Release ends each hanging check and makes later ones return at once; it may be called more than once.
func (c *HangingChecker) Release() { c.release() }

// Calls is how many checks were begun.
func (c *HangingChecker) Calls() int { return int(c.calls.Load()) }
