package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

const (
	// maxBatch is how many changes one transaction takes at most.
	maxBatch = 256
	// lockWait is how long a transaction waits for a process that has the lock, such as an import or a tool.
	lockWait = 8 * time.Second
	// lockRetry is the pause between two tries for the lock.
	lockRetry = 200 * time.Microsecond
	// leastPause is the least pause after each transaction: without it a service under load would never leave the file
	// to an import.
	leastPause = time.Millisecond
)

var (
	errLocked = errors.New("the database is locked by another process")
	errClosed = errors.New("the database is closed")
)

// job is one change that waits for the writer.
type job struct {
	ctx    context.Context
	work   func(*statements) error
	done   chan error
	queued time.Time
}

// writer owns the writing connection. Its goroutine takes the waiting jobs, runs each in a savepoint of its own and
// commits them together. Nothing in a transaction runs with a request's context: cancelling a statement would roll back
// the whole transaction.
type writer struct {
	conn       *sql.Conn
	statements statements
	queue      chan *job
	stop       chan struct{}
	stopped    chan struct{}
	// ended is called with the outcome of each transaction.
	ended func(error)
	count commitCount
	// pause is the pause after each transaction, for other processes.
	pause time.Duration
}

func newWriter(conn *sql.Conn, pause time.Duration, ended func(error)) *writer {
	w := &writer{
		conn: conn, statements: newStatements(conn),
		queue: make(chan *job, 4*maxBatch), stop: make(chan struct{}), stopped: make(chan struct{}),
		ended: ended, pause: pause,
	}
	go w.run()
	return w
}

// do runs work in a transaction and returns when it is on disk. It ends with ctx, except that work that has begun is
// finished.
func (w *writer) do(ctx context.Context, work func(*statements) error) error {
	waiting := &job{ctx: ctx, work: work, done: make(chan error, 1), queued: time.Now()}
	select {
	case w.queue <- waiting:
	case <-w.stop:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-waiting.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-w.stopped:
		select {
		case err := <-waiting.done:
			return err
		default:
			return errClosed
		}
	}
}

// close finishes the running transaction, and refuses waiting jobs.
func (w *writer) close() error {
	close(w.stop)
	<-w.stopped
	return w.conn.Close()
}

func (w *writer) run() {
	defer close(w.stopped)
	for {
		select {
		case <-w.stop:
			return
		case first := <-w.queue:
			w.transact(w.gather(first))
			w.pauseFor(max(w.pause, leastPause))
		}
	}
}

// pauseFor waits; it reports false at once if the writer stops.
func (w *writer) pauseFor(pause time.Duration) (goOn bool) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-w.stop:
		return false
	}
}

// gather returns the first job and those that wait already.
func (w *writer) gather(first *job) []*job {
	batch := []*job{first}
	for len(batch) < maxBatch {
		select {
		case next := <-w.queue:
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
}

// transact runs a batch in one transaction. How that ended is noted before a caller hears of it, so that one whose answer
// was refused finds the cause in the health.
func (w *writer) transact(batch []*job) {
	results := make([]error, len(batch))
	err := w.commit(batch, results)
	w.ended(err)
	for i, waiting := range batch {
		if err != nil {
			results[i] = err
		}
		waiting.done <- results[i]
	}
}

// commit does each job of a batch and commits them. results gets the jobs' own errors; err is the transaction's.
func (w *writer) commit(batch []*job, results []error) (err error) {
	if err := w.begin(); err != nil {
		return err
	}
	begun := time.Now()
	defer func() {
		if err == nil {
			w.count.add(batch, begun)
		}
	}()
	for i, waiting := range batch {
		if results[i] = waiting.ctx.Err(); results[i] != nil {
			continue // nobody waits for it any more
		}
		if results[i], err = w.inSavepoint(waiting); err != nil {
			w.rollback()
			return err
		}
	}
	if err := w.exec("COMMIT"); err != nil {
		w.rollback()
		return err
	}
	return nil
}

// begin takes the write lock.
func (w *writer) begin() error {
	for deadline := time.Now().Add(lockWait); ; {
		err := w.exec("BEGIN IMMEDIATE")
		switch {
		case err == nil || !isBusy(err):
			return err
		case time.Now().After(deadline):
			return errors.Join(errLocked, err)
		case !w.pauseFor(lockRetry):
			return errClosed
		}
	}
}

// inSavepoint runs one job in a savepoint. broken is not nil if the transaction was rolled back.
func (w *writer) inSavepoint(waiting *job) (err, broken error) {
	if broken := w.exec("SAVEPOINT answer"); broken != nil {
		return nil, broken
	}
	if err = recovered(func() error { return waiting.work(&w.statements) }); err == nil {
		return nil, w.exec("RELEASE answer")
	}
	// A full disk or a failed read ends the whole transaction, and then there is no savepoint to go back to.
	if undo := errors.Join(w.exec("ROLLBACK TO answer"), w.exec("RELEASE answer")); undo != nil {
		return err, errors.Join(err, undo)
	}
	if isFull(err) {
		return err, err
	}
	return err, nil
}

// recovered turns a panic into an error: one answer must not stop all others.
func recovered(work func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("a change of the database panicked: %v", cause)
		}
	}()
	return work()
}

func (w *writer) exec(text string) error { return w.statements.exec(context.Background(), text) }

// rollback ends a transaction; SQLite may have ended it by itself.
func (w *writer) rollback() { _ = w.exec("ROLLBACK") }
