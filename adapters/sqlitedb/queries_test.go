package sqlitedb_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/adapters/sqlitedb"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestEveryStatementFitsTheSchema(t *testing.T) {
	store := open(t, filepath.Join(t.TempDir(), "journey.db"))
	files, err := fs.Glob(sqlitedb.Queries, "sql/*.sql")
	if err != nil || len(files) < 20 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(sqlitedb.Queries, file)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Prepare(string(text)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// What runs for each answer, and for each page that somebody reads, looks rows up: a scan would grow with the platform.
func TestHotStatementsScanNoTable(t *testing.T) {
	store := open(t, filepath.Join(t.TempDir(), "journey.db"))
	for _, name := range []string{
		"find_student", "find_for_answer", "find_keyed", "find_same", "find_state", "find_snapshot", "list_past", "list_existing",
		"put_student", "put_state", "drop_snapshots", "count_states", "list_states", "list_history",
		"find_parameters", "list_answers", "list_outdated",
		"find_run", "heartbeat_run", "end_run", "list_run_items", "list_skipped_items", "find_item_parameters", "list_first_responses",
	} {
		text, err := fs.ReadFile(sqlitedb.Queries, "sql/"+name+".sql")
		if err != nil {
			t.Fatal(err)
		}
		steps, err := store.Plan(string(text), make([]any, strings.Count(string(text), "?"))...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, step := range steps {
			if strings.HasPrefix(step, "SCAN") && step != "SCAN CONSTANT ROW" && !strings.Contains(step, "(subquery-") {
				t.Errorf("%s: %s", name, step)
			}
		}
	}
}

func TestEveryTableAboutStudentsIsDeletedAndExported(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journey.db")
	open(t, path)
	rows, err := raw(t, path).QueryContext(t.Context(), "SELECT m.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'student_id'")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	portstest.CheckRecordTables(t, tables)
}
