// Package wait is for tests that wait for another goroutine or process that signals on no channel.
package wait

import "time"

// Limit is how long an immediate effect may take on a busy machine. A passing test waits no longer than necessary.
const Limit = 45 * time.Second

const pause = time.Millisecond

// For checks condition repeatedly, with a pause after each check, and reports whether it held within Limit.
func For(condition func() bool) bool {
	for deadline := time.Now().Add(Limit); !condition(); <-time.After(pause) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}
