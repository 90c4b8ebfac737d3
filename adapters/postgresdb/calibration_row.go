package postgresdb

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/irt"
)

// runRow is a row of calibration_runs.
type runRow struct {
	run              calibration.Run
	outcome          calibration.Outcome
	failure          calibration.Failure
	link             irt.Linking
	items, drifted   string
	startedAt, ended *time.Time
}

func (r *runRow) into() []any {
	run, o, settings := &r.run, &r.outcome, &r.run.Settings
	return []any{
		&run.ID, &run.Status, &r.items, &settings.Model, &settings.MinResponses, &settings.MaxIterations, &settings.Threshold,
		&run.AskedBy, &run.AskedAt, &r.startedAt, &r.ended, &run.Starts,
		&run.Progress.Stage, &run.Progress.Iteration, &run.Progress.MaxChange, &run.Progress.LogLikelihood,
		&r.failure.Code, &r.failure.Message,
		&o.People, &o.Responses, &o.Calibrated, &o.Flagged, &o.Skipped, &o.Iterations, &o.Converged, &o.Density,
		&r.link.Items, &r.link.Slope, &r.link.Intercept, &r.drifted, &o.Applied, &o.NotApplied, &o.CoversAll, &o.InForce,
	}
}

func scanRun(row pgx.Row) (calibration.Run, error) {
	r := new(runRow)
	if err := row.Scan(r.into()...); err != nil {
		return calibration.Run{}, err
	}
	run := r.run
	run.AskedAt, run.StartedAt, run.EndedAt = run.AskedAt.UTC(), timeOr(r.startedAt), timeOr(r.ended)
	if err := readIDs(r.items, &run.Settings.Items); err != nil {
		return calibration.Run{}, err
	}
	switch run.Status {
	case calibration.StatusFailed:
		run.Failure = &r.failure
	case calibration.StatusCompleted:
		run.Outcome = &r.outcome
		run.Outcome.LogLikelihood = run.Progress.LogLikelihood
		if r.link.Items > 0 {
			run.Outcome.Linking = &r.link
			return run, readIDs(r.drifted, &r.link.Drifted)
		}
	}
	return run, nil
}

// timeOr returns the time, the zero time for null.
func timeOr(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.UTC()
}

// writeIDs writes a list of ids as a JSON array.
func writeIDs(ids []string) (string, error) {
	if len(ids) == 0 {
		return "[]", nil
	}
	text, err := json.Marshal(ids)
	return string(text), err
}

func readIDs(text string, into *[]string) error {
	if text == "[]" {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}

// scanParameters reads a row of item_parameters with the end of its run.
func scanParameters(row pgx.Row) (calibration.ItemParameters, error) {
	var (
		item                         calibration.ItemParameters
		a, b, c, rest, sx2, p, rmsea *float64
		df                           *int
		flags                        string
	)
	err := row.Scan(
		&item.ID, &item.RunID, &item.A, &item.B, &item.C, &a, &b, &c, &item.Fit.Infit, &item.Fit.Outfit, &item.Fit.RMSD, &rest,
		&sx2, &df, &p, &rmsea, &flags, &item.Responses, &item.Correct, &item.CalibratedAt,
	)
	if err != nil {
		return item, err
	}
	item.CalibratedAt = item.CalibratedAt.UTC()
	item.SE = irt.StandardErrors{A: optional(a), B: optional(b), C: optional(c)}
	item.Fit.ItemRest = optional(rest)
	if sx2 != nil && df != nil {
		item.Fit.SX2 = irt.SX2{Known: true, Statistic: *sx2, DF: *df, P: optional(p), RMSEA: optional(rmsea)}
	}
	for flag := range strings.FieldsSeq(flags) {
		item.Flags = append(item.Flags, irt.Flag(flag))
	}
	return item, nil
}

func optional(value *float64) irt.Optional {
	if value == nil {
		return irt.Optional{}
	}
	return irt.Some(*value)
}

func orNullNumber(value irt.Optional) *float64 {
	if !value.Known {
		return nil
	}
	return &value.Value
}

func itemValues(runID string, item irt.Item) []any {
	flags := make([]string, len(item.Flags))
	for k, flag := range item.Flags {
		flags[k] = string(flag)
	}
	sx2 := item.Fit.SX2
	var df *int
	if sx2.Known {
		df = &sx2.DF
	}
	return []any{
		item.ID, runID, item.A, item.B, item.C, orNullNumber(item.SE.A), orNullNumber(item.SE.B), orNullNumber(item.SE.C),
		item.Fit.Infit, item.Fit.Outfit, item.Fit.RMSD, orNullNumber(item.Fit.ItemRest),
		orNullNumber(irt.Optional{Value: sx2.Statistic, Known: sx2.Known}), df,
		orNullNumber(sx2.P), orNullNumber(sx2.RMSEA), strings.Join(flags, " "), item.Responses, item.Correct,
	}
}

// completionValues returns the values of complete_run.
func completionValues(c calibration.Completion) ([]any, error) {
	o := c.Outcome
	link := irt.Linking{Slope: 1}
	if o.Linking != nil {
		link = *o.Linking
	}
	drifted, err := writeIDs(link.Drifted)
	return []any{
		c.RunID, c.Worker, c.At, o.People, o.Responses, o.Calibrated, o.Flagged, o.Skipped,
		o.Iterations, o.Converged, o.LogLikelihood, string(o.Density), link.Items, link.Slope, link.Intercept, drifted,
		o.Applied, o.NotApplied, o.CoversAll,
	}, err
}

// failureOf returns the failure of an end; both are empty unless the run failed.
func failureOf(end calibration.RunEnd) (code core.Code, message string) {
	if end.Failure == nil {
		return "", ""
	}
	return end.Failure.Code, end.Failure.Message
}
