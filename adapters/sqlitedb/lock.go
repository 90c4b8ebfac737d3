package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// errInUse is for a second process that would serve from the file, or migrate it.
var errInUse = errors.New("another journey-api serves from this database: stop that one first, or give this one another file")

// lockServing takes the lock for serving from the file at path, against other processes and other stores of this one,
// until release or the end of the process. The lock is SQLite's own, on an empty file beside the database, so that it
// works on every system. lockServing waits for it for at most wait.
func lockServing(ctx context.Context, path string, wait time.Duration) (release func() error, err error) {
	db, err := sql.Open("sqlite", dataSource(path+".lock", "busy_timeout("+milliseconds(wait)+")"))
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err == nil {
		_, err = conn.ExecContext(ctx, "BEGIN EXCLUSIVE")
	}
	switch {
	case err != nil && isBusy(err):
		return nil, errors.Join(errInUse, db.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("lock %s.lock: %w", path, err), db.Close())
	}
	return func() error {
		_, err := conn.ExecContext(context.Background(), "ROLLBACK")
		return errors.Join(err, conn.Close(), db.Close())
	}, nil
}
