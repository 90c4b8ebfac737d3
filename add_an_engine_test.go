package architecture_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// docs/add-an-engine.md is followed word for word, in a copy of the repository: a stranger who copies its files has an
// engine that runs.
func TestThePageAddAnEngineMakesAnEngineThatRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it builds a copy of the repository")
	}
	page, root := readFile(t, "docs/add-an-engine.md"), t.TempDir()
	copyRepository(t, root)
	steps := regexp.MustCompile("(?s)### \\d+\\. `([^`]+)`[^\n]*\n.*?```[a-z]+\n(.*?)```\n").FindAllStringSubmatch(page, -1)
	if len(steps) < 10 {
		t.Fatalf("the page has %d files", len(steps))
	}
	for _, step := range steps {
		name := filepath.Join(root, step[1])
		if before, after, found := strings.Cut(name, "NNNNN"); found {
			name = before + nextMigration(t, filepath.Dir(name)) + after
		}
		writeNew(t, name, step[2])
	}
	list := filepath.Join(root, "bootstrap/app/engines.go")
	extended := strings.Replace(readFile(t, list), "(r)}", "(r), bookmarksEngine(r)}", 1)
	if err := os.WriteFile(list, []byte(extended), 0o600); err != nil {
		t.Fatal(err)
	}
	const engine = "ookmark|Marked|RoleMatrix|Statement"
	for _, arguments := range [][]string{
		{"test", "./core/bookmarks", "./ports/portstest", "./adapters/sqlitedb", "-run", engine},
		{"test", "./adapters/httpapi/bookmarks", "./bootstrap/app", "-run", engine, "-update"},
		{"vet", "./adapters/postgresdb"},
		{"test", ".", "-run", "TheTreeKeepsTheLaw|TheDocumentsListWhatTheBinaryHas"},
	} {
		goCommand(t, root, arguments...)
	}
	if matrix := readFile(t, filepath.Join(root, "bootstrap/app/testdata/role_matrix.golden")); !strings.Contains(matrix, "POST /api/bookmarks  (student: their own record)") {
		t.Error("the service does not have the engine's routes")
	}
}

// copyRepository copies what git keeps track of.
func copyRepository(t *testing.T, root string) {
	t.Helper()
	listed, err := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Skipf("it copies what git keeps track of: %v", err)
	}
	for name := range strings.FieldsSeq(string(listed)) {
		if text, err := os.ReadFile(name); err == nil { // not one that is deleted and not committed yet
			writeNew(t, filepath.Join(root, name), string(text))
		}
	}
}

func writeNew(t *testing.T, name, text string) {
	t.Helper()
	if _, err := os.Stat(name); err == nil {
		t.Fatalf("%s is there already", name)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// nextMigration is the number after the last one in the folder.
func nextMigration(t *testing.T, folder string) string {
	t.Helper()
	last := 0
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		digits, _, _ := strings.Cut(file.Name(), "_")
		number, err := strconv.Atoi(digits)
		if err != nil {
			t.Fatal(err)
		}
		last = max(last, number)
	}
	return fmt.Sprintf("%05d", last+1)
}

func goCommand(t *testing.T, folder string, arguments ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = folder
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("go %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
}
