package report

import (
	"html/template"
	"math"

	"github.com/journey-os/journey-api/adapters/report/plot"
	"github.com/journey-os/journey-api/core/irt"
)

// testFigures are the plots of the test as a whole and of the run.
type testFigures struct {
	Information, StandardError, Map, Density, Change, LogLikelihood template.HTML
}

// The size of these plots.
const width, height = 508, 260

func newTestFigures(result irt.Result) testFigures {
	information := func(theta float64) float64 {
		sum := 0.0
		for _, item := range result.Items {
			sum += item.Information(theta)
		}
		return sum
	}
	return testFigures{
		Information:   informationFigure(information).SVG(),
		StandardError: errorFigure(information).SVG(),
		Map:           mapFigure(result).SVG(),
		Density:       densityFigure(result.Nodes).SVG(),
		Change:        changeFigure(result.History).SVG(),
		LogLikelihood: likelihoodFigure(result.History).SVG(),
	}
}

func informationFigure(information func(float64) float64) plot.Figure {
	figure := plot.Figure{Label: "Information of the test by ability", Width: width, Height: height, X: abilityAxis()}
	points := over(figure.X, 80, information)
	figure.Y = plot.Around("information", append(heights(points), 0)...)
	figure.Layers = []plot.Layer{plot.Line{Tone: 1, Points: points}}
	return figure
}

// errorFigure ends at three times the least error, or 1: beyond it a test tells next to nothing.
func errorFigure(information func(float64) float64) plot.Figure {
	figure := plot.Figure{Label: "Standard error of ability by ability", Width: width, Height: height, X: abilityAxis()}
	points := over(figure.X, 80, func(theta float64) float64 { return 1 / math.Sqrt(information(theta)) })
	least, most := math.Inf(1), 0.0
	for _, p := range points {
		least, most = min(least, p.Y), max(most, p.Y)
	}
	figure.Y = plot.Around("standard error", 0, min(most, max(1, 3*least)))
	figure.Layers = []plot.Layer{plot.Line{Tone: 1, Points: points}}
	return figure
}

func heights(points []plot.Point) []float64 {
	values := make([]float64, len(points))
	for k, p := range points {
		values[k] = p.Y
	}
	return values
}

// mapFigure is the person-item map (Wright & Stone 1979): people above, items below, on one scale. Both are shown as
// percentages, so that a thousand people don't dwarf forty items.
func mapFigure(result irt.Result) plot.Figure {
	figure := plot.Figure{Label: "People by ability above, items by difficulty below", Width: width, Height: height, X: abilityAxis()}
	figure.X.Label = "ability of people (EAP) and difficulty b of items"
	people, items := make([]float64, len(result.People)), make([]float64, len(result.Items))
	for k, person := range result.People {
		people[k] = person.Theta
	}
	for k, item := range result.Items {
		items[k] = item.B
	}
	const bins = 32
	edges, above := plot.Histogram(people, figure.X.Min, figure.X.Max, bins)
	_, below := plot.Histogram(items, figure.X.Min, figure.X.Max, bins)
	for k := range above {
		above[k] *= 100 / float64(max(1, len(people)))
		below[k] *= -100 / float64(max(1, len(items)))
	}
	figure.Y = plot.Around("% of people | % of items", append(append([]float64{-1, 1}, above...), below...)...)
	figure.Y.Absolute = true
	figure.Layers = []plot.Layer{
		plot.Bars{Name: "people", Tone: 1, Edges: edges, Heights: above},
		plot.Bars{Name: "items", Tone: 2, Edges: edges, Heights: below},
	}
	return figure
}

// densityFigure compares the distribution of ability that the run used with the standard normal.
func densityFigure(nodes []irt.Node) plot.Figure {
	figure := plot.Figure{Label: "Distribution of ability", Width: width, Height: height, X: abilityAxis()}
	normal := over(figure.X, 80, func(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) })
	var used []plot.Point
	if len(nodes) > 1 {
		step := nodes[1].Theta - nodes[0].Theta
		for _, node := range nodes {
			used = append(used, plot.Point{X: node.Theta, Y: node.Weight / step})
		}
	}
	figure.Y = plot.Around("density", append(append(heights(normal), heights(used)...), 0)...)
	figure.Layers = []plot.Layer{
		plot.Line{Name: "standard normal", Dashed: true, Points: normal},
		plot.Line{Name: "used by the run", Tone: 1, Points: used},
	}
	return figure
}

// changeFigure is the largest change of a parameter by iteration.
func changeFigure(history []irt.Progress) plot.Figure {
	points, rules := course(history, func(p irt.Progress) float64 { return p.MaxChange })
	figure := plot.Figure{Label: "Largest change of a parameter by iteration", Width: width, Height: height, Layers: rules}
	figure.X, figure.Y = iterations(history), plot.Decades("largest change", heights(points)...)
	figure.Layers = append(figure.Layers, plot.Line{Tone: 1, Points: points}, dots(points))
	return figure
}

// likelihoodFigure is the distance of the log-likelihood from the highest, which needs a logarithmic axis.
func likelihoodFigure(history []irt.Progress) plot.Figure {
	highest := math.Inf(-1)
	for _, p := range history {
		highest = max(highest, p.LogLikelihood)
	}
	points, rules := course(history, func(p irt.Progress) float64 { return highest - p.LogLikelihood })
	figure := plot.Figure{Label: "Log-likelihood below its highest value by iteration", Width: width, Height: height, Layers: rules}
	figure.X, figure.Y = iterations(history), plot.Decades("log-likelihood below highest", heights(points)...)
	figure.Layers = append(figure.Layers, plot.Line{Tone: 1, Points: points}, dots(points))
	return figure
}

// course returns a value for each iteration, and a rule at the first iteration that estimates the distribution of
// ability.
func course(history []irt.Progress, value func(irt.Progress) float64) ([]plot.Point, []plot.Layer) {
	var points []plot.Point
	var rules []plot.Layer
	for _, p := range history {
		if p.Stage == irt.StageDensity && rules == nil {
			rules = append(rules, plot.Rule{X: float64(p.Iteration), Label: "density from here"})
		}
		points = append(points, plot.Point{X: float64(p.Iteration), Y: value(p)})
	}
	return points, rules
}

// dots marks points unless they are too close together.
func dots(points []plot.Point) plot.Dots {
	marks := plot.Dots{Tone: 1}
	if len(points) > 60 {
		return marks
	}
	for _, p := range points {
		marks.Dots = append(marks.Dots, plot.Dot{Point: p})
	}
	return marks
}

func iterations(history []irt.Progress) plot.Axis {
	axis := plot.Around("iteration", 0, float64(max(1, len(history))))
	axis.Max = float64(max(2, len(history)))
	return axis
}
