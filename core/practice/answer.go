package practice

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/mastery"
)

// Answer is what a student answers in a session. Correct, Response and Unanswered are those of mastery.Answer.
type Answer struct {
	SessionID  string
	ItemID     string
	Correct    *bool
	Response   *string
	Unanswered bool
	Latency    time.Duration
	At         time.Time
}

// Answered is what became of an answer in a session.
type Answered struct {
	// SessionView is the session after the answer, with the next item.
	SessionView
	Attempt mastery.Attempt
	Ability Ability
	// Solution is what may be shown of the item now.
	Solution Solution
	// Replayed is true for a repeat: everything else is then what the first reply said.
	Replayed bool
}

// Answer records an answer to the session's open item, and gives the next item. When it returns without an error, both
// are on disk. The same answer to an item that was answered in the session already gets the first reply.
//
// Errors: CodeValidation for what does not fit; CodeSessionNotFound; CodeForbidden with ReasonNotOwnRecord for a
// session of another student; CodeSessionCompleted; CodeConflict with ReasonNotTheGivenItem or ReasonAlreadyAnswered;
// CodeUnavailable if the store cannot save it; the caller may repeat the request.
func (s *Service) Answer(ctx context.Context, access *core.RecordAccess, answer Answer) (Answered, error) {
	on, err := s.bank.get(ctx)
	if err != nil {
		return Answered{}, err
	}
	item, isKnown := on.items[answer.ItemID]
	if !isKnown {
		return Answered{}, s.refuseUnknown(ctx, access, answer.SessionID)
	}
	t, err := s.newTurn(on, access, mastery.Answer{
		StudentID: access.Caller().Subject, ConceptID: item.ConceptID, ItemID: answer.ItemID, SessionID: answer.SessionID,
		Correct: answer.Correct, Response: answer.Response, Unanswered: answer.Unanswered, Latency: answer.Latency, At: answer.At,
	})
	if err != nil {
		return Answered{}, err
	}
	if err := s.take(ctx, t); err != nil {
		return Answered{}, err
	}
	t.answered.Solution = Solution{Key: item.Key, Explanation: item.Explanation}
	return t.answered, nil
}

// Record records an answer as mastery.Service.Record does. A student's answer to the item that is open in their active
// session, or in the session that the answer names, is an answer in that session. Staff may name a session of the
// student; it is kept with the answer, and goes on as it was.
//
// Errors: those of mastery.Service.Record, and those of Answer if the answer names a session.
func (s *Service) Record(ctx context.Context, access *core.RecordAccess, answer mastery.Answer) (mastery.Recorded, error) {
	if access.Caller().Role != core.RoleStudent {
		if err := s.checkNamed(ctx, access, answer); err != nil {
			return mastery.Recorded{}, err
		}
		return s.mastery.Record(ctx, access, answer)
	}
	on, err := s.bank.get(ctx)
	if err != nil {
		return mastery.Recorded{}, err
	}
	t, err := s.newTurn(on, access, answer)
	if err != nil {
		return mastery.Recorded{}, err
	}
	t.isUpdate = true
	if err := s.take(ctx, t); err != nil {
		return mastery.Recorded{}, err
	}
	return t.recorded, nil
}

// checkNamed refuses an answer of staff that names another session than one of the student.
func (s *Service) checkNamed(ctx context.Context, access *core.RecordAccess, answer mastery.Answer) error {
	if answer.SessionID == "" {
		return nil
	}
	named, err := s.Show(ctx, access, answer.SessionID)
	if err == nil && named.StudentID != answer.StudentID {
		err = core.NewValidationError(core.Violation{Field: "session_id", Message: "is no session of this student"})
	}
	return err
}

func (s *Service) newTurn(on *bankSnapshot, access *core.RecordAccess, answer mastery.Answer) (*turn, error) {
	decision, err := s.mastery.Decision(access, answer)
	if err != nil {
		return nil, err
	}
	return &turn{service: s, access: access, on: on, answer: answer, decision: decision, now: s.now()}, nil
}

// take has the store save a turn.
func (s *Service) take(ctx context.Context, t *turn) error {
	if s.linker != nil {
		scope, err := s.scopeOf(ctx, t.answer.StudentID, t.answer.SessionID)
		if err != nil {
			return err
		}
		if t.learned, err = s.learn(ctx, t.on, t.access.Caller(), scope, t.answer.ConceptID); err != nil {
			return err
		}
	}
	arrival := AnswerLookup{AnswerLookup: t.decision.Lookup(), SessionID: t.answer.SessionID, Window: s.config.Settings.ItemWindow}
	if err := s.stores.Recorder.Practise(ctx, arrival, t.decide); err != nil {
		return err
	}
	t.decision.Committed(ctx)
	if !t.answered.Replayed {
		s.picked(t.next)
	}
	return nil
}

// refuseUnknown is for an answer to an item that the bank does not have: no session can have given it.
func (s *Service) refuseUnknown(ctx context.Context, access *core.RecordAccess, sessionID string) error {
	arrival := AnswerLookup{AnswerLookup: mastery.AnswerLookup{StudentID: access.Caller().Subject}, SessionID: sessionID}
	return s.stores.Recorder.Practise(ctx, arrival, func(found AnswerData) (Change, error) {
		session, err := ownSession(access, found, s.now())
		switch {
		case err != nil:
			return Change{}, err
		case session.Status != StatusActive:
			return Change{}, ErrSessionCompleted
		default:
			return Change{}, ErrNotTheGivenItem
		}
	})
}

// ownSession returns the named session as it is now, if it is the caller's.
func ownSession(access *core.RecordAccess, found AnswerData, now time.Time) (Session, error) {
	if found.Session == nil {
		return Session{}, ErrSessionNotFound
	}
	if err := access.CheckStudent(found.Session.StudentID); err != nil {
		return Session{}, err
	}
	if found.Student == nil {
		return Session{}, ErrSessionNotFound
	}
	return found.Session.At(now), access.Check(*found.Student, ErrSessionNotFound)
}
