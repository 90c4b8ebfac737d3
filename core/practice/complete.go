package practice

import (
	"context"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/mastery"
)

// Complete ends a session of the caller, who is a student. Errors: CodeSessionNotFound, CodeForbidden with
// ReasonNotOwnRecord, CodeSessionCompleted if it has ended already, CodeUnavailable.
func (s *Service) Complete(ctx context.Context, access *core.RecordAccess, sessionID string) (Session, error) {
	on, err := s.bank.get(ctx)
	if err != nil {
		return Session{}, err
	}
	now := s.now()
	var ended Session
	arrival := AnswerLookup{AnswerLookup: mastery.AnswerLookup{StudentID: access.Caller().Subject}, SessionID: sessionID}
	err = s.stores.Recorder.Practise(ctx, arrival, func(found AnswerData) (Change, error) {
		session, err := ownSession(access, found, now)
		if err != nil {
			return Change{}, err
		}
		if session.Status != StatusActive {
			return Change{}, ErrSessionCompleted
		}
		past, err := found.History()
		if err != nil {
			return Change{}, err
		}
		from, err := on.of(found.Student.InstitutionID)
		if err != nil {
			return Change{}, err
		}
		session.end(EndedByStudent, now, choice{from: from, past: past})
		ended = session
		return Change{Session: &session}, nil
	})
	return ended, err
}
