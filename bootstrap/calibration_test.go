package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/bootstrap/cli"
	"github.com/journey-os/journey-api/internal/testkit/contract"
	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/internal/testkit/stack"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

const (
	// aMoment is a calibration of the answers below that ends within a second, longRun one that takes many.
	aMoment = `{"min_responses":5,"max_iterations":3}`
	longRun = `{"min_responses":5,"max_iterations":500,"convergence_threshold":1e-15}`
)

func TestACalibrationIsAskedForFollowedCancelledAndGoneBackFrom(t *testing.T) {
	t.Parallel()
	values := environment.Absent(t)
	values["DATABASE_URL"] = "sqlite:" + filepath.Join(t.TempDir(), "journey.db")
	one := calibratingCopy(t, values)
	calibrate(t, values, one, one)
	handedBack(t, values, one, nil)
}

func TestIntegrationTwoCopiesCalibrateOneAtATime(t *testing.T) {
	values := onPostgres(t)
	first, second := calibratingCopy(t, values), calibratingCopy(t, values)
	calibrate(t, values, first, second)
	handedBack(t, values, first, second)
}

func TestACopyThatIsKeptOutOfCalibrationsLeavesARunQueued(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it waits for the queue to be counted")
	}
	values := environment.Absent(t)
	values["DATABASE_URL"] = "sqlite:" + filepath.Join(t.TempDir(), "journey.db")
	off, run := leftQueued(t, values)
	off.stop()
	if err := off.wait(); err != nil {
		t.Fatal(err)
	}
	on := calibratingCopy(t, values)
	takenUp(t, values, off, on, run)
}

func TestIntegrationACopyThatIsKeptOutOfCalibrationsLeavesThemToTheOther(t *testing.T) {
	values := onPostgres(t)
	off, run := leftQueued(t, values)
	on := calibratingCopy(t, values)
	takenUp(t, values, off, on, run)
	got := off.irt(superadmin(t, values), "POST", "/api/irt/calibrate", aMoment, "")
	if got.status != http.StatusOK || !got.Data.InForce {
		t.Errorf("asked of the copy that computes none: %d, %+v", got.status, got.Error)
	}
	takenUp(t, values, off, on, "/api/irt/runs/"+got.Data.ID)
}

// leftQueued asks a copy with CALIBRATION=off for a run, which stays queued and is shown in the notes.
func leftQueued(t *testing.T, values map[string]string) (off *running, run string) {
	t.Helper()
	off = calibratingCopy(t, with(values, "CALIBRATION", "off"))
	addDemoStudents(t, values)
	token := superadmin(t, values)
	run = off.irt(token, "POST", "/api/irt/calibrate", aMoment, "respond-async").location
	for _, want := range []string{`{"name":"jobs","labels":{"kind":"calibration","state":"available"},"value":1}`, "CALIBRATION is off"} {
		if !wait.For(func() bool { return strings.Contains(off.get("/api/diagnostics", "Bearer "+token).Body, want) }) {
			t.Errorf("no %s in %s", want, off.get("/api/diagnostics", "Bearer "+token).Body)
		}
	}
	if got := off.irt(token, "GET", run, "", ""); got.Data.Status != "queued" {
		t.Errorf("the run is %+v", got)
	}
	return off, run
}

// takenUp waits until a run is completed, which on computes and off does not.
func takenUp(t *testing.T, values map[string]string, off, on *running, run string) {
	t.Helper()
	token := superadmin(t, values)
	if !wait.For(func() bool { return on.irt(token, "GET", run, "", "").Data.Status == "completed" }) {
		t.Errorf("the run is %+v", on.irt(token, "GET", run, "", ""))
	}
	on.waitFor(fmt.Sprintf(`"msg":"calibration began","run_id":%q`, path.Base(run))) // lines are written in the background
	if strings.Contains(off.log.String(), "calibration began") {
		t.Errorf("it was computed where it should not be:\n%s", off.log)
	}
}

func with(values map[string]string, name, value string) map[string]string {
	changed := maps.Clone(values)
	changed[name] = value
	return changed
}

