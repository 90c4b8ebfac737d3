package practice

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/adapters/httpapi/mastery"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/practice"
)

// Session is a practice session on the wire. What is embedded in a reply has to be exported: the document is made by
// reflection.
type Session struct {
	SessionID     string                      `json:"session_id"`
	StudentID     string                      `json:"student_id"`
	Status        practice.Status             `json:"status" enum:"active,completed,abandoned"`
	Scope         []string                    `json:"scope_concept_ids" nullable:"false"`
	QuestionCount int                         `json:"question_count"`
	TimeMode      practice.TimeMode           `json:"time_mode" enum:"timed,untimed"`
	TimerSeconds  *int                        `json:"timer_seconds" doc:"The limit of each question, kept by the client; null for an untimed session"`
	Stop          httpapi.Nullable[stopRules] `json:"stop" doc:"What else ends the session; null for nothing"`
	Answered      int                         `json:"answered"`
	Correct       int                         `json:"correct"`
	StartedAt     string                      `json:"started_at" format:"date-time"`
	CompletedAt   *string                     `json:"completed_at" format:"date-time" doc:"Null unless the session is completed"`
	EndedBy       *practice.EndedBy           `json:"ended_by" enum:"count,stop,student,pool_exhausted,timeout" doc:"What ended the session; null while it is active"`
	Ability       abilityNow                  `json:"ability" doc:"The student's at the last answer, or at the opening"`
	Mastery       []masteryChange             `json:"mastery" nullable:"false" doc:"Of each concept in scope, and of those that were practised because one in scope builds on them"`
}

type stopRules struct {
	SD          *float64 `json:"theta_sd" doc:"Ends the session once the standard deviation of the ability is at most this"`
	AllMastered bool     `json:"all_mastered" doc:"Ends the session once no concept in scope needs practice any more: the mastery of each is at least ADAPTIVE_READY"`
}

type abilityNow struct {
	Theta float64 `json:"theta"`
	SD    float64 `json:"theta_sd"`
}

type masteryChange struct {
	ConceptID string   `json:"concept_id"`
	Before    float64  `json:"p_mastered_before" doc:"At the opening; outside of the scope before its first question"`
	After     *float64 `json:"p_mastered_after" doc:"At the end; null until then"`
}

// OpenedSession is a session with its open item.
type OpenedSession struct {
	Session
	NextItem httpapi.Nullable[NextItem] `json:"next_item" doc:"The question that is open; null once the session has ended"`
}

// NextItem is a given item, with the reasons.
type NextItem struct {
	ItemID     string       `json:"item_id"`
	ConceptID  string       `json:"concept_id"`
	Difficulty float64      `json:"expected_difficulty" doc:"On the scale of ability; 0 for a question that was not calibrated"`
	Rationale  rationale    `json:"rationale"`
	Position   int          `json:"position" doc:"Counts the questions of the session from 1"`
	Content    *itemContent `json:"content,omitempty" doc:"Left out if the bank has none"`
}

type itemContent struct {
	Stem    string           `json:"stem"`
	Options []mastery.Option `json:"options" nullable:"false"`
}

type rationale struct {
	Strategy     adaptive.Strategy    `json:"strategy" enum:"weakest_concept,prerequisite_priority,diversity_rotation,fallback_random"`
	Mastery      float64              `json:"concept_mastery"`
	Information  float64              `json:"fisher_information" doc:"Of the question at the student's ability"`
	Prerequisite *string              `json:"prerequisite_unmastered" doc:"The question's concept, if it takes the place of one that builds on it"`
	Considered   int                  `json:"concepts_considered"`
	Evaluated    int                  `json:"items_evaluated"`
	Theta        float64              `json:"theta" doc:"The student's ability that the question was picked for"`
	SD           float64              `json:"theta_sd"`
	Graph        practice.GraphSource `json:"graph" enum:"database,live,cached,none" doc:"Where the prerequisites came from"`
	Sentence     string               `json:"sentence" doc:"Why this question comes, in words"`
	Item         *pickedParameters    `json:"item,omitempty" doc:"Only for those who may read parameters"`
	Candidates   []string             `json:"candidates,omitzero" doc:"The concepts that could be chosen, the first in line first; only for those who may read parameters"`
}

