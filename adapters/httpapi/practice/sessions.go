package practice

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/adapters/httpapi/mastery"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/practice"
)

// sessions opens, shows and ends sessions.
type sessions struct{ service *practice.Service }

type openInput struct {
	Body struct {
		Scope         []httpapi.ID      `json:"scope_concept_ids" minItems:"1" maxItems:"500" nullable:"false" doc:"The concepts to practise"`
		QuestionCount int               `json:"question_count" minimum:"1" maximum:"200" doc:"How many questions are given at most"`
		TimeMode      practice.TimeMode `json:"time_mode,omitempty" enum:"timed,untimed" default:"untimed"`
		TimerSeconds  *int              `json:"timer_seconds,omitempty" minimum:"10" maximum:"3600" doc:"The limit of each question, kept by the client; required of a timed session"`
		Stop          *stopInput        `json:"stop,omitempty" doc:"What else ends the session, after each answer"`
	}
}

type stopInput struct {
	SD          *float64 `json:"theta_sd,omitempty" exclusiveMinimum:"0" maximum:"10" doc:"Ends the session once the standard deviation of the ability is at most this"`
	AllMastered bool     `json:"all_mastered,omitempty" doc:"Ends the session once no concept in scope needs practice any more: the mastery of each is at least ADAPTIVE_READY"`
}

func (p sessions) open(ctx context.Context, in *openInput) (httpapi.Reply[OpenedSession], error) {
	access, err := httpapi.RecordAccessOf(ctx)
	if err != nil {
		return httpapi.Reply[OpenedSession]{}, err
	}
	body := &in.Body
	plan := practice.Plan{Questions: body.QuestionCount, TimeMode: body.TimeMode}
	for _, concept := range body.Scope {
		plan.Scope = append(plan.Scope, string(concept))
	}
	if body.TimerSeconds != nil {
		plan.Timer = time.Duration(*body.TimerSeconds) * time.Second
	}
	if body.Stop != nil {
		plan.Stop.AllMastered = body.Stop.AllMastered
		if body.Stop.SD != nil {
			plan.Stop.SD = *body.Stop.SD
		}
	}
	view, err := p.service.Open(ctx, access, plan)
	if err != nil {
		return httpapi.Reply[OpenedSession]{}, err
	}
	reply := httpapi.OK(openedOf(ctx, view))
	reply.Location = "/api/adaptive/sessions/" + view.ID
	return reply, nil
}

type sessionInput struct {
	SessionID httpapi.ID `path:"session_id"`
}

func (p sessions) show(ctx context.Context, in *sessionInput) (httpapi.Reply[OpenedSession], error) {
	access, err := httpapi.RecordAccessOf(ctx)
	if err != nil {
		return httpapi.Reply[OpenedSession]{}, err
	}
	view, err := p.service.Show(ctx, access, string(in.SessionID))
	if err != nil {
		return httpapi.Reply[OpenedSession]{}, err
	}
	return httpapi.OK(openedOf(ctx, view)), nil
}

func (p sessions) next(ctx context.Context, in *sessionInput) (httpapi.Reply[NextItem], error) {
	access, err := httpapi.RecordAccessOf(ctx)
	if err != nil {
		return httpapi.Reply[NextItem]{}, err
	}
	view, err := p.service.Next(ctx, access, string(in.SessionID))
	if err != nil {
		return httpapi.Reply[NextItem]{}, err
	}
	return httpapi.OK(*nextOf(ctx, view.Open)), nil
}

func (p sessions) complete(ctx context.Context, in *sessionInput) (httpapi.Reply[Session], error) {
	access, err := httpapi.RecordAccessOf(ctx)
	if err != nil {
		return httpapi.Reply[Session]{}, err
	}
	session, err := p.service.Complete(ctx, access, string(in.SessionID))
	if err != nil {
		return httpapi.Reply[Session]{}, err
	}
	return httpapi.OK(sessionOf(session)), nil
}