func addDemoStudents(t *testing.T, values map[string]string) {
	t.Helper()
	if code, _, stderr := run(values, "demo", "--students", "200", "--env-file", emptyFile(t)); code != cli.ExitOK {
		t.Fatal(stderr)
	}
}

// onPostgres are settings with a schema of the test's own, which is dropped once its copies have stopped.
func onPostgres(t *testing.T) map[string]string {
	t.Helper()
	servers := stack.Running(t)
	values := environment.Absent(t)
	schema := "test_" + strings.ToLower(rand.Text())
	values["DATABASE_URL"], values["DATABASE_SCHEMA"] = servers.DatabaseURL(), schema
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		conn, err := pgx.Connect(ctx, servers.DatabaseURL())
		if err != nil {
			t.Error(err)
			return
		}
		_, err = conn.Exec(ctx, "DROP SCHEMA IF EXISTS "+schema+" CASCADE")
		if err := errors.Join(err, conn.Close(ctx)); err != nil {
			t.Error(err)
		}
	})
	return values
}

func calibratingCopy(t *testing.T, values map[string]string) *running {
	t.Helper()
	return bootWith(t, app.Config{Loaded: environment.Load(t, values), DemoBank: true})
}

// asked is a reply about a calibration.
type asked struct {
	status   int
	location string
	Data     struct {
		ID         string `json:"calibration_run_id"`
		Status     string
		InForce    bool `json:"in_force"`
		Linking    *struct{ Slope, Intercept float64 }
		Parameters []struct {
			ItemID string `json:"item_id"`
			B      float64
			SE     *float64 `json:"b_se"`
		}
		Theta  float64
		Result *struct {
			InForce bool `json:"in_force"`
		}
	}
	Error struct{ Code string }
	Meta  struct {
		RunID string `json:"run_id"`
	}
}

// irt sends a request as a superadmin.
func (r *running) irt(token, method, path, body, prefer string) asked {
	r.t.Helper()
	request := contract.Request{Method: method, Path: path, Token: token, Body: body, Header: http.Header{}}
	if prefer != "" {
		request.Header.Set("Prefer", prefer)
	}
	got := r.exchange(request)
	reply := asked{status: got.Status, location: got.Header.Get("Location")}
	if err := json.Unmarshal([]byte(got.Body), &reply); err != nil {
		r.t.Fatalf("%v in %s", err, got.Body)
	}
	return reply
}

// superadmin is a token.
func superadmin(t *testing.T, values map[string]string) string {
	t.Helper()
	code, token, stderr := run(values, "token", "--role", "superadmin")
	if code != cli.ExitOK {
		t.Fatal(stderr)
	}
	return strings.TrimSpace(token)
}

