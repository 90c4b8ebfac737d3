package practice

import (
	"cmp"
	"slices"

	"github.com/journey-os/journey-api/core/irt"
	"github.com/journey-os/journey-api/core/mastery"
)

// AbilityWindow is how many of a student's newest first attempts the ability is estimated from.
const AbilityWindow = 200

// before returns the student's ability after the attempts in the store: the saved one, if it is still valid.
func (s *Service) before(on *bankSnapshot, studentID string, past StudentHistory) (Estimate, error) {
	if s.holds(on, past.Estimate) {
		return *past.Estimate, nil
	}
	responses, err := past.Responses(AbilityWindow)
	if err != nil {
		return Estimate{}, err
	}
	return s.estimate(on, studentID, responses), nil
}

// holds reports whether an estimate is valid: made with the parameters in force and by the present rules.
func (s *Service) holds(on *bankSnapshot, kept *Estimate) bool {
	return kept != nil && kept.RunID == on.scale.RunID && kept.Drift == s.config.Drift
}

// after returns the ability after an attempt that the store does not have yet.
func (s *Service) after(on *bankSnapshot, attempt mastery.Attempt, past StudentHistory) (Estimate, error) {
	isFirst := past.First.IsZero() || attempt.At.Before(past.First)
	if !isFirst {
		return s.before(on, attempt.StudentID, past)
	}
	next := Response{ItemID: attempt.ItemID, At: attempt.At, Correct: attempt.Correct}
	if kept := past.Estimate; s.holds(on, kept) && kept.Responses < AbilityWindow && past.First.IsZero() && next.compare(kept.Last) > 0 {
		estimate := *kept
		s.observe(on, &estimate, next)
		return s.finished(estimate), nil
	}
	responses, err := past.Responses(AbilityWindow + 1)
	if err != nil {
		return Estimate{}, err
	}
	responses = slices.DeleteFunc(responses, func(r Response) bool { return r.ItemID == next.ItemID })
	at, _ := slices.BinarySearchFunc(responses, next, Response.compare)
	responses = slices.Insert(responses, at, next)
	return s.estimate(on, attempt.StudentID, responses[max(0, len(responses)-AbilityWindow):]), nil
}

// estimate computes the ability from the start.
func (s *Service) estimate(on *bankSnapshot, studentID string, responses []Response) Estimate {
	estimate := Estimate{StudentID: studentID, Posterior: irt.NewPosterior(), Drift: s.config.Drift}
	estimate.RunID = on.scale.RunID
	for _, response := range responses {
		s.observe(on, &estimate, response)
	}
	return s.finished(estimate)
}

func (s *Service) observe(on *bankSnapshot, estimate *Estimate, response Response) {
	if estimate.Responses > 0 {
		estimate.Posterior.Spread(s.config.Drift)
	}
	params, _ := on.paramsOf(response.ItemID)
	estimate.Posterior.Observe(params, response.Correct)
	estimate.Responses++
	estimate.Last = response
}

func (s *Service) finished(estimate Estimate) Estimate {
	estimate.Ability.Ability = estimate.Posterior.Ability()
	estimate.UpdatedAt = s.now()
	return estimate
}

// compare orders first attempts by time, then by item.
func (r Response) compare(other Response) int {
	return cmp.Or(r.At.Compare(other.At), cmp.Compare(r.ItemID, other.ItemID))
}
