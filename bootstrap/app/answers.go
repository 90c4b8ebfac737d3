package app

import (
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/adapters/metrics"
	"github.com/journey-os/journey-api/core/mastery"
)

// answerCounts counts the answers of all engines, by outcome.
type answerCounts struct{ fresh, replayed, late atomic.Int64 }

func (c *answerCounts) add(recorded mastery.Recorded) {
	switch {
	case recorded.Replayed:
		c.replayed.Add(1)
	case recorded.Late:
		c.late.Add(1)
	default:
		c.fresh.Add(1)
	}
}

func (c *answerCounts) figures() []metrics.Figure {
	one := func(outcome string, count *atomic.Int64) metrics.Figure {
		return metrics.Figure{
			Name: "mastery_answers_total", Help: "Answers: new ones, those told again, and late ones, which stand before others that were there.",
			IsCounter: true, Labels: map[string]string{"outcome": outcome}, Value: float64(count.Load()),
		}
	}
	return []metrics.Figure{one("new", &c.fresh), one("replayed", &c.replayed), one("late", &c.late)}
}

// commits counts a store's transactions so far, the changes in them, and how long those waited.
type commits struct {
	transactions, changes int64
	waited                time.Duration
}

func (c commits) figures() []metrics.Figure {
	return []metrics.Figure{
		{Name: "database_commits_total", Help: "Transactions that changed the database.", IsCounter: true, Value: float64(c.transactions)},
		{Name: "database_changes_total", Help: "Changes that they kept; an embedded database keeps several together.", IsCounter: true, Value: float64(c.changes)},
		{Name: "database_wait_seconds_total", Help: "How long changes waited for their transaction to begin, all together.", IsCounter: true, Value: c.waited.Seconds()},
	}
}
