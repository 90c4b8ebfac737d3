package cli

import (
	"encoding/json"
	"io"

	"github.com/journey-os/journey-api/core/bkt"
)

// fitOutput is a fit as JSON, with the names of POST /api/bkt/fit.
type fitOutput struct {
	ConceptID     string         `json:"concept_id"`
	Error         string         `json:"error,omitempty"`
	Params        *paramsOutput  `json:"params,omitempty"`
	SE            *seOutput      `json:"se,omitempty"`
	Identified    *bool          `json:"identified,omitempty"`
	Warnings      []bkt.Warning  `json:"warnings,omitzero"`
	Iterations    int            `json:"iterations,omitempty"`
	Converged     *bool          `json:"converged,omitempty"`
	LogLikelihood *float64       `json:"log_likelihood,omitempty"`
	SampleSize    int            `json:"sample_size,omitempty"`
	Answers       int            `json:"answers,omitempty"`
	HeldOut       *heldOutOutput `json:"held_out,omitempty"`
}

type paramsOutput struct {
	ConceptID string   `json:"concept_id"`
	L0        float64  `json:"p_l0"`
	T         float64  `json:"p_t"`
	G         float64  `json:"p_g"`
	S         float64  `json:"p_s"`
	F         *float64 `json:"p_f,omitempty"`
}

type seOutput struct {
	L0 *float64 `json:"p_l0"`
	T  *float64 `json:"p_t"`
	G  *float64 `json:"p_g"`
	S  *float64 `json:"p_s"`
	F  *float64 `json:"p_f,omitempty"`
}

type heldOutOutput struct {
	Students int         `json:"students"`
	Fitted   float64     `json:"log_likelihood"`
	Defaults float64     `json:"log_likelihood_defaults"`
	Verdict  bkt.Verdict `json:"verdict"`
}

func writeFitsAsJSON(w io.Writer, fits []conceptFit) error {
	output := struct {
		Concepts []fitOutput `json:"concepts"`
	}{make([]fitOutput, len(fits))}
	for i, fit := range fits {
		output.Concepts[i] = outputOf(fit)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(output)
}

func outputOf(fit conceptFit) fitOutput {
	f := fit.fitted
	if f == nil {
		return fitOutput{ConceptID: fit.concept, Error: "INSUFFICIENT_DATA"}
	}
	identified := f.Identified()
	output := fitOutput{
		ConceptID:  fit.concept,
		Params:     &paramsOutput{ConceptID: fit.concept, L0: f.Params.L0, T: f.Params.T, G: f.Params.G, S: f.Params.S},
		SE:         &seOutput{L0: f.SE.L0, T: f.SE.T, G: f.SE.G, S: f.SE.S, F: f.SE.F},
		Identified: &identified, Warnings: append([]bkt.Warning{}, f.Warnings...),
		Iterations: f.Iterations, Converged: &f.Converged, LogLikelihood: &f.LogLikelihood,
		SampleSize: f.Students, Answers: f.Answers,
		HeldOut: &heldOutOutput{Students: f.HeldOut.Students, Fitted: f.HeldOut.Fitted, Defaults: f.HeldOut.Current, Verdict: f.Verdict()},
	}
	if f.Forgetting {
		output.Params.F = &f.Params.F
	}
	return output
}
