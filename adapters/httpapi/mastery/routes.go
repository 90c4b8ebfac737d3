package mastery

import (
	"net/http"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports"
)

// The samples work unchanged in a service with the demo bank, with the token of `journey-api token --role student`.
const (
	sampleStudent = "17553f84-6b3f-58e7-9469-f3e59d6a14db"
	sampleConcept = "anion-gap"
	sampleItem    = "anion-gap-01"
)

const (
	tagMastery = "Mastery"
	tagBank    = "Bank"
)

// Routes registers the routes of service, and of the bank that catalogue reads. Answers are recorded by recorder;
// errors lists its codes beyond the service's.
func Routes(service *mastery.Service, recorder Recorder, catalogue ports.Catalogue, errors ...core.Code) httpapi.Routes {
	return func(r *httpapi.Registry) {
		recordRoutes(r, service, recorder, errors)
		parameterRoutes(r, service)
		bankRoutes(r, catalogue)
	}
}

func recordRoutes(r *httpapi.Registry, service *mastery.Service, recorder Recorder, errors []core.Code) {
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodPost, Path: "/api/bkt/update", Access: core.OnRecord(core.RecordAnswer), Tag: tagMastery,
		Summary: "Record an answer",
		Description: "Records one answer of a student and returns what it makes of the mastery of its concept. The answer is on disk before the reply. " +
			"An item with a key in the bank is graded here, by `response`; one without is graded by the caller, by `correct`.\n\n" +
			"Repeat a request whose reply did not arrive: with the same `Idempotency-Key`, or the same student, concept, item, time and outcome, " +
			"it gets the first reply, and counts once.\n\n" +
			"A student's answer to the question that is open in their own active practice session is an answer in that session.",
		Errors: append([]core.Code{core.CodeNotFound, core.CodeConflict, core.CodeUnavailable, core.CodeValidation}, errors...),
		Meta:   httpapi.Replayed{},
		Sample: httpapi.Sample{Body: map[string]any{
			"student_id": sampleStudent, "concept_id": sampleConcept, "item_id": sampleItem, "response": "A",
			"latency_ms": 5200, "timestamp": "2025-11-03T09:30:00Z",
		}},
	}, answers{recorder}.record)
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodGet, Path: "/api/bkt/mastery/{student_id}", Access: core.OnRecord(core.RecordRead), Tag: tagMastery,
		Summary: "List what a student knows", Description: "The states that fit, by mastery and then by concept. The counts are of all of them, not of the page.",
		Errors: []core.Code{core.CodeNotFound, core.CodeUnavailable},
		Sample: httpapi.Sample{Parameters: map[string]string{"student_id": sampleStudent}},
	}, records{service}.states)
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodGet, Path: "/api/bkt/mastery/{student_id}/history", Access: core.OnRecord(core.RecordRead), Tag: tagMastery,
		Summary: "List a student's answers and what was shown for them", Description: "By time. Each entry has the mastery that was shown when the answer was recorded; a later answer does not change it.",
		Errors: []core.Code{core.CodeNotFound, core.CodeUnavailable},
		Sample: httpapi.Sample{Parameters: map[string]string{"student_id": sampleStudent}},
	}, records{service}.history)
}

func bankRoutes(r *httpapi.Registry, catalogue ports.Catalogue) {
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodGet, Path: "/api/bank/concepts", Access: core.SignedIn(), Tag: tagBank,
		Summary: "List the concepts", Description: "What is shared and what belongs to your institution, by id.",
		Errors: []core.Code{core.CodeUnavailable},
	}, bankPages{catalogue}.concepts)
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodGet, Path: "/api/bank/items", Access: core.SignedIn(), Tag: tagBank,
		Summary: "List the items", Description: "What is shared and what belongs to your institution, by id. Keys and explanations are never here.",
		Errors: []core.Code{core.CodeUnavailable},
	}, bankPages{catalogue}.items)
}
