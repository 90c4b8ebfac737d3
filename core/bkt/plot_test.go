package bkt_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/core/bkt"
)

var update = flag.Bool("update", false, "draw docs/mastery.svg anew")

// The picture's numbers: a frame of 540 by 230 at 70, 30.
const (
	plotLeft, plotTop      = 70., 30.
	plotWidth, plotHeight  = 540., 230.
	plotPath               = "../../docs/mastery.svg"
	plotFont               = `font-family="system-ui, sans-serif" font-size="13"`
	plotInk, plotGrid      = "#24292f", "#d0d7de"
	plotRight, plotWrong   = "#1a7f37", "#cf222e"
	plotLine, plotMastered = "#0969da", "#9a6700"
)

// TestThePlotOfTheExampleIsTheModel compares docs/mastery.svg with the model.
func TestThePlotOfTheExampleIsTheModel(t *testing.T) {
	want := drawExample([]bool{true, true, false, true, true, true})
	if *update {
		if err := os.WriteFile(plotPath, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(plotPath)
	if err != nil || string(got) != want {
		t.Errorf("docs/mastery.svg is not what the model gives (%v): go test ./core/bkt -run Plot -update", err)
	}
}

// drawExample draws the mastery before the first answer and after each.
func drawExample(answers []bool) string {
	x := func(step int) float64 { return plotLeft + plotWidth*(float64(step)+.5)/float64(len(answers)+1) }
	y := func(p float64) float64 { return plotTop + plotHeight*(1-p) }
	var svg strings.Builder
	draw := func(format string, values ...any) { fmt.Fprintf(&svg, format+"\n", values...) }

	draw(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 330" role="img" aria-label="Mastery after each answer of the example" %s fill="%s">`, plotFont, plotInk)
	draw(`<rect width="640" height="330" fill="#ffffff"/>`)
	for tick := range 6 {
		p := float64(tick) / 5
		draw(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s"/>`, plotLeft, y(p), plotLeft+plotWidth, y(p), plotGrid)
		draw(`<text x="%.1f" y="%.1f" text-anchor="end">%.1f</text>`, plotLeft-8, y(p)+4, p)
	}
	draw(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-dasharray="6 4"/>`, plotLeft, y(.95), plotLeft+plotWidth, y(.95), plotMastered)
	draw(`<text x="%.1f" y="%.1f" fill="%s">mastered: .95</text>`, plotLeft+6, y(.95)-5, plotMastered)
	draw(`<text x="16" y="%.1f" transform="rotate(-90 16 %.1f)" text-anchor="middle">P(mastery)</text>`, plotTop+plotHeight/2, plotTop+plotHeight/2)

	params := bkt.Defaults()
	states := []bkt.State{params.Start()}
	line := fmt.Sprintf("%.1f,%.1f", x(0), y(states[0].Mastery))
	for step, correct := range answers {
		states = append(states, params.Next(states[step], correct))
		line += fmt.Sprintf(" %.1f,%.1f", x(step+1), y(states[step+1].Mastery))
	}
	draw(`<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`, line, plotLine)
	for step, state := range states {
		word, colour := "start", plotLine
		if step > 0 {
			word, colour = "wrong", plotWrong
			if answers[step-1] {
				word, colour = "right", plotRight
			}
		}
		at := state.Mastery
		draw(`<circle cx="%.1f" cy="%.1f" r="5" fill="%s"/>`, x(step), y(at), colour)
		right, down := 8., 18. // beside the line, which mostly rises
		if step < len(answers) && states[step+1].Mastery < at || step == len(answers) {
			right, down = -26, -10
		}
		draw(`<text x="%.1f" y="%.1f">%.6f</text>`, x(step)+right, y(at)+down, at)
		draw(`<text x="%.1f" y="%.1f" text-anchor="middle" fill="%s">%s</text>`, x(step), plotTop+plotHeight+24, colour, word)
		draw(`<text x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, x(step), plotTop+plotHeight+42, stepName(step))
	}
	draw(`</svg>`)
	return svg.String()
}

func stepName(step int) string {
	if step == 0 {
		return "L0"
	}
	return fmt.Sprintf("answer %d", step)
}
