package postgresdb

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/mastery"
)

// A row of each kind has methods that return the targets of its columns and its value in the domain.

// placeOf returns a position as the columns answered_at, item_id, correct, identity. The zero position is before all
// others.
func placeOf(at mastery.Position) []any {
	if at == (mastery.Position{}) {
		return []any{"-infinity", "", false, ""}
	}
	return []any{at.At, at.ItemID, at.Correct, at.Identity}
}

type attemptRow struct {
	is                  mastery.Attempt
	response, sessionID *string
	latency             int64
}

func (r *attemptRow) into() []any {
	a := &r.is
	return []any{
		&a.StudentID, &a.At, &a.ItemID, &a.Correct, &a.Identity, &a.ConceptID, &a.ID, &r.response, &r.latency,
		&r.sessionID, &a.GradedBy, &a.RecordedBy, &a.RecordedAt,
		&a.Shown.Before, &a.Shown.After, &a.Shown.NextCorrect, &a.Shown.Evidence, &a.Shown.Trend, &a.Shown.IsMastered, &a.Shown.Sync,
	}
}

func (r *attemptRow) attempt() mastery.Attempt {
	a := r.is
	a.At, a.RecordedAt = a.At.UTC(), a.RecordedAt.UTC()
	a.Response, a.SessionID, a.Latency = orEmpty(r.response), orEmpty(r.sessionID), time.Duration(r.latency)*time.Millisecond
	return a
}

// modelRow is a row of bkt_parameters that may be missing.
type modelRow struct {
	version        *int
	l0, t, g, s, f *float64
}

func (r *modelRow) into() []any { return []any{&r.version, &r.l0, &r.t, &r.g, &r.s, &r.f} }

func (r *modelRow) addTo(models map[string]mastery.Model, conceptID string) {
	models[conceptID] = r.model()
}

// model returns the model, the defaults if the row is missing.
func (r *modelRow) model() mastery.Model {
	if r.version == nil {
		return mastery.DefaultModel()
	}
	return mastery.Model{Params: bkt.Params{L0: *r.l0, T: *r.t, G: *r.g, S: *r.s, F: *r.f}, Version: *r.version}
}

// stateRow is a row of states that may be missing.
type stateRow struct {
	conceptID, itemID, identity, sync          *string
	mastered, logUnmastered, previous, earlier *float64
	evidence, impossible, parameters           *int
	version                                    *int64
	at, updatedAt                              *time.Time
	correct                                    *bool
}

func (r *stateRow) into() []any {
	return []any{
		&r.conceptID, &r.mastered, &r.logUnmastered, &r.previous, &r.earlier, &r.evidence, &r.impossible,
		&r.at, &r.itemID, &r.correct, &r.identity, &r.parameters, &r.version, &r.updatedAt, &r.sync,
	}
}

func (r *stateRow) addTo(states map[string]mastery.State, studentID string) {
	if r.conceptID != nil {
		states[*r.conceptID] = r.state(studentID)
	}
}

func (r *stateRow) state(studentID string) mastery.State {
	return mastery.State{
		StudentID: studentID, ConceptID: *r.conceptID,
		State: bkt.State{
			Mastery: *r.mastered, LogUnmastered: *r.logUnmastered, Previous: *r.previous, Earlier: *r.earlier, Evidence: *r.evidence, Impossible: *r.impossible,
		},
		Last:              mastery.Position{At: r.at.UTC(), ItemID: *r.itemID, Correct: *r.correct, Identity: *r.identity},
		ParametersVersion: *r.parameters, Version: *r.version, UpdatedAt: r.updatedAt.UTC(), Sync: mastery.SyncStatus(*r.sync),
	}
}

type snapshotRow struct {
	at      mastery.Position
	state   bkt.State
	version int
}

func (r *snapshotRow) into() []any {
	return []any{
		&r.at.At, &r.at.ItemID, &r.at.Correct, &r.at.Identity,
		&r.state.Mastery, &r.state.LogUnmastered, &r.state.Previous, &r.state.Earlier, &r.state.Evidence, &r.state.Impossible, &r.version,
	}
}

func (r *snapshotRow) snapshot(studentID, conceptID string) mastery.Snapshot {
	r.at.At = r.at.At.UTC()
	return mastery.Snapshot{StudentID: studentID, ConceptID: conceptID, State: r.state, At: r.at, ParametersVersion: r.version}
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// orNull returns the text, NULL if it is empty.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// option is a bank.Option in the column options.
type option struct {
	Key  string `json:"key"`
	Text string `json:"text"`
}

func readOptions(text string) ([]bank.Option, error) {
	if text == "[]" {
		return nil, nil
	}
	var wire []option
	if err := json.Unmarshal([]byte(text), &wire); err != nil {
		return nil, fmt.Errorf("read an item's options: %w", err)
	}
	options := make([]bank.Option, len(wire))
	for i, one := range wire {
		options[i] = bank.Option(one)
	}
	return options, nil
}

func writeOptions(options []bank.Option) (string, error) {
	wire := make([]option, len(options))
	for i, one := range options {
		wire[i] = option(one)
	}
	text, err := json.Marshal(wire)
	return string(text), err
}
