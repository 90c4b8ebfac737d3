package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/journey-os/journey-api/adapters/report/plot"
	"github.com/journey-os/journey-api/core/irt"
)

// itemCard is one item on the page.
type itemCard struct {
	irt.Item
	Anchor  string
	P       float64 // the proportion of right answers
	A, B, C estimate
	Flags   string
	Reasons []string
	Curve   template.HTML
}

// estimate is a parameter with its interval of 95 %.
type estimate struct {
	Value    float64
	SE       irt.Optional
	Interval string
}

func newItemCard(k int, item irt.Item, settings irt.Options, nodes []irt.Node) itemCard {
	flags := make([]string, len(item.Flags))
	reasons := make([]string, len(item.Flags))
	for k, flag := range item.Flags {
		flags[k], reasons[k] = string(flag), reason(flag, item)
	}
	card := itemCard{
		Item: item, Anchor: fmt.Sprintf("item-%d", k+1), P: float64(item.Correct) / float64(item.Responses),
		A: newEstimate(item.A, item.SE.A, 0, math.Inf(1)), B: newEstimate(item.B, item.SE.B, math.Inf(-1), math.Inf(1)),
		C:     newEstimate(item.C, item.SE.C, 0, 1),
		Flags: strings.Join(flags, ", "), Reasons: reasons, Curve: itemFigure(item, nodes).SVG(),
	}
	if settings.Model != irt.Model3PL {
		card.C.Interval = "fixed"
	}
	return card
}

// newEstimate clamps the interval to meaningful values.
func newEstimate(value float64, se irt.Optional, low, high float64) estimate {
	if !se.Known {
		return estimate{value, se, "no interval: on a bound or undetermined"}
	}
	const z = 1.959964
	low, high = max(low, value-z*se.Value), min(high, value+z*se.Value)
	return estimate{value, se, fixed(2, low) + " to " + fixed(2, high)}
}

// reason returns in words why an item has a flag.
func reason(flag irt.Flag, item irt.Item) string {
	fit := item.Fit
	switch flag {
	case irt.FlagMeanSquare:
		return fmt.Sprintf("Infit is %s and outfit %s; from 0.7 to 1.3 is expected.", fixed(2, fit.Infit), fixed(2, fit.Outfit))
	case irt.FlagNegativeDiscrimination:
		return fmt.Sprintf("Its correlation with the rest is %s, below 0.05: who does well elsewhere doesn't do better here. Is the key right?", optional(2, fit.ItemRest))
	case irt.FlagAAtLowerBound:
		return "Its discrimination is at the lower bound of 0.2: it hardly tells people apart."
	case irt.FlagRMSD:
		return fmt.Sprintf("The observed curve lies %s from the expected one (RMSD), more than 0.05 and chance allow.", fixed(3, fit.RMSD))
	case irt.FlagSX2:
		return fmt.Sprintf("S-X² is %s on %d degrees of freedom: p %s, RMSEA %s.", fixed(1, fit.SX2.Statistic), fit.SX2.DF, equals(fit.SX2.P), optional(3, fit.SX2.RMSEA))
	}
	return string(flag)
}

func equals(p irt.Optional) string {
	if text := pValue(p); strings.HasPrefix(text, "<") {
		return text
	}
	return "= " + pValue(p)
}

const itemFrameID = "item-axes"

// abilityAxis is the range of ability that is shown.
func abilityAxis() plot.Axis {
	return plot.Axis{Label: "ability θ", Min: -4, Max: 4, Ticks: []float64{-4, -2, 0, 2, 4}}
}

func emptyItemFigure() plot.Figure {
	return plot.Figure{
		Width: 320, Height: 200, X: abilityAxis(),
		Y: plot.Axis{Label: "P(right)", Min: 0, Max: 1, Ticks: []float64{0, .25, .5, .75, 1}},
	}
}

// itemFrame are the axes that all items share.
func itemFrame() template.HTML { return emptyItemFigure().Frame(itemFrameID) }

// itemFigure returns the curve of an item with the observed proportions.
func itemFigure(item irt.Item, nodes []irt.Node) plot.Figure {
	figure := emptyItemFigure()
	figure.FrameID = itemFrameID
	figure.Label = fmt.Sprintf("Probability of a right answer to %s by ability: the model's curve, and observed proportions with intervals", item.ID)
	figure.Layers = []plot.Layer{
		plot.Rule{X: item.B},
		plot.Line{Tone: 1, Points: over(figure.X, 48, item.Probability)},
		plot.Dots{Tone: 2, Dots: observed(nodes, item.Counts)},
	}
	return figure
}

// over computes f at equal steps along an axis.
func over(axis plot.Axis, steps int, f func(float64) float64) []plot.Point {
	points := make([]plot.Point, steps+1)
	for k := range points {
		x := axis.Min + (axis.Max-axis.Min)*float64(k)/float64(steps)
		points[k] = plot.Point{X: x, Y: f(x)}
	}
	return points
}

// The nodes are gathered into groups that span at least this much, with at least so many expected answers.
const (
	groupWidth   = .35
	groupAnswers = 10
)

// observed returns the proportions of right answers in groups of neighbouring nodes, each at the group's mean ability,
// with Wilson's interval of 95 % for the expected number of answers.
func observed(nodes []irt.Node, counts []irt.Count) []plot.Dot {
	var (
		dots                  []plot.Dot
		answers, right, theta float64
		start                 int
	)
	for k, c := range counts {
		answers += c.Responses
		right += c.Correct
		theta += c.Responses * nodes[k].Theta
		if nodes[k].Theta-nodes[start].Theta < groupWidth-1e-9 || answers < groupAnswers {
			continue
		}
		low, high := wilson(right, answers)
		dots = append(dots, plot.Dot{Point: plot.Point{X: theta / answers, Y: right / answers}, Low: low, High: high})
		answers, right, theta, start = 0, 0, 0, k+1
		if start == len(nodes) {
			break
		}
	}
	return dots
}

// wilson is the score interval of 95 % of a proportion (Wilson 1927).
func wilson(right, n float64) (low, high float64) {
	const z = 1.959964
	p := right / n
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max(0, middle-half), min(1, middle+half)
}
