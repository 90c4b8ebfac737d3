// Package wait is for tests that wait for what another goroutine or process does and says on no channel.
package wait

import "time"

// Limit is what a busy machine may take for what comes at once. A test that passes waits for what it awaits, and no longer.
const Limit = 45 * time.Second

const pause = time.Millisecond

// For looks until condition holds, with a pause after each look, and reports whether it held within Limit.
func For(condition func() bool) bool {
	for deadline := time.Now().Add(Limit); !condition(); <-time.After(pause) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}
