package sqlitedb

import (
	"database/sql"
	"encoding/json"
	"strings"
	"time"

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
	askedAt          int64
	startedAt, ended sql.NullInt64
}

func (r *runRow) into() []any {
	run, o, settings := &r.run, &r.outcome, &r.run.Settings
	return []any{
		&run.ID, &run.Status, &r.items, &settings.Model, &settings.MinResponses, &settings.MaxIterations, &settings.Threshold,
		&run.AskedBy, &r.askedAt, &r.startedAt, &r.ended, &run.Starts,
		&run.Progress.Stage, &run.Progress.Iteration, &run.Progress.MaxChange, &run.Progress.LogLikelihood,
		&r.failure.Code, &r.failure.Message,
		&o.People, &o.Responses, &o.Calibrated, &o.Flagged, &o.Skipped, &o.Iterations, &o.Converged, &o.Density,
		&r.link.Items, &r.link.Slope, &r.link.Intercept, &r.drifted, &o.Applied, &o.NotApplied, &o.CoversAll, &o.InForce,
	}
}

func (r *runRow) read() (calibration.Run, error) {
	run := r.run
	run.AskedAt, run.StartedAt, run.EndedAt = instant(r.askedAt), instantOr(r.startedAt), instantOr(r.ended)
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

func instant(microseconds int64) time.Time { return time.UnixMicro(microseconds).UTC() }

// instantOr returns the time, the zero time for null.
func instantOr(microseconds sql.NullInt64) time.Time {
	if !microseconds.Valid {
		return time.Time{}
	}
	return instant(microseconds.Int64)
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

// itemRow is a row of item_parameters with the end of its run.
type itemRow struct {
	item                         calibration.ItemParameters
	a, b, c, rest, sx2, p, rmsea sql.NullFloat64
	df                           sql.NullInt64
	flags                        string
	ended                        int64
}

func (r *itemRow) into() []any {
	i := &r.item
	return []any{
		&i.ID, &i.RunID, &i.A, &i.B, &i.C, &r.a, &r.b, &r.c, &i.Fit.Infit, &i.Fit.Outfit, &i.Fit.RMSD, &r.rest,
		&r.sx2, &r.df, &r.p, &r.rmsea, &r.flags, &i.Responses, &i.Correct, &r.ended,
	}
}

func (r *itemRow) parameters() calibration.ItemParameters {
	item := r.item
	item.SE = irt.StandardErrors{A: optional(r.a), B: optional(r.b), C: optional(r.c)}
	item.Fit.ItemRest = optional(r.rest)
	if r.sx2.Valid {
		item.Fit.SX2 = irt.SX2{Known: true, Statistic: r.sx2.Float64, DF: int(r.df.Int64), P: optional(r.p), RMSEA: optional(r.rmsea)}
	}
	for flag := range strings.FieldsSeq(r.flags) {
		item.Flags = append(item.Flags, irt.Flag(flag))
	}
	item.CalibratedAt = instant(r.ended)
	return item
}

func optional(value sql.NullFloat64) irt.Optional {
	return irt.Optional{Value: value.Float64, Known: value.Valid}
}

func orNullNumber(value irt.Optional) sql.NullFloat64 {
	return sql.NullFloat64{Float64: value.Value, Valid: value.Known}
}

func itemValues(runID string, item irt.Item) []any {
	flags := make([]string, len(item.Flags))
	for k, flag := range item.Flags {
		flags[k] = string(flag)
	}
	sx2 := item.Fit.SX2
	return []any{
		item.ID, runID, item.A, item.B, item.C, orNullNumber(item.SE.A), orNullNumber(item.SE.B), orNullNumber(item.SE.C),
		item.Fit.Infit, item.Fit.Outfit, item.Fit.RMSD, orNullNumber(item.Fit.ItemRest),
		sql.NullFloat64{Float64: sx2.Statistic, Valid: sx2.Known}, sql.NullInt64{Int64: int64(sx2.DF), Valid: sx2.Known},
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
		c.RunID, c.Worker, c.At.UnixMicro(), o.People, o.Responses, o.Calibrated, o.Flagged, o.Skipped,
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
