package practice

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/mastery"
)

// SessionView is a session as it is shown, with the open item.
type SessionView struct {
	Session
	// Open is nil once the session has ended.
	Open *Item
}

// The bounds of a Plan.
const (
	MaxScope     = 500
	MaxQuestions = 200
	MinTimer     = 10 * time.Second
	MaxTimer     = time.Hour
)

// Open begins a session of the caller, who is a student, and gives its first item.
//
// Errors: CodeValidation for a plan that does not fit, unknown concepts named; CodeSessionAlreadyActive with
// DetailSession; CodePoolExhausted if there is nothing to give; those of mastery.Service.Record for a store.
func (s *Service) Open(ctx context.Context, access *core.RecordAccess, plan Plan) (SessionView, error) {
	studentID := access.Caller().Subject
	if !core.IsID(studentID) { // no path could name the record
		return SessionView{}, core.NewValidationError(core.Violation{Field: "student_id", Message: "is the token's sub, which is no id: " + core.IDForm})
	}
	plan.Scope = eachOnce(plan.Scope)
	if err := plan.validate(); err != nil {
		return SessionView{}, err
	}
	on, err := s.bank.get(ctx)
	if err != nil {
		return SessionView{}, err
	}
	learned, err := s.learn(ctx, on, access.Caller(), plan.Scope, "")
	if err != nil {
		return SessionView{}, err
	}
	o := &opening{service: s, access: access, plan: plan, on: on, learned: learned, now: s.now()}
	arrival := AnswerLookup{AnswerLookup: mastery.AnswerLookup{StudentID: studentID}, Window: s.config.Settings.ItemWindow}
	if err := s.stores.Recorder.Practise(ctx, arrival, o.decide); err != nil {
		return SessionView{}, err
	}
	s.moved(ctx, studentID, o.movedFrom, access)
	s.picked(o.first)
	return SessionView{Session: *o.opened, Open: on.show(o.first)}, nil
}

// opening decides whether a session begins.
type opening struct {
	service *Service
	access  *core.RecordAccess
	plan    Plan
	on      *bankSnapshot
	learned *learned
	now     time.Time

	opened    *Session
	first     *GivenItem
	movedFrom string
}

func (o *opening) decide(found AnswerData) (change Change, err error) {
	record, write, err := mastery.Owner(o.access, found.Student)
	if err != nil {
		return Change{}, err
	}
	o.movedFrom = ""
	if write {
		change.Student = &record
		if found.Student != nil {
			o.movedFrom = found.Student.InstitutionID
		}
	}
	if found.Session != nil {
		active := found.Session.At(o.now)
		if active.Status == StatusActive {
			return Change{}, ErrSessionAlreadyActive.WithDetail(DetailSession, active.ID)
		}
		change.Abandoned = &active
	}
	return change, o.begin(found, record, &change)
}

func (o *opening) begin(found AnswerData, record core.Record, change *Change) error {
	from, err := o.on.of(record.InstitutionID)
	if err != nil {
		return err
	}
	if err := from.checkScope(o.plan.Scope); err != nil {
		return err
	}
	past, err := found.History()
	if err != nil {
		return err
	}
	estimate, err := o.service.before(o.on, record.StudentID, past)
	if err != nil {
		return err
	}
	o.opened = &Session{
		ID: o.service.config.NewID(), StudentID: record.StudentID, Plan: o.plan, Status: StatusActive,
		StartedAt: o.now, TouchedAt: o.now, Ability: estimate.Ability,
	}
	c := choice{from: from, session: o.opened, past: past, estimate: estimate, learned: o.learned}
	o.opened.Before = c.masteryOf(o.plan.Scope)
	if o.first, err = o.service.pick(c, 1, o.now); err != nil {
		return err
	}
	change.Opened, change.Next, change.Estimate = o.opened, o.first, &estimate
	return nil
}

// validate checks a plan without the bank.
func (p Plan) validate() error {
	var wrong []core.Violation
	refuse := func(isWrong bool, field, message string) {
		if isWrong {
			wrong = append(wrong, core.Violation{Field: field, Message: message})
		}
	}
	refuse(len(p.Scope) < 1 || len(p.Scope) > MaxScope, "scope_concept_ids", "has to name 1 to 500 concepts")
	for i, concept := range p.Scope {
		refuse(!core.IsID(concept), fmt.Sprint("scope_concept_ids/", i), "is no id: "+core.IDForm)
	}
	refuse(p.Questions < 1 || p.Questions > MaxQuestions, "question_count", "is out of range: 1 to 200")
	refuse(p.TimeMode != Timed && p.TimeMode != Untimed, "time_mode", "has to be timed or untimed")
	refuse(p.TimeMode == Timed && (p.Timer < MinTimer || p.Timer > MaxTimer), "timer_seconds", "is required of a timed session: 10 to 3600")
	refuse(p.TimeMode == Untimed && p.Timer != 0, "timer_seconds", "is for timed sessions alone")
	refuse(!(p.Stop.SD >= 0), "stop/theta_sd", "has to be positive")
	if len(wrong) > 0 {
		return core.NewValidationError(wrong...)
	}
	return nil
}

// checkScope refuses concepts that the bank does not have, or has for another institution.
func (a *institutionBank) checkScope(scope []string) error {
	var wrong []core.Violation
	for _, concept := range scope {
		if _, known := a.initial[concept]; !known {
			wrong = append(wrong, core.Violation{Field: "scope_concept_ids", Message: "the bank has no concept " + concept})
		}
	}
	if wrong != nil {
		return core.NewValidationError(wrong...)
	}
	return nil
}

// links returns the bank's own prerequisites.
func (a *institutionBank) links() links { return links{graph: a.graph, source: GraphDatabase} }

func (s *Service) moved(ctx context.Context, studentID, from string, access *core.RecordAccess) {
	if from != "" && s.config.StudentMoved != nil {
		s.config.StudentMoved(ctx, studentID, from, access.Caller().InstitutionID)
	}
}

// eachOnce returns the ids in their order, each at its first place.
func eachOnce(ids []string) []string {
	once := make([]string, 0, len(ids))
	for _, id := range ids {
		if !slices.Contains(once, id) {
			once = append(once, id)
		}
	}
	return once
}
