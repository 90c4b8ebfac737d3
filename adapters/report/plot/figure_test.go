package plot_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/report/plot"
)

// paper is a figure whose plot is 100 by 100 pixels, from (54, 12) to (154, 112).
func paper(layers ...plot.Layer) plot.Figure {
	return plot.Figure{
		Label: "a < b", Width: 174, Height: 152, Layers: layers,
		X: plot.Axis{Label: "x & more", Min: 0, Max: 10}, Y: plot.Axis{Label: "y", Min: -1, Max: 1},
	}
}

func TestALayerIsDrawnWhereItsValuesAre(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name  string
		layer plot.Layer
		want  []string
	}{
		{"a line", plot.Line{Tone: 1, Points: []plot.Point{{0, -1}, {5, 0}, {10, 1}}}, []string{`<path class="line t1" d="M54 112L104 62L154 12"/>`}},
		{
			"a line that breaks outside the axes", plot.Line{Dashed: true, Points: []plot.Point{{0, 0}, {1, 0}, {2, 9}, {3, nan}, {4, 0}, {5, 0}, {11, 0}}},
			[]string{`<path class="line dashed t0" d="M54 62L64 62M94 62L104 62"/>`},
		},
		{
			"dots with intervals", plot.Dots{Tone: 2, Dots: []plot.Dot{
				{Point: plot.Point{X: 5, Y: .5}, Low: 0, High: 7}, {Point: plot.Point{X: 1, Y: 0}}, {Point: plot.Point{X: 2, Y: nan}, Low: nan, High: nan},
			}},
			[]string{
				`<path class="whisker t2" d="M104 62V12"/>`, `<path class="dots t2" d="M104 37h0M64 62h0"/>`,
			},
		},
		{
			"bars up and down", plot.Bars{Tone: 3, Edges: []float64{0, 1, 2, 3}, Heights: []float64{1, 0, -.5}},
			[]string{
				`<rect class="bar t3" x="54.5" y="12" width="9" height="50"/>`, `<rect class="bar t3" x="74.5" y="62" width="9" height="25"/>`,
			},
		},
		{"a rule", plot.Rule{X: 2, Label: "here"}, []string{`<path class="rule" d="M74 12V112"/>`, `<text class="note" text-anchor="start" x="78" y="21">here</text>`}},
		{"a rule outside", plot.Rule{X: 12}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			empty, drawn := string(paper().SVG()), string(paper(tt.layer).SVG())
			got := strings.TrimSuffix(strings.TrimPrefix(drawn, strings.TrimSuffix(empty, "</svg>")), "</svg>")
			if got != strings.Join(tt.want, "") {
				t.Errorf("drew %s", got)
			}
		})
	}
}

func TestAFigureIsWellFormedAndSaysWhatItShows(t *testing.T) {
	figure := paper(plot.Line{Name: "one & two", Points: []plot.Point{{1, 0}}}, plot.Dots{Name: "dots"}, plot.Bars{Name: "bars"})
	file := figure.File()
	if !bytes.Contains(file, []byte("<title>a &lt; b</title>")) || !bytes.Contains(file, []byte("prefers-color-scheme: dark")) {
		t.Errorf("no title or style in %s", file)
	}
	for _, text := range []string{string(file), string(figure.SVG()), string(figure.Frame("axes"))} {
		decoder := xml.NewDecoder(strings.NewReader(text))
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v in %s", err, text)
			}
		}
	}
}

func TestAFrameHasTheAxesThatItsFiguresLeaveOut(t *testing.T) {
	whole := string(paper().SVG())
	figure := paper()
	figure.FrameID = "axes"
	start, _, _ := strings.Cut(whole, ">")
	axes := strings.TrimSuffix(strings.TrimPrefix(whole, start+">"), "</svg>")
	if frame := string(figure.Frame("axes")); !strings.Contains(frame, `<g id="axes">`+axes+`</g>`) {
		t.Errorf("the frame is %s, the axes are %s", frame, axes)
	}
	if got := string(figure.SVG()); got != start+`><use href="#axes"/></svg>` {
		t.Errorf("the figure is %s", got)
	}
}

func TestAnAxisHasRoundEndsAndTicks(t *testing.T) {
	tests := []struct {
		name string
		axis plot.Axis
		want string
	}{
		{"around values", plot.Around("", 0.3, 4.1, math.NaN(), math.Inf(1)), "0 1 2 3 4 5"},
		{"around negative values", plot.Around("", -3.2, 1.9), "−4 −3 −2 −1 0 1 2"},
		{"around one value", plot.Around("", 2), "1.4 1.6 1.8 2 2.2 2.4 2.6"},
		{"around nothing", plot.Around(""), "0 0.2 0.4 0.6 0.8 1"},
		{"around thousands", plot.Around("", 0, 48_000), "0 10\u2009000 20\u2009000 30\u2009000 40\u2009000 50\u2009000"},
		{"without signs", plot.Axis{Min: -2, Max: 2, Absolute: true, Ticks: []float64{-2, 0, 2}}, "2 0 2"},
		{"decades", plot.Decades("", .00002, 3, 0, -1), "10⁻⁵ 10⁻⁴ 0.001 0.01 0.1 1 10"},
		{"many decades", plot.Decades("", 1e-8, 1e4), "10⁻⁸ 10⁻⁶ 10⁻⁴ 0.01 1 100 10\u2009000"},
		{"no decade", plot.Decades(""), "1 10"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ticks(t, tt.axis); got != tt.want {
				t.Errorf("ticks are %s", got)
			}
		})
	}
}

// ticks are the labels of a vertical axis as they are drawn.
func ticks(t *testing.T, axis plot.Axis) string {
	t.Helper()
	figure := paper()
	figure.Y = axis
	var labels []string
	for part := range strings.SplitSeq(string(figure.SVG()), `<text class="tick y"`) {
		var x, y float64
		if _, err := fmt.Sscanf(part, ` x="%f" y="%f">`, &x, &y); err != nil {
			continue
		}
		_, rest, _ := strings.Cut(part, ">")
		label, _, _ := strings.Cut(rest, "<")
		labels = append(labels, label)
	}
	return strings.Join(labels, " ")
}

func TestAHistogramCountsEveryValueOnce(t *testing.T) {
	edges, counts := plot.Histogram([]float64{-9, 0, .9, 1, 3.999, 4, 9, math.Inf(1), math.NaN()}, 0, 4, 4)
	if diff := cmp.Diff([]float64{0, 1, 2, 3, 4}, edges); diff != "" {
		t.Errorf("edges (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]float64{3, 1, 0, 4}, counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}
