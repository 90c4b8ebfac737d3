// Package wait is for tests that wait for what another goroutine or process does and says on no channel.
package wait

import "time"

const (
	// limit is ample on a busy machine: a test that passes waits for what it awaits, and no longer.
	limit = 20 * time.Second
	pause = time.Millisecond
)

// For looks until condition holds, with a pause after each look, and reports whether it held within 20 seconds.
func For(condition func() bool) bool {
	for deadline := time.Now().Add(limit); !condition(); <-time.After(pause) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}
