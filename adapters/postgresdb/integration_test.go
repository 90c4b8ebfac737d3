package postgresdb_test

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/journey-os/journey-api/adapters/postgresdb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/stack"
	"github.com/journey-os/journey-api/ports/portstest"
)

// freshSchema is the URL of the real server and a schema that nobody else uses, dropped at the end of the test; the test
// is skipped if there is no server.
func freshSchema(t *testing.T) (url, schema string) {
	t.Helper()
	url = stack.Running(t).DatabaseURL()
	schema = "test_" + strings.ToLower(rand.Text())
	t.Cleanup(func() { run(t, url, "DROP SCHEMA IF EXISTS "+schema+" CASCADE") })
	return url, schema
}

// run runs statements on a connection of their own.
func run(t *testing.T, url string, statements ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, one := range statements {
		if _, err := conn.Exec(ctx, one); err != nil {
			t.Fatalf("%s: %v", one, err)
		}
	}
}

func open(t *testing.T, config postgresdb.Config) *postgresdb.Store {
	t.Helper()
	store, err := postgresdb.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return store
}

// ready is a store that is usable.
func ready(t *testing.T, url, schema string) *postgresdb.Store {
	t.Helper()
	store := open(t, postgresdb.Config{URL: url, Schema: schema, Migrate: true})
	if err := store.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return store
}

func TestIntegrationTheStoreKeepsTheContracts(t *testing.T) {
	for _, mode := range []string{"exec", "simple_protocol", "cache_statement"} {
		t.Run(mode, func(t *testing.T) {
			portstest.MasterySuite(t, func(t *testing.T) portstest.MasteryStore {
				url, schema := freshSchema(t)
				return ready(t, url+"?default_query_exec_mode="+mode, schema)
			})
		})
	}
}

func TestIntegrationTheStoreKeepsTheContractsOfCalibration(t *testing.T) {
	for _, mode := range []string{"exec", "simple_protocol", "cache_statement"} {
		t.Run(mode, func(t *testing.T) {
			portstest.CalibrationSuite(t, func(t *testing.T) portstest.CalibrationStore {
				url, schema := freshSchema(t)
				return ready(t, url+"?default_query_exec_mode="+mode, schema)
			})
		})
	}
}

func TestIntegrationARunSurvivesWhatHappensToIt(t *testing.T) {
	portstest.RunEventsSuite(t, func(t *testing.T) portstest.CalibrationStore {
		url, schema := freshSchema(t)
		return ready(t, url, schema)
	})
}

