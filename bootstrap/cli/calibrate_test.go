package cli_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/httpapi/calibration"
	"github.com/journey-os/journey-api/bootstrap/cli"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// patterns returns the answers of LSAT section 6: a row a person, the literature's thousand (Bock & Lieberman 1970).
func patterns(t *testing.T) [][]string {
	t.Helper()
	var people [][]string
	for _, row := range table(t, "../../core/irt/testdata/lsat6_patterns.csv") {
		count, err := strconv.Atoi(row["count"])
		if err != nil {
			t.Fatal(err)
		}
		for range count {
			people = append(people, strings.Split(row["pattern"], ""))
		}
	}
	return people
}

// table reads a CSV as one map a row.
func table(t *testing.T, path string) []map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for k, name := range lines[0] {
			row[name] = line[k]
		}
		rows = append(rows, row)
	}
	return rows
}

// long and wide are the same responses in the two layouts, long with the last person first.
func long(people [][]string) string {
	text := "person_id,item_id,score\n"
	for p, scores := range slices.Backward(people) {
		for k, score := range scores {
			text += fmt.Sprintf("P%04d,I%03d,%s\n", p, k+1, score)
		}
	}
	return text
}

func wide(people [][]string) string {
	text := "person_id"
	for k := range people[0] {
		text += fmt.Sprintf(",I%03d", k+1)
	}
	for p, scores := range people {
		text += fmt.Sprintf("\nP%04d,%s", p, strings.Join(scores, ","))
	}
	return text + "\n"
}

