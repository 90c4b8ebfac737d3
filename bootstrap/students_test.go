package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/ports/portstest"
)

// everywhere lists the tables of a file that have a text in some column.
func everywhere(t *testing.T, path, text string) (found []string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, table := range column(t, db, "SELECT name FROM sqlite_schema WHERE type = 'table'") {
		for _, name := range column(t, db, "SELECT name FROM pragma_table_info('"+table+"')") {
			query := fmt.Sprintf("SELECT count(*) FROM %s WHERE instr(CAST(%s AS TEXT), ?) > 0", table, name)
			var rows int
			if err := db.QueryRowContext(t.Context(), query, text).Scan(&rows); err != nil {
				t.Fatal(err)
			}
			if rows > 0 {
				found = append(found, table+"."+name)
			}
		}
	}
	return found
}

func column(t *testing.T, db *sql.DB, query string) (values []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
	}
	return values
}

func TestARecordIsExportedAndAfterItsDeletionNoTableHasTheStudent(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journey.db")
	r := boot(t, map[string]string{"DATABASE_URL": "sqlite:" + path, "BANK_OPEN": "true"})
	const id = "student-uuid-1"
	student := portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now()))
	admin := portstest.Token(portstest.Secret, portstest.SuperadminClaims(time.Now()))
	answer := `{"student_id":"student-uuid-1","concept_id":"renal","item_id":"r1","correct":true,"latency_ms":900,"timestamp":"2025-11-03T09:00:00.000001Z"}`
	if status, reply := r.post("/api/bkt/update", student, answer); status != http.StatusOK {
		t.Fatal(status, reply)
	}
	status, body := r.request(http.MethodGet, "/api/students/"+id+"/export", student)
	for _, want := range []string{
		`{"table":"students","row":{"student_id":"student-uuid-1","institution_id":"inst-uuid-1"}}`,
		`{"table":"attempts","row":{"student_id":"student-uuid-1","answered_at":"2025-11-03T09:00:00.000001Z","item_id":"r1","correct":true,`,
		`{"table":"states","row":{"student_id":"student-uuid-1","concept_id":"renal","p_mastered":0.`,
	} {
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%d: no %s in\n%s", status, want, body)
		}
	}
	if before := everywhere(t, path, id); len(before) < 3 {
		t.Fatalf("before, the student is in %v", before)
	}
	if status, body := r.request(http.MethodDelete, "/api/students/"+id, student); status != http.StatusForbidden {
		t.Errorf("a student deletes: %d %s", status, body)
	}
	if status, body := r.request(http.MethodDelete, "/api/students/"+id, admin); status != http.StatusOK || !strings.Contains(body, `"graph":"off"`) {
		t.Fatalf("%d %s", status, body)
	}
	if left := everywhere(t, path, id); len(left) > 0 {
		t.Errorf("the student is still in %v", left)
	}
	for _, path := range []string{"/api/bkt/mastery/" + id, "/api/students/" + id + "/export"} {
		if status, body := r.request(http.MethodGet, path, admin); status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, reply := r.post("/api/bkt/update", student, answer); status != http.StatusOK || !strings.Contains(reply, `"evidence_count":1`) {
		t.Errorf("a later answer: %d %s", status, reply)
	}
	r.waitFor(`"msg":"record deleted"`)
}
