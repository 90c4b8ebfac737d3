package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/bootstrap/cli"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

const (
	classSize, classAnswers = 1500, 4
	// refit changes every state of the class.
	refit = `{"concept_id":"renal","force":true}`
)

// classFile has the answers of a class to one item, more of them right as time goes on.
func classFile() string {
	var file strings.Builder
	file.WriteString("student_id,institution_id,item_id,correct,timestamp\n")
	for student := range classSize {
		for n := range classAnswers {
			correct := 0
			if (student*7+n*n*3)%10 < 2+2*n {
				correct = 1
			}
			fmt.Fprintf(&file, "student-%04d,inst-uuid-1,r1,%d,2025-11-03T09:00:%02dZ\n", student, correct, n)
		}
	}
	return file.String()
}

// classroom is an embedded database, and the binary that works on it.
type classroom struct {
	t            *testing.T
	binary, file string
	settings     map[string]string
	db           *sql.DB
}

func newClassroom(t *testing.T, binary string) *classroom {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, "journey.db")
	c := &classroom{t: t, binary: binary, file: filepath.Join(folder, "attempts.csv"), settings: map[string]string{"DATABASE_URL": "sqlite:" + path}}
	write(t, c.file, classFile())
	concepts, items := filepath.Join(folder, "concepts.csv"), filepath.Join(folder, "items.csv")
	write(t, concepts, "concept_id\nrenal\n")
	write(t, items, "item_id,concept_id\nr1,renal\n")
	for _, arguments := range [][]string{{"concepts", concepts}, {"items", items}} {
		if code, _, stderr := run(c.settings, append([]string{"import"}, arguments...)...); code != cli.ExitOK {
			t.Fatal(stderr)
		}
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c.db = db
	return c
}

func (c *classroom) count(query string) (rows int) {
	c.t.Helper()
	if err := c.db.QueryRowContext(c.t.Context(), query).Scan(&rows); err != nil {
		c.t.Fatal(err)
	}
	return rows
}

// kept is all that is known of the class but when it was written and under which ids.
func (c *classroom) kept() []string {
	c.t.Helper()
	return slices.Concat(
		column(c.t, c.db, `SELECT concat_ws(' ', student_id, answered_at, item_id, correct, concept_id, p_before, p_after, p_correct, evidence, trend)
			FROM attempts ORDER BY student_id, answered_at`),
		column(c.t, c.db, `SELECT concat_ws(' ', student_id, concept_id, p_mastered, log_unmastered, p_previous, p_earlier, evidence, last_answered_at,
			parameters_version, version) FROM states ORDER BY student_id`),
	)
}

func (c *classroom) isLike(other *classroom) {
	c.t.Helper()
	if diff := cmp.Diff(other.kept(), c.kept()); diff != "" {
		c.t.Errorf("not as after work that nobody interrupted (-that +killed):\n%.2000s", diff)
	}
}

// imports runs the import to its end, and returns what it says.
func (c *classroom) imports() string {
	c.t.Helper()
	code, stdout, stderr := run(c.settings, "import", "attempts", c.file)
	if code != cli.ExitOK {
		c.t.Fatal(stderr)
	}
	return stdout
}

// slow makes an insert into a table, or an update of it, slow while a condition holds, until it is released: a kill that
// comes in mid-work can't be too late then.
func (c *classroom) slow(event, table, condition string) (release func()) {
	c.t.Helper()
	do := func(statement string) {
		c.t.Helper()
		if _, err := c.db.ExecContext(c.t.Context(), statement); err != nil {
			c.t.Fatal(err)
		}
	}
	do(fmt.Sprintf("CREATE TRIGGER slow BEFORE %s ON %s WHEN %s BEGIN SELECT count(*) FROM %[2]s a, %[2]s b; END", event, table, condition))
	return func() { c.t.Helper(); do("DROP TRIGGER slow") }
}

// importIsKilled begins the import, kills it once an eighth of it is kept, and returns how many attempts are.
func (c *classroom) importIsKilled() int {
	c.t.Helper()
	release := c.slow("INSERT", "attempts", fmt.Sprintf("(SELECT count(*) FROM attempts) > %d", classSize*classAnswers/4))
	p := start(c.t, c.settings, c.binary, "import", "attempts", c.file)
	begun := wait.For(func() bool { return c.count("SELECT count(*) FROM attempts") > classSize*classAnswers/8 })
	p.Signal(syscall.SIGKILL)
	if code, _ := p.Wait(); code != -1 || !begun {
		c.t.Fatalf("it was not killed in mid-import: %d, %s%s", code, &p.Stdout, &p.Stderr)
	}
	release()
	return c.count("SELECT count(*) FROM attempts")
}

// refits starts the service and asks for a fit.
func (c *classroom) refits() *program {
	c.t.Helper()
	p := launch(c.t, c.settings, c.binary)
	r := &running{t: c.t, url: "http://" + p.address, client: hurried()}
	if status, reply := r.post("/api/bkt/fit", superadmin(c.t, p.settings()), refit); status != http.StatusOK {
		c.t.Fatalf("the fit: %d %s, %s", status, reply, &p.Stdout)
	}
	return p
}

// settings are those that the program was started with.
func (p *program) settings() map[string]string {
	values := map[string]string{}
	for _, pair := range p.Command.Env {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	return values
}

// outdated counts the states that are of older parameters.
func (c *classroom) outdated() int {
	return c.count("SELECT count(*) FROM states WHERE parameters_version = 0")
}

// isCurrent waits until no state is of older parameters, and stops the service.
func (c *classroom) isCurrent(p *program) {
	c.t.Helper()
	if !wait.For(func() bool { return c.outdated() == 0 }) {
		c.t.Fatalf("%d states are of older parameters: %s", c.outdated(), &p.Stdout)
	}
	p.end(syscall.SIGTERM)
}

func TestAKillInMidImportAndInMidRefitChangesNothingOfTheEnd(t *testing.T) {
	t.Parallel()
	binary := build(t)
	whole, killed := newClassroom(t, binary), newClassroom(t, binary)

	whole.imports()
	there, all := killed.importIsKilled(), classSize*classAnswers
	if there == all {
		t.Errorf("%d attempts of %d were kept at the kill", there, all)
	}
	if got, want := killed.imports(), fmt.Sprintf("imported %d attempts, %d of them new\n", all, all-there); got != want {
		t.Errorf("run again, the import says %q, want %q", got, want)
	}
	killed.isLike(whole)

	whole.isCurrent(whole.refits())
	release := killed.slow("UPDATE", "states", fmt.Sprintf("(SELECT count(*) FROM states WHERE parameters_version = 0) < %d", classSize*3/4))
	p := killed.refits()
	if !wait.For(func() bool { return killed.outdated() < classSize*7/8 }) {
		t.Fatalf("no state is computed again: %s", &p.Stdout)
	}
	p.Signal(syscall.SIGKILL)
	p.Wait()
	left := killed.outdated()
	if left == 0 {
		t.Errorf("%d states of %d were left at the kill", left, classSize)
	}
	release()
	killed.isCurrent(launch(t, killed.settings, binary))
	killed.isLike(whole)
	t.Logf("the import was killed after %d of %d attempts, the refit with %d of %d states left", there, all, left, classSize)
}
