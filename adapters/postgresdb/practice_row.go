package postgresdb

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/practice"
)

// sessionRow is a row of sessions.
type sessionRow struct {
	is                        practice.Session
	scope, before             string
	after                     *string
	timer                     int64
	completedAt               *time.Time
	openPosition              *int
	openItemID, openConceptID *string
}

func (r *sessionRow) into() []any {
	s := &r.is
	return []any{
		&s.ID, &s.StudentID, &r.scope, &s.Questions, &s.TimeMode, &r.timer, &s.Stop.SD, &s.Stop.AllMastered,
		&s.Status, &s.EndedBy, &s.Answered, &s.Correct, &s.StartedAt, &s.TouchedAt, &r.completedAt, &r.before, &r.after,
		&s.Ability.Theta, &s.Ability.SD, &s.Ability.Responses, &s.Ability.RunID,
	}
}

// intoOpen returns the columns of the session, then those of the open item.
func (r *sessionRow) intoOpen() []any {
	return append(r.into(), &r.openPosition, &r.openItemID, &r.openConceptID)
}

func (r *sessionRow) open() *practice.RecentItem {
	if r.openPosition == nil {
		return nil
	}
	return &practice.RecentItem{
		SessionID: r.is.ID, Position: *r.openPosition, ItemID: *r.openItemID, ConceptID: *r.openConceptID,
	}
}

func (r *sessionRow) session() (practice.Session, error) {
	s := r.is
	s.Timer, s.StartedAt, s.TouchedAt = time.Duration(r.timer)*time.Second, s.StartedAt.UTC(), s.TouchedAt.UTC()
	if r.completedAt != nil {
		s.CompletedAt = r.completedAt.UTC()
	}
	for _, column := range []struct {
		text string
		into any
	}{{r.scope, &s.Scope}, {r.before, &s.Before}, {orEmpty(r.after), &s.After}} {
		if column.text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(column.text), column.into); err != nil {
			return s, fmt.Errorf("read a session: %w", err)
		}
	}
	return s, nil
}

func sessionValues(s practice.Session) ([]any, error) {
	scope, err := json.Marshal(s.Scope)
	if err != nil {
		return nil, err
	}
	before, err := json.Marshal(s.Before)
	return []any{
		s.ID, s.StudentID, string(scope), s.Questions, string(s.TimeMode), int64(s.Timer / time.Second), s.Stop.SD, s.Stop.AllMastered,
		string(s.Status), string(s.EndedBy), s.Answered, s.Correct, s.StartedAt, s.TouchedAt, nil, string(before), nil,
		s.Ability.Theta, s.Ability.SD, s.Ability.Responses, s.Ability.RunID,
	}, err
}

func changedSession(s practice.Session, isWider bool) ([]any, error) {
	values := []any{s.ID, string(s.Status), string(s.EndedBy), s.Answered, s.Correct, s.TouchedAt, nil, nil}
	if !s.CompletedAt.IsZero() {
		values[6] = s.CompletedAt
	}
	if s.After != nil {
		after, err := json.Marshal(s.After)
		if err != nil {
			return nil, err
		}
		values[7] = string(after)
	}
	values = append(values, s.Ability.Theta, s.Ability.SD, s.Ability.Responses, s.Ability.RunID, nil)
	if isWider {
		before, err := json.Marshal(s.Before)
		if err != nil {
			return nil, err
		}
		values[len(values)-1] = string(before)
	}
	return values, nil
}

// givenRow is a row of session_items that may be missing.
type givenRow struct {
	session, student, item, concept, strategy, prerequisite, neededBy, steppedBack *string
	candidates, sentence, runID, graph, attemptID, runAfter                        *string
	position, considered, evaluated, responses, responsesAfter, sessionCorrect     *int
	givenAt, answeredAt                                                            *time.Time
	a, b, c, mastery, information, theta, sd, thetaAfter, sdAfter                  *float64
	calibrated, correct                                                            *bool
	inputs                                                                         []byte
}

