package sqlitedb

import (
	"context"
	"database/sql"
	"errors"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/core/practice"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.Recorder = (*Store)(nil)

// Answer records one answer.
func (s *Store) Answer(ctx context.Context, arrival mastery.AnswerLookup, decide func(mastery.AnswerData) (mastery.Change, error)) error {
	return mapError(s.writer.do(ctx, func(on *statements) error {
		found, err := findAll(on, arrival)
		if err != nil {
			return err
		}
		change, err := decide(found)
		if err != nil {
			return err
		}
		return keepPractice(on, practice.Change{Change: change})
	}))
}

// Revise changes many attempts of one student.
func (s *Store) Revise(ctx context.Context, revision mastery.Revision, decide func(mastery.StudentData) (mastery.Change, error)) error {
	return mapError(s.writer.do(ctx, func(on *statements) error {
		held, err := loadStudent(on, revision)
		if err != nil {
			return err
		}
		change, err := decide(held)
		if err != nil {
			return err
		}
		return keepPractice(on, practice.Change{Change: change})
	}))
}

func findAll(on *statements, arrival mastery.AnswerLookup) (mastery.AnswerData, error) {
	found := mastery.AnswerData{StudentData: newStudentData(on, arrival.StudentID)}
	var (
		institution, concept, conceptOf, item, itemConcept, key, options, itemOf sql.NullString
		model                                                                    modelRow
		state                                                                    stateRow
	)
	into := []any{&institution, &concept, &conceptOf, &item, &itemConcept, &key, &options, &itemOf}
	into = append(append(into, model.into()...), state.into()...)
	err := on.row(context.Background(), findForAnswer, []any{arrival.StudentID, arrival.ConceptID, arrival.ItemID}, into...)
	if err != nil {
		return found, err
	}
	if institution.Valid {
		found.Student = &core.Record{StudentID: arrival.StudentID, InstitutionID: institution.String}
	}
	if concept.Valid {
		found.Concept = &bank.Concept{ID: concept.String, InstitutionID: conceptOf.String}
	}
	if item.Valid {
		found.Item = &bank.Item{ID: item.String, ConceptID: itemConcept.String, Key: key.String, InstitutionID: itemOf.String}
		if found.Item.Options, err = readOptions(options.String); err != nil {
			return found, err
		}
	}
	model.addTo(found.Models, arrival.ConceptID)
	state.addTo(found.States, arrival.StudentID)
	return found, findEarlier(on, arrival, &found)
}

// findEarlier finds an earlier record of the same answer.
func findEarlier(on *statements, arrival mastery.AnswerLookup, found *mastery.AnswerData) error {
	if key := arrival.Key; key != nil {
		keyed := mastery.KeyedAnswer{Key: *key}
		var (
			fingerprint []byte
			row         attemptRow
		)
		err := on.row(context.Background(), findKeyed, []any{key.Caller, key.Scope, key.Text}, append([]any{&fingerprint}, row.into()...)...)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		copy(keyed.Fingerprint[:], fingerprint)
		keyed.Attempt = row.attempt()
		found.Keyed = &keyed
		return err
	}
	state, isKnown := found.States[arrival.ConceptID]
	if !isKnown || arrival.At.After(state.Last.At) {
		return nil // it stands after all that there are
	}
	return on.each(context.Background(), findSame,
		[]any{arrival.StudentID, arrival.At.UnixMicro(), arrival.ItemID, arrival.ConceptID},
		func(from scanner) error {
			var row attemptRow
			err := from.Scan(row.into()...)
			found.Same = append(found.Same, row.attempt())
			return err
		})
}

func newStudentData(on *statements, studentID string) mastery.StudentData {
	held := mastery.StudentData{States: map[string]mastery.State{}, Models: map[string]mastery.Model{}}
	held.ReplayTail = func(conceptID string, before mastery.Position) (mastery.ReplayTail, error) {
		return findReplayTail(on, studentID, conceptID, before, held.Models[conceptID].Version)
	}
	return held
}

func loadStudent(on *statements, revision mastery.Revision) (mastery.StudentData, error) {
	ctx := context.Background()
	held := newStudentData(on, revision.StudentID)
	var institution string
	switch err := on.row(ctx, findStudent, []any{revision.StudentID}, &institution); {
	case err == nil:
		held.Student = &core.Record{StudentID: revision.StudentID, InstitutionID: institution}
	case !errors.Is(err, sql.ErrNoRows):
		return held, err
	}
	for _, conceptID := range revision.Concepts {
		var (
			model modelRow
			state stateRow
		)
		if err := on.row(ctx, findState, []any{revision.StudentID, conceptID}, append(model.into(), state.into()...)...); err != nil {
			return held, err
		}
		model.addTo(held.Models, conceptID)
		state.addTo(held.States, revision.StudentID)
	}
	if held.Student == nil || revision.From.IsZero() && revision.To.IsZero() {
		return held, nil
	}
	return held, on.each(ctx, listExisting, []any{revision.StudentID, revision.From.UnixMicro(), revision.To.UnixMicro()},
		func(from scanner) error {
			var (
				conceptID string
				at        positionRow
			)
			err := from.Scan(append([]any{&conceptID}, at.into()...)...)
			held.Existing = append(held.Existing, mastery.PlacedAttempt{ConceptID: conceptID, Position: at.position()})
			return err
		})
}

// findReplayTail reads a replay from its last snapshot before a position.
func findReplayTail(on *statements, studentID, conceptID string, before mastery.Position, version int) (mastery.ReplayTail, error) {
	ctx := context.Background()
	var (
		past mastery.ReplayTail
		row  snapshotRow
	)
	from := mastery.Position{}
	if before != from {
		values := append(append([]any{studentID, conceptID}, placeOf(before)...), version)
		switch err := on.row(ctx, findSnapshot, values, row.into()...); {
		case err == nil:
			snapshot := row.snapshot(studentID, conceptID)
			past.From, from = &snapshot, snapshot.At
		case !errors.Is(err, sql.ErrNoRows):
			return past, err
		}
	}
	return past, on.each(ctx, listPast, append([]any{studentID, conceptID}, placeOf(from)...), func(from scanner) error {
		var at positionRow
		err := from.Scan(at.into()...)
		past.Attempts = append(past.Attempts, at.position())
		return err
	})
}
