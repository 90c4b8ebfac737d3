package sqlitedb

import (
	"sync/atomic"
	"time"
)

// Commits counts the transactions so far, the changes that they committed, and how long the changes waited for their
// transaction to begin.
type Commits struct {
	Transactions, Changes int64
	Waited                time.Duration
}

// Commits may be called at any time.
func (s *Store) Commits() Commits {
	count := &s.writer.count
	return Commits{Transactions: count.transactions.Load(), Changes: count.changes.Load(), Waited: time.Duration(count.waited.Load())}
}

type commitCount struct{ transactions, changes, waited atomic.Int64 }

func (c *commitCount) add(batch []*job, begun time.Time) {
	c.transactions.Add(1)
	c.changes.Add(int64(len(batch)))
	for _, one := range batch {
		c.waited.Add(int64(begun.Sub(one.queued)))
	}
}
