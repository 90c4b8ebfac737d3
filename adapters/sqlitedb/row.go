package sqlitedb

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/mastery"
)

// A row of each kind has methods that return the targets of its columns and its value in the domain.

type positionRow struct {
	at       int64
	itemID   string
	correct  bool
	identity string
}

func (r *positionRow) into() []any { return []any{&r.at, &r.itemID, &r.correct, &r.identity} }

func (r *positionRow) position() mastery.Position {
	return mastery.Position{At: time.UnixMicro(r.at).UTC(), ItemID: r.itemID, Correct: r.correct, Identity: r.identity}
}

// placeOf returns a position as the columns answered_at, item_id, correct, identity. The zero position is before all
// others.
func placeOf(at mastery.Position) []any {
	if at == (mastery.Position{}) {
		return []any{int64(math.MinInt64), "", false, ""}
	}
	return []any{at.At.UnixMicro(), at.ItemID, at.Correct, at.Identity}
}

type attemptRow struct {
	studentID, conceptID, attemptID string
	position                        positionRow
	response, sessionID             sql.NullString
	latency, recordedAt             int64
	gradedBy, recordedBy            string
	shown                           mastery.Shown
}

func (r *attemptRow) into() []any {
	return []any{
		&r.studentID, &r.position.at, &r.position.itemID, &r.position.correct, &r.position.identity, &r.conceptID, &r.attemptID,
		&r.response, &r.latency, &r.sessionID, &r.gradedBy, &r.recordedBy, &r.recordedAt,
		&r.shown.Before, &r.shown.After, &r.shown.NextCorrect, &r.shown.Evidence, &r.shown.Trend, &r.shown.IsMastered, &r.shown.Sync,
	}
}

func (r *attemptRow) attempt() mastery.Attempt {
	return mastery.Attempt{
		ID: r.attemptID, StudentID: r.studentID, ConceptID: r.conceptID, Position: r.position.position(),
		Response: r.response.String, Latency: time.Duration(r.latency) * time.Millisecond, SessionID: r.sessionID.String,
		GradedBy: mastery.Grader(r.gradedBy), RecordedBy: r.recordedBy, RecordedAt: time.UnixMicro(r.recordedAt).UTC(),
		Shown: r.shown,
	}
}

// modelRow is a row of bkt_parameters that may be missing.
type modelRow struct {
	version        sql.NullInt64
	l0, t, g, s, f sql.NullFloat64
}

func (r *modelRow) into() []any { return []any{&r.version, &r.l0, &r.t, &r.g, &r.s, &r.f} }

func (r *modelRow) addTo(models map[string]mastery.Model, conceptID string) {
	models[conceptID] = r.model()
}

// model returns the model, the defaults if the row is missing.
func (r *modelRow) model() mastery.Model {
	if !r.version.Valid {
		return mastery.DefaultModel()
	}
	return mastery.Model{
		Params:  bkt.Params{L0: r.l0.Float64, T: r.t.Float64, G: r.g.Float64, S: r.s.Float64, F: r.f.Float64},
		Version: int(r.version.Int64),
	}
}

// stateRow is a row of states that may be missing.
type stateRow struct {
	conceptID, itemID, identity, sync                        sql.NullString
	mastered, logUnmastered, previous, earlier               sql.NullFloat64
	evidence, impossible, at, parameters, version, updatedAt sql.NullInt64
	correct                                                  sql.NullBool
}

func (r *stateRow) into() []any {
	return []any{
		&r.conceptID, &r.mastered, &r.logUnmastered, &r.previous, &r.earlier, &r.evidence, &r.impossible,
		&r.at, &r.itemID, &r.correct, &r.identity, &r.parameters, &r.version, &r.updatedAt, &r.sync,
	}
}

func (r *stateRow) addTo(states map[string]mastery.State, studentID string) {
	if r.conceptID.Valid {
		states[r.conceptID.String] = r.state(studentID)
	}
}

func (r *stateRow) state(studentID string) mastery.State {
	return mastery.State{
		StudentID: studentID, ConceptID: r.conceptID.String,
		State: bkt.State{
			Mastery: r.mastered.Float64, LogUnmastered: r.logUnmastered.Float64, Previous: r.previous.Float64, Earlier: r.earlier.Float64,
			Evidence: int(r.evidence.Int64), Impossible: int(r.impossible.Int64),
		},
		Last: mastery.Position{
			At: time.UnixMicro(r.at.Int64).UTC(), ItemID: r.itemID.String, Correct: r.correct.Bool, Identity: r.identity.String,
		},
		ParametersVersion: int(r.parameters.Int64), Version: r.version.Int64,
		UpdatedAt: time.UnixMicro(r.updatedAt.Int64).UTC(), Sync: mastery.SyncStatus(r.sync.String),
	}
}

type snapshotRow struct {
	position positionRow
	state    bkt.State
	version  int
}

func (r *snapshotRow) into() []any {
	return append(r.position.into(), &r.state.Mastery, &r.state.LogUnmastered, &r.state.Previous, &r.state.Earlier, &r.state.Evidence, &r.state.Impossible, &r.version)
}

func (r *snapshotRow) snapshot(studentID, conceptID string) mastery.Snapshot {
	return mastery.Snapshot{
		StudentID: studentID, ConceptID: conceptID, State: r.state, At: r.position.position(), ParametersVersion: r.version,
	}
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
