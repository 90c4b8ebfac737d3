package sqlitedb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/journey-os/journey-api/core"
)

// retryAfter is the Retry-After for an answer that could not be saved.
const retryAfter = time.Second

// errFull is the cause of a failure because the disk is full.
var errFull = errors.New("the storage is full")

// primaryCode returns SQLite's primary result code, 0 for another error.
func primaryCode(err error) int {
	known, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return 0
	}
	return known.Code() & 0xff
}

// isFull reports whether the disk is full, or the database has its maximal size.
func isFull(err error) bool {
	return primaryCode(err) == sqlite3.SQLITE_FULL || errors.Is(err, errFull)
}

// mapError maps an error of SQLite to the errors that the ports document.
func mapError(err error) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*core.Error](err); ok && known != nil {
		return err
	}
	cause := fmt.Errorf("database: %w", err)
	switch {
	case errors.Is(err, context.Canceled):
		return cause
	case isFull(err):
		return core.NewUnavailableError(core.ReasonDependencyUnavailable, "The storage is full", retryAfter).
			WithCause(errors.Join(errFull, cause))
	case isUnavailable(err):
		return core.NewUnavailableError(core.ReasonDependencyUnavailable, "A dependency is unavailable", retryAfter).WithCause(cause)
	default:
		return cause
	}
}

func isUnavailable(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errLocked) || errors.Is(err, errClosed) {
		return true
	}
	switch primaryCode(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_NOMEM,
		sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_PERM:
		return true
	}
	return false
}

func isBusy(err error) bool {
	code := primaryCode(err)
	return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
}
