package architecture_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A test that hangs must not hang its runner.
func TestEveryCommandThatRunsTestsHasATimeout(t *testing.T) {
	listed, err := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "Makefile", "*.mk", "*.sh", ".ci", ".github").Output()
	if err != nil {
		t.Skipf("the files are not known: %v", err)
	}
	runs := regexp.MustCompile(`\bgo test\b.*`)
	commands := 0
	for path := range strings.FieldsSeq(string(listed)) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, command := range runs.FindAllString(string(text), -1) {
			if commands++; !strings.Contains(command, " -timeout ") && !strings.Contains(command, " -c ") {
				t.Errorf("%s: %s", path, command)
			}
		}
	}
	if commands < 5 {
		t.Errorf("only %d commands run tests", commands)
	}
}

// A change has the tests run that it may break.
func TestWhatAChangeHasCheckTest(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs git and go some ten times")
	}
	const module = "example.org/m/"
	tree := map[string]string{
		"go.mod": "module example.org/m\n\ngo 1.26\n", "core/core.go": "package core\n", "ports/ports.go": "package ports\n",
		"adapters/a/a.go": "package a\n", "adapters/a/testdata/x.golden": "1\n",
		"adapters/b/b.go":      "package b\n",
		"adapters/b/b_test.go": "package b_test\n\nimport (\n\t_ \"example.org/m/adapters/a\"\n\t_ \"example.org/m/core\"\n\t_ \"example.org/m/internal/kit\"\n)\n",
		"bootstrap/app/app.go": "package app\n\nimport _ \"example.org/m/adapters/a\"\n",
		"bootstrap/main.go":    "package main\n\nimport _ \"example.org/m/bootstrap/app\"\n\nfunc main() {}\n",
		"internal/kit/kit.go":  "package kit\n",
		"docs/a_page.md":       "A page.\n",
	}
	always := []string{".", "./core/...", "./bootstrap/app"}
	everything := []string{".", "./core/...", "./ports/...", "./adapters/...", "./bootstrap/..."}
	for change, want := range map[string][]string{
		"":                             everything,
		"go.mod":                       everything,
		"docs/a_page.md":               always,
		"core/core.go":                 always,
		"adapters/a/a.go":              append(always[:3:3], module+"adapters/a", module+"adapters/b"),
		"adapters/a/testdata/x.golden": append(always[:3:3], module+"adapters/a", module+"adapters/b"),
		"adapters/b/new.go":            append(always[:3:3], module+"adapters/b"),
		"bootstrap/app/app.go":         append(always[:3:3], module+"bootstrap", module+"bootstrap/app"),
		"internal/kit/kit.go":          append(always[:3:3], module+"adapters/b", module+"internal/kit"),
	} {
		t.Run(change, func(t *testing.T) {
			t.Parallel()
			got := checkedAfter(t, tree, change)
			if !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// checkedAfter is what changed.sh prints in a repository of the files after a line was added to one of them.
func checkedAfter(t *testing.T, files map[string]string, change string) []string {
	t.Helper()
	script, err := filepath.Abs("internal/testkit/changed.sh")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(path, text string) {
		path = filepath.Join(folder, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	run := func(name string, arguments ...string) string {
		command := exec.CommandContext(t.Context(), name, arguments...)
		command.Dir = folder
		output, err := command.Output()
		if err != nil {
			t.Fatalf("%s %q: %v", name, arguments, err)
		}
		return string(output)
	}
	for path, text := range files {
		write(path, text)
	}
	run("git", "init", "--quiet", "--initial-branch=main")
	run("git", "add", ".")
	run("git", "-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "--quiet", "--message=All")
	if before, isKnown := files[change]; isKnown {
		write(change, before+"\n//\n")
	} else if change != "" {
		write(change, "package "+filepath.Base(filepath.Dir(change))+"\n")
	}
	return strings.Fields(run(script))
}
