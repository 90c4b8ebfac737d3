package wait_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/wait"
)

func TestForEndsAtOnceWhenItsConditionHoldsAndInTimeWhenItNeverDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looks, began := 0, time.Now()
		if !wait.For(func() bool { looks++; return looks == 3 }) || time.Since(began) != 2*time.Millisecond {
			t.Errorf("%d looks took %v", looks, time.Since(began))
		}
		began = time.Now()
		if wait.For(func() bool { return false }) || time.Since(began) > wait.Limit+time.Second {
			t.Errorf("it gave up after %v", time.Since(began))
		}
	})
}
