package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/bootstrap/cli"
)

func TestSimulateTellsWhatThePickIsWorth(t *testing.T) {
	small := []string{"simulate", "--students", "12", "--length", "12"}
	code, stdout, stderr := execute(t, "", small...)
	if code != cli.ExitOK || stderr != "" {
		t.Fatalf("ended with %d: %s", code, stderr)
	}
	for _, want := range []string{
		"the demo bank: ", "12 students with 12 answers each; seed 1", "Where foundations matter", "Where foundations do not matter",
		"weakest first", "concepts mastered after 10", "error of ability (RMSE) after 12", "answers until 50% mastered", "items never given",
		"Against random the pick is better in ", "Against information alone the pick",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, stdout)
		}
	}
	if _, again, _ := execute(t, "", small...); again != stdout {
		t.Error("the same seed gives another result")
	}
}

func TestSimulateWritesAReportAndTakesABank(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	code, stdout, stderr := execute(t, "", "simulate", "--students", "4", "--length", "5",
		"--bank", picks+"bank.json", "--graph", picks+"graph.json", "--report", path)
	if code != cli.ExitOK || !strings.Contains(stdout, "bank.json: 21 concepts, 200 items") {
		t.Fatalf("ended with %d: %s%s", code, stdout, stderr)
	}
	page, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(page), "<svg") || !strings.HasSuffix(string(page), "</html>\n") {
		t.Errorf("%v, %d bytes", err, len(page))
	}
	if code, _, stderr := execute(t, `{"items":[{"item_id":"i","concept_id":"C"}]}`, "simulate", "--students", "2", "--length", "2", "--bank", "-"); code != cli.ExitOK {
		t.Errorf("a bank from standard input ended with %d: %s", code, stderr)
	}
}

func TestSimulateRefuses(t *testing.T) {
	for _, test := range []struct {
		name, stdin string
		arguments   []string
		code        int
		want        string
	}{
		{"one student", "", []string{"--students", "1"}, cli.ExitUsage, "--students must be from 2"},
		{"no answer", "", []string{"--length", "0"}, cli.ExitUsage, "--length must be from 1"},
		{"a graph alone", "", []string{"--graph", "g.json"}, cli.ExitUsage, "--graph goes with --bank"},
		{"a bank that is not there", "", []string{"--bank", "absent.json"}, cli.ExitCouldNot, "absent.json"},
		{"a faulty bank", `{"items":[{}]}`, []string{"--bank", "-"}, cli.ExitCouldNot, "/items/0: item_id is missing"},
		{"an item twice", `{"items":[{"item_id":"i","concept_id":"C"},{"item_id":"i","concept_id":"C"}]}`, []string{"--bank", "-"}, cli.ExitCouldNot, `item "i": it comes twice`},
		{"a report that can't be written", "", []string{"--report", "absent/report.html"}, cli.ExitCouldNot, "absent/report.html"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, stdout, stderr := execute(t, test.stdin, append([]string{"simulate"}, test.arguments...)...)
			if code != test.code || stdout != "" || !strings.Contains(stderr, test.want) {
				t.Errorf("ended with %d: %s%s", code, stdout, stderr)
			}
		})
	}
}
