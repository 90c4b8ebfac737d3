package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/journey-os/journey-api/core/jobs"
)

// sqlite keeps jobs in a file that only this process serves from.
type sqlite struct {
	db    *sql.DB
	freed bool
}

// SQLite keeps jobs in a file. db has one connection, whose transactions take the lock for writing when they begin.
// MigrateSQLite has brought the tables up to date.
func SQLite(db *sql.DB) Database { return &sqlite{db: db} }

// MigrateSQLite brings the tables up to date and returns how many steps that took.
func MigrateSQLite(ctx context.Context, db *sql.DB, log *slog.Logger) (int, error) {
	migrator, err := rivermigrate.New(riversqlite.New(db), &rivermigrate.Config{Logger: log})
	if err != nil {
		return 0, err
	}
	return migrate(ctx, migrator)
}

func (s *sqlite) prepare(ctx context.Context, log *slog.Logger) error {
	migrator, err := rivermigrate.New(riversqlite.New(s.db), &rivermigrate.Config{Logger: log})
	if err != nil {
		return err
	}
	return validate(ctx, migrator)
}

func (s *sqlite) open(_ context.Context, config *river.Config) (client, error) {
	return river.NewClient(riversqlite.New(s.db), config)
}

func (s *sqlite) ids(ctx context.Context, kind, key string) (ids []int64, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id FROM river_job WHERE kind = ?1 AND json_extract(args, '$.key') = ?2
		AND state IN ('available', 'pending', 'retryable', 'running', 'scheduled')`, kind, key)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// free is called only at the start: a job that is running then belongs to a dead process. So does the leader, whose
// lease would otherwise block this process for a while.
func (s *sqlite) free(ctx context.Context, _ string) (freed int64, err error) {
	if s.freed {
		return 0, nil
	}
	for _, text := range []string{
		"DELETE FROM river_leader",
		`UPDATE river_job SET state = 'cancelled', finalized_at = datetime('now', 'subsec')
			WHERE state = 'running' AND json_extract(metadata, '$.cancel_attempted_at') IS NOT NULL`,
	} {
		if _, err := s.db.ExecContext(ctx, text); err != nil {
			return 0, err
		}
	}
	result, err := s.db.ExecContext(ctx, `UPDATE river_job SET state = 'available', scheduled_at = datetime('now', 'subsec'),
		max_attempts = max(max_attempts, attempt + 1) WHERE state = 'running'`)
	if err != nil {
		return 0, err
	}
	s.freed = true
	return result.RowsAffected()
}

func (s *sqlite) beat() time.Duration { return 0 }

func (s *sqlite) count(ctx context.Context) (all []Count, err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT kind, state, count(*) FROM river_job GROUP BY kind, state ORDER BY kind, state")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one Count
		if err := rows.Scan(&one.Kind, &one.State, &one.Jobs); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// migrate brings tables up to date. Copies that do it at once may both have to retry: each step is a transaction.
func migrate[TTx any](ctx context.Context, migrator *rivermigrate.Migrator[TTx]) (steps int, err error) {
	const tries = 10
	for range tries {
		var result *rivermigrate.MigrateResult
		if result, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err == nil {
			return len(result.Versions), nil
		}
		if !jobs.Sleep(ctx, 200*time.Millisecond) {
			return 0, ctx.Err()
		}
	}
	return 0, fmt.Errorf("migrate the queue's tables: %w", err)
}

func validate[TTx any](ctx context.Context, migrator *rivermigrate.Migrator[TTx]) error {
	result, err := migrator.Validate(ctx, nil)
	if err != nil {
		return err
	}
	if !result.OK {
		return errors.New("the queue's tables are behind this program: run journey-api migrate")
	}
	return nil
}