func TestIntegrationEveryStatementFitsTheSchema(t *testing.T) {
	url, schema := freshSchema(t)
	ready(t, url, schema)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	files, err := filepath.Glob("sql/*.sql")
	if err != nil || len(files) < 20 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Prepare(t.Context(), file, strings.ReplaceAll(string(text), "journey.", schema+".")); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestIntegrationCopiesThatStartAtOnceDoNotCollide(t *testing.T) {
	url, schema := freshSchema(t)
	var (
		copies sync.WaitGroup
		mu     sync.Mutex
		total  int
	)
	for range 3 {
		store := open(t, postgresdb.Config{URL: url, Schema: schema})
		copies.Go(func() {
			applied, err := store.Migrate(t.Context())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			total += applied
		})
	}
	copies.Wait()
	if files, err := filepath.Glob("migrations/*.sql"); err != nil || total != len(files) {
		t.Errorf("%d migrations were applied, want %d (%v)", total, len(files), err)
	}
	if err := open(t, postgresdb.Config{URL: url, Schema: schema}).Prepare(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestIntegrationAForeignTableInTheWayStopsMigrationsAndNothingChanges(t *testing.T) {
	url, schema := freshSchema(t)
	run(t, url, "CREATE SCHEMA "+schema, "CREATE TABLE "+schema+".items (id int)")
	store := open(t, postgresdb.Config{URL: url, Schema: schema, Migrate: true})
	err := store.Prepare(t.Context())
	if err == nil || !strings.Contains(err.Error(), schema+".items") || core.CodeOf(err) == core.CodeUnavailable {
		t.Errorf("got %v", err)
	}
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var tables int
	err = pool.QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = $1", schema).Scan(&tables)
	if err != nil || tables != 1 {
		t.Errorf("the schema has %d tables, %v", tables, err)
	}
	run(t, url, "DROP TABLE "+schema+".items", "CREATE TABLE "+schema+".schema_versions (id int)")
	if err := store.Prepare(t.Context()); err == nil || !strings.Contains(err.Error(), schema+".schema_versions") {
		t.Errorf("another program's table of versions: %v", err)
	}
	run(t, url, "DROP TABLE "+schema+".schema_versions")
	if err := store.Prepare(t.Context()); err != nil {
		t.Errorf("with nothing in the way: %v", err)
	}
}

func TestIntegrationASchemaThatIsBehindOrAheadIsRefused(t *testing.T) {
	url, schema := freshSchema(t)
	behind := open(t, postgresdb.Config{URL: url, Schema: schema})
	if err := behind.Prepare(t.Context()); err == nil || !strings.Contains(err.Error(), "journey-api migrate") {
		t.Errorf("an empty database: %v", err)
	}
	ready(t, url, schema)
	run(t, url, "INSERT INTO "+schema+".schema_versions (version_id, is_applied) VALUES (9999, true)")
	if err := behind.Prepare(t.Context()); err == nil || !strings.Contains(err.Error(), "newer program") {
		t.Errorf("a database of the future: %v", err)
	}
}

func TestIntegrationARoleThatRowSecurityBlindsIsAFault(t *testing.T) {
	url, schema := freshSchema(t)
	ready(t, url, schema)
	run(t, url, "ALTER TABLE "+schema+".states ENABLE ROW LEVEL SECURITY")
	if err := open(t, postgresdb.Config{URL: url, Schema: schema}).Prepare(t.Context()); err != nil {
		t.Errorf("the owner, whom row security does not bind: %v", err)
	}
	run(t, url, "ALTER TABLE "+schema+".states FORCE ROW LEVEL SECURITY")
	err := open(t, postgresdb.Config{URL: url, Schema: schema}).Prepare(t.Context())
	if err == nil || !strings.Contains(err.Error(), "states") || core.CodeOf(err) == core.CodeUnavailable {
		t.Errorf("got %v", err)
	}
}

func TestIntegrationAMigrationThatIsKilledHalfWayIsDoneAgain(t *testing.T) {
	url, schema := freshSchema(t)
	run(t, url, "CREATE SCHEMA "+schema)
	text, err := os.ReadFile("migrations/00001_records.sql")
	if err != nil {
		t.Fatal(err)
	}
	statements := strings.SplitAfter(strings.ReplaceAll(string(text), "journey.", schema+"."), ";\n")
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range append([]string{"BEGIN"}, statements[:len(statements)/2]...) {
		if _, err := conn.Exec(t.Context(), one); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.PgConn().Conn().Close(); err != nil { // as a process that is killed does
		t.Fatal(err)
	}
	ready(t, url, schema)
}

func TestIntegrationTheStoreKeepsTheContractsOfPractice(t *testing.T) {
	for _, mode := range []string{"exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			portstest.PracticeSuite(t, func(t *testing.T) portstest.PracticeStore {
				url, schema := freshSchema(t)
				return ready(t, url+"?default_query_exec_mode="+mode, schema)
			})
		})
	}
}

func TestIntegrationEveryTableAboutStudentsIsDeletedAndExported(t *testing.T) {
	url, schema := freshSchema(t)
	ready(t, url, schema)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	rows, err := conn.Query(t.Context(), "SELECT table_name::text FROM information_schema.columns WHERE table_schema = $1 AND column_name = 'student_id'", schema)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	portstest.CheckRecordTables(t, tables)
}
