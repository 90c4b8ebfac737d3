package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/bootstrap/cli"
	"github.com/journey-os/journey-api/internal/testkit/environment"
)

// TestTheExamplesOfTheDocumentationWorkAsTheyStand sends what /docs fills in to each route of mastery and the bank, where
// demo was run: first what changes, then what reads, as the student of make token ROLE=student, or else as a superadmin.
func TestTheExamplesOfTheDocumentationWorkAsTheyStand(t *testing.T) {
	t.Parallel()
	values := environment.Absent(t)
	tokens := map[bool]string{}
	for isStudent, role := range map[bool]string{true: "student", false: "superadmin"} {
		code, token, stderr := run(values, "token", "--role", role)
		if code != cli.ExitOK {
			t.Fatal(stderr)
		}
		tokens[isStudent] = strings.TrimSpace(token)
	}
	r := bootWith(t, app.Config{Loaded: environment.Load(t, values), DemoBank: true})
	if code, _, stderr := run(values, "demo", "--students", "20", "--env-file", emptyFile(t)); code != cli.ExitOK {
		t.Fatal(stderr)
	}
	var described struct {
		Paths map[string]map[string]struct {
			Tags       []string
			Access     string `json:"x-access"`
			Parameters []struct {
				Name, In string
				Example  any
			}
			RequestBody struct {
				Content map[string]struct{ Example json.RawMessage }
			}
		}
	}
	_, stdout, _ := run(nil, "openapi")
	if err := json.Unmarshal([]byte(stdout), &described); err != nil {
		t.Fatal(err)
	}
	sent := 0
	for _, method := range []string{"post", "get"} {
		for _, path := range slices.Sorted(maps.Keys(described.Paths)) { // a fit before what goes back to it
			operation := described.Paths[path][method]
			if !slices.Contains([]string{"Mastery", "Bank"}, strings.Join(operation.Tags, " ")) {
				continue
			}
			query := url.Values{}
			for _, parameter := range operation.Parameters {
				switch {
				case parameter.Example == nil:
				case parameter.In == "path":
					path = strings.ReplaceAll(path, "{"+parameter.Name+"}", fmt.Sprint(parameter.Example))
				case parameter.In == "query":
					query.Set(parameter.Name, fmt.Sprint(parameter.Example))
				}
			}
			sent++
			token := tokens[strings.Contains(operation.Access, "student") || strings.Contains(operation.Access, "any signed-in user")]
			var (
				status int
				reply  string
			)
			if method == "post" {
				status, reply = r.post(path, token, string(operation.RequestBody.Content["application/json"].Example))
			} else {
				got := r.get(path+"?"+query.Encode(), "Bearer "+token)
				status, reply = got.Status, got.Body
			}
			if status != http.StatusOK {
				t.Errorf("%s %s: %d %s", method, path, status, reply)
			}
		}
	}
	if sent < 5 {
		t.Errorf("%d examples were sent", sent)
	}
}

func TestTheDemoBankIsLoadedIntoAnEmptyBankAlone(t *testing.T) {
	t.Parallel()
	values := environment.Absent(t)
	count := func(demoBank bool) any {
		t.Helper()
		r := bootWith(t, app.Config{Loaded: environment.Load(t, values), DemoBank: demoBank})
		_, token, _ := run(values, "token", "--role", "student")
		got := r.get("/api/bank/concepts", "Bearer "+strings.TrimSpace(token))
		r.stop()
		if err := r.wait(); err != nil {
			t.Fatal(err)
		}
		return got.Data["total"]
	}
	if total := count(false); total != 0.0 {
		t.Errorf("unasked: %v concepts", total)
	}
	if total := count(true); total != 42.0 {
		t.Errorf("into an empty bank: %v concepts", total)
	}
	if total := count(true); total != 42.0 {
		t.Errorf("the second time: %v concepts", total)
	}
}

