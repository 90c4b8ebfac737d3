package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/ports/portstest"
)

// post sends a JSON body.
func (r *running) post(path, token, body string) (status int, reply string) {
	r.t.Helper()
	asked, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	asked.Header.Set("Authorization", "Bearer "+token)
	asked.Header.Set("Content-Type", "application/json")
	response, err := r.client.Do(asked)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestAnswersAreThereAfterARestart(t *testing.T) {
	t.Parallel()
	settings := map[string]string{"DATABASE_URL": "sqlite:" + filepath.Join(t.TempDir(), "journey.db"), "BANK_OPEN": "true"}
	token := portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now()))
	for round := 1; round <= 2; round++ {
		r := boot(t, settings)
		body := fmt.Sprintf(`{"student_id":"student-uuid-1","concept_id":"renal","item_id":"r1","correct":true,"latency_ms":900,"timestamp":"2025-11-03T09:0%d:00Z"}`, round)
		if status, reply := r.post("/api/bkt/update", token, body); status != http.StatusOK || !strings.Contains(reply, fmt.Sprintf(`"evidence_count":%d`, round)) {
			t.Fatalf("round %d: %d %s", round, status, reply)
		}
		got := r.get("/api/bkt/mastery/student-uuid-1", "Bearer "+token)
		if got.Status != http.StatusOK || got.Data["total_concepts"] != 1.0 {
			t.Fatalf("round %d: %d %s", round, got.Status, got.Body)
		}
		second := maps.Clone(settings)
		if _, err := app.New(app.Config{Version: version, Loaded: environment.Load(t, second), Log: io.Discard}); err == nil || !strings.Contains(err.Error(), "another journey-api serves from this database") {
			t.Errorf("a second service on the file: %v", err)
		}
		r.stop()
		if err := r.wait(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAStudentWhoMovesIsLogged(t *testing.T) {
	t.Parallel()
	r := boot(t, map[string]string{"BANK_OPEN": "true"})
	claims := portstest.StudentClaims(time.Now())
	for round, token := range []string{
		portstest.Token(portstest.Secret, claims), portstest.Token(portstest.Secret, claims.With("app_metadata.institution_id", "inst-uuid-2")),
	} {
		body := fmt.Sprintf(`{"student_id":"student-uuid-1","concept_id":"renal","item_id":"r1","correct":true,"latency_ms":900,"timestamp":"2025-11-03T09:0%d:00Z"}`, round)
		if status, reply := r.post("/api/bkt/update", token, body); status != http.StatusOK {
			t.Fatalf("%d %s", status, reply)
		}
	}
	r.waitFor(`"msg":"student moved"`)
	r.waitFor(`"from_institution_id":"inst-uuid-1","to_institution_id":"inst-uuid-2"`)
}
