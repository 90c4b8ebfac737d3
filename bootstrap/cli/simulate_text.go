package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/journey-os/journey-api/core/simulation"
)

// writeSimulation writes a table for each world, and what follows from it.
func writeSimulation(w io.Writer, source string, result simulation.Result) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %d concepts, %d items; %d students with %d answers each; seed %d\n",
		source, result.Concepts, result.Items, result.Options.Students, result.Options.Length, result.Options.Seed)
	for _, world := range result.Worlds {
		writeWorld(&text, world, result.Options)
	}
	text.WriteString("\nIntervals are of 95 %, over students. What the truth is made of: docs/practice.md.\n")
	_, err := io.WriteString(w, text.String())
	return err
}

func writeWorld(text *strings.Builder, world simulation.WorldResult, options simulation.Options) {
	fmt.Fprintf(text, "\nWhere %s\n", world.World)
	table := tabwriter.NewWriter(text, 0, 0, 2, ' ', 0)
	row := func(name string, of func(simulation.Outcome) string) {
		_, _ = fmt.Fprint(table, "  "+name) // all of it goes into a strings.Builder
		for _, outcome := range world.Outcomes {
			_, _ = fmt.Fprint(table, "\t"+of(outcome))
		}
		_, _ = fmt.Fprintln(table)
	}
	row("", func(o simulation.Outcome) string { return string(o.Strategy) })
	for _, shown := range []struct {
		name string
		of   func(simulation.AfterAnswers) string
	}{
		{"concepts mastered", func(a simulation.AfterAnswers) string { return percent(a.Mastered) }},
		{"concepts practised", func(a simulation.AfterAnswers) string { return percent(a.Covered) }},
		{"error of ability (RMSE)", func(a simulation.AfterAnswers) string { return plusMinus(a.RMSE, 2) }},
		{"bias of ability", func(a simulation.AfterAnswers) string { return plusMinus(a.Bias, 2) }},
	} {
		for _, n := range shownLengths(options.Length) {
			row(fmt.Sprintf("%s after %d", shown.name, n), func(o simulation.Outcome) string { return shown.of(o.After[n-1]) })
		}
	}
	row(fmt.Sprintf("answers until %.0f%% mastered", simulation.Goal*100), func(o simulation.Outcome) string { return plusMinus(o.UntilGoal, 1) })
	row("students who get there", func(o simulation.Outcome) string { return percent(o.Reached) })
	row("students given the most given item", func(o simulation.Outcome) string { return percent(o.MostGiven) })
	row("items never given", func(o simulation.Outcome) string { return plusMinus(o.NeverGiven, 0) })
	_ = table.Flush()
	for _, sentence := range world.Sentences() {
		fmt.Fprintf(text, "  %s\n", sentence)
	}
}

// shownLengths are the numbers of answers that the table shows.
func shownLengths(length int) []int {
	shown := slices.DeleteFunc([]int{10, 30, 60, 100}, func(n int) bool { return n >= length })
	return append(shown, length)
}

func plusMinus(e simulation.Estimate, n int) string {
	return fmt.Sprintf("%.*f ±%.*f", n, e.Value, n, (e.High-e.Low)/2)
}

func percent(e simulation.Estimate) string {
	return fmt.Sprintf("%.0f%% ±%.0f", 100*e.Value, 50*(e.High-e.Low))
}