// calibrate goes through the routes; a and b are copies of the service on one database, or the same one.
func calibrate(t *testing.T, values map[string]string, a, b *running) {
	t.Helper()
	token := superadmin(t, values)
	if got := a.irt(token, "POST", "/api/irt/calibrate", "", ""); got.status != http.StatusUnprocessableEntity || got.Error.Code != "INSUFFICIENT_DATA" {
		t.Errorf("without answers: %+v", got)
	}
	addDemoStudents(t, values)
	long := a.irt(token, "POST", "/api/irt/calibrate", longRun, "respond-async")
	if long.status != http.StatusAccepted || long.location != "/api/irt/runs/"+long.Data.ID || long.Data.Status != "queued" {
		t.Fatalf("asked for: %+v", long)
	}
	if got := b.irt(token, "POST", "/api/irt/calibrate", aMoment, ""); got.status != http.StatusConflict ||
		got.Error.Code != "CALIBRATION_IN_PROGRESS" || got.Meta.RunID != long.Data.ID {
		t.Errorf("a second one: %+v", got)
	}
	if !wait.For(func() bool { return b.irt(token, "GET", long.location, "", "").Data.Status == "running" }) {
		t.Fatal("it does not begin")
	}
	for range 2 {
		if got := b.irt(token, "POST", long.location+"/cancel", "", ""); got.status != http.StatusOK || got.Data.Status != "cancelled" {
			t.Errorf("cancelled: %+v", got)
		}
	}
	first := b.irt(token, "POST", "/api/irt/calibrate", aMoment, "")
	if first.status != http.StatusOK || !first.Data.InForce || first.Data.Linking != nil || len(first.Data.Parameters) < 100 {
		t.Fatalf("the first run: %d, %+v, %d items", first.status, first.Error, len(first.Data.Parameters))
	}
	second := a.irt(token, "POST", "/api/irt/calibrate", aMoment, "")
	if !second.Data.InForce || second.Data.Linking == nil || math.Abs(second.Data.Linking.Slope-1) > .01 {
		t.Fatalf("the second run: %d, %+v, %+v", second.status, second.Error, second.Data.Linking)
	}
	for i, item := range second.Data.Parameters {
		if was := first.Data.Parameters[i]; item.ItemID != was.ItemID || item.SE != nil && math.Abs(item.B-was.B) > *item.SE {
			t.Errorf("the same answers moved %+v to %+v", was, item)
		}
	}
	restored := b.irt(token, "POST", "/api/irt/runs/"+first.Data.ID+"/restore", "", "")
	if restored.status != http.StatusOK || restored.Data.Result == nil || !restored.Data.Result.InForce {
		t.Errorf("restored: %+v", restored)
	}
	if got := a.irt(token, "GET", "/api/irt/runs/"+second.Data.ID, "", ""); got.Data.Result == nil || got.Data.Result.InForce {
		t.Errorf("the later run is still in force: %+v", got)
	}
	ability := "/api/irt/ability/demo-student-0001"
	if !wait.For(func() bool { return a.irt(token, "GET", ability, "", "").Data.ID == first.Data.ID }) {
		t.Error("abilities are not read on the scale that was restored")
	}
	item := first.Data.Parameters[0].ItemID
	if got := a.irt(token, "GET", "/api/irt/parameters/"+item, "", ""); got.Data.ID != first.Data.ID {
		t.Errorf("the item's parameters are of %s, want %s", got.Data.ID, first.Data.ID)
	}
	reportOf(t, values, first.Data.ID, item)
}

// reportOf writes the report of a run.
func reportOf(t *testing.T, values map[string]string, runID, item string) {
	t.Helper()
	code, page, stderr := run(values, "report", "--run", runID, "--env-file", emptyFile(t))
	if code != cli.ExitOK || !strings.Contains(page, item) || !strings.Contains(page, ">Calibration of run "+runID) || strings.Contains(page, "demo-student") {
		t.Errorf("the report: %d, %d bytes, %s", code, len(page), stderr)
	}
	if code, _, stderr := run(values, "report", "--run", "none", "--env-file", emptyFile(t)); code != cli.ExitCouldNot || !strings.Contains(stderr, "no calibration run") {
		t.Errorf("the report of none: %d, %s", code, stderr)
	}
}

// handedBack stops the copy that computes a run: other goes on with it, or, if it is nil, the next copy.
func handedBack(t *testing.T, values map[string]string, stopped, other *running) {
	t.Helper()
	token := superadmin(t, values)
	// The run goes to whichever copy is free, so both report whether they began it.
	long := stopped.irt(token, "POST", "/api/irt/calibrate", longRun, "respond-async")
	began := fmt.Sprintf(`"msg":"calibration began","run_id":%q`, long.Data.ID)
	if other != nil && !wait.For(func() bool { return strings.Contains(stopped.log.String()+other.log.String(), began) }) {
		t.Fatal("it does not begin")
	}
	if other == nil {
		stopped.waitFor(began)
	} else if strings.Contains(other.log.String(), began) {
		stopped, other = other, stopped
	}
	stopped.stop()
	if err := stopped.wait(); err != nil {
		t.Fatal(err)
	}
	stopped.waitFor(`"how":"handed_back"`)
	if other == nil {
		other = calibratingCopy(t, maps.Clone(values))
	}
	other.waitFor(began)
	if got := other.irt(token, "POST", long.location+"/cancel", "", ""); got.Data.Status != "cancelled" {
		t.Errorf("cancelled: %+v", got)
	}
}
