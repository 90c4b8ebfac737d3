package jobs_test

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver

	adapter "github.com/journey-os/journey-api/adapters/jobs"
	"github.com/journey-os/journey-api/core/jobs"
)

// file opens a database as the store does for the queue, with the queue's tables.
func file(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	if _, err := adapter.MigrateSQLite(t.Context(), db, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestJobsInAFile(t *testing.T) {
	suite(t, func(t *testing.T) func() adapter.Database {
		path := filepath.Join(t.TempDir(), "jobs.db")
		return func() adapter.Database { return adapter.SQLite(file(t, path)) }
	})
}

func TestAJobThatADeadProcessLeftInAFileIsTakenUpAtTheStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jobs.db")
	db := file(t, path)
	for _, one := range []string{
		"INSERT INTO river_leader (elected_at, expires_at, leader_id) VALUES (datetime('now'), datetime('now', '1 hour'), 'dead')",
		`INSERT INTO river_job (kind, queue, args, state, attempt, max_attempts, attempted_at, attempted_by, metadata)
			VALUES ('one', 'one', jsonb('{"key": "cancelled"}'), 'running', 1, 1, datetime('now'), jsonb('["dead"]'), jsonb('{"cancel_attempted_at": "now"}'))`,
		`INSERT INTO river_job (kind, queue, args, state, attempt, max_attempts, attempted_at, attempted_by)
			VALUES ('one', 'one', jsonb('{"key": "a"}'), 'running', 1, 1, datetime('now'), jsonb('["dead"]'))`,
	} {
		if _, err := db.ExecContext(t.Context(), one); err != nil {
			t.Fatal(err)
		}
	}
	ran := make(chan jobs.Job, 10)
	started(t, adapter.SQLite(db), jobs.Kind{Name: "one", Timeout: time.Minute, Every: time.Hour, Run: func(_ context.Context, job jobs.Job) error {
		ran <- job
		return nil
	}})
	if got := await(t, ran, "it is taken up"); got != (jobs.Job{Key: "a", Attempt: 2}) {
		t.Errorf("got %+v", got)
	}
	if got := await(t, ran, "the periodic one runs, since the dead leader is gone"); got.Key != "" {
		t.Errorf("got %+v", got)
	}
}
