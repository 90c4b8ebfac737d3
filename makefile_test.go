package architecture_test

import (
	"os"
	"os/exec"
	"regexp"
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