// file writes content into a folder of the test's own and returns its path.
func file(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestCalibrateGivesTheValuesOfTheLiterature(t *testing.T) {
	out := filepath.Join(t.TempDir(), "params.csv")
	responses := file(t, "lsat6.csv", []byte(wide(patterns(t))))
	code, stdout, stderr := execute(t, "", "calibrate", responses, "--model", "2pl", "--prior", "none", "--threshold", "1e-5", "--max-iterations", "500", "--out", out)
	if code != cli.ExitOK || stderr != "wrote the parameters of 5 items to "+out+"\n" {
		t.Fatalf("ended with %d: %s", code, stderr)
	}
	if !strings.Contains(stdout, "1000 people, 5 items, 5000 responses\n2pl, converged after ") || !strings.Contains(stdout, "log-likelihood -2466.653") {
		t.Errorf("printed\n%s", stdout)
	}
	want, got := table(t, "../../core/irt/testdata/lsat6_2pl_mle.csv"), table(t, out)
	for k, row := range got {
		if row["item_id"] != want[k]["item_id"] || row["response_count"] != "1000" || row["flags"] != "" || row["c_se"] != "" {
			t.Errorf("row %v", row)
		}
		for name, tolerance := range map[string]float64{"a": .001, "b": .001, "c": 0, "a_se": .003, "b_se": .009, "infit_mnsq": .001, "rmsd": .0002, "item_rest_r": 1e-6} {
			if w, g := number(t, want[k][name]), number(t, row[name]); !(math.Abs(w-g) <= tolerance) {
				t.Errorf("%s of %s is %v, want %v", name, row["item_id"], g, w)
			}
		}
	}
}

func TestCalibrateTakesEitherLayoutPackedOrNotFromAFileOrAPipe(t *testing.T) {
	people := patterns(t)
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write([]byte(long(people)))
	_ = writer.Close()
	var outputs []string
	for _, stdin := range []string{wide(people), long(people), packed.String()} {
		out := filepath.Join(t.TempDir(), "params.csv")
		if code, _, stderr := execute(t, stdin, "calibrate", "-", "--model", "1pl", "--out", out); code != cli.ExitOK {
			t.Fatalf("ended with %d: %s", code, stderr)
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		outputs = append(outputs, string(text))
	}
	if outputs[0] != outputs[1] || outputs[1] != outputs[2] {
		t.Errorf("the same responses gave\n%s\n%s\n%s", outputs[0], outputs[1], outputs[2])
	}
}

func TestCalibratePrintsTheDataOfTheService(t *testing.T) {
	people := patterns(t)
	for _, scores := range people {
		scores[2] = "1" // one item that says nothing
	}
	out := filepath.Join(t.TempDir(), "params.csv")
	code, stdout, stderr := execute(t, wide(people), "calibrate", "-", "--model", "2pl", "--json", "--out", out)
	decoder := json.NewDecoder(strings.NewReader(stdout))
	decoder.DisallowUnknownFields()
	var run calibration.Run
	if err := decoder.Decode(&run); err != nil || code != cli.ExitOK {
		t.Fatalf("ended with %d, %v: %s", code, err, stderr)
	}
	want := []calibration.SkippedItem{{ItemID: "I003", Reason: "no_variance", ResponseCount: 1000}}
	if diff := cmp.Diff(want, run.SkippedItems); diff != "" || run.ItemsCalibrated != 4 || run.ItemsSkipped != 1 || !run.ConvergenceAchieved || run.InForce {
		t.Errorf("%+v (-want +got):\n%s", run, diff)
	}
	for k, row := range table(t, out) {
		if p := run.Parameters[k]; p.ItemID != row["item_id"] || p.A != number(t, row["a"]) || p.B != number(t, row["b"]) || p.CSE != nil || p.CalibrationRunID != run.CalibrationRunID {
			t.Errorf("%+v, and in the CSV %v", p, row)
		}
	}
}

func TestCalibrateWritesAReport(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	code, _, stderr := execute(t, wide(patterns(t)), "calibrate", "-", "--report", path)
	text, err := os.ReadFile(path)
	if err != nil || code != cli.ExitOK || stderr != "wrote the report to "+path+"\n" {
		t.Fatalf("ended with %d, %v: %s", code, err, stderr)
	}
	for _, want := range []string{"Calibration of standard input", `<h3>I005</h3>`, "</html>"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("it has no %s", want)
		}
	}
}

// rows is a long file of so many people, where score says what person p has at item k, "" for nothing.
func rows(people, items int, score func(p, k int) string) string {
	var text strings.Builder
	text.WriteString("person_id,item_id,score\n")
	for p := range people {
		for k := range items {
			if s := score(p, k); s != "" {
				fmt.Fprintf(&text, "P%d,I%d,%s\n", p, k, s)
			}
		}
	}
	return text.String()
}

// likely is a score that depends on ability and difficulty, with a noise that is the same each time.
func likely(p, k int) string {
	noise := (p*7919 + k*104729 + p*k*31) % 1000
	if noise < 150+70*(p%10)-30*(k%8) {
		return "1"
	}
	return "0"
}

// unseenLast has a row a person, and a last item without an answer.
func unseenLast(people int) string {
	text := "person_id,I0,I1,I2\n"
	for p := range people {
		text += fmt.Sprintf("p%d,%s,%s,\n", p, likely(p, 0), likely(p, 1))
	}
	return text
}

func TestCalibrateAnswersHostileData(t *testing.T) {
	tests := []struct {
		name, data string
		arguments  []string
		code       int
		says       []string
	}{
		{"one item that all got right, one that all got wrong", rows(300, 8, func(p, k int) string {
			return map[int]string{0: "1", 1: "0"}[k] + map[bool]string{true: likely(p, k)}[k > 1]
		}), nil, cli.ExitOK, []string{"2 items skipped", "I0: all its answers are right, or all are wrong (300 responses)", "I1: all its"}},
		{"one item with its key turned round", rows(600, 12, func(p, k int) string {
			if s := likely(p, k); k != 5 {
				return s
			}
			return map[bool]string{true: "1", false: "0"}[p%10 < 5]
		}), nil, cli.ExitOK, []string{"negative_discrimination"}},
		{"an item that nobody answered", unseenLast(300), nil, cli.ExitOK, []string{"1 item skipped", "I2: nobody answered it (0 responses)"}},
		{"too few iterations for the distribution of ability", rows(300, 8, likely), []string{"--max-iterations", "20"}, cli.ExitOK, []string{"normal (--max-iterations ended the trial of an estimated one)"}},
		{"40 responses among thousands", rows(1000, 8, func(p, k int) string {
			if k == 3 && p >= 40 {
				return ""
			}
			return likely(p, k)
		}), nil, cli.ExitOK, []string{"I3: it has fewer than 100 responses (40 responses)"}},
		{"40 % missing", rows(400, 10, func(p, k int) string {
			if (p*13+k*7)%5 < 2 {
				return ""
			}
			return likely(p, k)
		}), nil, cli.ExitOK, []string{"converged"}},
		{"more items than people", rows(30, 120, likely), []string{"--min-responses", "1"}, cli.ExitOK, []string{"30 people, 120 items"}},
		{"one item", rows(200, 1, likely), nil, cli.ExitOK, []string{"1 item, 200 responses"}},
		{"one person", rows(1, 50, likely), []string{"--min-responses", "1"}, cli.ExitCouldNot, []string{"no item can be calibrated: 50 items with answers that are all right or all wrong"}},
		{"a constant matrix", rows(200, 5, func(int, int) string { return "1" }), nil, cli.ExitCouldNot, []string{"5 items with answers that are all right or all wrong"}},
		{"too few of everything", rows(50, 3, likely), nil, cli.ExitCouldNot, []string{"3 items with fewer than 100 responses (--min-responses)"}},
		{"two scores of a person for an item", "person_id,item_id,score\np,i,1\np,j,1\np,i,0\n", nil, cli.ExitCouldNot, []string{`line 4: person "p" has a score for item "i" on line 2 already`}},
		{"a file of another kind", "student,question,points\na,b,3\n", nil, cli.ExitCouldNot, []string{"line 1: the header is neither"}},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00", nil, cli.ExitCouldNot, []string{"line 1: isn't UTF-8"}},
		{"an empty file", "", nil, cli.ExitCouldNot, []string{"the file is empty"}},
		{"a header alone", "person_id,item_id,score\n", nil, cli.ExitCouldNot, []string{"there is no response in it"}},
		{"scores that are none", "person_id,item_id,score\np,i,1\np,j,Inf\n", nil, cli.ExitCouldNot, []string{`line 3: score is "Inf": it is 0 or 1`}},
		{"an iteration too few", rows(300, 8, likely), []string{"--max-iterations", "1"}, cli.ExitOK, []string{"NOT CONVERGED after 1 iteration"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, report := filepath.Join(t.TempDir(), "params.csv"), filepath.Join(t.TempDir(), "report.html")
			code, stdout, stderr := execute(t, tt.data, append([]string{"calibrate", "-", "--out", out, "--report", report}, tt.arguments...)...)
			for _, says := range tt.says {
				if !strings.Contains(stdout+stderr, says) || code != tt.code {
					t.Errorf("ended with %d and not with %q\n%s%s", code, says, stdout, stderr)
				}
			}
			params, err := os.ReadFile(out)
			page, pageErr := os.ReadFile(report)
			if failed := tt.code != cli.ExitOK; failed != (err != nil) || failed != (pageErr != nil) || failed != (stdout == "") {
				t.Errorf("outputs: %v, %v, %q", err, pageErr, stdout)
			}
			for _, never := range []string{"NaN", "+Inf", "-Inf", ">Inf<"} {
				if strings.Contains(stdout+string(params)+string(page), never) {
					t.Errorf("%s in an output", never)
				}
			}
			nothingElse(t, filepath.Dir(out), "params.csv")
			nothingElse(t, filepath.Dir(report), "report.html")
		})
	}
}

// nothingElse finds what was left behind in a folder.
func nothingElse(t *testing.T, folder string, wanted ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !slices.Contains(wanted, entry.Name()) {
			t.Errorf("%s was left behind", entry.Name())
		}
	}
}

