package calibration_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/journey-os/journey-api/core/calibration"
)

// versions is a store whose scale is as new as its counter says.
type versions struct {
	calibration.ScaleStore
	slow   time.Duration // how long a look takes
	now    atomic.Int64
	looks  atomic.Int64
	loads  atomic.Int64
	broken atomic.Pointer[error]
}

func (v *versions) ScaleVersion(context.Context) (int64, error) {
	v.looks.Add(1)
	<-time.After(v.slow)
	if err := v.broken.Load(); err != nil {
		return 0, *err
	}
	return v.now.Load(), nil
}

func (v *versions) Scale(context.Context) (*calibration.Scale, error) {
	v.loads.Add(1)
	return &calibration.Scale{Version: v.now.Load()}, nil
}

func TestTheParametersInForceAreReadWhenTheyChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(versions)
		reader := calibration.NewInForce(store, time.Now)
		if reader.Cached() != nil {
			t.Error("it knows a scale before it looked")
		}
		read := func() int64 {
			scale, err := reader.Scale(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return scale.Version
		}
		for range 100 {
			read()
		}
		<-time.After(time.Minute)
		read()
		if looks, loads := store.looks.Load(), store.loads.Load(); looks != 2 || loads != 1 {
			t.Errorf("%d looks and %d loads of a scale that did not change", looks, loads)
		}
		store.now.Store(7)
		<-time.After(2 * time.Second)
		if got := read(); got != 7 || reader.Cached().Version != 7 {
			t.Errorf("two seconds after the change it is version %d", got)
		}
	})
}

func TestWhoAsksWhileSomebodyLooksWaitsOnlyIfTheLastLookIsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(versions)
		reader := calibration.NewInForce(store, time.Now)
		if _, err := reader.Scale(t.Context()); err != nil {
			t.Fatal(err)
		}
		const slow = 10 * time.Second
		store.slow = slow
		ask := func(want time.Duration) func() {
			return func() {
				began := time.Now()
				if _, err := reader.Scale(t.Context()); err != nil || time.Since(began) != want {
					t.Errorf("it took %v, not %v: %v", time.Since(began), want, err)
				}
			}
		}
		var wait sync.WaitGroup
		<-time.After(time.Second)
		wait.Go(ask(slow)) // looks
		<-time.After(200 * time.Millisecond)
		wait.Go(ask(0)) // takes what is known
		<-time.After(800 * time.Millisecond)
		wait.Go(ask(slow - time.Second + slow)) // waits, and finds a look that began too long ago
		wait.Wait()
	})
}

func TestAStoreThatCanNotBeReadIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(versions)
		reader := calibration.NewInForce(store, time.Now)
		if _, err := reader.Scale(t.Context()); err != nil {
			t.Fatal(err)
		}
		away := errors.New("away")
		store.broken.Store(&away)
		<-time.After(2 * time.Second)
		if scale, err := reader.Scale(t.Context()); !errors.Is(err, away) || scale != nil {
			t.Errorf("got %+v, %v", scale, err)
		}
	})
}
