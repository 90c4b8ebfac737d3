package mastery

import (
	"context"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/mastery"
)

type fitInput struct {
	Body struct {
		ConceptID     httpapi.ID `json:"concept_id"`
		MaxIterations int        `json:"max_iterations,omitempty" minimum:"1" maximum:"1000" default:"100" doc:"The most steps of EM, from each of the eight starts"`
		Threshold     float64    `json:"convergence_threshold,omitempty" minimum:"0.0001" maximum:"0.1" default:"0.001" doc:"How far the parameters may still be from the end of the steps, estimated"`
		Forgetting    bool       `json:"forgetting,omitempty" doc:"Fit p_f as well; else it is 0"`
		Force         bool       `json:"force,omitempty" doc:"Replace the parameters in force even if the fitted ones should not"`
	}
}

// standardErrors are null for a parameter that ended on its bound, and for p_f if it was not fitted.
type standardErrors struct {
	L0 *float64 `json:"p_l0"`
	T  *float64 `json:"p_t"`
	G  *float64 `json:"p_g"`
	S  *float64 `json:"p_s"`
	F  *float64 `json:"p_f"`
}

// fitted is the reply to a fit.
type fitted struct {
	ConceptID     string         `json:"concept_id"`
	Params        Params         `json:"params"`
	Iterations    int            `json:"iterations"`
	LogLikelihood float64        `json:"log_likelihood" doc:"Of all answers, in natural units"`
	Converged     bool           `json:"converged"`
	SampleSize    int            `json:"sample_size" doc:"How many students have an answer to the concept"`
	SE            standardErrors `json:"se" doc:"Standard errors; null for a parameter that ended on its bound, and for p_f unless it was fitted"`
	Identified    bool           `json:"identified" doc:"Whether the answers determine the parameters well enough to rely on them; warnings say why not"`
	Warnings      []bkt.Warning  `json:"warnings" nullable:"false" enum:"at_bound,ill_conditioned,imprecise,answers_say_little,wrong_answer_can_raise_mastery,forgetting_fits_better"`
	Applied       bool           `json:"applied" doc:"Whether they are in force now"`
	Reason        bkt.Verdict    `json:"reason,omitempty" enum:"worse_on_held_out,not_identified" doc:"Why they should not replace the others; with force they replace them all the same"`
	Previous      Versioned      `json:"previous" doc:"Those that were in force before"`
	Version       int            `json:"version" doc:"The number of these, for a restore"`
	StatesCurrent bool           `json:"states_current" doc:"Whether every state of the concept was computed with the parameters in force; if not, they are computed again in the background: GET /api/bkt/parameters/{concept_id} counts those that are left"`
}

func (p parameterPages) fit(ctx context.Context, in *fitInput) (httpapi.Reply[fitted], error) {
	caller, _ := core.CallerFrom(ctx)
	body := &in.Body
	result, err := p.service.Fit(ctx, mastery.FitRequest{
		ConceptID: string(body.ConceptID), MaxIterations: body.MaxIterations, Threshold: body.Threshold,
		Forgetting: body.Forgetting, Force: body.Force, By: caller.Subject,
	})
	if err != nil {
		return httpapi.Reply[fitted]{}, err
	}
	return httpapi.OK(fittedOf(string(body.ConceptID), result)), nil
}

func fittedOf(conceptID string, result mastery.FitResult) fitted {
	previous := result.Previous
	wire := fitted{
		ConceptID: conceptID, Params: paramsOf(conceptID, result.Params, result.Forgetting),
		Iterations: result.Iterations, LogLikelihood: result.LogLikelihood, Converged: result.Converged, SampleSize: result.Students,
		SE:         standardErrors{L0: result.SE.L0, T: result.SE.T, G: result.SE.G, S: result.SE.S, F: result.SE.F},
		Identified: result.Identified(), Warnings: append([]bkt.Warning{}, result.Warnings...),
		Applied: result.Applied, Version: result.Version, StatesCurrent: result.StatesCurrent,
		Previous: Versioned{paramsOf(conceptID, previous.Params, previous.F > 0), previous.Version},
	}
	if result.Verdict != bkt.VerdictBetter {
		wire.Reason = result.Verdict
	}
	return wire
}
