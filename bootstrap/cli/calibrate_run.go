package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/journey-os/journey-api/adapters/datafile"
	"github.com/journey-os/journey-api/adapters/httpapi/calibration"
	htmlreport "github.com/journey-os/journey-api/adapters/report"
	"github.com/journey-os/journey-api/core/irt"
)

// calibrated is a calibration of a file.
type calibrated struct {
	source                   string
	people, items, responses int
	settings                 irt.Options
	result                   irt.Result
	at                       time.Time
	elapsed                  time.Duration
}

func (c calibrateCommand) calibrate(ctx context.Context, p Process, table, page *output) error {
	file, err := datafile.Open(ctx, c.File, p.Stdin)
	if err != nil {
		return failf("%v", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	data, err := readResponses(p, file)
	if err != nil {
		return failf("%v", err)
	}
	done := calibrated{source: file.Name(), people: data.People(), items: data.Items(), responses: data.Responses(), settings: c.options()}
	started := time.Now()
	done.result, err = calibrateShowing(ctx, p, data, done.settings)
	done.at, done.elapsed = time.Now(), time.Since(started)
	switch {
	case errors.Is(err, irt.ErrInsufficientData):
		return failf("%s: %s", done.source, whyNothing(done.result.Skipped, c.MinResponses))
	case err != nil:
		return failf("%v", err)
	}
	if err := writeOutputs(p, table, page, done); err != nil {
		return failf("%v", err)
	}
	if c.JSON {
		return written(writeRun(p.Stdout, done))
	}
	return written(writeTable(p.Stdout, done))
}

func (c calibrateCommand) options() irt.Options {
	return irt.Options{
		Model: irt.Model(c.Model), MinResponses: c.MinResponses, MaxIterations: c.MaxIterations, Threshold: c.Threshold,
		Density: irt.Density(c.Density), Prior: irt.Prior(c.Prior),
	}
}

func readResponses(p Process, file *datafile.File) (*irt.Data, error) {
	defer showProgress(p, readingOf(file))()
	return datafile.ReadResponses(file)
}

// calibrateShowing calibrates and shows the progress: stage, iteration and change.
func calibrateShowing(ctx context.Context, p Process, data *irt.Data, options irt.Options) (irt.Result, error) {
	var last atomic.Pointer[progress]
	last.Store(&progress{what: "items", total: progressTotal})
	options.Progress = func(state irt.Progress) {
		now := calibrationProgress(state, options.Threshold)
		now.done = max(now.done, last.Load().done) // a change may grow for once
		last.Store(&now)
	}
	defer showProgress(p, func() progress { return *last.Load() })()
	return irt.Calibrate(ctx, data, options)
}

// progressTotal is the length of a calibration's bar, of which the iterations over items take most.
const progressTotal = 1000

// calibrationProgress is how far a calibration is. Changes shrink by about the same factor from iteration to iteration,
// so that their logarithm tells how many are left.
func calibrationProgress(state irt.Progress, threshold float64) progress {
	shown := progress{what: fmt.Sprintf("%s, iteration %d, change %.4f", stageNames[state.Stage], state.Iteration, state.MaxChange), total: progressTotal}
	far := 1 - math.Log(max(state.MaxChange, threshold)/threshold)/math.Log(max(1/threshold, math.E))
	far = max(0, min(1, far))
	switch state.Stage {
	case irt.StageItems:
		shown.done = int64(700 * far)
	case irt.StageDensity:
		shown.done = 700 + int64(200*far)
	case irt.StageStandardErrors:
		shown.done = 900
	case irt.StageFit:
		shown.done = 950
	}
	return shown
}

var stageNames = map[irt.Stage]string{
	irt.StageItems: "items", irt.StageDensity: "distribution of ability", irt.StageStandardErrors: "standard errors", irt.StageFit: "fit",
}

// writeOutputs writes the requested files, both or neither, and prints so.
func writeOutputs(p Process, table, page *output, done calibrated) error {
	err := table.fill(func(w io.Writer) error { return writeParameters(w, done.result) })
	if err == nil {
		err = page.fill(func(w io.Writer) error { return writeReport(w, p.Version, done) })
	}
	if err == nil {
		err = table.publish()
	}
	if err == nil {
		err = page.publish()
	}
	if err != nil {
		return err
	}
	if table != nil {
		_, _ = fmt.Fprintf(p.Stderr, "wrote the parameters of %s to %s\n", counted(len(done.result.Items), "item"), table.path)
	}
	if page != nil {
		_, _ = fmt.Fprintf(p.Stderr, "wrote the report to %s\n", page.path)
	}
	return nil
}

func writeReport(w io.Writer, version string, done calibrated) error {
	_, err := htmlreport.Calibration{
		Source: filepath.Base(done.source), Version: version, At: done.at, Elapsed: done.elapsed,
		People: done.people, Items: done.items, Responses: done.responses, Settings: done.settings, Result: done.result,
	}.WriteTo(w)
	return err
}

// writeRun prints the data of POST /api/irt/calibrate. The run is in no service, so it is not in force.
func writeRun(w io.Writer, done calibrated) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(calibration.NewRun(done.result, calibration.Meta{ID: id.String(), CalibratedAt: done.at, Elapsed: done.elapsed}))
}
