package calibration

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/core/irt"
)

// Scale is the parameters in force at one moment. It never changes.
type Scale struct {
	// Version counts the changes: the higher of two versions in a store is the newer scale.
	Version int64
	// RunID is the newest run in force, empty before the first. An ability that was estimated on the scale names it.
	RunID string
	// Since is when it came into force.
	Since time.Time
	// Items are the parameters by the items' ids.
	Items map[string]Calibrated
}

// Calibrated are the parameters of an item that was calibrated.
type Calibrated struct {
	irt.Params
	// RunID is the run that they come from.
	RunID string
}

// params returns the parameters by item id.
func (s *Scale) params() map[string]irt.Params {
	params := make(map[string]irt.Params, len(s.Items))
	for id, item := range s.Items {
		params[id] = item.Params
	}
	return params
}

// ScaleStore keeps which runs are in force. Its errors are CodeUnavailable if the store cannot be reached, else
// internal. It may be called by many goroutines at once. It ends with ctx, except that a commit that has begun is
// finished.
type ScaleStore interface {
	// ScaleVersion returns Scale.Version. It is cheap.
	ScaleVersion(ctx context.Context) (int64, error)
	// Scale returns the parameters in force, read in one transaction.
	Scale(ctx context.Context) (*Scale, error)
	// RestoreRun puts back into force a completed run that was in force before, with the runs that were in force
	// beneath it, and takes all others out of force. The parameters are then those of the moment when it came into
	// force. It reports whether there is such a run. Nothing changes if the run is the newest in force already.
	RestoreRun(ctx context.Context, runID string, at time.Time) (found bool, err error)
}

const (
	// scaleFresh is how long a check of the version is valid.
	scaleFresh = time.Second
	// scaleStale is how old a check may be while another one is under way.
	scaleStale = 1500 * time.Millisecond
)

// InForce is the parameters in force, kept in memory. Changes by any copy are noticed within two seconds. It may be used
// by many goroutines at once.
type InForce struct {
	store ScaleStore
	now   func() time.Time
	// looking is full while a goroutine asks the store.
	looking chan struct{}
	known   atomic.Pointer[look]
}

// look is a scale, and when it was last known to be the newest.
type look struct {
	scale *Scale
	at    time.Time
}

// NewInForce returns a reader of the store's parameters in force. It reads nothing yet.
func NewInForce(store ScaleStore, now func() time.Time) *InForce {
	return &InForce{store: store, now: now, looking: make(chan struct{}, 1)}
}

// Scale returns the parameters in force, which are read from the store only if they changed. Its errors are ScaleStore's.
func (f *InForce) Scale(ctx context.Context) (*Scale, error) {
	if known := f.youngerThan(scaleFresh); known != nil {
		return known.scale, nil
	}
	select {
	case f.looking <- struct{}{}:
	default:
		if known := f.youngerThan(scaleStale); known != nil {
			return known.scale, nil // another goroutine reads it
		}
		select {
		case f.looking <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	defer func() { <-f.looking }()
	if known := f.youngerThan(scaleFresh); known != nil {
		return known.scale, nil // another goroutine has read it
	}
	return f.look(ctx)
}

// youngerThan returns the last look if it is not older than that, else nil.
func (f *InForce) youngerThan(age time.Duration) *look {
	known := f.known.Load()
	if known == nil || f.now().Sub(known.at) >= age {
		return nil
	}
	return known
}

// look asks the store. A change between the two queries is in the answer to the second.
func (f *InForce) look(ctx context.Context) (*Scale, error) {
	at := f.now()
	version, err := f.store.ScaleVersion(ctx)
	if err != nil {
		return nil, err
	}
	known := f.known.Load()
	if known != nil && known.scale.Version == version {
		f.known.Store(&look{known.scale, at})
		return known.scale, nil
	}
	scale, err := f.store.Scale(ctx)
	if err != nil {
		return nil, err
	}
	f.known.Store(&look{scale, at})
	return scale, nil
}

// Cached returns the scale that was read last, nil before the first read. It does not wait.
func (f *InForce) Cached() *Scale {
	if known := f.known.Load(); known != nil {
		return known.scale
	}
	return nil
}
