package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/core"
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
	a := &app{log: newLogger(&log, config.Log{Format: "json"}), cleanups: []cleanup{closing("first", nil), closing("second", errors.New("stuck")), closing("third", nil)}}
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
	loaded := loadSettings(t, nil)
	a, err := newApp(loaded, traceSettings{}, newLogger(io.Discard, loaded.Settings.Log), func(core.Dependency) {})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	signals := make(chan os.Signal, 1)
	signals <- syscall.SIGTERM
	if err := a.run(listener, signals); err != nil {
		t.Error(err)
	}
	if len(a.cleanups) > 0 {
		t.Errorf("%d adapters are still open", len(a.cleanups))
	}
}

func TestASecondSignalEndsTheWaitForRequests(t *testing.T) {
	r := boot(t, map[string]string{"SHUTDOWN_TIMEOUT": "1h", "READ_TIMEOUT": "1h"})
	r.hang()
	r.stop()
	r.waitFor(`"msg":"stopping"`)
	r.stopAgain()
	if err := r.wait(); err == nil {
		t.Error("a second signal ended as if all had been well")
	}
}

func TestASignalThatComesTwiceAtOnceCountsOnce(t *testing.T) {
	for phase, change := range map[string]map[string]string{
		"while draining": {"DRAIN_DELAY": "300ms"}, "while stopping": {"DRAIN_DELAY": "0s"},
	} {
		t.Run(phase, func(t *testing.T) {
			r := boot(t, change)
			r.stop()
			r.stop()
			if err := r.wait(); err != nil {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

func TestServeEndsOnEitherSignal(t *testing.T) {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		var stdout, stderr syncBuffer
		arguments := []string{"serve", "--env-file", emptyFile(t)}
		ended := make(chan int, 1)
		go func() {
			ended <- execute(process{arguments: arguments, environment: environment(), stdout: &stdout, stderr: &stderr})
		}()
		for deadline := time.Now().Add(10 * time.Second); !strings.Contains(stderr.String(), "listens on"); {
			if time.Now().After(deadline) {
				t.Fatalf("it does not listen: %s%s", stdout.String(), stderr.String())
			}
		}
		if err := self.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if code := <-ended; code != exitOK {
			t.Errorf("%v ended with %d: %s", signal, code, stderr.String())
		}
	}
}

func TestAServiceThatCanNotServeSaysSo(t *testing.T) {
	loaded := loadSettings(t, nil)
	a, err := newApp(loaded, traceSettings{}, newLogger(io.Discard, loaded.Settings.Log), func(core.Dependency) {})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.run(listener, make(chan os.Signal)); err == nil || len(a.cleanups) > 0 {
		t.Errorf("ended with %v, %d adapters still open", err, len(a.cleanups))
	}
}

func TestASecondSignalEndsTheWaitForWhatDoesNotClose(t *testing.T) {
	for name, test := range map[string]struct {
		hurried bool
		signals int
	}{
		"the second one comes while closing": {signals: 1},
		"it came before":                     {hurried: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hung := make(chan struct{})
				defer close(hung)
				signals := make(chan os.Signal, 1)
				for range test.signals {
					signals <- syscall.SIGTERM
				}
				began := time.Now()
				err := finish(func() { <-hung }, test.hurried, signals, began.Add(-signalsTogether))
				if err == nil || time.Since(began) > hurriedClose {
					t.Errorf("ended with %v after %v", err, time.Since(began))
				}
			})
		})
	}
}

func TestASignalThatCameTwiceAtOnceDoesNotHurryTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signals := make(chan os.Signal, 1)
		signals <- syscall.SIGTERM
		if err := finish(func() { <-time.After(time.Minute) }, false, signals, time.Now()); err != nil {
			t.Error(err)
		}
	})
}
