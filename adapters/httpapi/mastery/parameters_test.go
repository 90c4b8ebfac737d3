package mastery_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/internal/testkit/apitest"
)

const (
	fitPath     = "/api/bkt/fit"
	parameters  = "/api/bkt/parameters/anion-gap"
	restorePath = parameters + "/restore"
)

func post(api *apitest.API, token, path, body string) apitest.Reply {
	return api.Do(apitest.Request{Method: http.MethodPost, Path: path, Token: token, Body: body})
}

// answered has some students answer the free item: right but for the first and each fifth answer.
func answered(t *testing.T, api *apitest.API, students, each int) {
	t.Helper()
	for s := range students {
		for i := range each {
			body := strings.Replace(answerOf("free", i, fmt.Sprintf(`"correct":%t,"institution_id":"inst-%d"`, i > s%3 && i%5 > 0, s%2)), student, fmt.Sprintf("s%d", s), 1)
			if got := post(api, "superadmin", updatePath, body); got.Status != http.StatusOK {
				t.Fatal(got.Body)
			}
		}
	}
}

func TestAFitIsAnsweredAppliedAndGoneBackFrom(t *testing.T) {
	api := start(t)
	const defaults = `{"data":{"concept_id":"anion-gap","p_l0":0.1,"p_t":0.2,"p_g":0.25,"p_s":0.1,"version":0,"sample_size":0,"last_fitted_at":null,"source":"default","outdated_states":0},"error":null}`
	if got := api.Do(apitest.Request{Path: parameters, Token: "faculty"}); got.Body != defaults {
		t.Errorf("before any fit: %s", got.Body)
	}
	answered(t, api, 6, 10)
	for i, test := range []struct {
		body, reason string
		applied      bool
		inForce      float64 // afterwards
	}{
		{`{"concept_id":"anion-gap"}`, "not_identified", false, 0},
		{`{"concept_id":"anion-gap","max_iterations":1000,"convergence_threshold":0.0001,"force":true,"forgetting":true}`, "not_identified", true, 2},
	} {
		var got struct {
			ConceptID  string              `json:"concept_id"`
			Params     map[string]any      `json:"params"`
			Previous   map[string]any      `json:"previous"`
			SE         map[string]*float64 `json:"se"`
			SampleSize int                 `json:"sample_size"`
			Applied    bool                `json:"applied"`
			Identified bool                `json:"identified"`
			Converged  bool                `json:"converged"`
			Current    bool                `json:"states_current"`
			Reason     string              `json:"reason"`
			Version    int                 `json:"version"`
			Iterations int                 `json:"iterations"`
			Likelihood float64             `json:"log_likelihood"`
			Warnings   []string            `json:"warnings"`
		}
		post(api, "superadmin", fitPath, test.body).Data(t, &got)
		_, hasF := got.Params["p_f"]
		if got.ConceptID != "anion-gap" || got.SampleSize != 6 || got.Applied != test.applied || got.Reason != test.reason || got.Identified ||
			!got.Converged || !got.Current || got.Version != i+1 || got.Iterations < 1 || got.Likelihood >= 0 || len(got.Warnings) == 0 ||
			got.Previous["p_g"] != .25 || got.Previous["version"] != 0. || hasF != (i == 1) || len(got.SE) != 5 {
			t.Errorf("fit %d: %+v", i+1, got)
		}
		var shown map[string]any
		api.Do(apitest.Request{Path: parameters, Token: "institutional_admin"}).Data(t, &shown)
		if shown["version"] != test.inForce || test.applied && (shown["p_g"] != got.Params["p_g"] || shown["source"] != "fitted" || shown["last_fitted_at"] == nil) {
			t.Errorf("after fit %d %v are in force", i+1, shown)
		}
	}
	const back = `,"source":"default","states_current":true},"error":null}`
	if got := post(api, "superadmin", restorePath, `{"version":0}`); !strings.HasSuffix(got.Body, back) || !strings.Contains(got.Body, `"p_g":0.25`) {
		t.Errorf("a restore of the defaults: %s", got.Body)
	}
	var again map[string]any
	post(api, "superadmin", restorePath, `{"version":1}`).Data(t, &again)
	if again["version"] != 1. || again["sample_size"] != 6. {
		t.Errorf("a restore of a fit that was not applied: %v", again)
	}
}