type pickedParameters struct {
	A          float64 `json:"a"`
	B          float64 `json:"b"`
	C          float64 `json:"c"`
	Calibrated bool    `json:"calibrated"`
}

func sessionOf(s practice.Session) Session {
	wire := Session{
		SessionID: s.ID, StudentID: s.StudentID, Status: s.Status, Scope: s.Scope, QuestionCount: s.Questions, TimeMode: s.TimeMode,
		Answered: s.Answered, Correct: s.Correct, StartedAt: s.StartedAt.Format(httpapi.TimeLayout), Ability: abilityOf(s.Ability),
	}
	if s.TimeMode == practice.Timed {
		seconds := int(s.Timer / time.Second)
		wire.TimerSeconds = &seconds
	}
	if s.Stop != (practice.StopRules{}) {
		rules := stopRules{AllMastered: s.Stop.AllMastered}
		if s.Stop.SD > 0 {
			rules.SD = &s.Stop.SD
		}
		wire.Stop = httpapi.OrNull(&rules)
	}
	if !s.CompletedAt.IsZero() {
		at := s.CompletedAt.Format(httpapi.TimeLayout)
		wire.CompletedAt = &at
	}
	if s.EndedBy != "" {
		wire.EndedBy = &s.EndedBy
	}
	for _, concept := range s.Concepts() {
		one := masteryChange{ConceptID: concept, Before: s.Before[concept]}
		if after, ended := s.After[concept]; ended {
			one.After = &after
		}
		wire.Mastery = append(wire.Mastery, one)
	}
	return wire
}

func abilityOf(a practice.Ability) abilityNow { return abilityNow{Theta: a.Theta, SD: a.SD} }

func openedOf(ctx context.Context, view practice.SessionView) OpenedSession {
	return OpenedSession{Session: sessionOf(view.Session), NextItem: httpapi.OrNull(nextOf(ctx, view.Open))}
}

// nextOf returns the item as the caller may see it; nil for nil.
func nextOf(ctx context.Context, item *practice.Item) *NextItem {
	if item == nil {
		return nil
	}
	pick := item.Pick
	wire := &NextItem{
		ItemID: pick.Item.ID, ConceptID: pick.Item.Concept, Difficulty: pick.Item.Params.B, Position: item.Position,
		Rationale: rationale{
			Strategy: pick.Strategy, Mastery: pick.Mastery, Information: pick.Information,
			Considered: pick.Considered, Evaluated: pick.Evaluated,
			Theta: item.Ability.Theta, SD: item.Ability.SD, Graph: item.Graph, Sentence: pick.Sentence,
		},
	}
	if pick.Prerequisite != "" {
		wire.Rationale.Prerequisite = &pick.Prerequisite
	}
	if item.Stem != "" || len(item.Options) > 0 {
		wire.Content = &itemContent{Stem: item.Stem, Options: mastery.OptionsOf(item.Options)}
	}
	if readsParameters(ctx) {
		p := pick.Item.Params
		wire.Rationale.Item = &pickedParameters{A: p.A, B: p.B, C: p.C, Calibrated: pick.Item.Calibrated}
		wire.Rationale.Candidates = append([]string{}, pick.Candidates...) // none is an empty list
	}
	return wire
}

// readsParameters reports whether the caller may read the parameters of items.
func readsParameters(ctx context.Context) bool {
	caller, err := httpapi.CallerOf(ctx)
	return err == nil && core.AllowRoles(core.RoleInstitutionalAdmin, core.RoleFaculty).Check(caller, "") == nil
}
