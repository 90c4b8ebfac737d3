package cli

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// unread is a pipe that is full.
type unread struct{ ended chan struct{} }

func (u unread) Write([]byte) (int, error) {
	<-u.ended
	return 0, errors.New("ended")
}

func TestNobodyWaitsLongForAStderrThatNobodyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stderr := unread{make(chan struct{})}
		began := time.Now()
		if code := report(Process{Stderr: stderr}, failf("it can't be done")); code != ExitCouldNot || time.Since(began) != stderrTime {
			t.Errorf("ended with %d after %v", code, time.Since(began))
		}
		close(stderr.ended)
	})
}
