package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/adapters/report"
	"github.com/journey-os/journey-api/core/irt"
)

func page(t *testing.T, c report.Calibration) string {
	t.Helper()
	var buffer bytes.Buffer
	n, err := c.WriteTo(&buffer)
	if err != nil || n != int64(buffer.Len()) {
		t.Fatalf("wrote %d of %d bytes: %v", n, buffer.Len(), err)
	}
	return buffer.String()
}

func TestTheReportTellsWhatWasFound(t *testing.T) {
	text := page(t, sample(12, 800))
	for _, want := range []string{
		"Calibration of responses.csv", "1 March 2026, 12:30 UTC", "−12345.68",
		"Infit is 1.", "outfit 1.42; from 0.7 to 1.3 is expected.",
		"correlation with the rest is −0.21", "at the lower bound of 0.2", "lies 0.091 from the expected one",
		"S-X² is 88.8 on 28 degrees of freedom: p &lt;.001, RMSEA 0.071.",
		"All its answers are right, or all are wrong", "fewer responses than the 100", "Nobody answered it.",
		"the log-likelihood rose by 31.4", "no interval: on a bound or undetermined", "density from here",
		`<a href="#item-4">I0004</a>`, `id="item-4"`, "&lt;script&gt;alert(1)&lt;/script&gt;",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it doesn't say %q", want)
		}
	}
	for _, never := range []string{"NaN", "+Inf", ">Inf<", "<script", "http://", "https://", "url(", "@import", "Not converged"} {
		if strings.Contains(text, never) {
			t.Errorf("it has %q", never)
		}
	}
}

func TestTheReportSaysThatTheDensityHadTooFewIterations(t *testing.T) {
	c := sample(3, 100)
	c.Result.Density, c.Result.DensityTrial = irt.DensityNormal, irt.DensityTrial{Iterations: 4, Gain: 12.5, Distance: .031, CutOff: true}
	for iterations, want := range map[int]string{
		4: "Standard normal: the limit of iterations ended the trial of an estimated one, which had raised the log-likelihood by 12.5 and differed by up to 0.031;",
		0: "Standard normal: the limit of iterations left none to try an estimated one.",
	} {
		c.Result.DensityTrial.Iterations = iterations
		if text := page(t, c); !strings.Contains(text, want) {
			t.Errorf("it doesn't say %q", want)
		}
	}
}

func TestTheReportSaysThatARunDidNotConverge(t *testing.T) {
	c := sample(3, 100)
	c.Result.Converged = false
	if text := page(t, c); !strings.Contains(text, "Not converged.") || !strings.Contains(text, "more than 0.001") {
		t.Error("it doesn't say so")
	}
}

func TestTheReportOfTheSameRunIsTheSame(t *testing.T) {
	first := page(t, sample(20, 300))
	if second := page(t, sample(20, 300)); first != second {
		t.Error("two reports differ")
	}
}

func TestTheReportOfExtremeRunsHasNoHoles(t *testing.T) {
	alone := sample(1, 1)
	alone.Result.People = alone.Result.People[:1]
	alone.Result.Items[0].SE = irt.StandardErrors{}
	alone.Result.Items[0].Fit = irt.Fit{}
	alone.Result.History = nil
	alone.Result.Skipped = nil
	alone.Settings.Model = irt.Model2PL
	text := page(t, alone)
	for _, never := range []string{"NaN", "+Inf", ">Inf<", "%!"} {
		if strings.Contains(text, never) {
			t.Errorf("it has %q", never)
		}
	}
	if !strings.Contains(text, ">fixed<") {
		t.Error("it doesn't say that c is fixed under a 2PL")
	}
}

func TestTheReportIsWellFormed(t *testing.T) {
	decoder := xml.NewDecoder(strings.NewReader(page(t, sample(12, 800))))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var open []string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			open = append(open, token.Name.Local)
		case xml.EndElement:
			if open[len(open)-1] != token.Name.Local {
				line, _ := decoder.InputPos()
				t.Fatalf("line %d closes %s inside %s", line, token.Name.Local, open[len(open)-1])
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("left open: %v", open)
	}
}

func TestAPointStandsAtTheObservedProportion(t *testing.T) {
	c := sample(1, 100_000)
	for k := range c.Result.Items[0].Counts {
		c.Result.Items[0].Counts[k].Correct = c.Result.Items[0].Counts[k].Responses / 4
	}
	_, curve, _ := strings.Cut(page(t, c), `<div class="cards">`)
	dots := 0
	_, path, _ := strings.Cut(curve, `<path class="dots t2" d="`)
	path, _, _ = strings.Cut(path, `"`)
	for part := range strings.SplitSeq(path, "M") {
		_, y, found := strings.Cut(strings.TrimSuffix(part, "h0"), " ")
		if !found {
			continue
		}
		at, err := strconv.ParseFloat(y, 64)
		const bottom, top = 160.0, 12.0
		if share := (bottom - at) / (bottom - top); err != nil || share < .249 || share > .251 {
			t.Errorf("a point stands at %.3f, want .25 (%v)", share, err)
		}
		dots++
	}
	if dots < 10 {
		t.Errorf("%d points", dots)
	}
}

// TestAThousandItemsStayOneSmallFile keeps the page such that a browser opens it at once.
func TestAThousandItemsStayOneSmallFile(t *testing.T) {
	if size := len(page(t, sample(1000, 500))); size > 4<<20 {
		t.Errorf("%d bytes", size)
	}
}
