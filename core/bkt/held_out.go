package bkt

import "context"

// leastToHoldOut is the least number of students of which a fifth is held out.
const leastToHoldOut = 50

// HeldOut is how a fit does on the fifth of the students that IsHeldOut selects. The parameters are fitted once more
// without that fifth, and tested on its answers. The parameters that Fit returns come from all students.
type HeldOut struct {
	// Students is how many were held out; 0 with fewer than 50 students in all, and then the rest is 0 too.
	Students int
	// Fitted and Current are the log-likelihoods of their answers under the parameters fitted without them and under
	// those in force. Current is -Inf if an answer is impossible under those in force.
	Fitted, Current float64
	// ForgettingGain is what fitting F as well adds to Fitted; 0 if the fit itself has forgetting.
	ForgettingGain float64
}

// holdOut tests a fit on held-out students. Its own fits start at the fit of all students.
func holdOut(ctx context.Context, students []Student, all vector, options Options) (HeldOut, error) {
	var seen, unseen []Student
	for _, student := range students {
		switch {
		case len(student.Answers) == 0:
		case IsHeldOut(student.ID):
			unseen = append(unseen, student)
		default:
			seen = append(seen, student)
		}
	}
	if len(seen)+len(unseen) < leastToHoldOut || len(unseen) == 0 || len(seen) == 0 {
		return HeldOut{}, nil
	}
	judge, answers := newTree(unseen), newTree(seen)
	messages := make([]message, len(judge.parent))
	found, err := newModel(answers, options.Forgetting).maximise(ctx, all, options)
	if err != nil {
		return HeldOut{}, err
	}
	result := HeldOut{
		Students: len(unseen),
		Fitted:   judge.logLikelihood(found.at.params(), messages),
		Current:  judge.logLikelihood(options.Current, messages),
	}
	if options.Forgetting {
		return result, nil
	}
	found.at[forgetting] = startForgetting
	withF, err := newModel(answers, true).maximise(ctx, found.at, options)
	if err != nil {
		return HeldOut{}, err
	}
	result.ForgettingGain = judge.logLikelihood(withF.at.params(), messages) - result.Fitted
	return result, nil
}

// Verdict is the decision whether fitted parameters should replace those in force.
type Verdict string

// The verdicts. Their values are the API's.
const (
	// VerdictBetter is for parameters that are not worse on the held-out students. With fewer than 50 students it is
	// for parameters that the answers identify.
	VerdictBetter Verdict = "better"
	// VerdictWorseOnHeldOut is for parameters under which the held-out students' answers are less probable.
	VerdictWorseOnHeldOut Verdict = "worse_on_held_out"
	// VerdictNotIdentified is for parameters that fewer than 50 students do not identify.
	VerdictNotIdentified Verdict = "not_identified"
)

// Verdict compares the fit with the parameters in force, Options.Current.
func (f Fitted) Verdict() Verdict {
	switch {
	case f.HeldOut.Students == 0 && !f.Identified():
		return VerdictNotIdentified
	case f.HeldOut.Fitted < f.HeldOut.Current:
		return VerdictWorseOnHeldOut
	default:
		return VerdictBetter
	}
}
