// Package goroutines counts the goroutines of one part of a test among all that run in its process: proxies, stand-ins,
// other tests. They are told by a profiler's label, which a goroutine inherits from the one that starts it.
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

// Label runs start, and all goroutines that start begins, and those that they begin, count as the test's from then on.
func Label(t testing.TB, start func()) {
	t.Helper()
	pprof.Do(t.Context(), pprof.Labels(label, t.Name()), func(context.Context) { start() })
}

// Count is how many of the test's goroutines there are with a function on their stack, named in part; "" is any. Those
// with one of others on it are not counted.
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

// AwaitAtMost fails the test if there are still more than so many after a while, without those of others: what is closed
// ends a little later.
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
