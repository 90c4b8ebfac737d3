package postgresdb

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/core/practice"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.Recorder = (*Store)(nil)

// Answer records one answer, in two round trips: one that locks the student and reads, one that writes.
func (s *Store) Answer(ctx context.Context, arrival mastery.AnswerLookup, decide func(mastery.AnswerData) (mastery.Change, error)) error {
	return s.transact(ctx, func(t *transaction) error {
		found, err := t.find(arrival, func() {})
		if err != nil {
			return err
		}
		change, err := decide(found)
		if err != nil {
			return err
		}
		return t.keepPractice(practice.Change{Change: change}, found.Student == nil)
	})
}

// Revise changes many attempts of one student.
func (s *Store) Revise(ctx context.Context, revision mastery.Revision, decide func(mastery.StudentData) (mastery.Change, error)) error {
	return s.transact(ctx, func(t *transaction) error {
		held, err := t.loadStudent(revision)
		if err != nil {
			return err
		}
		change, err := decide(held)
		if err != nil {
			return err
		}
		return t.keepPractice(practice.Change{Change: change}, held.Student == nil)
	})
}

// lock queues the lock on the student's row. Later statements in the same round trip see what was committed by then.
func (t *transaction) lock(studentID string, held *mastery.StudentData) {
	t.queue(lockStudent, studentID).QueryRow(func(row pgx.Row) error {
		record := core.Record{StudentID: studentID}
		err := row.Scan(&record.InstitutionID)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		held.Student = &record
		return err
	})
}

// find loads what an answer needs, in one round trip with the statements that more queues.
func (t *transaction) find(arrival mastery.AnswerLookup, more func()) (mastery.AnswerData, error) {
	found := mastery.AnswerData{StudentData: t.newStudentData(arrival.StudentID)}
	t.lock(arrival.StudentID, &found.StudentData)
	t.queue(findForAnswer, arrival.StudentID, arrival.ConceptID, arrival.ItemID).QueryRow(func(row pgx.Row) error {
		return scanForAnswer(row, arrival, &found)
	})
	if key := arrival.Key; key != nil {
		t.queue(findKeyed, key.Caller, key.Scope, key.Text).QueryRow(func(row pgx.Row) error {
			return scanKeyed(row, *key, &found)
		})
	} else {
		t.queue(findSame, arrival.StudentID, arrival.At, arrival.ItemID, arrival.ConceptID).Query(func(rows pgx.Rows) error {
			return scanEach(rows, func(row pgx.Row) error {
				var same attemptRow
				err := row.Scan(same.into()...)
				found.Same = append(found.Same, same.attempt())
				return err
			})
		})
	}
	more()
	err := t.send(t.ctx)
	return found, err
}

func scanForAnswer(row pgx.Row, arrival mastery.AnswerLookup, found *mastery.AnswerData) error {
	var (
		institution, concept, conceptOf, item, itemConcept, key, options, itemOf *string
		model                                                                    modelRow
		state                                                                    stateRow
	)
	into := []any{&institution, &concept, &conceptOf, &item, &itemConcept, &key, &options, &itemOf}
	if err := row.Scan(append(append(into, model.into()...), state.into()...)...); err != nil {
		return err
	}
	if concept != nil {
		found.Concept = &bank.Concept{ID: *concept, InstitutionID: orEmpty(conceptOf)}
	}
	if item != nil {
		found.Item = &bank.Item{ID: *item, ConceptID: *itemConcept, Key: *key, InstitutionID: orEmpty(itemOf)}
		var err error
		if found.Item.Options, err = readOptions(*options); err != nil {
			return err
		}
	}
	model.addTo(found.Models, arrival.ConceptID)
	state.addTo(found.States, arrival.StudentID)
	return nil
}

func scanKeyed(row pgx.Row, key mastery.Key, found *mastery.AnswerData) error {
	var (
		fingerprint []byte
		first       attemptRow
	)
	err := row.Scan(append([]any{&fingerprint}, first.into()...)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	keyed := mastery.KeyedAnswer{Key: key, Attempt: first.attempt()}
	copy(keyed.Fingerprint[:], fingerprint)
	found.Keyed = &keyed
	return err
}

func (t *transaction) newStudentData(studentID string) mastery.StudentData {
	held := mastery.StudentData{States: map[string]mastery.State{}, Models: map[string]mastery.Model{}}
	held.ReplayTail = func(conceptID string, before mastery.Position) (mastery.ReplayTail, error) {
		return t.replayTail(studentID, conceptID, before, held.Models[conceptID].Version)
	}
	return held
}

func (t *transaction) loadStudent(revision mastery.Revision) (mastery.StudentData, error) {
	held := t.newStudentData(revision.StudentID)
	t.lock(revision.StudentID, &held)
	for _, conceptID := range revision.Concepts {
		t.queue(findState, revision.StudentID, conceptID).QueryRow(func(row pgx.Row) error {
			var (
				model modelRow
				state stateRow
			)
			err := row.Scan(append(model.into(), state.into()...)...)
			model.addTo(held.Models, conceptID)
			state.addTo(held.States, revision.StudentID)
			return err
		})
	}
	if !revision.From.IsZero() || !revision.To.IsZero() {
		t.queue(listExisting, revision.StudentID, revision.From, revision.To).Query(func(rows pgx.Rows) error {
			return scanEach(rows, func(row pgx.Row) error {
				var placed mastery.PlacedAttempt
				err := row.Scan(&placed.ConceptID, &placed.At, &placed.ItemID, &placed.Correct, &placed.Identity)
				placed.At = placed.At.UTC()
				held.Existing = append(held.Existing, placed)
				return err
			})
		})
	}
	return held, t.send(t.ctx)
}

// replayTail reads a replay from its last snapshot before a position.
func (t *transaction) replayTail(studentID, conceptID string, before mastery.Position, version int) (mastery.ReplayTail, error) {
	var past mastery.ReplayTail
	from := mastery.Position{}
	if before != from {
		var row snapshotRow
		values := append(append([]any{studentID, conceptID}, placeOf(before)...), version)
		switch err := t.conn.QueryRow(t.ctx, t.store.text(findSnapshot), values...).Scan(row.into()...); {
		case err == nil:
			snapshot := row.snapshot(studentID, conceptID)
			past.From, from = &snapshot, snapshot.At
		case !errors.Is(err, pgx.ErrNoRows):
			return past, err
		}
	}
	return past, each(t.ctx, t.conn, t.store.text(listPast), append([]any{studentID, conceptID}, placeOf(from)...), func(row pgx.Row) error {
		var at mastery.Position
		err := row.Scan(&at.At, &at.ItemID, &at.Correct, &at.Identity)
		at.At = at.At.UTC()
		past.Attempts = append(past.Attempts, at)
		return err
	})
}
