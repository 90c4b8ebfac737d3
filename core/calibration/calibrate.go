package calibration

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/irt"
)

// found is what a calibration found, on a scale of its own.
type found struct {
	archived Archived
	skipped  []irt.Skipped
}

// calibrate reads the answers and calibrates the items.
func (c *computation) calibrate(ctx context.Context) (f found, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the calibration panicked: %v", cause)
		}
	}()
	read, data, err := read(ctx, c.stores.Responses, c.run.Settings, c.config.Memory)
	if err != nil {
		return found{}, err
	}
	options := c.run.Settings.options()
	f.archived = Archived{RunID: c.run.ID, People: data.People(), Items: data.Items(), Responses: data.Responses(), Settings: options}
	options.Workers, options.Progress = c.config.Workers, c.note
	f.archived.Result, err = irt.Calibrate(ctx, data, options)
	f.skipped = read.withUnanswered(f.archived.Result.Skipped)
	if errors.Is(err, irt.ErrInsufficientData) {
		return found{}, &Failure{Code: core.CodeInsufficientData, Message: tooLittle(f.skipped, options)}
	}
	return f, err
}

// tooLittle returns the message that says why nothing could be calibrated.
func tooLittle(skipped []irt.Skipped, options irt.Options) string {
	most := 0
	for _, item := range skipped {
		most = max(most, item.Responses)
	}
	return fmt.Sprintf("No item has enough answers: of %d items the one with the most has %d; it takes %d, and right and wrong ones",
		len(skipped), most, options.MinResponses)
}

func (c *computation) tryToKeep(ctx context.Context, f found) error {
	scale, err := c.stores.Scale.Scale(ctx)
	if err != nil {
		return err
	}
	decision, result := decide(scale, f.archived.Result)
	now := c.config.Now()
	archived := f.archived
	archived.At, archived.Elapsed, archived.Result = now, now.Sub(c.run.StartedAt), withoutNames(result)
	report, err := c.config.Archive(archived)
	if err != nil {
		return err
	}
	return c.stores.Ends.CompleteRun(ctx, Completion{
		RunID: c.run.ID, Worker: c.worker, At: now, ScaleVersion: scale.Version,
		Outcome: outcomeOf(result, len(f.skipped), decision), Items: result.Items, Skipped: f.skipped, Report: report,
	})
}

func outcomeOf(result irt.Result, skipped int, decision Decision) Outcome {
	o := Outcome{
		People: len(result.People), Calibrated: len(result.Items), Skipped: skipped,
		Iterations: result.Iterations, Converged: result.Converged, LogLikelihood: result.LogLikelihood, Density: result.Density,
		Decision: decision,
	}
	for _, item := range result.Items {
		o.Responses += item.Responses
		if len(item.Flags) > 0 {
			o.Flagged++
		}
	}
	return o
}

// withoutNames returns a result whose people have no ids and are sorted by ability, so that nobody can be identified.
func withoutNames(result irt.Result) irt.Result {
	people := slices.Clone(result.People)
	slices.SortFunc(people, func(x, y irt.Person) int { return cmp.Compare(x.Theta, y.Theta) })
	for k := range people {
		people[k].ID = ""
	}
	result.People = people
	return result
}