type listInput struct {
	Status    practice.Status `query:"status" enum:"active,completed,abandoned" doc:"Only those with this status"`
	StudentID httpapi.ID      `query:"student_id" doc:"Only those of this student"`
	httpapi.Paging
}

type sessionList struct {
	Sessions []OpenedSession `json:"sessions" nullable:"false"`
	Total    int             `json:"total" doc:"How many fit, whatever the page"`
}

func (p sessions) list(ctx context.Context, in *listInput) (httpapi.Reply[sessionList], error) {
	access, err := httpapi.RecordAccessOf(ctx)
	if err != nil {
		return httpapi.Reply[sessionList]{}, err
	}
	views, total, err := p.service.List(ctx, access, practice.ListQuery{
		StudentID: string(in.StudentID), Status: in.Status, Page: bank.Page{Limit: in.Limit, Offset: in.Offset},
	})
	if err != nil {
		return httpapi.Reply[sessionList]{}, err
	}
	wire := sessionList{Sessions: make([]OpenedSession, len(views)), Total: total}
	for i, view := range views {
		wire.Sessions[i] = openedOf(ctx, view)
	}
	return httpapi.OK(wire), nil
}

type answerInput struct {
	SessionID httpapi.ID `path:"session_id"`
	Body      struct {
		ItemID    httpapi.ID               `json:"item_id" doc:"The question that is open"`
		Correct   *bool                    `json:"correct,omitempty" doc:"Whether the answer is right, for a question that the bank has no key for"`
		Response  httpapi.Nullable[string] `json:"response,omitzero" minLength:"1" maxLength:"128" doc:"The key of the option that was chosen, for a question that the bank has a key for; null if none was, which counts as wrong"`
		LatencyMS int64                    `json:"latency_ms" minimum:"0" maximum:"3600000" doc:"What the answer took, in milliseconds"`
		Timestamp time.Time                `json:"timestamp" doc:"When it was given; at most 5 minutes ahead, cut to microseconds"`
	}
}

// sessionAnswered is the reply to an answer in a session.
type sessionAnswered struct {
	Correct     bool                       `json:"correct"`
	CorrectKey  *string                    `json:"correct_key" doc:"The key of the right option; null for a question that the bank has no key for"`
	Explanation *string                    `json:"explanation" doc:"Null if the bank has none"`
	Mastery     mastery.Updated            `json:"mastery" doc:"The reply of POST /api/bkt/update"`
	Ability     abilityNow                 `json:"ability" doc:"The student's after the answer"`
	Session     Session                    `json:"session" doc:"The session after the answer"`
	NextItem    httpapi.Nullable[NextItem] `json:"next_item" doc:"Null once the session has ended"`
}

func (p sessions) answer(ctx context.Context, in *answerInput) (httpapi.Reply[sessionAnswered], error) {
	access, err := httpapi.RecordAccessOf(ctx)
	if err != nil {
		return httpapi.Reply[sessionAnswered]{}, err
	}
	body := &in.Body
	got, err := p.service.Answer(ctx, access, practice.Answer{
		SessionID: string(in.SessionID), ItemID: string(body.ItemID),
		Correct: body.Correct, Response: body.Response.Value, Unanswered: body.Response.Given && body.Response.Value == nil,
		Latency: time.Duration(body.LatencyMS) * time.Millisecond, At: body.Timestamp,
	})
	if err != nil {
		return httpapi.Reply[sessionAnswered]{}, err
	}
	reply := httpapi.OK(sessionAnswered{
		Correct: got.Attempt.Correct, CorrectKey: orNull(got.Solution.Key), Explanation: orNull(got.Solution.Explanation),
		Mastery: mastery.UpdatedOf(got.Attempt), Ability: abilityOf(got.Ability),
		Session: sessionOf(got.Session), NextItem: httpapi.OrNull(nextOf(ctx, got.Open)),
	})
	if got.Replayed {
		reply.Meta = httpapi.Replayed{Replayed: true}
	}
	return reply, nil
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
