package postgresdb

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/journey-os/journey-api/core/mastery"
)

// maxTries is how often a transaction is tried that meets another one.
const maxTries = 5

// errTakenMeanwhile is for a student whom another transaction made between our looking and our writing.
var errTakenMeanwhile = errors.New("the student's record was made meanwhile")

// transact runs work in a transaction of READ COMMITTED, again if another transaction was in the way.
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

// attempt is one try. kept is true if its change may have been kept in spite of an error.
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

// reconnectPause is how long the connections of the pool are taken for good after they were made anew.
const reconnectPause = time.Second

// reconnect reports whether the same once more can succeed because a connection had ended while nobody used it, as they
// all have after a restart of the database or of a pooler.
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

// transaction collects statements and sends many in one round trip. The connection has no state but the transaction's.
type transaction struct {
	store   *Store
	conn    *pgxpool.Conn
	ctx     context.Context //nolint:containedctx // a transaction lives as long as its request
	pending *pgx.Batch
	// keeping is true once the end of the transaction was sent.
	keeping bool
}

// queue adds a statement to the next round trip.
func (t *transaction) queue(text string, values ...any) *pgx.QueuedQuery {
	return t.pending.Queue(t.store.text(text), values...)
}

// send makes the round trip; what was queued is read by the functions that were set for it.
func (t *transaction) send(ctx context.Context) error {
	batch := t.pending
	t.pending = new(pgx.Batch)
	return t.conn.SendBatch(ctx, batch).Close()
}

// commit sends what is pending together with the end of the transaction. It is finished even if the request ends.
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
