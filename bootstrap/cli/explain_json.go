package cli

import (
	"errors"

	"github.com/journey-os/journey-api/core/adaptive"
)

// explainedPick is a pick with its reasons, with the names of GET /api/adaptive/next-item.
type explainedPick struct {
	ID                 string              `json:"id"`
	ItemID             string              `json:"item_id"`
	ConceptID          string              `json:"concept_id"`
	ExpectedDifficulty float64             `json:"expected_difficulty"`
	Strategy           adaptive.Strategy   `json:"strategy"`
	ConceptMastery     float64             `json:"concept_mastery"`
	FisherInformation  float64             `json:"fisher_information"`
	Prerequisite       *string             `json:"prerequisite_unmastered"`
	ConceptsConsidered int                 `json:"concepts_considered"`
	ItemsEvaluated     int                 `json:"items_evaluated"`
	Candidates         []string            `json:"candidates"`
	Sentence           string              `json:"sentence"`
	Considered         []consideredConcept `json:"considered"`
	Items              []evaluatedItem     `json:"items"`
}

type consideredConcept struct {
	ConceptID        string                   `json:"concept_id"`
	Mastery          float64                  `json:"mastery"`
	Priority         float64                  `json:"priority"`
	ItemsLeft        int                      `json:"items_left"`
	Prerequisites    []consideredPrerequisite `json:"prerequisites"`
	Candidate        *string                  `json:"candidate"`
	AlreadyCandidate bool                     `json:"already_candidate"`
	PractisedJustNow bool                     `json:"practised_just_now"`
}

type consideredPrerequisite struct {
	ConceptID string  `json:"concept_id"`
	Depth     int     `json:"depth"`
	Mastery   float64 `json:"mastery"`
	ItemsLeft int     `json:"items_left"`
}

type evaluatedItem struct {
	ItemID            string  `json:"item_id"`
	A                 float64 `json:"a"`
	B                 float64 `json:"b"`
	C                 float64 `json:"c"`
	Calibrated        bool    `json:"calibrated"`
	FisherInformation float64 `json:"fisher_information"`
	GivenLately       bool    `json:"given_lately"`
}

// refusedPick is a case without a pick.
type refusedPick struct {
	ID              string              `json:"id"`
	Error           string              `json:"error"`
	UnknownConcepts []string            `json:"unknown_concepts,omitempty"`
	Considered      []consideredConcept `json:"considered,omitempty"`
}

func explained(id string, pick adaptive.Pick, explanation adaptive.Explanation) explainedPick {
	line := explainedPick{
		ID: id, ItemID: pick.Item.ID, ConceptID: pick.Item.Concept, ExpectedDifficulty: pick.Item.Params.B,
		Strategy: pick.Strategy, ConceptMastery: pick.Mastery, FisherInformation: pick.Information,
		Prerequisite: orNull(pick.Prerequisite), ConceptsConsidered: pick.Considered, ItemsEvaluated: pick.Evaluated,
		Candidates: append([]string{}, pick.Candidates...), Sentence: pick.Sentence,
		Considered: consideredConcepts(explanation), Items: make([]evaluatedItem, len(explanation.Items)),
	}
	for i, item := range explanation.Items {
		line.Items[i] = evaluatedItem{
			ItemID: item.ID, A: item.Params.A, B: item.Params.B, C: item.Params.C, Calibrated: item.Calibrated,
			FisherInformation: item.Information, GivenLately: item.GivenLately,
		}
	}
	return line
}

func consideredConcepts(explanation adaptive.Explanation) []consideredConcept {
	concepts := make([]consideredConcept, len(explanation.Concepts))
	for i, reason := range explanation.Concepts {
		concepts[i] = consideredConcept{
			ConceptID: reason.ID, Mastery: reason.Mastery, Priority: reason.Priority, ItemsLeft: reason.ItemsLeft,
			Prerequisites: make([]consideredPrerequisite, len(reason.Prerequisites)), Candidate: orNull(reason.Candidate),
			AlreadyCandidate: reason.AlreadyCandidate, PractisedJustNow: reason.PractisedJustNow,
		}
		for k, p := range reason.Prerequisites {
			concepts[i].Prerequisites[k] = consideredPrerequisite{ConceptID: p.ID, Depth: p.Depth, Mastery: p.Mastery, ItemsLeft: p.ItemsLeft}
		}
	}
	return concepts
}

// refused names the error of a case.
func refused(id string, err error, explanation adaptive.Explanation) refusedPick {
	line := refusedPick{ID: id, Considered: consideredConcepts(explanation)}
	unknown, isUnknown := errors.AsType[*adaptive.UnknownConceptsError](err)
	switch {
	case isUnknown:
		line.Error, line.UnknownConcepts = "UNKNOWN_CONCEPT", unknown.IDs
	case errors.Is(err, adaptive.ErrEmptyScope):
		line.Error = "EMPTY_SCOPE"
	default: // Explain has no other error by information alone
		line.Error = "POOL_EXHAUSTED"
	}
	return line
}

func orNull(id string) *string {
	if id == "" {
		return nil
	}
	return &id
}
