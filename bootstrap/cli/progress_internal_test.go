package cli

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestABarComesAfterAMomentAndIsGoneAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stderr bytes.Buffer
		start := time.Now()
		ticks, ended, gone := make(chan time.Time), make(chan struct{}), make(chan struct{})
		go func() {
			drawProgress(&stderr, func() progress { return progress{"fitting", 3, 10} }, ticks, ended)
			close(gone)
		}()
		ticks <- start
		ticks <- start.Add(progressAfter / 2)
		synctest.Wait()
		if stderr.Len() != 0 {
			t.Errorf("after half a moment: %q", stderr.String())
		}
		ticks <- start.Add(progressAfter)
		synctest.Wait()
		if !strings.Contains(stderr.String(), "fitting") || !strings.Contains(stderr.String(), "30%") {
			t.Errorf("after a moment: %q", stderr.String())
		}
		close(ended)
		<-gone
		if !strings.HasSuffix(stderr.String(), "\033[2K\r") {
			t.Errorf("at the end: %q", stderr.String())
		}
	})
}

func TestABarOfAnUnknownTotalDoesNotFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stderr bytes.Buffer
		ticks, ended, gone := make(chan time.Time), make(chan struct{}), make(chan struct{})
		go func() {
			drawProgress(&stderr, func() progress { return progress{"reading", 4096, 0} }, ticks, ended)
			close(gone)
		}()
		ticks <- time.Now()
		ticks <- time.Now().Add(progressAfter)
		close(ended)
		<-gone
		if !strings.Contains(stderr.String(), "reading") {
			t.Errorf("got %q", stderr.String())
		}
	})
}

func TestOnlyATerminalGetsABar(t *testing.T) {
	var stderr bytes.Buffer
	showProgress(Process{Stderr: &stderr}, func() progress { panic("asked, though nobody looks") })()
	if stderr.Len() != 0 {
		t.Errorf("got %q", stderr.String())
	}
}
