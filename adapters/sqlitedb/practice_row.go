package sqlitedb

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/practice"
)

// sessionRow is a row of sessions.
type sessionRow struct {
	is                          practice.Session
	scope, before               string
	after                       sql.NullString
	timer, startedAt, touchedAt int64
	completedAt                 sql.NullInt64
	openPosition                sql.NullInt64
	openItemID, openConceptID   sql.NullString
}

func (r *sessionRow) into() []any {
	s := &r.is
	return []any{
		&s.ID, &s.StudentID, &r.scope, &s.Questions, &s.TimeMode, &r.timer, &s.Stop.SD, &s.Stop.AllMastered,
		&s.Status, &s.EndedBy, &s.Answered, &s.Correct, &r.startedAt, &r.touchedAt, &r.completedAt, &r.before, &r.after,
		&s.Ability.Theta, &s.Ability.SD, &s.Ability.Responses, &s.Ability.RunID,
	}
}

// intoOpen returns the columns of the session, then those of the open item.
func (r *sessionRow) intoOpen() []any {
	return append(r.into(), &r.openPosition, &r.openItemID, &r.openConceptID)
}

func (r *sessionRow) open() *practice.RecentItem {
	if !r.openPosition.Valid {
		return nil
	}
	return &practice.RecentItem{
		SessionID: r.is.ID, Position: int(r.openPosition.Int64), ItemID: r.openItemID.String, ConceptID: r.openConceptID.String,
	}
}

func (r *sessionRow) session() (practice.Session, error) {
	s := r.is
	s.Timer, s.StartedAt, s.TouchedAt = time.Duration(r.timer)*time.Second, time.UnixMicro(r.startedAt).UTC(), time.UnixMicro(r.touchedAt).UTC()
	if r.completedAt.Valid {
		s.CompletedAt = time.UnixMicro(r.completedAt.Int64).UTC()
	}
	for _, column := range []struct {
		text string
		into any
	}{{r.scope, &s.Scope}, {r.before, &s.Before}, {r.after.String, &s.After}} {
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
		string(s.Status), string(s.EndedBy), s.Answered, s.Correct, s.StartedAt.UnixMicro(), s.TouchedAt.UnixMicro(), nil, string(before), nil,
		s.Ability.Theta, s.Ability.SD, s.Ability.Responses, s.Ability.RunID,
	}, err
}

func changedSession(s practice.Session, isWider bool) ([]any, error) {
	values := []any{s.ID, string(s.Status), string(s.EndedBy), s.Answered, s.Correct, s.TouchedAt.UnixMicro(), nil, nil}
	if !s.CompletedAt.IsZero() {
		values[6] = s.CompletedAt.UnixMicro()
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
	session, student, item, concept, strategy, prerequisite, neededBy, steppedBack sql.NullString
	candidates, sentence, runID, graph, attemptID, runAfter                        sql.NullString
	position, considered, evaluated, responses, givenAt                            sql.NullInt64
	answeredAt, responsesAfter, sessionCorrect                                     sql.NullInt64
	a, b, c, mastery, information, theta, sd, thetaAfter, sdAfter                  sql.NullFloat64
	calibrated, correct                                                            sql.NullBool
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
	if !r.session.Valid {
		return nil, nil
	}
	given := &practice.GivenItem{
		SessionID: r.session.String, StudentID: r.student.String, Position: int(r.position.Int64), Pick: r.pick(),
		Graph: practice.GraphSource(r.graph.String), At: time.UnixMicro(r.givenAt.Int64).UTC(),
	}
	given.Ability = abilityOf(r.theta, r.sd, r.responses, r.runID)
	if r.attemptID.Valid {
		given.Answer = &practice.Outcome{
			AttemptID: r.attemptID.String, At: time.UnixMicro(r.answeredAt.Int64).UTC(), Correct: r.correct.Bool,
			Ability: abilityOf(r.thetaAfter, r.sdAfter, r.responsesAfter, r.runAfter), SessionCorrect: int(r.sessionCorrect.Int64),
		}
	}
	var err error
	if given.Inputs, err = practice.DecodePickInputs(r.inputs); err == nil {
		err = json.Unmarshal([]byte(r.candidates.String), &given.Pick.Candidates)
	}
	return given, err
}

func (r *givenRow) pick() adaptive.Pick {
	pick := adaptive.Pick{
		Strategy: adaptive.Strategy(r.strategy.String), Mastery: r.mastery.Float64, Information: r.information.Float64,
		Prerequisite: r.prerequisite.String, NeededBy: r.neededBy.String, SteppedBack: r.steppedBack.String,
		Considered: int(r.considered.Int64), Evaluated: int(r.evaluated.Int64), Sentence: r.sentence.String,
	}
	pick.Item = adaptive.Item{ID: r.item.String, Concept: r.concept.String, Calibrated: r.calibrated.Bool}
	pick.Item.Params.A, pick.Item.Params.B, pick.Item.Params.C = r.a.Float64, r.b.Float64, r.c.Float64
	return pick
}

func abilityOf(theta, sd sql.NullFloat64, responses sql.NullInt64, runID sql.NullString) practice.Ability {
	ability := practice.Ability{RunID: runID.String, Responses: int(responses.Int64)}
	ability.Theta, ability.SD = theta.Float64, sd.Float64
	return ability
}

func givenValues(g practice.GivenItem) ([]any, error) {
	p := g.Pick
	candidates, err := json.Marshal(p.Candidates)
	return []any{
		g.SessionID, g.StudentID, g.Position, p.Item.ID, p.Item.Concept, p.Item.Params.A, p.Item.Params.B, p.Item.Params.C,
		p.Item.Calibrated, string(p.Strategy), p.Mastery, p.Information, p.Prerequisite, p.NeededBy, p.SteppedBack,
		p.Considered, p.Evaluated, string(candidates), p.Sentence, g.Ability.Theta, g.Ability.SD, g.Ability.Responses,
		g.Ability.RunID, string(g.Graph), g.At.UnixMicro(), g.Inputs.Encode(),
	}, err
}

func answeredValues(s practice.AnsweredItem) []any {
	return []any{
		s.StudentID, s.SessionID, s.Position, s.AttemptID, s.At.UnixMicro(), s.Correct,
		s.Ability.Theta, s.Ability.SD, s.Ability.Responses, s.Ability.RunID, s.SessionCorrect,
	}
}

func estimateValues(e practice.Estimate) []any {
	return []any{
		e.StudentID, e.RunID, e.Theta, e.SD, e.Responses, e.Drift, e.Last.At.UnixMicro(), e.Last.ItemID, e.Last.Correct,
		practice.EncodePosterior(e.Posterior), e.UpdatedAt.UnixMicro(),
	}
}
