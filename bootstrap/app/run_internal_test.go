package app

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/config"
)

func TestWhatWasBuiltIsClosedInTheOppositeOrderWhateverFails(t *testing.T) {
	var closed []string
	closing := func(name string, err error) cleanup {
		return cleanup{name, func(ctx context.Context) error {
			if _, bounded := ctx.Deadline(); !bounded {
				t.Errorf("%s may take for ever", name)
			}
			closed = append(closed, name)
			return err
		}}
	}
	var log strings.Builder
	a := &App{log: newLogger(&log, config.Log{Format: "json"}), cleanups: []cleanup{closing("first", nil), closing("second", errors.New("stuck")), closing("third", nil)}}
	a.close()
	a.close()
	if diff := cmp.Diff([]string{"third", "second", "first"}, closed); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.Contains(log.String(), `"what":"second","error":"stuck"`) {
		t.Errorf("logged %s", log.String())
	}
}

func TestAServiceThatEndedHasClosedItsAdapters(t *testing.T) {
	a := build(t, nil)
	if err := a.Listen(); err != nil {
		t.Fatal(err)
	}
	stop, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Run(stop, t.Context()); err != nil {
		t.Error(err)
	}
	if len(a.cleanups) > 0 {
		t.Errorf("%d adapters are still open", len(a.cleanups))
	}
}

func TestAServiceThatCanNotServeSaysSo(t *testing.T) {
	a := build(t, nil)
	if err := a.Listen(); err != nil {
		t.Fatal(err)
	}
	if err := a.listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.Run(t.Context(), t.Context()); err == nil || len(a.cleanups) > 0 {
		t.Errorf("ended with %v, %d adapters still open", err, len(a.cleanups))
	}
}

func TestAPortThatIsTakenLeavesNothingOpen(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	a := build(t, map[string]string{"API_PORT": port, "METRICS_ADDR": "127.0.0.1:0"})
	if err := a.Listen(); err == nil || !strings.Contains(err.Error(), "port "+port+" is taken by another program") {
		t.Errorf("listened with %v", err)
	}
	if len(a.cleanups) > 0 {
		t.Errorf("%d adapters are still open", len(a.cleanups))
	}
}

func TestHurryEndsTheWaitForWhatDoesNotClose(t *testing.T) {
	for name, comesAfter := range map[string]time.Duration{"it comes while closing": time.Minute, "it came before": 0} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hung := make(chan struct{})
				defer close(hung)
				hurry, cancel := context.WithTimeout(t.Context(), comesAfter)
				defer cancel()
				began := time.Now()
				err := finish(func() { <-hung }, hurry)
				if err == nil || time.Since(began) > comesAfter+hurriedClose {
					t.Errorf("ended with %v after %v", err, time.Since(began))
				}
			})
		})
	}
}

func TestWhatClosesInTimeIsNoHurriedEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if err := finish(func() { <-time.After(time.Minute) }, t.Context()); err != nil {
			t.Error(err)
		}
	})
}
