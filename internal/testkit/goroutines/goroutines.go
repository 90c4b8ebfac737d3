// Package goroutines counts the goroutines of one part of a test among all that run in its process: proxies, stand-ins,
// other tests. They are recognised by a profiler label, which a goroutine inherits from the one that starts it.
package goroutines

import (
	"bytes"
	"context"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const label = "test"

// Label runs start. All goroutines that it starts, directly or indirectly, count as the test's.
func Label(t testing.TB, start func()) {
	t.Helper()
	pprof.Do(t.Context(), pprof.Labels(label, t.Name()), func(context.Context) { start() })
}

// Count returns how many of the test's goroutines have a function on their stack, given by a part of its name; "" is
// any. Those with one of others on it are not counted.
func Count(t testing.TB, function string, others ...string) int {
	t.Helper()
	count := 0
	for stack := range strings.SplitSeq(profile(t), "\n\n") {
		if !strings.Contains(stack, `# labels: {"`+label+`":`+strconv.Quote(t.Name())+"}") || !strings.Contains(stack, function) ||
			slices.ContainsFunc(others, func(other string) bool { return strings.Contains(stack, other) }) {
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

// AwaitAtMost fails the test if there are still more than most after within, without those of others. It waits, since
// closed things end a little later.
func AwaitAtMost(t testing.TB, most int, within time.Duration, others ...string) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(within); ; <-ticker.C {
		now := Count(t, "", others...)
		if now <= most {
			return
		}
		if time.Now().After(end) {
			t.Errorf("%d goroutines, want %d at most:\n%s", now, most, profile(t))
			return
		}
	}
}

// profile has a paragraph for each stack: how many goroutines have it, their labels, its functions.
func profile(t testing.TB) string {
	t.Helper()
	var text bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&text, 1); err != nil {
		t.Fatal(err)
	}
	_, stacks, _ := strings.Cut(text.String(), "\n") // the first line counts all
	return stacks
}
