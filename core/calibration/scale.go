package calibration

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/core/irt"
)

// Scale is the parameters in force at one moment. It never changes.
type Scale struct {
	// Version counts the changes: of two scales of one store the one with the higher version is the newer.
	Version int64
	// RunID is the newest run in force, empty before the first. An ability that was estimated on the scale names it.
	RunID string
	// Since is when it came in force.
	Since time.Time
	// Items are the parameters by the items' ids.
	Items map[string]Calibrated
}

// Calibrated are the parameters of an item that was calibrated.
type Calibrated struct {
	irt.Params
	// RunID is the run that they are of.
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

// ScaleStore keeps which runs are in force. Its errors are CodeUnavailable if the store cannot be reached, else internal.
// It may be called by many goroutines at once and ends with ctx, but for a change whose keeping has begun: that is
// finished.
type ScaleStore interface {
	// ScaleVersion returns Scale.Version. It is cheap.
	ScaleVersion(ctx context.Context) (int64, error)
	// Scale returns the parameters in force, all of one moment.
	Scale(ctx context.Context) (*Scale, error)
	// RestoreRun puts a completed run that came in force once in force again, together with the runs that it came on top
	// of, and takes all others out of force: the parameters are then those of the moment when it came. It reports whether
	// there is such a run. The run that is the newest in force already changes nothing.
	RestoreRun(ctx context.Context, runID string, at time.Time) (found bool, err error)
}

const (
	// scaleFresh is how long a look at the version counts.
	scaleFresh = time.Second
	// scaleStale is how old a look may be while another one is under way.
	scaleStale = 1500 * time.Millisecond
)

// InForce is the parameters in force, kept in memory. Changes by any copy are noticed within two seconds. It may be used
// by many goroutines at once.
type InForce struct {
	store ScaleStore
	now   func() time.Time
	// looking is full while somebody asks the store.
	looking chan struct{}
	known   atomic.Pointer[look]
}

// look is a scale and when it was the newest.
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
			return known.scale, nil // somebody else is looking
		}
		select {
		case f.looking <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	defer func() { <-f.looking }()
	if known := f.youngerThan(scaleFresh); known != nil {
		return known.scale, nil // somebody else has looked
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

// look asks the store. A change between the two questions is in the answer to the second.
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

// Known returns the scale of the last look, nil before the first. It does not wait.
func (f *InForce) Known() *Scale {
	if known := f.known.Load(); known != nil {
		return known.scale
	}
	return nil
}
