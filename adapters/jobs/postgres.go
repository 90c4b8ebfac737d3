package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

const (
	// heartbeat is the time between two heartbeats of a copy, and deadAfter the time without one after which it counts
	// as dead.
	heartbeat = 5 * time.Second
	deadAfter = 30 * time.Second
	// listenWait is how long a test notification may take to arrive.
	listenWait = 2 * time.Second
)

// postgres keeps jobs in a schema that many copies share.
type postgres struct {
	pool     *pgxpool.Pool
	schema   string
	ready    func(context.Context) error
	migrates bool
	// alive is the start of the present series of heartbeats without a gap, and last the last heartbeat.
	alive, last time.Time
	deadAfter   time.Duration
}

// Postgres keeps jobs in a schema. ready prepares the schema. With migrates River's tables are brought up to date at
// the start.
func Postgres(pool *pgxpool.Pool, schema string, ready func(context.Context) error, migrates bool) Database {
	return &postgres{pool: pool, schema: schema, ready: ready, migrates: migrates, deadAfter: deadAfter}
}

// MigratePostgres brings River's tables up to date and returns how many steps that took. The schema must exist.
func MigratePostgres(ctx context.Context, pool *pgxpool.Pool, schema string, log *slog.Logger) (int, error) {
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: log, Schema: schema})
	if err != nil {
		return 0, err
	}
	steps, err := migrate(ctx, migrator)
	if err != nil {
		return 0, err
	}
	if _, err = pool.Exec(ctx, fmt.Sprintf(workers, schema)); alreadyExists(err) {
		err = nil // another copy was earlier
	}
	return steps, err
}

// workers are the copies that work on jobs, by the id under which River knows them.
const workers = `CREATE TABLE IF NOT EXISTS %s.job_workers (
	worker_id text COLLATE "C" NOT NULL PRIMARY KEY,
	seen_at   timestamptz NOT NULL
)`

// alreadyExists reports whether creating a table failed because another transaction created it meanwhile.
func alreadyExists(err error) bool {
	known, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (known.Code == "23505" || known.Code == "42P07")
}

func (p *postgres) prepare(ctx context.Context, log *slog.Logger) error {
	if err := p.ready(ctx); err != nil {
		return err
	}
	if p.migrates {
		_, err := MigratePostgres(ctx, p.pool, p.schema, log)
		return err
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(p.pool), &rivermigrate.Config{Logger: log, Schema: p.schema})
	if err != nil {
		return err
	}
	return validate(ctx, migrator)
}

func (p *postgres) open(ctx context.Context, config *river.Config) (client, error) {
	listens, err := p.listens(ctx)
	if err != nil {
		return nil, err
	}
	config.Schema, config.PollOnly = p.schema, !listens
	return river.NewClient(riverpgxv5.New(p.pool), config)
}

// listens reports whether notifications arrive. Behind a pooler in transaction mode LISTEN succeeds, but they arrive
// only now and then. A pooler is recognised because the process id that it announces is not the one that answers.
func (p *postgres) listens(ctx context.Context) (bool, error) {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Release()
	var answers uint32
	if err := conn.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&answers); err != nil {
		return false, err
	}
	if answers != conn.Conn().PgConn().PID() {
		return false, nil
	}
	channel := "journey_probe_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return false, nil // a server that takes no LISTEN notifies of nothing
	}
	defer func() { _, _ = conn.Exec(context.WithoutCancel(ctx), "UNLISTEN "+channel) }()
	if _, err := p.pool.Exec(ctx, "SELECT pg_notify($1, '')", channel); err != nil {
		return false, err
	}
	waiting, cancel := context.WithTimeout(ctx, listenWait)
	defer cancel()
	_, err = conn.Conn().WaitForNotification(waiting)
	return err == nil, ctx.Err()
}

func (p *postgres) ids(ctx context.Context, kind, key string) ([]int64, error) {
	rows, err := p.pool.Query(ctx, p.text(`SELECT id FROM %s.river_job WHERE kind = $1 AND args->>'key' = $2
		AND state IN ('available', 'pending', 'retryable', 'running', 'scheduled')`), kind, key)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// free records a heartbeat of this copy, and frees the jobs of copies that missed theirs. It frees none before this
// copy itself has sent heartbeats for that long, since after an outage of the database all copies look dead.
func (p *postgres) free(ctx context.Context, id string) (freed int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, heartbeat)
	defer cancel()
	_, err = p.pool.Exec(ctx, p.text(`INSERT INTO %s.job_workers (worker_id, seen_at) VALUES ($1, now())
		ON CONFLICT (worker_id) DO UPDATE SET seen_at = now()`), id)
	if err != nil {
		return 0, err
	}
	now := time.Now()
	if now.Sub(p.last) > p.deadAfter {
		p.alive = now
	}
	if p.last = now; now.Sub(p.alive) < p.deadAfter {
		return 0, nil
	}
	return p.freeOfDead(ctx)
}

func (p *postgres) freeOfDead(ctx context.Context) (freed int64, err error) {
	const ofDead = ` WHERE state = 'running' AND attempted_by[cardinality(attempted_by)] NOT IN (
		SELECT worker_id FROM %[1]s.job_workers WHERE seen_at > now() - make_interval(secs => $1))`
	_, err = p.pool.Exec(ctx, p.text("UPDATE %[1]s.river_job SET state = 'cancelled', finalized_at = now()"+ofDead+
		" AND metadata ? 'cancel_attempted_at'"), p.deadAfter.Seconds())
	if err != nil {
		return 0, err
	}
	done, err := p.pool.Exec(ctx, p.text("UPDATE %[1]s.river_job SET state = 'available', scheduled_at = now(), "+
		"max_attempts = greatest(max_attempts, attempt + 1)"+ofDead), p.deadAfter.Seconds())
	if err != nil {
		return 0, err
	}
	_, err = p.pool.Exec(ctx, p.text("DELETE FROM %s.job_workers WHERE seen_at < now() - interval '1 day'"))
	return done.RowsAffected(), err
}

func (p *postgres) beat() time.Duration { return min(heartbeat, p.deadAfter/3) }

func (p *postgres) count(ctx context.Context) ([]Count, error) {
	rows, err := p.pool.Query(ctx, p.text("SELECT kind, state::text, count(*) FROM %s.river_job GROUP BY kind, state ORDER BY kind, state"))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Count])
}

// text puts the schema's name, which needs no quotes, into a statement.
func (p *postgres) text(statement string) string { return fmt.Sprintf(statement, p.schema) }
