package cli_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/bootstrap/cli"
)

const picks = "../../core/adaptive/testdata/"

func TestExplainPrintsWhatIsExpectedOfEveryCase(t *testing.T) {
	code, stdout, stderr := execute(t, "", "explain", "--bank", picks+"bank.json", "--graph", picks+"graph.json", "--cases", picks+"cases.json")
	if code != cli.ExitOK || stderr != "" {
		t.Fatalf("ended with %d: %s", code, stderr)
	}
	var asked struct {
		Cases []struct {
			ID       string
			Expected map[string]any
		}
	}
	text, err := os.ReadFile(picks + "cases.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &asked); err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(strings.Lines(stdout))
	if len(lines) != len(asked.Cases) || len(lines) != 60 {
		t.Fatalf("%d lines for %d cases", len(lines), len(asked.Cases))
	}
	for i, test := range asked.Cases {
		var got map[string]any
		if err := json.Unmarshal([]byte(lines[i]), &got); err != nil {
			t.Fatal(err)
		}
		if got["id"] != test.ID {
			t.Errorf("line %d is of %v, want %s", i+1, got["id"], test.ID)
		}
		for name, want := range test.Expected {
			if !isExpected(name, got, want) {
				t.Errorf("%s: %s is %v, want %v", test.ID, name, got[name], want)
			}
		}
	}
}

func isExpected(name string, got map[string]any, want any) bool {
	number, isNumber := want.(float64)
	switch {
	case name == "allowed_items":
		return slices.Contains(want.([]any), got["item_id"])
	case isNumber:
		is, ok := got[name].(float64)
		return ok && math.Abs(is-number) <= 1e-12*math.Abs(number)
	default:
		return cmp.Equal(got[name], want)
	}
}

func TestExplainTellsBadInputWithItsPlace(t *testing.T) {
	const bank = `{"items":[{"item_id":"i","concept_id":"A","a":1,"b":0,"c":0.2}]}`
	const graph = `{"nodes":["A","B"],"edges":[{"prerequisite":"A","target":"B"}]}`
	const cases = `{"cases":[{"id":"1","scope":["A"],"mastery":{"A":0.2},"theta":0,"history":[]}]}`
	for _, test := range []struct{ name, bank, graph, cases, want string }{
		{"no JSON", `{"items":[` + "\n" + `{"item_id":}]}`, graph, cases, "bank.json: line 2: /items/0/item_id: it is no JSON"},
		{"text for a number", strings.Replace(bank, "1", `"1"`, 1), graph, cases, "bank.json: line 1: /items/0/a: it must be a number"},
		{"a name twice", strings.Replace(bank, `"b"`, `"a"`, 1), graph, cases, "/items/0/a: it is no JSON: duplicate object member name"},
		{"half the parameters", strings.Replace(bank, `"a":1,`, "", 1), graph, cases, "bank.json: /items/0: it has some of a, b and c"},
		{"no item", `{"items":[]}`, graph, cases, "bank.json: /items: there is no item"},
		{"an item without an id", strings.Replace(bank, `"item_id":"i",`, "", 1), graph, cases, "bank.json: /items/0: item_id is missing"},
		{"an item of an unknown concept", strings.Replace(bank, `"A"`, `"Z"`, 1), graph, cases, `bank.json: item "i": the bank has no concept "Z"`},
		{"a negative discrimination", strings.Replace(bank, "1", "-1", 1), graph, cases, `bank.json: item "i": a is -1`},
		{"an edge from nowhere", bank, strings.Replace(graph, `"prerequisite":"A"`, `"prerequisite":"Z"`, 1), cases, `graph.json: /edges/0/prerequisite: "Z" is none of the nodes`},
		{"a node twice", bank, strings.Replace(graph, `"A","B"`, `"A","B","A"`, 1), cases, `graph.json: /nodes/2: "A" comes twice`},
		{"a mastery above one", bank, graph, strings.Replace(cases, "0.2", "2", 1), "cases.json: /cases/0/mastery/A: it is 2"},
		{"a mastery of an unknown concept", bank, graph, strings.Replace(cases, `{"A":`, `{"Z":`, 1), `cases.json: /cases/0/mastery: "Z" is none of the nodes`},
		{"settings out of range", bank, graph, strings.Replace(cases, `{"cases"`, `{"settings":{"hops":9},"cases"`, 1), "cases.json: /settings: hops is 9: it must be from 0 to 3"},
		{"an initial mastery out of range", bank, graph, strings.Replace(cases, `{"cases"`, `{"settings":{"default_mastery":9},"cases"`, 1), "cases.json: /settings/default_mastery: it is 9"},
		{"no case", bank, graph, `{}`, "cases.json: /cases: there is no case"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			arguments := []string{"explain"}
			for name, text := range map[string]string{"bank": test.bank, "graph": test.graph, "cases": test.cases} {
				path := filepath.Join(folder, name+".json")
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				arguments = append(arguments, "--"+name, path)
			}
			code, stdout, stderr := execute(t, "", arguments...)
			if code != cli.ExitCouldNot || stdout != "" || !strings.Contains(stderr, test.want) {
				t.Errorf("ended with %d: %s%s", code, stdout, stderr)
			}
		})
	}
}

func TestExplainTakesOneFileFromStandardInput(t *testing.T) {
	cases := `{"cases":[{"id":"x","scope":["C01"]}]}`
	code, stdout, stderr := execute(t, cases, "explain", "--bank", picks+"bank.json", "--graph", picks+"graph.json", "--cases", "-")
	if code != cli.ExitOK || !strings.HasPrefix(stdout, `{"id":"x","item_id":"C01-01",`) {
		t.Errorf("ended with %d: %s%s", code, stdout, stderr)
	}
	if code, _, stderr := execute(t, cases, "explain", "--bank", "-", "--graph", picks+"graph.json", "--cases", "-"); code == cli.ExitOK || !strings.Contains(stderr, "only one") {
		t.Errorf("two files from standard input ended with %d: %s", code, stderr)
	}
	if code, _, stderr := execute(t, cases, "explain"); code != cli.ExitUsage || !strings.Contains(stderr, "--bank") {
		t.Errorf("without files ended with %d: %s", code, stderr)
	}
}

func TestAnExplanationThatCanNotBePrintedIsAFailure(t *testing.T) {
	var stderr bytes.Buffer
	code := cli.Execute(cli.Process{
		Arguments: []string{"explain", "--bank", picks + "bank.json", "--graph", picks + "graph.json", "--cases", picks + "cases.json"},
		Stdout:    full{}, Stderr: &stderr,
	})
	if code != cli.ExitCouldNot || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("ended with %d: %s", code, stderr.String())
	}
}
