package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/adapters/report"
	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/simulation"
)

// simulated is a simulation of four students in a bank of two concepts.
func simulated(t *testing.T) report.Simulation {
	t.Helper()
	bank := simulation.Bank{
		Concepts: []adaptive.Concept{{ID: "a", Weight: 1}, {ID: "b", Weight: 1}},
		Edges:    []adaptive.Edge{{Prerequisite: "a", Concept: "b"}},
	}
	for _, id := range []string{"a1", "a2", "a3", "b1", "b2", "b3"} {
		bank.Items = append(bank.Items, adaptive.Item{ID: id, Concept: id[:1], Params: adaptive.Uncalibrated()})
	}
	options := simulation.DefaultOptions()
	options.Students, options.Length = 4, 6
	result, err := simulation.Run(t.Context(), bank, options, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report.Simulation{Source: "<bank>", Version: "1.2.3", Result: result}
}

func TestTheReportOfASimulationTellsWhatWasFound(t *testing.T) {
	told := simulated(t)
	told.Result.Worlds[0].Comparisons[0].Difference = simulation.Estimate{Value: -12.34, Low: -13, High: -11}
	told.Result.Worlds[0].Comparisons[2].Difference = simulation.Estimate{Value: .25, Low: .2, High: .3}
	var buffer bytes.Buffer
	n, err := told.WriteTo(&buffer)
	if err != nil || n != int64(buffer.Len()) {
		t.Fatalf("wrote %d of %d bytes: %v", n, buffer.Len(), err)
	}
	text := buffer.String()
	for _, want := range []string{
		"&lt;bank&gt;: 2 concepts, 6 items. 4 simulated students with 6 answers each, seed 1.",
		"Where foundations matter", "Where foundations do not matter", "What is true of the students",
		"<td>−12.3</td><td>−13.0</td><td>−11.0</td><td class=\"left\">better</td>",
		"<td>0.25</td><td>0.20</td><td>0.30</td><td class=\"left mark\">worse</td>",
		">the pick<", ">random<", ">weakest first<", ">information alone<",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if got := strings.Count(text, "<svg"); got != 10 {
		t.Errorf("%d plots, want 10", got)
	}
	for _, never := range []string{"NaN", "+Inf", ">Inf<", "<script", "http://", "https://", "url(", "@import"} {
		if strings.Contains(text, never) {
			t.Errorf("it has %q", never)
		}
	}
	var again bytes.Buffer
	if _, err := told.WriteTo(&again); err != nil || again.String() != text {
		t.Error("the same simulation gives another report")
	}
}
