package jobs

import "time"

// WithDeadAfter makes copies without a heartbeat count as dead earlier.
func WithDeadAfter(database Database, after time.Duration) Database {
	database.(*postgres).deadAfter = after
	return database
}

// Text names the schema in a statement.
func Text(database Database, statement string) string { return database.(*postgres).text(statement) }

// SetCountEvery changes how old counts may be.
func (q *Queue) SetCountEvery(every time.Duration) { q.countEvery = every }
