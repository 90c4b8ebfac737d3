package goroutines_test

import (
	"testing"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/goroutines"
)

func TestOnlyTheTestsOwnGoroutinesCount(t *testing.T) {
	end := make(chan struct{})
	wait := func() { <-end }
	defer close(end)
	go wait()
	ready := make(chan struct{})
	goroutines.Label(t, func() {
		go wait()
		go func() {
			go wait()
			close(ready)
			<-end
		}()
	})
	<-ready
	if got := goroutines.Count(t, ""); got != 3 {
		t.Errorf("%d goroutines, want 3", got)
	}
	if got := goroutines.Count(t, "TestOnlyTheTestsOwnGoroutinesCount."); got != 3 {
		t.Errorf("%d goroutines of this function, want 3", got)
	}
	if got := goroutines.Count(t, "nobody"); got != 0 {
		t.Errorf("%d goroutines of nobody, want none", got)
	}
	goroutines.AwaitAtMost(t, 3, time.Second)
	t.Run("another test", func(t *testing.T) {
		if got := goroutines.Count(t, ""); got != 0 {
			t.Errorf("%d goroutines, want none", got)
		}
	})
}
