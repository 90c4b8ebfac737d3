package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/journey-os/journey-api/bootstrap/cli"
)

// takeoverTime is how long the work of a copy that was killed may lie.
const takeoverTime = 3 * time.Minute

// A due calibration is computed by one of two copies. That one is killed in the middle, and the other one takes over.
func TestIntegrationAScheduledCalibrationRunsOnceThroughAKill(t *testing.T) {
	t.Parallel()
	values := onPostgres(t)
	values["CALIBRATE_EVERY"] = "1h"
	importClass(t, values)
	binary, token := build(t), superadmin(t, values)
	release := holdScale(t, values)
	first, second := serveApart(t, binary, values), serveApart(t, binary, values)

	within(t, takeoverTime, "a copy begins the run", func() bool { return len(first.runs("began"))+len(second.runs("began")) > 0 })
	if len(first.runs("began")) == 0 {
		first, second = second, first
	}
	runID := first.runs("began")[0]
	first.end(syscall.SIGKILL)
	release()
	within(t, takeoverTime, "the other copy ends the run", func() bool { return len(second.runs("ended")) > 0 })
	again := serveApart(t, binary, values)
	for name, one := range map[string]*program{"the copy that took over": second, "a copy that starts after it": again} {
		r := one.asRunning()
		within(t, takeoverTime, name+" reads by the new parameters", func() bool {
			return r.irt(token, http.MethodGet, "/api/irt/ability/student-0001", "", "").Data.ID == runID
		})
		if got := r.irt(token, http.MethodGet, "/api/irt/parameters/item-1", "", ""); got.Data.ID != runID {
			t.Errorf("%s has item-1 of the run %q, want %s", name, got.Data.ID, runID)
		}
		status, reply := r.request(http.MethodGet, "/api/irt/runs", token)
		if status != http.StatusOK || !strings.Contains(reply, `"total":1`) || !strings.Contains(reply, `"status":"completed"`) {
			t.Errorf("%s lists %d %s", name, status, reply)
		}
	}
	if got := fmt.Sprint(first.runs("began"), first.runs("ended"), second.runs("began"), second.runs("ended"), again.runs("began")); got !=
		fmt.Sprintf("[%[1]s] [] [%[1]s] [%[1]s] []", runID) {
		t.Errorf("the runs that the copies began and ended: %s", got)
	}
}

// importClass adds enough answers for a calibration: 120 students, each item answered by all.
func importClass(t *testing.T, values map[string]string) {
	t.Helper()
	const students, items = 120, 6
	var ofItems, attempts strings.Builder
	ofItems.WriteString("item_id,concept_id\n")
	attempts.WriteString("student_id,institution_id,item_id,correct,timestamp\n")
	for item := range items {
		fmt.Fprintf(&ofItems, "item-%d,renal\n", item)
		for student := range students {
			correct := 0
			if student*13%60+student*item*7%25 > 10*item {
				correct = 1
			}
			fmt.Fprintf(&attempts, "student-%04d,inst-uuid-1,item-%d,%d,2025-11-03T09:%02d:00Z\n", student, item, correct, item)
		}
	}
	if code, _, stderr := run(values, "migrate", "--env-file", emptyFile(t)); code != cli.ExitOK {
		t.Fatal(stderr)
	}
	for _, one := range []struct{ what, text string }{
		{"concepts", "concept_id\nrenal\n"}, {"items", ofItems.String()}, {"attempts", attempts.String()},
	} {
		file := filepath.Join(t.TempDir(), one.what+".csv")
		write(t, file, one.text)
		if code, _, stderr := run(values, "import", one.what, file, "--env-file", emptyFile(t)); code != cli.ExitOK {
			t.Fatal(stderr)
		}
	}
}

// holdScale keeps runs from being completed until release is called: they wait for the lock on the scale.
func holdScale(t *testing.T, values map[string]string) (release func()) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	conn, err := pgx.Connect(ctx, values["DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(ctx) })
	if _, err := conn.Exec(ctx, "BEGIN"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, "SELECT FROM "+values["DATABASE_SCHEMA"]+".calibration_scale FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := conn.Exec(ctx, "ROLLBACK"); err != nil {
			t.Error(err)
		}
	}
}

// runs are the ids of the calibrations in the log that began or ended.
func (p *program) runs(what string) (ids []string) {
	for _, after := range strings.Split(p.Stdout.String(), `"msg":"calibration `+what+`"`)[1:] {
		_, after, _ = strings.Cut(after, `"run_id":"`)
		id, _, _ := strings.Cut(after, `"`)
		ids = append(ids, id)
	}
	return ids
}

func (p *program) asRunning() *running {
	return &running{t: p.t, url: "http://" + p.address, client: hurried()}
}
