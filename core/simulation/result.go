package simulation

import (
	"math"
	"strings"
)

// Goal is the share of the concepts that a student aims to master. Outcome.UntilGoal counts the answers until then.
const Goal = .5

// Result is what a simulation found.
type Result struct {
	Options         Options
	Concepts, Items int
	Worlds          []WorldResult
}

// WorldResult is what was found in one world.
type WorldResult struct {
	World World
	// Outcomes are in the order of Strategies.
	Outcomes []Outcome
	// Comparisons compare the pick with each rival, measure by measure.
	Comparisons []Comparison
}

// Estimate is a value with its interval of 95 %, over students.
type Estimate struct{ Value, Low, High float64 }

// Outcome is the result of one strategy.
type Outcome struct {
	Strategy Strategy
	// After has an element for each number of answers, from 1.
	After []AfterAnswers
	// UntilGoal is the mean number of answers until Goal is reached, sessions that do not reach it counted with their
	// length; Reached is the share of those that do.
	UntilGoal, Reached Estimate
	// Exposure is the share of students that were given an item, for each item, the most given first.
	Exposure []float64
	// MostGiven is the exposure of the most given item, NeverGiven the number of items that nobody was given.
	MostGiven, NeverGiven Estimate
}

// AfterAnswers is the state after a number of answers.
type AfterAnswers struct {
	Answers int
	// RMSE and Bias are those of the estimated ability, in standard deviations of ability.
	RMSE, Bias Estimate
	// Mastered and Covered are shares of the concepts: truly mastered, and practised so far.
	Mastered, Covered Estimate
}

// Measure is a measure that strategies are compared by.
type Measure string

// The measures. All of them are taken at the end of the sessions.
const (
	MeasureRMSE       Measure = "error of ability (RMSE)"
	MeasureMastered   Measure = "concepts mastered"
	MeasureUntilGoal  Measure = "answers until mastery"
	MeasureCovered    Measure = "concepts practised"
	MeasureMostGiven  Measure = "exposure of the most given item"
	MeasureNeverGiven Measure = "items never given"
)

// Comparison compares the pick with a rival.
type Comparison struct {
	Rival   Strategy
	Measure Measure
	// Difference is the pick's value minus the rival's. The students are the same, so it is more precise than the
	// values.
	Difference Estimate
	// LowerIsBetter reports whether lower values are better.
	LowerIsBetter bool
}

// PickIsBetter reports whether the pick is better over the whole interval of the difference.
func (c Comparison) PickIsBetter() bool {
	return c.LowerIsBetter && c.Difference.High < 0 || !c.LowerIsBetter && c.Difference.Low > 0
}

// PickIsWorse reports whether the pick is worse over the whole interval. If neither holds, there are too few students
// to tell.
func (c Comparison) PickIsWorse() bool {
	return c.LowerIsBetter && c.Difference.Low > 0 || !c.LowerIsBetter && c.Difference.High < 0
}

// z is the 97.5 % point of the standard normal distribution.
const z = 1.959963984540054

func within(value, standardError float64) Estimate {
	return Estimate{Value: value, Low: value - z*standardError, High: value + z*standardError}
}

// mean returns the mean of one value for each student, with the interval from their variance.
func mean(values []float64) Estimate {
	average, variance := moments(values)
	return within(average, math.Sqrt(variance/float64(len(values))))
}

func moments(values []float64) (average, variance float64) {
	n := float64(len(values))
	for _, value := range values {
		average += value
	}
	average /= n
	for _, value := range values {
		variance += (value - average) * (value - average) / (n - 1)
	}
	return average, variance
}

// rootMeanSquare returns the root of the mean square, with its interval by the delta method.
func rootMeanSquare(values []float64) Estimate {
	squares := make([]float64, len(values))
	for i, value := range values {
		squares[i] = value * value
	}
	average, variance := moments(squares)
	root := math.Sqrt(average)
	if root == 0 {
		return Estimate{}
	}
	return within(root, math.Sqrt(variance/float64(len(values)))/(2*root))
}

// share returns a proportion with Wilson's interval.
func share(count, of int) Estimate {
	p, n := float64(count)/float64(of), float64(of)
	middle, half := (p+z*z/(2*n))/(1+z*z/n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))/(1+z*z/n)
	return Estimate{Value: p, Low: max(0, middle-half), High: min(1, middle+half)}
}

// Sentences say where the pick is better than each rival, where it is worse, and where the students are too few to tell.
func (w WorldResult) Sentences() []string {
	var sentences []string
	for _, rival := range Strategies()[1:] {
		var better, worse, unclear []string
		for _, c := range w.Comparisons {
			switch {
			case c.Rival != rival:
			case c.PickIsBetter():
				better = append(better, string(c.Measure))
			case c.PickIsWorse():
				worse = append(worse, string(c.Measure))
			default:
				unclear = append(unclear, string(c.Measure))
			}
		}
		sentence := "Against " + string(rival) + " the pick is better in " + list(better) + "; worse in " + list(worse)
		if unclear != nil {
			sentence += "; no difference shows in " + list(unclear)
		}
		sentences = append(sentences, sentence+".")
	}
	return sentences
}

func list(words []string) string {
	if words == nil {
		return "nothing"
	}
	return strings.Join(words, ", ")
}