func TestStatesAreShownUnderTheParametersInForce(t *testing.T) {
	api := start(t)
	answered(t, api, 2, 2) // wrong and right, wrong and wrong
	var got struct {
		Params struct {
			L0 float64 `json:"p_l0"`
			T  float64 `json:"p_t"`
			G  float64 `json:"p_g"`
			S  float64 `json:"p_s"`
		} `json:"params"`
	}
	post(api, "superadmin", fitPath, `{"concept_id":"anion-gap","force":true}`).Data(t, &got)
	p := got.Params
	mastery := p.L0
	for _, right := range []bool{false, true} {
		known, unknown := mastery*p.S, (1-mastery)*(1-p.G)
		if right {
			known, unknown = mastery*(1-p.S), (1-mastery)*p.G
		}
		mastery = known/(known+unknown) + unknown/(known+unknown)*p.T
	}
	var states struct {
		States []struct {
			Mastery float64 `json:"p_mastered"`
		} `json:"states"`
	}
	api.Do(apitest.Request{Path: masteryOf + "s0", Token: "superadmin"}).Data(t, &states)
	if len(states.States) != 1 || math.Abs(states.States[0].Mastery-mastery) > 1e-12 {
		t.Errorf("the state is %+v, want %v by %+v", states, mastery, p)
	}
}

func TestFitsAndRestoresThatCannotBe(t *testing.T) {
	api := start(t)
	if got := post(api, "superadmin", fitPath, `{"concept_id":"anion-gap"}`); got.Status != http.StatusUnprocessableEntity || got.Failure(t).Code != "INSUFFICIENT_DATA" {
		t.Errorf("no answers: %s", got.Body)
	}
	answered(t, api, 1, 4)
	answered(t, api, 2, 1)
	if got := post(api, "superadmin", fitPath, `{"concept_id":"anion-gap","force":true}`); got.Failure(t).Code != "INSUFFICIENT_DATA" {
		t.Errorf("one student with two answers: %s", got.Body)
	}
	answered(t, api, 2, 2)
	for name, body := range map[string]string{
		"no concept":              `{}`,
		"no iterations":           `{"concept_id":"anion-gap","max_iterations":0}`,
		"too many iterations":     `{"concept_id":"anion-gap","max_iterations":1001}`,
		"too small a threshold":   `{"concept_id":"anion-gap","convergence_threshold":0.00009}`,
		"a threshold of 0":        `{"concept_id":"anion-gap","convergence_threshold":0}`,
		"too large a threshold":   `{"concept_id":"anion-gap","convergence_threshold":0.11}`,
		"text for a switch":       `{"concept_id":"anion-gap","force":"true"}`,
		"a field that is unknown": `{"concept_id":"anion-gap","forced":true}`,
	} {
		if got := post(api, "superadmin", fitPath, body); got.Status != http.StatusUnprocessableEntity || got.Failure(t).Code != "VALIDATION_ERROR" {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	for body, want := range map[string]int{`{"version":1}`: 422, `{"version":-1}`: 422, `{}`: 422, `{"version":0}`: 200} {
		if got := post(api, "superadmin", restorePath, body); got.Status != want {
			t.Errorf("restore %s: %d %s", body, got.Status, got.Body)
		}
	}
	for _, path := range []string{"/api/bkt/parameters/none", "/api/bkt/parameters/theirs"} {
		if got := api.Do(apitest.Request{Path: path, Token: "faculty"}); got.Status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
	for path, body := range map[string]string{fitPath: `{"concept_id":"none"}`, "/api/bkt/parameters/none/restore": `{"version":0}`} {
		if got := post(api, "superadmin", path, body); got.Status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
}
