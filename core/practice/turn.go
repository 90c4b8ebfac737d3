package practice

import (
	"errors"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/mastery"
)

// turn decides on one answer of a student, as often as the store asks.
type turn struct {
	service  *Service
	access   *core.RecordAccess
	on       *bankSnapshot
	answer   mastery.Answer
	decision *mastery.Decision
	// isUpdate is true for an answer that may be outside of a session.
	isUpdate bool
	learned  *learned
	now      time.Time

	answered Answered
	recorded mastery.Recorded
	next     *GivenItem
}

func (t *turn) decide(found AnswerData) (Change, error) {
	t.answered, t.recorded, t.next = Answered{}, mastery.Recorded{}, nil
	t.decision.SetSession(t.answer.SessionID)
	if t.isUpdate && (found.Keyed != nil || t.answer.SessionID == "" && !t.isOpen(found)) {
		change, err := t.decision.Decide(found.AnswerData)
		t.recorded = t.decision.Recorded()
		return Change{Change: change}, err
	}
	session, err := ownSession(t.access, found, t.now)
	if err != nil {
		return Change{}, err
	}
	if !t.isOpen(found) {
		return t.repeat(found, session)
	}
	t.decision.SetSession(session.ID)
	change, err := t.decision.Decide(found.AnswerData)
	if err != nil {
		return Change{}, err
	}
	t.recorded = t.decision.Recorded()
	if t.recorded.Replayed {
		before, attempt, err := found.Repeat(t.answer.ItemID)
		if err != nil {
			return Change{}, err
		}
		// An answer that staff recorded is none of the session's, even if they named the session.
		if attempt != nil && attempt.ID == t.recorded.Attempt.ID {
			return t.repeatOf(before, attempt, session)
		}
	}
	return t.advance(found, session, change)
}

// isOpen reports whether the answer is to the item that is open in an active session of the student.
func (t *turn) isOpen(found AnswerData) bool {
	return found.Session != nil && found.Session.At(t.now).Status == StatusActive && found.Open != nil &&
		found.Open.ItemID == t.answer.ItemID
}

// repeat is for an answer to an item that is not open: the first reply, if it is the same answer.
func (t *turn) repeat(found AnswerData, session Session) (Change, error) {
	before, attempt, err := found.Repeat(t.answer.ItemID)
	if err != nil {
		return Change{}, err
	}
	return t.repeatOf(before, attempt, session)
}

// repeatOf is repeat for what the item was answered with in the session before; nil if it was not.
func (t *turn) repeatOf(before *RepeatedAnswer, attempt *mastery.Attempt, session Session) (Change, error) {
	switch {
	case before != nil && isSame(*attempt, t.answer):
		t.recorded = mastery.Recorded{Attempt: *attempt, Replayed: true}
		t.answered = t.replay(*before, *attempt, session)
		return Change{}, nil
	case session.Status != StatusActive:
		return Change{}, ErrSessionCompleted
	case before != nil:
		return Change{}, ErrAlreadyAnswered
	default:
		return Change{}, ErrNotTheGivenItem
	}
}

// isSame reports whether an answer is the same as an attempt, whatever the time.
func isSame(attempt mastery.Attempt, answer mastery.Answer) bool {
	switch {
	case answer.Correct != nil:
		return attempt.GradedBy == mastery.GradedByCaller && attempt.Correct == *answer.Correct
	case answer.Response != nil:
		return attempt.Response == *answer.Response
	default:
		return attempt.GradedBy == mastery.GradedByService && attempt.Response == ""
	}
}

// replay is what the first reply said.
func (t *turn) replay(before RepeatedAnswer, attempt mastery.Attempt, session Session) Answered {
	outcome := before.Given.Answer
	session.Answered, session.Correct, session.Ability = before.Given.Position, outcome.SessionCorrect, outcome.Ability
	if next := before.Next; next != nil {
		next.Answer = nil
		session.Status, session.EndedBy, session.CompletedAt, session.After = StatusActive, "", time.Time{}, nil
		session.TouchedAt = next.At
	}
	return Answered{
		SessionView: SessionView{Session: session, Open: t.on.show(before.Next)}, Attempt: attempt, Ability: outcome.Ability, Replayed: true,
	}
}

// advance records the answer in its session, with what follows from it: the ability, and the end or the next item.
func (t *turn) advance(found AnswerData, session Session, recorded mastery.Change) (Change, error) {
	attempt := t.recorded.Attempt
	past, err := found.History()
	if err != nil {
		return Change{}, err
	}
	for _, state := range recorded.States {
		past.Mastery[state.ConceptID] = state.Mastery
	}
	estimate, err := t.estimate(attempt, past)
	if err != nil {
		return Change{}, err
	}
	institution := found.Student.InstitutionID
	if recorded.Student != nil {
		institution = recorded.Student.InstitutionID
	}
	from, err := t.on.of(institution)
	if err != nil {
		return Change{}, err
	}
	session.Answered++
	if attempt.Correct {
		session.Correct++
	}
	session.TouchedAt, session.Ability = t.now, estimate.Ability
	_, isKnown := session.Before[attempt.ConceptID]
	if !isKnown {
		session.Before[attempt.ConceptID] = attempt.Shown.Before
	}
	settled := AnsweredItem{StudentID: session.StudentID, RecentItem: *found.Open, Outcome: Outcome{
		AttemptID: attempt.ID, At: attempt.At, Correct: attempt.Correct, Ability: estimate.Ability, SessionCorrect: session.Correct,
	}}
	c := choice{from: from, session: &session, past: past, estimate: estimate, learned: t.learned}
	if t.next, err = t.service.follow(c, t.now); err != nil {
		return Change{}, err
	}
	t.answered = Answered{SessionView: SessionView{Session: session, Open: t.on.show(t.next)}, Attempt: attempt, Ability: estimate.Ability}
	return Change{
		Change: recorded, Session: &session, AddsConcept: !isKnown, Answered: &settled, Next: t.next, Estimate: &estimate,
	}, nil
}

func (t *turn) estimate(attempt mastery.Attempt, past StudentHistory) (Estimate, error) {
	if t.recorded.Replayed { // the store has the attempt already
		return t.service.before(t.on, attempt.StudentID, past)
	}
	return t.service.after(t.on, attempt, past)
}

// follow ends the session after an answer, or picks its next item.
func (s *Service) follow(c choice, now time.Time) (*GivenItem, error) {
	session := c.session
	switch {
	case session.Answered >= session.Questions:
		session.end(EndedByCount, now, c)
		return nil, nil
	case session.Stop.holds(c.masteryOf(session.Scope), c.estimate.Ability, s.config.Settings.Ready):
		session.end(EndedByStop, now, c)
		return nil, nil
	}
	next, err := s.pick(c, session.Answered+1, now)
	if errors.Is(err, ErrPoolExhausted) {
		session.end(EndedByPoolExhausted, now, c)
		return nil, nil
	}
	return next, err
}

// holds reports whether a rule ends the session.
func (s StopRules) holds(mastery map[string]float64, ability Ability, ready float64) bool {
	if s.SD > 0 && ability.SD <= s.SD {
		return true
	}
	if !s.AllMastered {
		return false
	}
	for _, p := range mastery {
		if p < ready {
			return false
		}
	}
	return true
}
