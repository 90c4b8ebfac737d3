package cli

import (
	"context"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheFirstSignalStopsAndAnotherHurries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signals := make(chan os.Signal)
		stop, hurry, release := follow(signals)
		defer release()
		if stop.Err() != nil || hurry.Err() != nil {
			t.Error("ended without a signal")
		}
		signals <- syscall.SIGTERM
		synctest.Wait()
		if cause := context.Cause(stop); cause == nil || cause.Error() != "terminated" {
			t.Errorf("stopped by %v", cause)
		}
		<-time.After(signalsTogether)
		if hurry.Err() != nil {
			t.Error("hurried without another signal")
		}
		signals <- syscall.SIGINT
		synctest.Wait()
		if cause := context.Cause(hurry); cause == nil || cause.Error() != "interrupt" {
			t.Errorf("hurried by %v", cause)
		}
	})
}

func TestASignalThatComesTwiceAtOnceCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signals := make(chan os.Signal)
		_, hurry, release := follow(signals)
		defer release()
		signals <- syscall.SIGTERM
		<-time.After(signalsTogether - 1)
		signals <- syscall.SIGTERM
		synctest.Wait()
		if hurry.Err() != nil {
			t.Error("the second one hurried")
		}
	})
}

func TestReleaseEndsBoth(t *testing.T) {
	stop, hurry, release := follow(nil)
	release()
	if stop.Err() == nil || hurry.Err() == nil {
		t.Errorf("stop ended with %v, hurry with %v", stop.Err(), hurry.Err())
	}
}
