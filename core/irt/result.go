package irt

// Optional is a number that may not exist: a standard error at a bound, say. It is never NaN.
type Optional struct {
	// Value is 0 if the number is not Known.
	Value float64
	Known bool
}

// Some returns a number that exists.
func Some(value float64) Optional { return Optional{Value: value, Known: true} }

// Result is what a calibration found.
type Result struct {
	// Items are the calibrated items, sorted by id.
	Items []Item
	// Skipped are the items left out, sorted by id.
	Skipped []Skipped
	// People are those with an answer to a calibrated item, sorted by id.
	People []Person
	// Nodes are the abilities at which the distribution of ability is kept, in rising order with equal steps.
	Nodes []Node

	// Converged reports whether the last changes were below the threshold.
	Converged bool
	// Iterations counts the iterations, those of a distribution that was not kept included.
	Iterations int
	// LogLikelihood is the marginal log-likelihood at the parameters of Items, without the prior.
	LogLikelihood float64
	// Density is DensityNormal or DensityEstimated.
	Density Density
	// DensityTrial is the reason for Density.
	DensityTrial DensityTrial
	// History has one entry for each iteration.
	History []Progress
}

// Item is one calibrated item.
type Item struct {
	ID string
	Params
	// SE are the standard errors of the parameters.
	SE StandardErrors
	// Responses is the number of answers, Correct the number of right ones.
	Responses, Correct int
	Fit                Fit
	// Flags are the item's suspect properties, in the order of the constants; empty if there are none.
	Flags []Flag
	// Counts are the answers that the item is expected to have had at each of Result.Nodes, and the right ones among
	// them: Correct/Responses is the observed proportion at that ability. Both may be 0 far from all people.
	Counts []Count
}

// StandardErrors are the standard errors of an item's parameters. One is unknown if its parameter is fixed or on a
// bound, or if the data do not determine it.
type StandardErrors struct{ A, B, C Optional }

// Fit is how well the model fits the answers to one item.
type Fit struct {
	// Infit and Outfit are mean squares, 1 if the item behaves as the model expects. Both are averages over the
	// posterior of ability.
	Infit, Outfit float64
	// RMSD is the root mean squared difference of the observed and the expected curve, in units of probability.
	RMSD float64
	// ItemRest is the correlation of the item with the mean of the person's other answers. It is unknown if the answers
	// to the item, or those means, are all equal.
	ItemRest Optional
	// SX2 is the test of Orlando & Thissen (2000).
	SX2 SX2
}

// SX2 is the S-X² item fit test. It needs complete data of at most 200 items.
type SX2 struct {
	Known     bool
	Statistic float64
	// DF is the number of score groups minus the item's free parameters; it may be 0 or less.
	DF int
	// P is the probability of a larger statistic, and RMSEA the misfit for each degree of freedom. Both are unknown if
	// DF is not positive.
	P, RMSEA Optional
}

// Flag names what is suspect about an item.
type Flag string

// The flags: a closed list.
const (
	// FlagMeanSquare means that infit or outfit is outside [.7, 1.3].
	FlagMeanSquare Flag = "mnsq"
	// FlagNegativeDiscrimination means that the item-rest correlation is below .05.
	FlagNegativeDiscrimination Flag = "negative_discrimination"
	// FlagAAtLowerBound means that the discrimination is at its lower bound, .2.
	FlagAAtLowerBound Flag = "a_at_lower_bound"
	// FlagRMSD means that with 500 answers or more the observed curve is further from the expected one than .05 and chance allow.
	FlagRMSD Flag = "rmsd"
	// FlagSX2 means that S-X² has p below .01 and an RMSEA above .05.
	FlagSX2 Flag = "s_x2"
)

// Count is an expected number of answers at one ability.
type Count struct{ Responses, Correct float64 }

// Person is the ability of one person: the mean and the standard deviation of its posterior under the run's parameters
// and distribution of ability.
type Person struct {
	ID        string
	Theta, SD float64
	// Responses is the number of answers to calibrated items.
	Responses int
}

// Node is one ability and its probability. The weights of all nodes sum to 1.
type Node struct{ Theta, Weight float64 }

// Skipped is an item left out.
type Skipped struct {
	ID        string
	Reason    SkipReason
	Responses int
}

// SkipReason is why an item was left out.
type SkipReason string

const (
	// SkipNoVariance means that all answers are right, or all are wrong. It is checked first.
	SkipNoVariance SkipReason = "no_variance"
	// SkipInsufficientResponses means that there are fewer answers than Options.MinResponses.
	SkipInsufficientResponses SkipReason = "insufficient_responses"
)

// DensityTrial is the outcome of estimating the distribution of ability. The zero value means that it was not tried.
type DensityTrial struct {
	// Iterations is how many were spent on it.
	Iterations int
	// Gain is how much the log-likelihood rose over that of the normal distribution.
	Gain float64
	// Distance is the largest difference of the two distribution functions.
	Distance float64
	// CutOff reports whether Options.MaxIterations ended it. What it had reached then decided, so that more iterations
	// can lead to the other distribution.
	CutOff bool
}
