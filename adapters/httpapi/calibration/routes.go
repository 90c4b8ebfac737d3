package calibration

import (
	"net/http"
	"time"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/calibration"
)

const tag = "Calibration"

// The samples; they need an existing run.
const (
	sampleRun     = "0198c5a4-6f2e-7c3b-9d1a-3f1f0c2b7a55"
	sampleItem    = "anion-gap-01"
	sampleStudent = "17553f84-6b3f-58e7-9469-f3e59d6a14db"
	maxBody       = 4 << 20 // ids of many items
)

// pages are the routes' handlers.
type pages struct{ service *calibration.Service }

// Routes registers the routes of service.
func Routes(service *calibration.Service) httpapi.Routes {
	return func(r *httpapi.Registry) {
		r.Failures(
			httpapi.FailureCode{
				Code: core.CodeCalibrationInProgress, Status: http.StatusConflict, When: "another calibration is queued or running",
				Example: calibration.ErrInProgress.WithDetail("run_id", sampleRun),
				Details: map[string]string{"run_id": "The calibration that is in progress"},
			},
			httpapi.FailureCode{
				Code: core.CodeItemNotFound, Status: http.StatusNotFound, When: "the item is not there, or has no parameters",
				Example: calibration.ErrItemNotFound,
			},
		)
		p := pages{service}
		runRoutes(r, p)
		changeRoutes(r, p)
		scaleRoutes(r, p)
	}
}

func runRoutes(r *httpapi.Registry, p pages) {
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodPost, Path: "/api/irt/calibrate", Access: core.AllowRoles(core.RoleSuperadmin), Tag: tag,
		Summary: "Calibrate items",
		Description: "Estimates a, b and c of the items from each student's first answer to each of them, of all institutions, and puts them " +
			"in force, on the scale of those that were. One calibration runs at a time. A reply that takes too long, or that " +
			"`Prefer: respond-async` does not wait for, is 202 with the run's `Location`.",
		Statuses: []int{http.StatusOK, http.StatusAccepted}, Accepted: RunState{}, MaxBody: maxBody,
		Errors: []core.Code{core.CodeCalibrationInProgress, core.CodeInsufficientData, core.CodeConflict, core.CodeUnavailable},
		Sample: httpapi.Sample{Body: map[string]any{"min_responses": 50}},
	}, p.calibrate)
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodGet, Path: "/api/irt/runs", Access: readers(), Tag: tag,
		Summary: "List the calibrations", Description: "The newest first.",
		Errors: []core.Code{core.CodeUnavailable},
	}, p.list)
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodGet, Path: "/api/irt/runs/{run_id}", Access: readers(), Tag: tag,
		Summary: "Show a calibration", Description: "How far it is, and what it found once it is completed: of the items that are shared or your institution's.",
		Errors: []core.Code{core.CodeNotFound, core.CodeUnavailable},
		Sample: httpapi.Sample{Parameters: map[string]string{"run_id": sampleRun}},
	}, p.show)
}

func changeRoutes(r *httpapi.Registry, p pages) {
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodPost, Path: "/api/irt/runs/{run_id}/cancel", Access: core.AllowRoles(core.RoleSuperadmin), Tag: tag,
		Summary: "Cancel a calibration", Description: "Nothing of it is kept. A repeat gets the same answer.",
		Errors: []core.Code{core.CodeNotFound, core.CodeConflict, core.CodeUnavailable},
		Sample: httpapi.Sample{Parameters: map[string]string{"run_id": sampleRun}},
	}, p.cancel)
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodPost, Path: "/api/irt/runs/{run_id}/restore", Access: core.AllowRoles(core.RoleSuperadmin), Tag: tag,
		Summary: "Go back to a calibration",
		Description: "Puts a run in force again, with what was in force when it came, and takes all later runs out of force. It takes a run that " +
			"came in force once. Any of the others can be restored in the same way.",
		Errors: []core.Code{core.CodeNotFound, core.CodeConflict, core.CodeUnavailable},
		Sample: httpapi.Sample{Parameters: map[string]string{"run_id": sampleRun}},
	}, p.restore)
}

func scaleRoutes(r *httpapi.Registry, p pages) {
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodGet, Path: "/api/irt/parameters/{item_id}", Access: readers(), Tag: tag,
		Summary: "Show the parameters of an item", Description: "Those in force: of the newest calibration in force that has the item.",
		Errors: []core.Code{core.CodeItemNotFound, core.CodeUnavailable},
		Sample: httpapi.Sample{Parameters: map[string]string{"item_id": sampleItem}},
	}, p.parameters)
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodGet, Path: "/api/irt/ability/{student_id}", Access: core.OnRecord(core.RecordRead), Tag: tag,
		Summary: "Show a student's ability",
		Description: "Estimated from the student's newest 200 first answers on the scale in force. Before the first calibration, and for items " +
			"without parameters, a is 1, b 0 and c .25.",
		Errors: []core.Code{core.CodeNotFound, core.CodeUnavailable},
		Sample: httpapi.Sample{Parameters: map[string]string{"student_id": sampleStudent}},
	}, p.ability)
}

// readers is the rule for reading parameters and runs.
func readers() core.Access { return core.AllowRoles(core.RoleInstitutionalAdmin, core.RoleFaculty) }

// timeOrNull is null for the zero time.
func timeOrNull(at time.Time) *string {
	if at.IsZero() {
		return nil
	}
	text := at.UTC().Format(httpapi.TimeLayout)
	return &text
}