func TestDemoAddsStudentsOnceBesideTheService(t *testing.T) {
	t.Parallel()
	values := environment.Absent(t)
	r := bootWith(t, app.Config{Loaded: environment.Load(t, values)})
	for i, want := range []string{
		"added 42 concepts, 504 items, 2 students with 336 answers; 0 students were there already",
		"added 0 concepts, 0 items, 0 students with 0 answers; 2 students were there already",
		"added 0 concepts, 0 items, 1 students with 168 answers; 2 students were there already",
	} {
		code, stdout, stderr := run(values, "demo", "--students", []string{"2", "2", "3"}[i], "--env-file", emptyFile(t))
		if code != cli.ExitOK || !strings.Contains(stdout, want) {
			t.Errorf("ended with %d: %s%s, want %q", code, stdout, stderr, want)
		}
	}
	_, token, _ := run(values, "token", "--role", "faculty", "--institution", "inst-demo")
	got := r.get("/api/bkt/mastery/demo-student-0002?limit=1", "Bearer "+strings.TrimSpace(token))
	if got.Status != http.StatusOK || got.Data["total_concepts"] != 14.0 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	entries := r.get("/api/bkt/mastery/demo-student-0002/history?limit=1000", "Bearer "+strings.TrimSpace(token))
	if list, _ := entries.Data["entries"].([]any); len(list) != 168 {
		t.Errorf("a history of %d answers", len(list))
	}
}

func TestCommandsOnTheDatabase(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	file := map[string]string{"DATABASE_URL": "sqlite:" + at("journey.db")}
	server := map[string]string{"DATABASE_URL": "postgres://journey:hunter22@127.0.0.1:1/journey?sslmode=disable"}
	production := maps.Clone(file)
	production["APP_ENV"] = "production"
	if err := os.WriteFile(at("text.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name        string
		environment map[string]string
		arguments   []string
		code        int
		says        string
	}{
		{"a backup of nothing", file, []string{"backup", at("copy.db")}, cli.ExitCouldNot, "there is no database at"},
		{"a report of nothing", file, []string{"report", "--run", "01a22766-bc44-7e4c-a580-55e7ece99d21"}, cli.ExitCouldNot, "there is no database at"},
		{"a pick of nothing", file, []string{"explain", "session", "1"}, cli.ExitCouldNot, "there is no database at"},
		{"a new database", file, []string{"migrate"}, cli.ExitOK, "of its migrations"},
		{"migrated already", file, []string{"migrate"}, cli.ExitOK, "nothing was missing"},
		{"a backup", file, []string{"backup", at("copy.db")}, cli.ExitOK, "MB, whole"},
		{"the copy opens", map[string]string{"DATABASE_URL": "sqlite:" + at("copy.db")}, []string{"migrate"}, cli.ExitOK, "nothing was missing"},
		{"a backup over another", file, []string{"backup", at("copy.db")}, cli.ExitCouldNot, "is there already and was left as it is"},
		{"a backup without a name", file, []string{"backup"}, cli.ExitUsage, "<file>"},
		{"a backup of a server", server, []string{"backup", at("x.db")}, cli.ExitCouldNot, "use pg_dump"},
		{"migrating a server that is not there", server, []string{"migrate"}, cli.ExitCouldNot, "the database postgres://127.0.0.1:1/journey can't be used: Connection refused"},
		{"demo on a server that is not there", server, []string{"demo"}, cli.ExitCouldNot, "can't be used: Connection refused"},
		{"migrating no database", map[string]string{"DATABASE_URL": "sqlite:" + at("text.db")}, []string{"migrate"}, cli.ExitCouldNot, "the file is not a SQLite database"},
		{"a database that is none", map[string]string{"DATABASE_URL": "mysql://x"}, []string{"migrate"}, cli.ExitUsage, "begins with neither"},
		{"demo in production", production, []string{"demo"}, cli.ExitCouldNot, "demo is for development"},
		{"too many students", file, []string{"demo", "--students", "10001"}, cli.ExitUsage, "from 0 to 10000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			began := time.Now()
			code, stdout, stderr := run(tt.environment, append(tt.arguments, "--env-file", emptyFile(t))...)
			if code != tt.code || !strings.Contains(stdout+stderr, tt.says) || (code == cli.ExitOK) != (stdout != "") || strings.Contains(stderr, "hunter22") {
				t.Errorf("ended with %d after %v: stdout %q, stderr %q", code, time.Since(began), stdout, stderr)
			}
		})
	}
}
