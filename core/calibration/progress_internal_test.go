package calibration

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/journey-os/journey-api/core/irt"
)

// diary records when a run's progress is written.
type diary struct {
	RunQueue
	written []time.Time
}

func (d *diary) HeartbeatRun(context.Context, string, string, irt.Progress) (bool, error) {
	d.written = append(d.written, time.Now())
	return true, nil
}

func TestProgressIsWrittenTwiceASecondAtMost(t *testing.T) {
	for name, tt := range map[string]struct {
		changes time.Duration
		want    int // in ten seconds
	}{
		"it changes a hundred times a second": {10 * time.Millisecond, 20},
		"it does not change":                  {time.Hour, 5}, // so that the run is known to be alive
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := new(diary)
				c := &computation{Service: &Service{config: Config{Now: time.Now}, stores: Stores{Queue: d}}}
				done := make(chan struct{})
				go c.beat(t.Context(), done, func(error) {})
				began := time.Now()
				for i := 1; time.Since(began) < 10*time.Second-time.Millisecond; i++ {
					<-time.After(min(tt.changes, 10*time.Second-time.Millisecond))
					c.note(irt.Progress{Iteration: i})
				}
				close(done)
				synctest.Wait()
				if len(d.written) != tt.want {
					t.Errorf("written %d times in ten seconds, want %d", len(d.written), tt.want)
				}
				for i := 1; i < len(d.written); i++ {
					if pause := d.written[i].Sub(d.written[i-1]); pause < 500*time.Millisecond {
						t.Errorf("written again after %v", pause)
					}
				}
			})
		})
	}
}
