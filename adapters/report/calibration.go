package report

import (
	_ "embed" // the template and its style
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/journey-os/journey-api/adapters/report/plot"
	"github.com/journey-os/journey-api/core/irt"
)

// Calibration is the data of a calibration's report.
type Calibration struct {
	// Source names the data: a file, or a run.
	Source string
	// Version is the version of the program.
	Version string
	// At is when the calibration ended, Elapsed how long it took.
	At      time.Time
	Elapsed time.Duration
	// People, Items and Responses count the data, including what was skipped.
	People, Items, Responses int
	// Settings are the options, with defaults filled in.
	Settings irt.Options
	Result   irt.Result
}

//go:embed calibration.html
var calibrationHTML string

//go:embed report.css
var reportCSS string

// WriteTo writes the report as HTML. The same calibration gives the same bytes.
func (c Calibration) WriteTo(w io.Writer) (int64, error) {
	page, err := template.New("calibration").Funcs(template.FuncMap{
		"fixed": fixed, "optional": optional, "pValue": pValue, "count": count, "words": skipWords,
	}).Parse(calibrationHTML)
	if err != nil {
		return 0, err
	}
	counted := &countingWriter{w: w}
	err = page.Execute(counted, c.page())
	return counted.n, err
}

// countingWriter counts what is written through it.
type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// calibrationPage is the data of the template.
type calibrationPage struct {
	Calibration
	Style       template.CSS
	Reliability irt.Optional
	Flagged     int
	Used        int // responses to calibrated items
	Density     string
	Figures     testFigures
	Frame       template.HTML
	Cards       []itemCard
}

func (c Calibration) page() calibrationPage {
	page := calibrationPage{
		Calibration: c,
		Style:       template.CSS(plot.Style + reportCSS), //nolint:gosec // both are files of this program
		Reliability: reliability(c.Result.People),
		Density:     densityWords(c.Settings, c.Result),
		Figures:     newTestFigures(c.Result),
		Frame:       itemFrame(),
	}
	for k, item := range c.Result.Items {
		page.Cards = append(page.Cards, newItemCard(k, item, c.Settings, c.Result.Nodes))
		page.Used += item.Responses
		if len(item.Flags) > 0 {
			page.Flagged++
		}
	}
	return page
}

// reliability is the empirical reliability of the abilities: the variance of the estimates over itself plus the mean
// error variance. It is unknown if all estimates are equal.
func reliability(people []irt.Person) irt.Optional {
	var sum, squares, errors float64
	for _, person := range people {
		sum += person.Theta
		squares += person.Theta * person.Theta
		errors += person.SD * person.SD
	}
	n := float64(len(people))
	variance := squares/n - (sum/n)*(sum/n)
	if !(variance > 0) {
		return irt.Optional{}
	}
	return irt.Some(variance / (variance + errors/n))
}

// densityWords returns which distribution of ability the run used, and why.
func densityWords(settings irt.Options, result irt.Result) string {
	trial := result.DensityTrial
	switch {
	case settings.Density == irt.DensityNormal:
		return "Standard normal, as it was asked for."
	case trial.CutOff && trial.Iterations == 0:
		return "Standard normal: the limit of iterations left none to try an estimated one."
	case trial.Iterations == 0:
		return "Standard normal."
	case result.Density == irt.DensityEstimated:
		return fmt.Sprintf("Estimated from the data: the log-likelihood rose by %s over that of the normal, and the two distribution functions differ by up to %s.",
			fixed(1, trial.Gain), fixed(3, trial.Distance))
	}
	tried := "an estimated one raised"
	if trial.CutOff {
		tried = "the limit of iterations ended the trial of an estimated one, which had raised"
	}
	return fmt.Sprintf("Standard normal: %s the log-likelihood by %s and differed by up to %s; more than 15 and more than 0.06 are needed to keep it.",
		tried, fixed(1, trial.Gain), fixed(3, trial.Distance))
}

func skipWords(skipped irt.Skipped, settings irt.Options) string {
	switch skipped.Reason {
	case irt.SkipNoVariance:
		if skipped.Responses == 0 {
			return "Nobody answered it."
		}
		return "All its answers are right, or all are wrong: they don't say how hard it is."
	case irt.SkipInsufficientResponses:
		return fmt.Sprintf("It has fewer responses than the %s that the run asked for.", count(settings.MinResponses))
	}
	return string(skipped.Reason)
}

// fixed formats a number with a fixed number of decimals, a true minus sign, and no negative zero.
func fixed(decimals int, value float64) string {
	text := fmt.Sprintf("%.*f", decimals, math.Abs(value))
	if value < 0 && text != fmt.Sprintf("%.*f", decimals, 0.0) {
		return "−" + text
	}
	return text
}

func optional(decimals int, value irt.Optional) string {
	if !value.Known {
		return "–"
	}
	return fixed(decimals, value.Value)
}

func pValue(value irt.Optional) string {
	if value.Known && value.Value < .001 {
		return "<.001"
	}
	return optional(3, value)
}

// count formats a whole number with a thin space between thousands.
func count(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "\u202f" + text[at:]
	}
	return text
}
