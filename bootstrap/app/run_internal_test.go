package app

import (
	"context"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

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
	if len(a.parts.list) > 0 {
		t.Errorf("%d parts are still open", len(a.parts.list))
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
	if err := a.Run(t.Context(), t.Context()); err == nil || len(a.parts.list) > 0 {
		t.Errorf("ended with %v, %d parts still open", err, len(a.parts.list))
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
	if len(a.parts.list) > 0 {
		t.Errorf("%d parts are still open", len(a.parts.list))
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
				err := finish(hurry, func() { <-hung })
				if err == nil || time.Since(began) > comesAfter+hurriedClose {
					t.Errorf("ended with %v after %v", err, time.Since(began))
				}
			})
		})
	}
}

func TestWhatClosesInTimeIsNoHurriedEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if err := finish(t.Context(), func() { <-time.After(time.Minute) }); err != nil {
			t.Error(err)
		}
	})
}
