package sqlitedb

import (
	"context"
	"database/sql"
	"sync/atomic"
	"time"
)

// checkpointEvery is the time between two copies of what was committed from the log into the database.
const checkpointEvery = time.Second

// checkpointer copies it beside the writer, on a connection of its own: left to the writer, a copy stops the answers for
// as long as it takes. Once the log is long the writer copies the little that is left, and begins the log anew.
type checkpointer struct {
	db *sql.DB
	// isDue is true once something was committed since the last copy.
	isDue   atomic.Bool
	cancel  context.CancelFunc
	stopped chan struct{}
}

func startCheckpointer(path string) (*checkpointer, error) {
	db, err := sql.Open("sqlite", dataSource(path, "synchronous(FULL)", "busy_timeout(0)", "cache_size(-1000)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	ctx, cancel := context.WithCancel(context.Background())
	c := &checkpointer{db: db, cancel: cancel, stopped: make(chan struct{})}
	go c.run(ctx)
	return c, nil
}

func (c *checkpointer) run(ctx context.Context) {
	defer close(c.stopped)
	clock := time.NewTicker(checkpointEvery)
	defer clock.Stop()
	for {
		select {
		case <-clock.C:
			if c.isDue.Swap(false) {
				// What can't be copied now, for a reader or for want of space, stays in the log until a later time.
				_, _ = c.db.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
			}
		case <-ctx.Done():
			return
		}
	}
}

func (c *checkpointer) close() error {
	c.cancel()
	<-c.stopped
	return c.db.Close()
}