func TestCalibrateRefusesWrongUsage(t *testing.T) {
	data := file(t, "data.csv", []byte(wide(patterns(t))))
	tests := []struct {
		arguments []string
		says      string
	}{
		{nil, `expected "<file>"`},
		{[]string{data, "--model", "4pl"}, `--model must be one of "3pl","2pl","1pl"`},
		{[]string{data, "--prior", "flat"}, "--prior must be one of"},
		{[]string{data, "--density", "estimated"}, "--density must be one of"},
		{[]string{data, "--min-responses", "0"}, "--min-responses must be at least 1"},
		{[]string{data, "--max-iterations", "501"}, "--max-iterations must be from 1 to 500"},
		{[]string{data, "--max-iterations", "0"}, "--max-iterations must be from 1 to 500"},
		{[]string{data, "--threshold", "0"}, "--threshold must be above 0 and below 1"},
		{[]string{data, "--threshold", "NaN"}, "--threshold must be above 0 and below 1"},
		{[]string{data, "--out", "x", "--report", "x"}, "name the same file"},
		{[]string{data, "--out", data}, "is the file of responses"},
		{[]string{data, "--out", "-"}, "- is no name of a file to write"},
	}
	for _, tt := range tests {
		code, stdout, stderr := execute(t, "", append([]string{"calibrate"}, tt.arguments...)...)
		if code != cli.ExitUsage || stdout != "" || !strings.Contains(stderr, tt.says) {
			t.Errorf("%v ended with %d: %s%s", tt.arguments, code, stdout, stderr)
		}
	}
}

