package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/bootstrap/cli"
	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestAnswersAreThereAfterARestart(t *testing.T) {
	t.Parallel()
	settings := map[string]string{"DATABASE_URL": "sqlite:" + filepath.Join(t.TempDir(), "journey.db"), "BANK_OPEN": "true"}
	token := portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now()))
	for round := 1; round <= 2; round++ {
		r := bootOn(t, app.Config{Loaded: environment.Load(t, settings), Environment: settings}) // the first round has no file
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

func TestAnImportAndAnswersGoOnTogether(t *testing.T) {
	t.Parallel()
	settings := map[string]string{"DATABASE_URL": "sqlite:" + filepath.Join(t.TempDir(), "journey.db"), "BANK_OPEN": "true"}
	r := boot(t, settings)
	token := portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now()))
	answer := func(n int) {
		body := fmt.Sprintf(`{"student_id":"student-uuid-1","concept_id":"renal","item_id":"r1","correct":true,"latency_ms":900,"timestamp":"2025-11-03T%02d:%02d:%02dZ"}`, 10+n/3600, n/60%60, n%60)
		var status int
		var reply string
		for range 10 { // as a client that is told to come again does
			if status, reply = r.post("/api/bkt/update", token, body); status != http.StatusServiceUnavailable {
				break
			}
		}
		if status != http.StatusOK {
			t.Fatalf("answer %d: %d %s", n, status, reply)
		}
	}
	answer(0)
	var file strings.Builder
	file.WriteString("student_id,institution_id,item_id,correct,timestamp\n")
	const rows = 6000
	for i := range rows {
		fmt.Fprintf(&file, "student-uuid-%d,inst-uuid-1,r1,%d,2025-11-03T09:%02d:%02dZ\n", i%20, i%2, i/20/60, i/20%60)
	}
	imported := make(chan string, 1)
	go func() {
		var out, errors bytes.Buffer
		cli.Execute(cli.Process{Version: version, Arguments: []string{"import", "attempts", "-"}, Environment: settings, Stdin: strings.NewReader(file.String()), Stdout: &out, Stderr: &errors})
		imported <- out.String() + errors.String()
	}()
	answers, said := 1, ""
	for said == "" {
		answer(answers)
		answers++
		select {
		case said = <-imported:
		default:
		}
	}
	if want := fmt.Sprintf("imported %d attempts, %d of them new\n", rows, rows); said != want {
		t.Errorf("the import says %q", said)
	}
	got := r.get("/api/bkt/mastery/student-uuid-1", "Bearer "+token)
	states, _ := got.Data["states"].([]any)
	if len(states) != 1 || states[0].(map[string]any)["evidence_count"] != float64(rows/20+answers) {
		t.Errorf("%d answers were given meanwhile; the state is %s", answers, got.Body)
	}
}
