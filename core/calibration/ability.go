package calibration

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/irt"
)

// AbilityResponses is how many of a student's newest first answers an ability is estimated from.
const AbilityResponses = 200

// Ability is a student's ability on the scale in force, estimated from answers.
type Ability struct {
	irt.Ability
	// Responses is how many answers it was estimated from.
	Responses int
	// RunID is the newest run in force, empty before the first.
	RunID string
	// UpdatedAt is when the last of these answers was recorded, or the scale came into force, whichever is later; zero
	// if there is neither.
	UpdatedAt time.Time
}

// Ability estimates a student's ability. Errors: CodeForbidden with ReasonNotOwnRecord before anything is read,
// CodeNotFound for a student without a record or of another institution, and those of the stores.
func (s *Service) Ability(ctx context.Context, access *core.RecordAccess, studentID string) (Ability, error) {
	record, err := access.Find(ctx, studentID, s.stores.Records.Student)
	if err != nil {
		return Ability{}, err
	}
	scale, err := s.stores.InForce.Scale(ctx)
	if err != nil {
		return Ability{}, err
	}
	responses, err := s.stores.Responses.FirstResponses(ctx, record, AbilityResponses)
	if err != nil {
		return Ability{}, err
	}
	ability := Ability{
		Ability: scale.Ability(responses, s.config.Drift), Responses: len(responses), RunID: scale.RunID, UpdatedAt: scale.Since,
	}
	for _, response := range responses {
		if response.RecordedAt.After(ability.UpdatedAt) {
			ability.UpdatedAt = response.RecordedAt
		}
	}
	return ability, nil
}

// Ability estimates an ability on the scale from first answers in their order. An item without parameters counts with
// adaptive.Uncalibrated.
func (s *Scale) Ability(responses []FirstResponse, drift float64) irt.Ability {
	answers := make([]irt.Response, len(responses))
	for k, response := range responses {
		params, _ := s.Params(response.ItemID)
		answers[k] = irt.Response{Params: params, Correct: response.Correct}
	}
	return irt.EstimateAbility(answers, drift)
}

// Params returns the parameters of an item, and whether it is calibrated; if not, they are adaptive.Uncalibrated.
func (s *Scale) Params(itemID string) (params irt.Params, calibrated bool) {
	if item, ok := s.Items[itemID]; ok {
		return item.Params, true
	}
	return adaptive.Uncalibrated(), false
}
