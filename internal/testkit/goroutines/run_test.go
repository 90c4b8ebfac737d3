package goroutines_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/journey-os/journey-api/internal/testkit/goroutines"
)

// tests are those of a package, whatever they do.
type tests func() (code int)

func (run tests) Run() int { return run() }

func TestAGoroutineMayEndAfterTheTests(t *testing.T) {
	current := goleak.IgnoreCurrent()
	ended := make(chan struct{})
	code := goroutines.Patient(tests(func() int {
		go func() { <-ended }()
		time.AfterFunc(time.Second, func() { close(ended) }) // goleak alone waits half a second
		return 0
	}), current).Run()
	select {
	case <-ended:
	default:
		t.Error("it did not wait")
	}
	if code != 0 {
		t.Errorf("the code is %d", code)
	}
}

func TestTestsThatFailAreNotWaitedFor(t *testing.T) {
	if code := goroutines.Patient(tests(func() int { return 3 })).Run(); code != 3 {
		t.Errorf("the code is %d, want 3", code)
	}
}