func TestAnOutputThatCanNotBeWrittenIsToldBeforeTheWork(t *testing.T) {
	code, _, stderr := execute(t, "not even a table", "calibrate", "-", "--out", filepath.Join(t.TempDir(), "absent", "params.csv"))
	if code != cli.ExitCouldNot || !strings.Contains(stderr, "absent/params.csv: no such file or directory") {
		t.Errorf("ended with %d: %s", code, stderr)
	}
}

func TestOutputsAppearTogetherOrNotAtAll(t *testing.T) {
	const full = "/dev/full" // a disk without room, which Linux has
	if _, err := os.Stat(full); err != nil {
		t.Skip("there is no " + full)
	}
	out := filepath.Join(t.TempDir(), "params.csv")
	code, stdout, stderr := execute(t, wide(patterns(t)), "calibrate", "-", "--out", out, "--report", full)
	if code != cli.ExitCouldNot || stdout != "" || stderr != "journey-api: can't write /dev/full: no space left on device\n" {
		t.Errorf("ended with %d: %s%s", code, stdout, stderr)
	}
	nothingElse(t, filepath.Dir(out))
}

func TestAnOutputKeepsItsModeItsLinkAndOnFailureItsContent(t *testing.T) {
	folder := t.TempDir()
	target, link := filepath.Join(folder, "target.csv"), filepath.Join(folder, "link.csv")
	if err := errors.Join(os.WriteFile(target, []byte("old"), 0o640), os.Symlink(target, link)); err != nil {
		t.Fatal(err)
	}
	if code, _, _ := execute(t, "person_id,item_id,score\n", "calibrate", "-", "--out", link); code != cli.ExitCouldNot {
		t.Errorf("ended with %d", code)
	}
	if text, err := os.ReadFile(target); string(text) != "old" || err != nil {
		t.Errorf("after a failure: %q, %v", text, err)
	}
	if code, _, stderr := execute(t, wide(patterns(t)), "calibrate", "-", "--out", link); code != cli.ExitOK {
		t.Errorf("ended with %d: %s", code, stderr)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
	if info, err = os.Stat(target); err != nil || info.Mode().Perm() != 0o640 || len(table(t, target)) != 5 {
		t.Errorf("the target has mode %v, %v", info.Mode(), err)
	}
	nothingElse(t, folder, "target.csv", "link.csv")
}

func TestAnInterruptEndsACalibrationWithoutATrace(t *testing.T) {
	out := filepath.Join(t.TempDir(), "params.csv")
	interrupt(t, cli.Process{Arguments: []string{"calibrate", "-", "--out", out}}, "person_id,item_id,score\n", "stopped by interrupt: nothing was written")
	nothingElse(t, filepath.Dir(out))
}

func TestAnInterruptedImportTellsHowToGoOn(t *testing.T) {
	s := newStore(t)
	process := cli.Process{Arguments: []string{"import", "concepts", "-", "--env-file", s.file("empty.env", "")}, Environment: s.environment}
	interrupt(t, process, "concept_id\n", "stopped by interrupt: what was applied stays, and the same command again applies the rest")
}

// interrupt sends an interrupt to a command that waits for more of its standard input, and wants it to say so.
func interrupt(t *testing.T, process cli.Process, input, says string) {
	t.Helper()
	stdin, writer := io.Pipe()
	defer func() { _ = writer.Close() }()
	var stdout, stderr bytes.Buffer
	process.Stdin, process.Stdout, process.Stderr = stdin, &stdout, &stderr
	ended := make(chan int, 1)
	go func() { ended <- cli.Execute(process) }()
	if _, err := writer.Write([]byte(input)); err != nil { // returns once it is read: the signal is awaited by then
		t.Fatal(err)
	}
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Signal(os.Interrupt)
	}
	if err != nil {
		t.Fatal(err)
	}
	select {
	case code := <-ended:
		if code != cli.ExitCouldNot || !strings.Contains(stderr.String(), says) || stdout.Len() > 0 {
			t.Errorf("ended with %d: %s%s", code, stdout.String(), stderr.String())
		}
	case <-time.After(wait.Limit):
		t.Fatal("it goes on")
	}
}
