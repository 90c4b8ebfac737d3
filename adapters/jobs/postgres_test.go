package jobs_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	adapter "github.com/journey-os/journey-api/adapters/jobs"
	"github.com/journey-os/journey-api/core/jobs"
	"github.com/journey-os/journey-api/internal/testkit/pooler"
	"github.com/journey-os/journey-api/internal/testkit/stack"
)

// schema makes one on the real server that nobody else uses, and returns what opens the queue's database in it, by
// connections in the given mode.
func schema(t *testing.T, mode string) func() adapter.Database {
	t.Helper()
	return schemaThrough(t, stack.Running(t).DatabaseURL()+"?default_query_exec_mode="+mode)
}

// schemaThrough is schema by a URL of the real server.
func schemaThrough(t *testing.T, url string) func() adapter.Database {
	t.Helper()
	name := "test_" + strings.ToLower(rand.Text())
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer pool.Close()
		if _, err := pool.Exec(context.WithoutCancel(t.Context()), "DROP SCHEMA "+name+" CASCADE"); err != nil {
			t.Error(err)
		}
	})
	ready := func(context.Context) error { return nil }
	return func() adapter.Database { return adapter.Postgres(pool, name, ready, true) }
}

func TestIntegrationJobsInPostgres(t *testing.T) {
	for _, mode := range []string{"exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			suite(t, func(t *testing.T) func() adapter.Database { return schema(t, mode) })
		})
	}
}

// Behind a pooler in transaction mode no notification arrives: jobs are looked for.
func TestIntegrationJobsBehindAPooler(t *testing.T) {
	through := pooler.Start(t, stack.Running(t).DatabaseURL()) + "&default_query_exec_mode=exec"
	suite(t, func(t *testing.T) func() adapter.Database { return schemaThrough(t, through) })
}

func TestIntegrationCopiesThatStartAtOnceShareTheirJobs(t *testing.T) {
	open := schema(t, "exec")
	ran := make(chan string, 100)
	kind := func(who string) jobs.Kind {
		return jobs.Kind{Name: "one", Timeout: time.Minute, Parallel: 2, Run: func(_ context.Context, job jobs.Job) error {
			ran <- who + " " + job.Key
			return nil
		}}
	}
	first, _ := started(t, open(), kind("first"))
	second, _ := started(t, open(), kind("second"))
	for key := range strings.SplitSeq("abcdefghij", "") {
		enqueue(t, first, "one", key)
		enqueue(t, second, "one", key+key)
	}
	seen := map[string]int{}
	for range 20 {
		_, key, _ := strings.Cut(await(t, ran, "all jobs run"), " ")
		if seen[key]++; seen[key] > 1 {
			t.Errorf("%s ran twice", key)
		}
	}
}

func TestIntegrationAJobOfACopyThatDiedIsTakenUp(t *testing.T) {
	open := schema(t, "exec")
	ran := make(chan jobs.Job, 10)
	queue, _ := started(t, adapter.WithDeadAfter(open(), time.Second), jobs.Kind{Name: "one", Timeout: time.Minute, Attempts: 1, Run: func(_ context.Context, job jobs.Job) error {
		ran <- job
		return nil
	}})
	enqueue(t, queue, "one", "before")
	await(t, ran, "the queue works")
	conn, err := pgx.Connect(t.Context(), stack.Running(t).DatabaseURL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	// What a copy that is killed leaves behind: its job runs, and nobody has seen it.
	_, err = conn.Exec(t.Context(), adapter.Text(open(), `INSERT INTO %s.river_job (kind, queue, args, state, attempt, max_attempts, attempted_at, attempted_by)
		VALUES ('one', 'one', '{"key": "a"}', 'running', 1, 1, now(), '{dead}')`))
	if err != nil {
		t.Fatal(err)
	}
	if got := await(t, ran, "it is taken up"); got != (jobs.Job{Key: "a", Attempt: 2}) {
		t.Errorf("got %+v", got)
	}
}
