package mastery

import (
	"cmp"
	"strings"
	"time"
)

// Position is where an answer stands among those of its student and concept: by time, then by item, then wrong before
// right. Identity orders what is still equal; it never matters to the state, since such answers have one outcome.
type Position struct {
	// At is when the answer was given, in UTC, in whole microseconds.
	At      time.Time
	ItemID  string
	Correct bool
	// Identity is empty for an answer that its content identifies, and the attempt's id for one that came with an
	// idempotency key.
	Identity string
}

// Compare returns -1, 0 or +1 as p stands before, at or after q.
func (p Position) Compare(q Position) int {
	return cmp.Or(p.At.Compare(q.At), strings.Compare(p.ItemID, q.ItemID), compareBool(p.Correct, q.Correct),
		strings.Compare(p.Identity, q.Identity))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// Instant returns at as a store keeps it: in UTC, cut to whole microseconds.
func Instant(at time.Time) time.Time { return at.UTC().Truncate(time.Microsecond) }
