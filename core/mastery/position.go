package mastery

import (
	"cmp"
	"strings"
	"time"
)

// Position is an answer's place in the order of a student's answers to a concept: by time, then by item, then wrong
// before right. Identity orders answers that are still equal. It never matters to the state, since such answers have
// one outcome.
type Position struct {
	// At is when the answer was given, in UTC, in whole microseconds.
	At      time.Time
	ItemID  string
	Correct bool
	// Identity is the attempt's id for an answer that came with an idempotency key, and empty for one that is
	// identified by its content.
	Identity string
}

// Compare returns -1, 0 or +1 if p is before, at or after q.
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

// StoredTime returns a time as stores keep it: in UTC, truncated to whole microseconds.
func StoredTime(at time.Time) time.Time { return at.UTC().Truncate(time.Microsecond) }
