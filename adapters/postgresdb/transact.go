package postgresdb

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/journey-os/journey-api/core/mastery"
)

// maxTries is how often a transaction is tried that conflicts with another one.
const maxTries = 5

// errTakenMeanwhile is for a student whose record another transaction created between reading and writing.
var errTakenMeanwhile = errors.New("the student's record was made meanwhile")

// transact runs work in a READ COMMITTED transaction, and retries it after a conflict with another one.
func (s *Store) transact(ctx context.Context, work func(*transaction) error) error {
	if err := s.Prepare(ctx); err != nil {
		return err
	}
	for tries := 1; ; tries++ {
		kept, err := s.attempt(ctx, work)
		again := isConflict(err) || !kept && s.reconnect(ctx, err)
		if tries == maxTries || !again {
			return s.mapError(err)
		}
	}
}

// attempt is one try. kept is true if its change may have been committed in spite of an error.
func (s *Store) attempt(ctx context.Context, work func(*transaction) error) (kept bool, err error) {
	began := time.Now()
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	waited := time.Since(began)
	defer conn.Release() // it closes a connection that is in no state to be used again
	tx := &transaction{store: s, conn: conn, ctx: ctx, pending: new(pgx.Batch)}
	tx.pending.Queue("BEGIN")
	defer tx.rollback()
	if err = work(tx); err == nil {
		s.commits.Add(1)
		s.waited.Add(int64(waited))
	}
	return tx.keeping, err
}

// reconnectPause is how long the pool's connections are trusted after they were replaced.
const reconnectPause = time.Second

// reconnect replaces dead connections, and reports whether a retry can succeed: a connection was closed while idle, as
// all are after a restart of the database or of a pooler.
func (s *Store) reconnect(ctx context.Context, err error) bool {
	if err == nil || ctx.Err() != nil || !isLost(err) {
		return false
	}
	now, last := time.Now().UnixNano(), s.reconnected.Load()
	if now-last > int64(reconnectPause) && s.reconnected.CompareAndSwap(last, now) {
		s.pool.Reset()
	}
	return true
}

// transaction collects statements and sends many in one round trip. The connection has no other state than the
// transaction's.
type transaction struct {
	store   *Store
	conn    *pgxpool.Conn
	ctx     context.Context //nolint:containedctx // a transaction lives as long as its request
	pending *pgx.Batch
	// keeping is true once the commit was sent.
	keeping bool
}

// queue adds a statement to the next round trip.
func (t *transaction) queue(text string, values ...any) *pgx.QueuedQuery {
	return t.pending.Queue(t.store.text(text), values...)
}

// send makes the round trip; the functions set for the queued statements read their results.
func (t *transaction) send(ctx context.Context) error {
	batch := t.pending
	t.pending = new(pgx.Batch)
	return t.conn.SendBatch(ctx, batch).Close()
}

// commit sends the queued statements together with the commit. It is finished even if the request ends.
func (t *transaction) commit() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), t.store.timeout)
	defer cancel()
	t.pending.Queue("COMMIT")
	t.keeping = true
	return t.send(ctx)
}

// rollback ends a transaction that was not committed.
func (t *transaction) rollback() {
	if pgConn := t.conn.Conn().PgConn(); pgConn.IsClosed() || pgConn.TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), time.Second)
	defer cancel()
	_, _ = t.conn.Exec(ctx, "ROLLBACK")
}

// keep writes a change and commits it.
func (t *transaction) keep(change mastery.Change, isNew bool) error {
	if student := change.Student; student != nil && isNew {
		made, err := t.conn.Exec(t.ctx, t.store.text(newStudent), student.StudentID, student.InstitutionID)
		if err == nil && made.RowsAffected() == 0 {
			err = errTakenMeanwhile
		}
		if err != nil {
			return err
		}
	} else if student != nil {
		t.queue(putStudent, student.StudentID, student.InstitutionID)
	}
	t.queueChange(change)
	return t.commit()
}
