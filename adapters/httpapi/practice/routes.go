package practice

import (
	"net/http"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/adapters/httpapi/mastery"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/practice"
)

const tag = "Adaptive practice"

// The samples. The one for opening a session works unchanged in a service with the demo bank; the others need the
// session_id that it returns.
const sampleSession = "0198c5a4-6f2e-7c3b-9d1a-3f1f0c2b7a55"

var sampleOfSession = map[string]string{"session_id": sampleSession}

// Codes returns the codes that answers in sessions can cause.
func Codes() []core.Code {
	return []core.Code{core.CodeSessionNotFound, core.CodeSessionCompleted}
}

// Failures registers the codes that only practice causes. It comes before all routes that list them.
func Failures() httpapi.Routes {
	return func(r *httpapi.Registry) {
		r.Failures(
			httpapi.FailureCode{
				Code: core.CodeSessionNotFound, Status: http.StatusNotFound, When: "there is no such practice session",
				Example: practice.ErrSessionNotFound,
			},
			httpapi.FailureCode{
				Code: core.CodeSessionCompleted, Status: http.StatusConflict,
				When: "the practice session has ended: completed, abandoned, or all of it answered", Example: practice.ErrSessionCompleted,
			},
			httpapi.FailureCode{
				Code: core.CodeSessionAlreadyActive, Status: http.StatusConflict, When: "the student has an active practice session",
				Example: practice.ErrSessionAlreadyActive.WithDetail(practice.DetailSession, sampleSession),
				Details: map[string]string{practice.DetailSession: "The session that is active"},
			},
			httpapi.FailureCode{
				Code: core.CodePoolExhausted, Status: http.StatusUnprocessableEntity,
				When: "the chosen concepts have no question that was not among the last 20", Example: practice.ErrPoolExhausted,
			},
		)
	}
}

// Routes registers the routes of service. Failures must come before it.
func Routes(service *practice.Service) httpapi.Routes {
	return func(r *httpapi.Registry) {
		pages := sessions{service}
		httpapi.Handle(r, httpapi.Route{
			Method: http.MethodPost, Path: "/api/adaptive/sessions", Access: core.OnRecord(core.RecordPractice), LoadsRecord: true, Tag: tag,
			Summary: "Open a practice session",
			Description: "Begins a session on the chosen concepts and gives its first question. A student has one active session at most; " +
				"one that nobody answered in for 24 hours is abandoned.",
			Statuses: []int{http.StatusCreated},
			Errors:   []core.Code{core.CodeSessionAlreadyActive, core.CodePoolExhausted, core.CodeUnavailable},
			Sample:   httpapi.Sample{Body: map[string]any{"scope_concept_ids": []string{"anion-gap"}, "question_count": 5, "time_mode": "untimed"}},
		}, pages.open)
		httpapi.Handle(r, httpapi.Route{
			Method: http.MethodGet, Path: "/api/adaptive/sessions", Access: core.OnRecord(core.RecordRead), Tag: tag,
			Summary: "List practice sessions", Description: "The newest first: a student's own; those of the students whose records staff may read.",
			Errors: []core.Code{core.CodeNotFound, core.CodeUnavailable},
		}, pages.list)
		httpapi.Handle(r, httpapi.Route{
			Method: http.MethodGet, Path: "/api/adaptive/sessions/{session_id}", Access: core.OnRecord(core.RecordRead), LoadsRecord: true, Tag: tag,
			Summary: "Show a practice session", Description: "With the question that is open.",
			Errors: []core.Code{core.CodeSessionNotFound, core.CodeUnavailable},
			Sample: httpapi.Sample{Parameters: sampleOfSession},
		}, pages.show)
		httpapi.Handle(r, httpapi.Route{
			Method: http.MethodPost, Path: "/api/adaptive/sessions/{session_id}/complete", Access: core.OnRecord(core.RecordPractice), LoadsRecord: true, Tag: tag,
			Summary: "Complete a practice session", Description: "Ends the session before all of it is answered, and sums it up.",
			Errors: []core.Code{core.CodeSessionNotFound, core.CodeSessionCompleted, core.CodeUnavailable},
			Sample: httpapi.Sample{Parameters: sampleOfSession},
		}, pages.complete)
		httpapi.Handle(r, httpapi.Route{
			Method: http.MethodGet, Path: "/api/adaptive/next-item/{session_id}", Access: core.OnRecord(core.RecordPractice), LoadsRecord: true, Tag: tag,
			Summary:     "Show the next question, and why it comes",
			Description: "The question that is open: it was picked when the one before it was answered, and stays the same until it is answered itself.",
			Errors:      []core.Code{core.CodeSessionNotFound, core.CodeSessionCompleted, core.CodeUnavailable},
			Sample:      httpapi.Sample{Parameters: sampleOfSession},
		}, pages.next)
		httpapi.Handle(r, httpapi.Route{
			Method: http.MethodPost, Path: "/api/adaptive/sessions/{session_id}/answers", Access: core.OnRecord(core.RecordPractice), LoadsRecord: true, Tag: tag,
			Summary: "Answer the open question, and get the next one",
			Description: "Records the answer as `POST /api/bkt/update` does, and gives the next question; both are on disk before the reply. " +
				"A `response` of null is a question that was seen and not answered, and counts as wrong.\n\n" +
				"Repeat a request whose reply did not arrive: the same answer gets the first reply, and counts once.",
			Errors: []core.Code{core.CodeSessionNotFound, core.CodeSessionCompleted, core.CodeConflict, core.CodeUnavailable, core.CodeValidation},
			Meta:   httpapi.Replayed{},
			Sample: httpapi.Sample{Parameters: sampleOfSession, Body: map[string]any{
				"item_id": "anion-gap-01", "response": "A", "latency_ms": 5200, "timestamp": "2025-11-03T09:30:00Z",
			}},
		}, pages.answer)
	}
}

var _ mastery.Recorder = (*practice.Service)(nil)
