package simulation

import (
	"cmp"
	"math"
	"slices"
)

// measure computes the results of a world from its sessions.
func measure(bank Bank, world World, options Options, all map[Strategy][]session) WorldResult {
	result := WorldResult{World: world}
	shown := map[Strategy]exposure{}
	for _, strategy := range Strategies() {
		shown[strategy] = exposureOf(bank, all[strategy])
		result.Outcomes = append(result.Outcomes, outcome(strategy, all[strategy], shown[strategy], options))
	}
	for _, rival := range Strategies()[1:] {
		result.Comparisons = append(result.Comparisons,
			compare(rival, all[ThePick], all[rival], shown[ThePick], shown[rival], options)...)
	}
	return result
}

func outcome(strategy Strategy, sessions []session, shown exposure, options Options) Outcome {
	o := Outcome{Strategy: strategy, Exposure: shown.shares, MostGiven: shown.most, NeverGiven: within(shown.never())}
	for n := range options.Length {
		o.After = append(o.After, AfterAnswers{
			Answers:  n + 1,
			RMSE:     rootMeanSquare(each(sessions, func(s session) float64 { return s.abilityError[n] })),
			Bias:     mean(each(sessions, func(s session) float64 { return s.abilityError[n] })),
			Mastered: mean(each(sessions, func(s session) float64 { return s.mastered[n] })),
			Covered:  mean(each(sessions, func(s session) float64 { return s.covered[n] })),
		})
	}
	o.UntilGoal = mean(each(sessions, session.untilGoal))
	reached := 0
	for _, s := range sessions {
		if s.mastered[len(s.mastered)-1] >= Goal {
			reached++
		}
	}
	o.Reached = share(reached, len(sessions))
	return o
}

func each(sessions []session, of func(session) float64) []float64 {
	values := make([]float64, len(sessions))
	for i, s := range sessions {
		values[i] = of(s)
	}
	return values
}

// untilGoal is the number of answers until Goal, or all of them.
func (s session) untilGoal() float64 {
	at := slices.IndexFunc(s.mastered, func(share float64) bool { return share >= Goal })
	if at < 0 {
		return float64(len(s.mastered))
	}
	return float64(at + 1)
}

// exposure is how many students were given which items.
type exposure struct {
	students int
	shares   []float64 // by item, the most given first
	most     Estimate
	absent   int
	// alone is, by student, how many items nobody else was given: without the student, they would be never given.
	alone []float64
}

func exposureOf(bank Bank, sessions []session) exposure {
	students := map[string][]int{}
	for student, s := range sessions {
		for _, item := range s.given {
			if got := students[item]; len(got) == 0 || got[len(got)-1] != student {
				students[item] = append(got, student)
			}
		}
	}
	e := exposure{students: len(sessions), alone: make([]float64, len(sessions))}
	most := 0
	for _, item := range bank.Items {
		got := students[item.ID]
		e.shares = append(e.shares, float64(len(got))/float64(len(sessions)))
		most = max(most, len(got))
		switch len(got) {
		case 0:
			e.absent++
		case 1:
			e.alone[got[0]]++
		}
	}
	slices.SortFunc(e.shares, func(a, b float64) int { return cmp.Compare(b, a) })
	e.most = share(most, len(sessions))
	return e
}

// never is the number of items never given, with its standard error by the jackknife.
func (e exposure) never() (count, standardError float64) {
	return float64(e.absent), jackknife(e.alone)
}

func jackknife(whenLeftOut []float64) float64 {
	_, variance := moments(whenLeftOut)
	n := float64(len(whenLeftOut))
	return math.Sqrt((n - 1) * (n - 1) / n * variance)
}

// compare compares the pick with a rival at the end of the sessions, student by student.
func compare(rival Strategy, pick, other []session, shown, otherShown exposure, options Options) []Comparison {
	last := options.Length - 1
	paired := func(of func(session) float64) Estimate {
		differences := make([]float64, len(pick))
		for i := range pick {
			differences[i] = of(pick[i]) - of(other[i])
		}
		return mean(differences)
	}
	alone := make([]float64, len(pick))
	for i := range alone {
		alone[i] = shown.alone[i] - otherShown.alone[i]
	}
	n := float64(len(pick))
	variance := func(p float64) float64 { return p * (1 - p) / n }
	return []Comparison{
		{rival, MeasureUntilGoal, paired(session.untilGoal), true},
		{rival, MeasureMastered, paired(func(s session) float64 { return s.mastered[last] }), false},
		{rival, MeasureRMSE, rootDifference(pick, other, last), true},
		{rival, MeasureCovered, paired(func(s session) float64 { return s.covered[last] }), false},
		{rival, MeasureMostGiven, within(shown.most.Value-otherShown.most.Value,
			math.Sqrt(variance(shown.most.Value)+variance(otherShown.most.Value))), true},
		{rival, MeasureNeverGiven, within(float64(shown.absent-otherShown.absent), jackknife(alone)), true},
	}
}

// rootDifference is the difference of two root mean squares, from the paired difference of the squares:
// a-b = (a²-b²)/(a+b).
func rootDifference(pick, other []session, last int) Estimate {
	differences := make([]float64, len(pick))
	var a, b float64
	for i := range pick {
		p, o := pick[i].abilityError[last], other[i].abilityError[last]
		differences[i] = p*p - o*o
		a, b = a+p*p, b+o*o
	}
	sum := math.Sqrt(a/float64(len(pick))) + math.Sqrt(b/float64(len(pick)))
	if sum == 0 {
		return Estimate{}
	}
	d := mean(differences)
	return Estimate{Value: d.Value / sum, Low: d.Low / sum, High: d.High / sum}
}
