package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/bootstrap/cli"
)

// store is an embedded database and the commands on it.
type store struct {
	t           *testing.T
	folder      string
	environment map[string]string
}

func newStore(t *testing.T) store {
	t.Helper()
	folder := t.TempDir()
	return store{t, folder, map[string]string{"DATABASE_URL": "sqlite:" + filepath.Join(folder, "journey.db")}}
}

func (s store) run(stdin string, arguments ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	var out, errors bytes.Buffer
	code = cli.Execute(cli.Process{
		Arguments: append([]string{"--env-file", s.file("empty.env", "")}, arguments...), Environment: s.environment,
		Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errors, Version: "1.2.3",
	})
	return code, out.String(), errors.String()
}

func (s store) file(name, content string) (path string) {
	s.t.Helper()
	path = filepath.Join(s.folder, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// want runs a command that has to succeed, and says so.
func (s store) want(stdout, stdin string, arguments ...string) {
	s.t.Helper()
	code, got, stderr := s.run(stdin, arguments...)
	if code != cli.ExitOK || got != stdout || stderr != "" {
		s.t.Errorf("%v: exit code %d, %q, %q; want %q", arguments, code, got, stderr, stdout)
	}
}

const (
	someConcepts = "concept_id,name,weight\nrenal,\"Clearance, renal\",\ncardiac,Output,2.5\n"
	someItems    = "\uFEFFitem_id,concept_id,key,options,retired\r\nr1,renal,,,\r\nr2,renal,B,\"[{\"\"key\"\":\"\"A\"\",\"\"text\"\":\"\"x\"\"},{\"\"key\"\":\"\"B\"\",\"\"text\"\":\"\"y\"\"}]\",true\r\n"
)

func attempts(rows int) string {
	var text strings.Builder
	text.WriteString("student_id,item_id,correct,latency_ms,timestamp\n")
	for i := range rows {
		fmt.Fprintf(&text, "s%d,r%d,%d,1500,2025-11-03T09:%02d:%02d.5Z\n", i%7, 1+i%2, i%3%2, i/60%60, i%60)
	}
	return text.String()
}

func TestFilesAreImportedOnceAndAgain(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for range 2 {
		s.want("imported 2 concepts\n", "", "import", "concepts", s.file("concepts.csv", someConcepts))
		s.want("imported 1 prerequisite\n", `{"prerequisite_id":"cardiac","concept_id":"renal"}`, "import", "prerequisites", "-")
		s.want("imported 2 items\n", "", "import", "items", s.file("items.csv", someItems))
	}
	s.want("imported 1000 attempts, 1000 of them new\n", attempts(1000), "import", "attempts", "-", "--institution", "inst-1")
	s.want("imported 1100 attempts, 100 of them new\n", attempts(1100), "import", "attempts", "-")
}

func TestAFileWithAFaultIsRefusedWhole(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.want("imported 2 concepts\n", "", "import", "concepts", s.file("concepts.csv", someConcepts))
	s.want("imported 2 items\n", "", "import", "items", s.file("items.csv", someItems))
	rows := strings.SplitAfter(attempts(500), "\n")
	faulty := func(line int, from, to string) string {
		changed := append([]string{}, rows...)
		changed[line-1] = strings.Replace(changed[line-1], from, to, 1)
		return strings.Join(changed, "")
	}
	for name, test := range map[string]struct{ content, want string }{
		"a score":                 {faulty(250, ",1500", "x,1500"), "line 250: correct is"},
		"an item":                 {faulty(300, ",r", ",q"), "line 300: item_id is"},
		"a time":                  {faulty(2, "2025-11-03T", "2025-11-03 "), "line 2: timestamp is"},
		"a time ahead":            {faulty(501, "2025", "2999"), "line 501: timestamp is more than 5 minutes ahead"},
		"a latency":               {faulty(400, ",1500", ",1.5"), "line 400: latency_ms is"},
		"a row that is too short": {faulty(100, ",1500", ""), "line 100:"},
		"a missing column":        {strings.Replace(attempts(5), "timestamp", "time", 1), "timestamp is missing"},
		"an unknown column":       {strings.Replace(attempts(5), "latency_ms", "latency", 1), "latency"},
		"a missing institution":   {attempts(5), "line 2: institution_id is missing"},
	} {
		arguments := []string{"import", "attempts", "-", "--institution", "inst-1"}
		if name == "a missing institution" {
			arguments = arguments[:3]
		}
		if code, stdout, stderr := s.run(test.content, arguments...); code != cli.ExitCouldNot || stdout != "" || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: exit code %d, %q, %q; want %q", name, code, stdout, stderr, test.want)
		}
	}
	s.want("imported 500 attempts, 500 of them new\n", attempts(500), "import", "attempts", "-", "--institution", "inst-1")
}
