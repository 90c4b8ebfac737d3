package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/bootstrap/cli"
)

// execute runs a command to its end.
func execute(t *testing.T, stdin string, arguments ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = cli.Execute(cli.Process{Arguments: arguments, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs})
	return code, out.String(), errs.String()
}

// answersFile has two concepts with the answers of simulated students, and one with a single answer.
func answersFile(t *testing.T) string {
	t.Helper()
	text := strings.Builder{}
	text.WriteString("student_id,concept_id,correct\n")
	for _, set := range []string{"B_identified", "D_weak"} {
		lines, err := os.ReadFile("../../core/bkt/testdata/answers_" + set + ".csv")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(lines)) {
			fields := strings.Split(strings.TrimSpace(line), ",")
			if fields[0] != "student_id" {
				text.WriteString(fields[0] + "," + set + "," + fields[2] + "\n")
			}
		}
	}
	text.WriteString("S001,tiny,1\n")
	path := filepath.Join(t.TempDir(), "answers.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFitSaysWhatToThinkOfTheParameters(t *testing.T) {
	code, stdout, stderr := execute(t, "", "fit", answersFile(t))
	if code != cli.ExitOK || stderr != "" {
		t.Errorf("ended with %d: %s", code, stderr)
	}
	for _, want := range []string{
		"B_identified: 500 students, 7026 answers\n  L0  0.3310  ± 0.0238  ",
		"Identified: the answers determine these parameters.",
		"Not worse than the defaults on 103 students held out",
		"D_weak: 500 students, 7086 answers\n  L0  0.2294  ± 0.0825  ",
		"Not identified: ",
		"ill_conditioned: the parameters can make up for one another",
		"tiny: too few answers to fit",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, stdout)
		}
	}
}

func TestFitPrintsJSONWithTheNamesOfTheService(t *testing.T) {
	code, stdout, stderr := execute(t, "", "fit", "--json", "--forgetting", answersFile(t))
	var got struct {
		Concepts []struct {
			ConceptID  string `json:"concept_id"`
			Error      string
			Params     map[string]any
			SE         map[string]*float64
			Identified *bool
			Warnings   []string
			SampleSize int `json:"sample_size"`
		}
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != cli.ExitOK || len(got.Concepts) != 3 {
		t.Fatalf("ended with %d, %v: %s%s", code, err, stdout, stderr)
	}
	first, last := got.Concepts[0], got.Concepts[2]
	if l0, _ := first.Params["p_l0"].(float64); math.Abs(l0-.331) > .005 || first.Params["p_f"] == nil || first.SE["p_t"] == nil || first.SampleSize != 500 {
		t.Errorf("got %+v", first)
	}
	if last.ConceptID != "tiny" || last.Error != "INSUFFICIENT_DATA" || last.Params != nil {
		t.Errorf("got %+v", last)
	}
}

func TestFitReadsStandardInputAndKeepsTheOrderOfTimestamps(t *testing.T) {
	rows := "student_id,concept_id,correct,timestamp\n"
	for _, student := range []string{"a", "b", "c"} {
		rows += student + ",C,1,2026-01-03T00:00:00Z\n" + student + ",C,1,2026-01-02T00:00:00Z\n" + student + ",C,0,2026-01-01T00:00:00Z\n"
	}
	_, timed, _ := execute(t, rows, "fit", "--json", "-")
	_, inOrder, _ := execute(t, "student_id,concept_id,correct\na,C,0\na,C,1\na,C,1\nb,C,0\nb,C,1\nb,C,1\nc,C,0\nc,C,1\nc,C,1\n", "fit", "--json", "-")
	if timed != inOrder || !strings.Contains(timed, `"p_l0"`) {
		t.Errorf("by timestamp:\n%s\nin order:\n%s", timed, inOrder)
	}
}

func TestFitRefuses(t *testing.T) {
	for _, test := range []struct {
		name, stdin string
		arguments   []string
		code        int
		want        string
	}{
		{"a faulty line", "student_id,concept_id,correct\ns,c,1\ns,c,perhaps\n", []string{"fit", "-"}, cli.ExitCouldNot,
			`standard input: line 3: correct is "perhaps": it is 0 or 1`},
		{"a file that is not there", "", []string{"fit", "absent.csv"}, cli.ExitCouldNot, "absent.csv"},
		{"too few answers", "student_id,concept_id,correct\ns,c,1\n", []string{"fit", "-"}, cli.ExitCouldNot, "nothing to fit"},
		{"no file", "", []string{"fit"}, cli.ExitUsage, "expected \"<file>\""},
		{"no iteration", "", []string{"fit", "--max-iterations", "0", "-"}, cli.ExitUsage, "--max-iterations must be from 1 to 1000"},
		{"a threshold of one", "", []string{"fit", "--threshold", "1", "-"}, cli.ExitUsage, "--threshold must be from 0.0001 to 0.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, _, stderr := execute(t, test.stdin, test.arguments...)
			if code != test.code || !strings.Contains(stderr, test.want) {
				t.Errorf("ended with %d: %s", code, stderr)
			}
		})
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestAFitThatCanNotBePrintedIsAFailure(t *testing.T) {
	var stderr bytes.Buffer
	code := cli.Execute(cli.Process{Arguments: []string{"fit", answersFile(t)}, Stdout: full{}, Stderr: &stderr})
	if code != cli.ExitCouldNot || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("ended with %d: %s", code, stderr.String())
	}
}