func (r *givenRow) into() []any {
	return []any{
		&r.session, &r.student, &r.position, &r.item, &r.concept, &r.a, &r.b, &r.c, &r.calibrated, &r.strategy, &r.mastery,
		&r.information, &r.prerequisite, &r.neededBy, &r.steppedBack, &r.considered, &r.evaluated, &r.candidates, &r.sentence, &r.theta,
		&r.sd, &r.responses, &r.runID, &r.graph, &r.givenAt, &r.inputs, &r.attemptID, &r.answeredAt, &r.correct, &r.thetaAfter,
		&r.sdAfter, &r.responsesAfter, &r.runAfter, &r.sessionCorrect,
	}
}

// given returns the item, nil if the row is missing.
func (r *givenRow) given() (*practice.GivenItem, error) {
	if r.session == nil {
		return nil, nil
	}
	given := &practice.GivenItem{
		SessionID: *r.session, StudentID: *r.student, Position: *r.position, Pick: r.pick(),
		Graph: practice.GraphSource(*r.graph), At: r.givenAt.UTC(),
	}
	given.Ability = abilityOf(r.theta, r.sd, r.responses, r.runID)
	if r.attemptID != nil {
		given.Answer = &practice.Outcome{
			AttemptID: *r.attemptID, At: r.answeredAt.UTC(), Correct: *r.correct,
			Ability: abilityOf(r.thetaAfter, r.sdAfter, r.responsesAfter, r.runAfter), SessionCorrect: *r.sessionCorrect,
		}
	}
	var err error
	if given.Inputs, err = practice.DecodePickInputs(r.inputs); err == nil {
		err = json.Unmarshal([]byte(*r.candidates), &given.Pick.Candidates)
	}
	return given, err
}

func (r *givenRow) pick() adaptive.Pick {
	pick := adaptive.Pick{
		Strategy: adaptive.Strategy(*r.strategy), Mastery: *r.mastery, Information: *r.information,
		Prerequisite: *r.prerequisite, NeededBy: *r.neededBy, SteppedBack: *r.steppedBack,
		Considered: *r.considered, Evaluated: *r.evaluated, Sentence: *r.sentence,
	}
	pick.Item = adaptive.Item{ID: *r.item, Concept: *r.concept, Calibrated: *r.calibrated}
	pick.Item.Params.A, pick.Item.Params.B, pick.Item.Params.C = *r.a, *r.b, *r.c
	return pick
}

func abilityOf(theta, sd *float64, responses *int, runID *string) practice.Ability {
	ability := practice.Ability{RunID: *runID, Responses: *responses}
	ability.Theta, ability.SD = *theta, *sd
	return ability
}

func givenValues(g practice.GivenItem) ([]any, error) {
	p := g.Pick
	candidates, err := json.Marshal(p.Candidates)
	return []any{
		g.SessionID, g.StudentID, g.Position, p.Item.ID, p.Item.Concept, p.Item.Params.A, p.Item.Params.B, p.Item.Params.C,
		p.Item.Calibrated, string(p.Strategy), p.Mastery, p.Information, p.Prerequisite, p.NeededBy, p.SteppedBack,
		p.Considered, p.Evaluated, string(candidates), p.Sentence, g.Ability.Theta, g.Ability.SD, g.Ability.Responses,
		g.Ability.RunID, string(g.Graph), g.At, g.Inputs.Encode(),
	}, err
}

func answeredValues(s practice.AnsweredItem) []any {
	return []any{
		s.StudentID, s.SessionID, s.Position, s.AttemptID, s.At, s.Correct,
		s.Ability.Theta, s.Ability.SD, s.Ability.Responses, s.Ability.RunID, s.SessionCorrect,
	}
}

func estimateValues(e practice.Estimate) []any {
	return []any{
		e.StudentID, e.RunID, e.Theta, e.SD, e.Responses, e.Drift, e.Last.At, e.Last.ItemID, e.Last.Correct,
		practice.EncodePosterior(e.Posterior), e.UpdatedAt,
	}
}
