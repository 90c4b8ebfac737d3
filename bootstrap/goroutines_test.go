package main

import (
	"bytes"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"
	"time"
)

// goroutines counts those of the test's service among all that run in this process, by the label that they inherit, with
// a function on their stack.
func goroutines(t *testing.T, function string) int {
	t.Helper()
	count := 0
	for stack := range strings.SplitSeq(goroutineProfile(t), "\n\n") {
		if !strings.Contains(stack, `# labels: {"service":`+strconv.Quote(t.Name())+"}") || !strings.Contains(stack, function) {
			continue
		}
		number, _, _ := strings.Cut(strings.TrimSpace(stack), " ")
		alike, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		count += alike
	}
	return count
}

func goroutineProfile(t *testing.T) string {
	t.Helper()
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		t.Fatal(err)
	}
	return profile.String()
}

// leastGoroutines is how many there are while no check runs.
func leastGoroutines(t *testing.T) int {
	t.Helper()
	least := goroutines(t, "")
	for range ticks(t, 10*time.Millisecond, 2*faultInterval) {
		least = min(least, goroutines(t, ""))
	}
	return least
}

// wantNoMoreGoroutines waits for what ends a little later.
func wantNoMoreGoroutines(t *testing.T, before int) {
	t.Helper()
	now := 0
	for range ticks(t, 20*time.Millisecond, faultRoom) {
		if now = goroutines(t, ""); now <= before {
			return
		}
	}
	t.Errorf("%d goroutines before, %d after:\n%s", before, now, goroutineProfile(t))
}
