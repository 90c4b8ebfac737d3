package sqlitedb

import (
	"context"
	"database/sql"
	"sync/atomic"
	"time"
)

// checkpointEvery is the time between two checkpoints, which copy commits from the write-ahead log into the database.
const checkpointEvery = time.Second

// checkpointer runs checkpoints concurrently with the writer, on a connection of its own: a checkpoint of the writer
// would block answers. Once the log is long the writer copies the little that is left, and restarts the log.
type checkpointer struct {
	db *sql.DB
	// isDue is true once there was a commit since the last checkpoint.
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
				// What can't be copied now, because of a reader or a full disk, stays in the log.
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
