package sqlitedb

import (
	"context"

	"github.com/journey-os/journey-api/core/mastery"
)

// keep writes a change.
func keep(on *statements, change mastery.Change) error {
	if err := keepNew(on, change); err != nil {
		return err
	}
	ctx := context.Background()
	for _, attempt := range change.Attempts {
		if err := on.exec(ctx, addAttempt, attemptValues(attempt)...); err != nil {
			return err
		}
	}
	for _, state := range change.States {
		if err := on.exec(ctx, putState, stateValues(state)...); err != nil {
			return err
		}
	}
	for _, stale := range change.Stale {
		values := append([]any{stale.StudentID, stale.ConceptID}, placeOf(stale.From)...)
		if err := on.exec(ctx, dropSnapshots, values...); err != nil {
			return err
		}
	}
	for _, snapshot := range change.Snapshots {
		if err := on.exec(ctx, addSnapshot, snapshotValues(snapshot)...); err != nil {
			return err
		}
	}
	if key := change.Key; key != nil {
		return on.exec(ctx, addKey, key.Caller, key.Scope, key.Text, key.Fingerprint[:],
			key.Attempt.StudentID, key.Attempt.At.UnixMicro(), key.Attempt.ID)
	}
	return nil
}

// keepNew writes what an answer may create: a student, a concept, an item.
func keepNew(on *statements, change mastery.Change) error {
	ctx := context.Background()
	if student := change.Student; student != nil {
		if err := on.exec(ctx, putStudent, student.StudentID, student.InstitutionID); err != nil {
			return err
		}
	}
	if concept := change.Concept; concept != nil {
		if err := on.exec(ctx, addBareConcept, concept.ID); err != nil {
			return err
		}
	}
	if item := change.Item; item != nil {
		if err := on.exec(ctx, addBareItem, item.ID, item.ConceptID); err != nil {
			return err
		}
	}
	if change.Concept != nil || change.Item != nil {
		return on.exec(ctx, raiseBankVersion)
	}
	return nil
}

func attemptValues(a mastery.Attempt) []any {
	return []any{
		a.StudentID, a.At.UnixMicro(), a.ItemID, a.Correct, a.Identity, a.ConceptID, a.ID, orNull(a.Response),
		a.Latency.Milliseconds(), orNull(a.SessionID), string(a.GradedBy), a.RecordedBy, a.RecordedAt.UnixMicro(),
		a.Shown.Before, a.Shown.After, a.Shown.NextCorrect, a.Shown.Evidence, string(a.Shown.Trend), a.Shown.IsMastered,
		string(a.Shown.Sync),
	}
}

func stateValues(s mastery.State) []any {
	return []any{
		s.StudentID, s.ConceptID, s.Mastery, s.LogUnmastered, s.Previous, s.Earlier, s.Evidence, s.Impossible,
		s.Last.At.UnixMicro(), s.Last.ItemID, s.Last.Correct, s.Last.Identity,
		s.ParametersVersion, s.Version, s.UpdatedAt.UnixMicro(), string(s.Sync),
	}
}

func snapshotValues(s mastery.Snapshot) []any {
	return []any{
		s.StudentID, s.ConceptID, s.At.At.UnixMicro(), s.At.ItemID, s.At.Correct, s.At.Identity,
		s.Mastery, s.LogUnmastered, s.Previous, s.Earlier, s.Evidence, s.Impossible, s.ParametersVersion,
	}
}

// orNull returns the text, NULL if it is empty.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
