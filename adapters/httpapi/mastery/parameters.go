package mastery

import (
	"context"
	"net/http"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/mastery"
)

// parameterPages fits, restores and shows the parameters of concepts.
type parameterPages struct{ service *mastery.Service }

func parameterRoutes(r *httpapi.Registry, service *mastery.Service) {
	r.Failures(httpapi.FailureCode{
		Code: core.CodeInsufficientData, Status: http.StatusUnprocessableEntity,
		When: "there are too few answers to estimate anything from", Example: mastery.ErrTooFewToFit,
	})
	pages := parameterPages{service}
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodPost, Path: "/api/bkt/fit", Access: core.AllowRoles(core.RoleSuperadmin), Tag: tagMastery,
		Summary: "Fit the parameters of a concept",
		Description: "Estimates the parameters from all answers of all institutions, and keeps them as a new version. They replace those in force, " +
			"and the states of the concept are computed again in the background, unless they do worse on the students that were held out, or, with fewer than " +
			"50 students, unless they are not identified; `force` replaces them all the same.",
		Errors: []core.Code{core.CodeNotFound, core.CodeConflict, core.CodeInsufficientData, core.CodeUnavailable},
		Sample: httpapi.Sample{Body: map[string]any{"concept_id": sampleConcept}},
	}, pages.fit)
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodGet, Path: "/api/bkt/parameters/{concept_id}", Access: core.AllowRoles(core.RoleInstitutionalAdmin, core.RoleFaculty), Tag: tagMastery,
		Summary: "Show the parameters of a concept", Description: "Those in force: the last ones that a fit or a restore put in force, else the defaults.",
		Errors: []core.Code{core.CodeNotFound, core.CodeUnavailable},
		Sample: httpapi.Sample{Parameters: map[string]string{"concept_id": sampleConcept}},
	}, pages.show)
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodPost, Path: "/api/bkt/parameters/{concept_id}/restore", Access: core.AllowRoles(core.RoleSuperadmin), Tag: tagMastery,
		Summary:     "Put a version of the parameters in force",
		Description: "Any version that a fit made, applied or not; 0 is the defaults. The states of the concept are computed again in the background.",
		Errors:      []core.Code{core.CodeNotFound, core.CodeUnavailable, core.CodeValidation},
		Sample:      httpapi.Sample{Parameters: map[string]string{"concept_id": sampleConcept}, Body: map[string]any{"version": 0}},
	}, pages.restore)
}

// Params are a concept's parameters. What is embedded in a reply has to be exported: the document is made by
// reflection.
type Params struct {
	ConceptID string   `json:"concept_id"`
	L0        float64  `json:"p_l0" doc:"The probability of mastery before the first answer"`
	T         float64  `json:"p_t" doc:"Of learning with an answer"`
	G         float64  `json:"p_g" doc:"Of a right answer without mastery: a guess"`
	S         float64  `json:"p_s" doc:"Of a wrong answer in spite of mastery: a slip"`
	F         *float64 `json:"p_f,omitempty" doc:"Of losing mastery with an answer; 0 if it is left out"`
}

func paramsOf(conceptID string, p bkt.Params, withForgetting bool) Params {
	wire := Params{ConceptID: conceptID, L0: p.L0, T: p.T, G: p.G, S: p.S}
	if withForgetting {
		wire.F = &p.F
	}
	return wire
}

// Versioned are parameters and the number of their fit.
type Versioned struct {
	Params
	Version int `json:"version" doc:"0 for the defaults"`
}

type conceptInput struct {
	ConceptID httpapi.ID `path:"concept_id"`
}

// InForce is the parameters of a concept in force.
type InForce struct {
	Versioned
	SampleSize   int     `json:"sample_size" doc:"How many students they were fitted on; 0 for the defaults"`
	LastFittedAt *string `json:"last_fitted_at" format:"date-time" doc:"Null for the defaults"`
	Source       string  `json:"source" enum:"fitted,default"`
}

func inForceOf(found mastery.Parameters) InForce {
	wire := InForce{
		Versioned:  Versioned{paramsOf(found.ConceptID, found.Params, found.F > 0), found.Version},
		SampleSize: found.Students, Source: "default",
	}
	if found.Version > 0 {
		at := found.FittedAt.Format(httpapi.TimeLayout)
		wire.LastFittedAt, wire.Source = &at, "fitted"
	}
	return wire
}

// shownInForce is the parameters in force with the number of outdated states.
type shownInForce struct {
	InForce
	Outdated int `json:"outdated_states" doc:"How many states of the concept are yet to be computed with them, in the background"`
}

func (p parameterPages) show(ctx context.Context, in *conceptInput) (httpapi.Reply[shownInForce], error) {
	found, err := p.service.Parameters(ctx, httpapi.ScopeOf(ctx), string(in.ConceptID))
	if err != nil {
		return httpapi.Reply[shownInForce]{}, err
	}
	outdated, err := p.service.Outdated(ctx, string(in.ConceptID))
	if err != nil {
		return httpapi.Reply[shownInForce]{}, err
	}
	return httpapi.OK(shownInForce{inForceOf(found), outdated}), nil
}

type restoreInput struct {
	ConceptID httpapi.ID `path:"concept_id"`
	Body      struct {
		Version int `json:"version" minimum:"0" maximum:"2147483647" doc:"The version of a fit; 0 for the defaults"`
	}
}

type restored struct {
	InForce
	StatesCurrent bool `json:"states_current" doc:"Whether every state of the concept was computed with these parameters; if not, they are computed again in the background: GET /api/bkt/parameters/{concept_id} counts those that are left"`
}

func (p parameterPages) restore(ctx context.Context, in *restoreInput) (httpapi.Reply[restored], error) {
	found, err := p.service.Restore(ctx, string(in.ConceptID), in.Body.Version)
	if err != nil {
		return httpapi.Reply[restored]{}, err
	}
	return httpapi.OK(restored{inForceOf(found.Parameters), found.StatesCurrent}), nil
}
