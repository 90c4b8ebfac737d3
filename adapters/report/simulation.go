package report

import (
	_ "embed" // the template
	"fmt"
	"html/template"
	"io"

	"github.com/journey-os/journey-api/adapters/report/plot"
	"github.com/journey-os/journey-api/core/simulation"
)

// Simulation is the data of a simulation's report.
type Simulation struct {
	// Source names the bank.
	Source string
	// Version is the version of the program.
	Version string
	Result  simulation.Result
}

//go:embed simulation.html
var simulationHTML string

// WriteTo writes the report as HTML. The same simulation gives the same bytes.
func (s Simulation) WriteTo(w io.Writer) (int64, error) {
	page, err := template.New("simulation").Funcs(template.FuncMap{"count": count}).Parse(simulationHTML)
	if err != nil {
		return 0, err
	}
	shown := simulationPage{
		Simulation: s,
		Style:      template.CSS(plot.Style + reportCSS), //nolint:gosec // both are files of this program
	}
	for _, world := range s.Result.Worlds {
		shown.Worlds = append(shown.Worlds, newSimulatedWorld(world))
	}
	counted := &countingWriter{w: w}
	err = page.Execute(counted, shown)
	return counted.n, err
}

// simulationPage is the data of the template.
type simulationPage struct {
	Simulation
	Style  template.CSS
	Worlds []simulatedWorld
}

type simulatedWorld struct {
	simulation.WorldResult
	Mastered, Covered, RMSE, Bias, Exposure template.HTML
	Rows                                    []simulatedRow
	Differences                             []simulatedDifference
}

// simulatedRow is a measure with a cell for each strategy.
type simulatedRow struct {
	Name  string
	Cells []string
}

type simulatedDifference struct {
	Measure                   simulation.Measure
	Rival                     simulation.Strategy
	Value, Low, High, Verdict string
}

func newSimulatedWorld(world simulation.WorldResult) simulatedWorld {
	type after = simulation.AfterAnswers
	share := func(e simulation.Estimate) string { return fixed(0, 100*e.Value) + " %" + spread(0, 100, e) }
	number := func(decimals int) func(simulation.Estimate) string {
		return func(e simulation.Estimate) string { return fixed(decimals, e.Value) + spread(decimals, 1, e) }
	}
	shown := simulatedWorld{
		WorldResult: world,
		Mastered:    overAnswers(world, "share of concepts mastered", func(a after) float64 { return a.Mastered.Value }),
		Covered:     overAnswers(world, "share of concepts practised", func(a after) float64 { return a.Covered.Value }),
		RMSE:        overAnswers(world, "error of ability", func(a after) float64 { return a.RMSE.Value }),
		Bias:        overAnswers(world, "bias of ability", func(a after) float64 { return a.Bias.Value }),
		Exposure:    exposureFigure(world),
	}
	row := func(name string, words func(simulation.Estimate) string, of func(simulation.Outcome) simulation.Estimate) {
		cells := make([]string, len(world.Outcomes))
		for i, outcome := range world.Outcomes {
			cells[i] = words(of(outcome))
		}
		shown.Rows = append(shown.Rows, simulatedRow{Name: name, Cells: cells})
	}
	end := func(o simulation.Outcome) after { return o.After[len(o.After)-1] }
	row("concepts mastered", share, func(o simulation.Outcome) simulation.Estimate { return end(o).Mastered })
	row("concepts practised", share, func(o simulation.Outcome) simulation.Estimate { return end(o).Covered })
	row(fmt.Sprintf("answers until %.0f %% are mastered", 100*simulation.Goal), number(1), func(o simulation.Outcome) simulation.Estimate { return o.UntilGoal })
	row("students who get there", share, func(o simulation.Outcome) simulation.Estimate { return o.Reached })
	row("error of ability (RMSE)", number(2), func(o simulation.Outcome) simulation.Estimate { return end(o).RMSE })
	row("bias of ability", number(2), func(o simulation.Outcome) simulation.Estimate { return end(o).Bias })
	row("students given the most given item", share, func(o simulation.Outcome) simulation.Estimate { return o.MostGiven })
	row("items never given", number(0), func(o simulation.Outcome) simulation.Estimate { return o.NeverGiven })
	for _, c := range world.Comparisons {
		shown.Differences = append(shown.Differences, newDifference(c))
	}
	return shown
}

// spread is half of an interval, in the unit that value is printed in.
func spread(decimals int, unit float64, e simulation.Estimate) string {
	return " ± " + fixed(decimals, unit*(e.High-e.Low)/2)
}

func newDifference(c simulation.Comparison) simulatedDifference {
	verdict := "not to tell"
	switch {
	case c.PickIsBetter():
		verdict = "better"
	case c.PickIsWorse():
		verdict = "worse"
	}
	decimals := 2
	if c.Measure == simulation.MeasureUntilGoal || c.Measure == simulation.MeasureNeverGiven {
		decimals = 1
	}
	return simulatedDifference{
		Measure: c.Measure, Rival: c.Rival, Verdict: verdict,
		Value: fixed(decimals, c.Difference.Value), Low: fixed(decimals, c.Difference.Low), High: fixed(decimals, c.Difference.High),
	}
}

// overAnswers draws a line for each strategy.
func overAnswers(world simulation.WorldResult, label string, of func(simulation.AfterAnswers) float64) template.HTML {
	values := []float64{0}
	figure := plot.Figure{Label: label + " by number of answers", Width: width, Height: height}
	for i, outcome := range world.Outcomes {
		line := plot.Line{Name: string(outcome.Strategy), Tone: plot.Tone(i + 1), Dashed: i%2 == 1}
		every := max(1, len(outcome.After)/150)
		for k := 0; k < len(outcome.After); k += every {
			after := outcome.After[k]
			line.Points = append(line.Points, plot.Point{X: float64(after.Answers), Y: of(after)})
			values = append(values, of(after))
		}
		figure.Layers = append(figure.Layers, line)
	}
	figure.X = plot.Around("answers", 0, float64(len(world.Outcomes[0].After)))
	figure.Y = plot.Around(label, values...)
	return figure.SVG()
}

func exposureFigure(world simulation.WorldResult) template.HTML {
	figure := plot.Figure{Label: "share of students given an item, by rank of the item", Width: width, Height: height}
	for i, outcome := range world.Outcomes {
		line := plot.Line{Name: string(outcome.Strategy), Tone: plot.Tone(i + 1), Dashed: i%2 == 1}
		for rank, share := range outcome.Exposure {
			line.Points = append(line.Points, plot.Point{X: float64(rank + 1), Y: share})
		}
		figure.Layers = append(figure.Layers, line)
	}
	figure.X = plot.Around("items, the most given first", 0, float64(len(world.Outcomes[0].Exposure)))
	figure.Y = plot.Around("share of students", 0, 1)
	return figure.SVG()
}
