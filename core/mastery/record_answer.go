package mastery

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/bkt"
)

// answerScope is the scope of the idempotency keys that come with an answer, in a session or not. Stored keys have this
// text: with another one, a repeat of an answer from before would count as a new answer.
const answerScope = "POST /api/bkt/update"

// Recorded is what became of an answer.
type Recorded struct {
	Attempt Attempt
	// Replayed is true for a repeat: Attempt is then what was recorded the first time, with what was shown for it.
	Replayed bool
	// Late is true for an answer whose position is before that of an earlier recorded one.
	Late bool
}

// Record records one answer. When it returns without an error, the answer is on disk.
//
// Errors: CodeValidation for what does not fit; CodeForbidden with ReasonNotOwnRecord before anything is read;
// CodeNotFound for an unknown concept and for a student of another institution; CodeConflict with
// ReasonIdempotencyKeyReused for a key that came with another request; CodeUnavailable if the store cannot save it. The
// caller may then repeat the request, and gets the outcome of the first one.
func (s *Service) Record(ctx context.Context, access *core.RecordAccess, answer Answer) (Recorded, error) {
	d, err := s.Decision(access, answer)
	if err != nil {
		return Recorded{}, err
	}
	if err := s.stores.Recorder.Answer(ctx, d.Lookup(), d.Decide); err != nil {
		return Recorded{}, err
	}
	return d.Committed(ctx), nil
}

// Decision is one answer that is being recorded. It is for a use case that records an answer together with something of
// its own, in one transaction. That use case loads what Lookup asks for, and saves what Decide returns.
type Decision struct {
	service *Service
	access  *core.RecordAccess
	answer  Answer
	key     *Key
	now     time.Time
	// fingerprint is the fingerprint of the request, whatever session the answer belongs to.
	fingerprint [32]byte
	sessionID   string

	recorded  Recorded
	movedFrom string
}

// Decision checks an answer without the bank and the record. Its errors are the CodeValidation and CodeForbidden of
// Record.
func (s *Service) Decision(access *core.RecordAccess, answer Answer) (*Decision, error) {
	now := StoredTime(s.config.Now())
	if err := answer.validate(now); err != nil {
		return nil, err
	}
	if err := access.CheckStudent(answer.StudentID); err != nil {
		return nil, err
	}
	answer.At = StoredTime(answer.At)
	d := &Decision{
		service: s, access: access, answer: answer, now: now, fingerprint: answer.Fingerprint(), sessionID: answer.SessionID,
	}
	if answer.Key != "" {
		d.key = &Key{Caller: access.Caller().Subject, Scope: answerScope, Text: answer.Key}
	}
	return d, nil
}

// Lookup returns what the decision needs to be loaded.
func (d *Decision) Lookup() AnswerLookup {
	return AnswerLookup{
		StudentID: d.answer.StudentID, ConceptID: d.answer.ConceptID, ItemID: d.answer.ItemID, At: d.answer.At, Key: d.key,
	}
}

// Recorded returns what the last Decide made of the answer.
func (d *Decision) Recorded() Recorded { return d.recorded }

// Committed is called once what Decide returned is on disk. It returns what became of the answer.
func (d *Decision) Committed(ctx context.Context) Recorded {
	if !d.recorded.Replayed {
		d.service.changed()
	}
	if d.service.config.Answered != nil {
		d.service.config.Answered(d.recorded)
	}
	if d.movedFrom != "" && d.service.config.StudentMoved != nil {
		d.service.config.StudentMoved(ctx, d.answer.StudentID, d.movedFrom, d.access.Caller().InstitutionID)
	}
	return d.recorded
}

// SetSession makes the answer one of a session.
func (d *Decision) SetSession(sessionID string) { d.sessionID = sessionID }

// Decide returns what is to be saved; its errors are those of Record. It may be called again with new data after a
// conflict with another transaction.
func (d *Decision) Decide(found AnswerData) (Change, error) {
	d.recorded, d.movedFrom = Recorded{}, ""
	record, write, err := owner(d.access, d.answer.StudentID, d.answer.InstitutionID, found.Student)
	if err != nil {
		return Change{}, err
	}
	var change Change
	if write {
		change.Student = &record
		if found.Student != nil {
			d.movedFrom = found.Student.InstitutionID
		}
	}
	if found.Keyed != nil {
		if found.Keyed.Fingerprint != d.fingerprint {
			return Change{}, errKeyReused
		}
		d.recorded = Recorded{Attempt: found.Keyed.Attempt, Replayed: true}
		return change, nil
	}
	if err := d.findInBank(&found, bank.Within(record.InstitutionID), &change); err != nil {
		return Change{}, err
	}
	correct, grader, err := d.answer.grade(*found.Item)
	if err != nil {
		return Change{}, err
	}
	for _, same := range found.Same {
		if same.Correct == correct {
			d.recorded = Recorded{Attempt: same, Replayed: true}
			return change, nil
		}
	}
	return change, d.record(found, d.attempt(correct, grader), &change)
}

// attempt is the answer as it is saved, without what is shown.
func (d *Decision) attempt(correct bool, grader Grader) Attempt {
	attempt := Attempt{
		ID:        d.service.config.NewID(),
		StudentID: d.answer.StudentID, ConceptID: d.answer.ConceptID,
		Position:  Position{At: d.answer.At, ItemID: d.answer.ItemID, Correct: correct},
		Latency:   d.answer.Latency,
		SessionID: d.sessionID,
		GradedBy:  grader, RecordedBy: d.access.Caller().Subject, RecordedAt: d.now,
	}
	if d.answer.Response != nil {
		attempt.Response = *d.answer.Response
	}
	if d.key != nil {
		attempt.Identity = attempt.ID
	}
	return attempt
}

// record puts the attempt into the replay and adds what follows from it to the change.
func (d *Decision) record(found AnswerData, attempt Attempt, change *Change) error {
	r, err := newReplay(found.StudentData, attempt.StudentID, attempt.ConceptID, d.now, d.service.sync())
	if err != nil {
		return err
	}
	late, err := d.service.enter(r, &attempt)
	if err != nil {
		return err
	}
	r.addTo(change)
	change.Attempts = append(change.Attempts, attempt)
	if d.key != nil {
		change.Key = &KeyedAnswer{Key: *d.key, Fingerprint: d.fingerprint, Attempt: attempt}
	}
	d.recorded = Recorded{Attempt: attempt, Late: late}
	return nil
}

// enter puts a new attempt into the replay, and fills in what is shown for it.
func (s *Service) enter(r *replay, attempt *Attempt) (late bool, err error) {
	before := r.state.Mastery
	late, err = r.insert(attempt.Position)
	attempt.Shown = s.shown(r, before, r.state.State)
	return late, err
}

// shown returns what is shown for a state of a replay.
func (s *Service) shown(r *replay, before float64, after bkt.State) Shown {
	return Shown{
		Before: before, After: after.Mastery, NextCorrect: r.model.PredictCorrect(after.Mastery),
		Evidence: after.Evidence, Trend: after.Trend(), IsMastered: after.Mastery >= s.config.Mastered, Sync: r.sync,
	}
}

// errKeyReused is for an idempotency key that came with another request before.
var errKeyReused = &core.Error{
	Code: core.CodeConflict, Reason: core.ReasonIdempotencyKeyReused,
	Message: "This idempotency key was used for another request",
}
