package postgresdb

import "github.com/journey-os/journey-api/core/mastery"

// queueChange queues the statements of a change, without the student's.
func (t *transaction) queueChange(change mastery.Change) {
	if concept := change.Concept; concept != nil {
		t.queue(addBareConcept, concept.ID)
	}
	if item := change.Item; item != nil {
		t.queue(addBareItem, item.ID, item.ConceptID)
	}
	if change.Concept != nil || change.Item != nil {
		t.queue(raiseBankVersion)
	}
	for _, attempt := range change.Attempts {
		t.queue(addAttempt, attemptValues(attempt)...)
	}
	for _, state := range change.States {
		t.queue(putState, stateValues(state)...)
	}
	for _, stale := range change.Stale {
		t.queue(dropSnapshots, append([]any{stale.StudentID, stale.ConceptID}, placeOf(stale.From)...)...)
	}
	for _, snapshot := range change.Snapshots {
		t.queue(addSnapshot, snapshotValues(snapshot)...)
	}
	if key := change.Key; key != nil {
		t.queue(addKey, key.Caller, key.Scope, key.Text, key.Fingerprint[:], key.Attempt.StudentID, key.Attempt.At, key.Attempt.ID)
	}
}

func attemptValues(a mastery.Attempt) []any {
	return []any{
		a.StudentID, a.At, a.ItemID, a.Correct, a.Identity, a.ConceptID, a.ID, orNull(a.Response),
		a.Latency.Milliseconds(), orNull(a.SessionID), string(a.GradedBy), a.RecordedBy, a.RecordedAt,
		a.Shown.Before, a.Shown.After, a.Shown.NextCorrect, a.Shown.Evidence, string(a.Shown.Trend), a.Shown.IsMastered,
		string(a.Shown.Sync),
	}
}

func stateValues(s mastery.State) []any {
	return []any{
		s.StudentID, s.ConceptID, s.Mastery, s.LogUnmastered, s.Previous, s.Earlier, s.Evidence, s.Impossible,
		s.Last.At, s.Last.ItemID, s.Last.Correct, s.Last.Identity,
		s.ParametersVersion, s.Version, s.UpdatedAt, string(s.Sync),
	}
}

func snapshotValues(s mastery.Snapshot) []any {
	return []any{
		s.StudentID, s.ConceptID, s.At.At, s.At.ItemID, s.At.Correct, s.At.Identity,
		s.Mastery, s.LogUnmastered, s.Previous, s.Earlier, s.Evidence, s.Impossible, s.ParametersVersion,
	}
}
