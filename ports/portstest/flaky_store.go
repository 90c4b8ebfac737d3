package portstest

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/irt"
	"github.com/journey-os/journey-api/core/jobs"
)

// flakyStore is a store that can fail, and whose answers can be slow.
type flakyStore struct {
	CalibrationStore
	away *atomic.Bool

	// reading is closed when answers are read, which wait for the gate.
	reading, gate chan struct{}
	read, opened  sync.Once
	// missed is closed when a result could not be kept.
	missed  chan struct{}
	missing sync.Once
}

func newFlakyStore(store CalibrationStore) *flakyStore {
	return &flakyStore{CalibrationStore: store, away: new(atomic.Bool)}
}

var errAway = core.NewUnavailableError(core.ReasonDependencyUnavailable, "The database is away", time.Second)

func (u *flakyStore) open() {
	u.opened.Do(func() { close(u.gate) })
}

func (u *flakyStore) Responses(ctx context.Context, visit func(string, string, bool) error) error {
	u.read.Do(func() { close(u.reading) })
	select {
	case <-u.gate:
	case <-ctx.Done():
		return ctx.Err()
	}
	return u.CalibrationStore.Responses(ctx, visit)
}

func (u *flakyStore) ClaimRun(ctx context.Context, runID, worker string, at time.Time) (*calibration.Run, error) {
	if u.away.Load() {
		return nil, errAway
	}
	return u.CalibrationStore.ClaimRun(ctx, runID, worker, at)
}

func (u *flakyStore) HeartbeatRun(ctx context.Context, runID, worker string, progress irt.Progress) (bool, error) {
	if u.away.Load() {
		return false, errAway
	}
	return u.CalibrationStore.HeartbeatRun(ctx, runID, worker, progress)
}

func (u *flakyStore) CompleteRun(ctx context.Context, completion calibration.Completion) error {
	if u.away.Load() {
		u.missing.Do(func() { close(u.missed) })
		return errAway
	}
	return u.CalibrationStore.CompleteRun(ctx, completion)
}

// idleQueue keeps no job: the test begins the runs.
type idleQueue struct{}

var _ jobs.Queue = idleQueue{}

func (idleQueue) Enqueue(context.Context, string, string) (bool, error) { return true, nil }
func (idleQueue) Cancel(context.Context, string, string) error          { return nil }
