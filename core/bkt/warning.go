package bkt

import "slices"

// Warning is something that users of fitted parameters should know.
type Warning string

// The warnings, a closed list. Their values are the API's. The first four each mean that the answers do not identify
// the parameters.
const (
	// WarningAtBound is for a parameter that ended on the bound of what is allowed.
	WarningAtBound Warning = "at_bound"
	// WarningIllConditioned is for parameters that can make up for one another: the condition number of the information,
	// scaled to a unit diagonal, is above 20, or the information is not positive definite.
	WarningIllConditioned Warning = "ill_conditioned"
	// WarningImprecise is for a standard error above .10.
	WarningImprecise Warning = "imprecise"
	// WarningAnswersSayLittle is for a right answer that is nearly as likely without mastery: 1-G-S below .2.
	WarningAnswersSayLittle Warning = "answers_say_little"
	// WarningWrongAnswerCanRaiseMastery is for a first wrong answer that raises mastery, because learning from it
	// outweighs it. It is true of the platform's defaults too, and no error.
	WarningWrongAnswerCanRaiseMastery Warning = "wrong_answer_can_raise_mastery"
	// WarningForgettingFitsBetter is for held-out answers that are more probable, by more than 2 log units, if students
	// may forget.
	WarningForgettingFitsBetter Warning = "forgetting_fits_better"
)

// Identified reports whether the answers determine the parameters well enough to rely on them. If not, Warnings has the
// reason.
func (f Fitted) Identified() bool {
	return !slices.ContainsFunc(f.Warnings, func(warning Warning) bool {
		switch warning {
		case WarningAtBound, WarningIllConditioned, WarningImprecise, WarningAnswersSayLittle:
			return true
		default:
			return false
		}
	})
}

func (f Fitted) warnings(atBound bool) []Warning {
	p := f.Params
	telling := 1 - p.G - p.S
	var found []Warning
	for _, candidate := range []struct {
		warning Warning
		holds   bool
	}{
		{WarningAtBound, atBound},
		{WarningIllConditioned, f.Condition > 20},
		{WarningImprecise, f.SE.anyAbove(.10)},
		{WarningAnswersSayLittle, telling < .2},
		{WarningWrongAnswerCanRaiseMastery, telling <= 0 || p.L0 < (1-p.G)*p.T/telling},
		{WarningForgettingFitsBetter, f.HeldOut.ForgettingGain > 2},
	} {
		if candidate.holds {
			found = append(found, candidate.warning)
		}
	}
	return found
}

func (s StandardErrors) anyAbove(limit float64) bool {
	return slices.ContainsFunc([]*float64{s.L0, s.T, s.G, s.S, s.F}, func(of *float64) bool { return of != nil && *of > limit })
}
