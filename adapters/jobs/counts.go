package jobs

import (
	"context"
	"slices"
	"sync"
	"time"
)

// countEvery is the greatest age of the counts.
const countEvery = 10 * time.Second

// Count is how many jobs of a kind are in a state: River's words, available, running, scheduled, retryable, completed,
// cancelled and, for those that failed for good, discarded.
type Count struct {
	Kind, State string
	Jobs        int64
}

// counts are the last counts.
type counts struct {
	mu   sync.Mutex
	last []Count
}

// Counts returns how many jobs there were at most 10 s ago, over all copies.
func (q *Queue) Counts() []Count {
	q.counts.mu.Lock()
	defer q.counts.mu.Unlock()
	return slices.Clone(q.counts.last)
}

func (q *Queue) recount(ctx context.Context) {
	found, err := q.database.count(ctx)
	if err != nil {
		return // the store's health tells of it
	}
	q.counts.mu.Lock()
	q.counts.last = found
	q.counts.mu.Unlock()
}
