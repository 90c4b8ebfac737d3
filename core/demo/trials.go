package demo

// trials returns the concepts of clinical trials. Risks are shares of the treated or the untreated.
func trials() []formula {
	risks := []input{
		{"control", 0.18, 0.51, 0.03, ""},
		{"treated", 0.04, 0.15, 0.01, ""},
	}
	odds := func(risk float64) float64 { return risk / (1 - risk) }
	return []formula{
		{
			id: "absolute-risk-reduction", name: "Absolute risk reduction",
			inputs: risks,
			stems: []string{
				"The risk is {control} without treatment and {treated} with it. What is the absolute risk reduction?",
				"In a trial {control} of the controls and {treated} of the treated had the event. Compute the absolute risk reduction.",
			},
			unit:   "%",
			answer: func(v []float64) float64 { return 100 * (v[0] - v[1]) },
			mistakes: []mistake{
				{"gave the relative risk", func(v []float64) float64 { return 100 * v[1] / v[0] }},
				{"gave the relative risk reduction", func(v []float64) float64 { return 100 * (v[0] - v[1]) / v[0] }},
				{"added the risks", func(v []float64) float64 { return 100 * (v[0] + v[1]) }},
				{"forgot to turn it into per cent", func(v []float64) float64 { return v[0] - v[1] }},
				{"gave the number needed to treat", func(v []float64) float64 { return 1 / (v[0] - v[1]) }},
			},
			because: "{control} − {treated} = {answer}.",
		},
		{
			id: "relative-risk", name: "Relative risk",
			inputs: risks,
			stems: []string{
				"The risk is {control} without treatment and {treated} with it. What is the relative risk of the treated?",
				"Event rates are {treated} (treated) and {control} (control). Compute the relative risk.",
			},
			unit:   "",
			answer: func(v []float64) float64 { return v[1] / v[0] },
			mistakes: []mistake{
				{"inverted the ratio", func(v []float64) float64 { return v[0] / v[1] }},
				{"gave the relative risk reduction", func(v []float64) float64 { return 1 - v[1]/v[0] }},
				{"gave the absolute risk reduction", func(v []float64) float64 { return v[0] - v[1] }},
				{"divided by the sum of the risks", func(v []float64) float64 { return v[1] / (v[0] + v[1]) }},
				{"gave the odds ratio", func(v []float64) float64 { return odds(v[1]) / odds(v[0]) }},
			},
			because: "RR = {treated} ÷ {control} = {answer}.",
		},
		{
			id: "number-needed-to-treat", name: "Number needed to treat", needs: []string{"absolute-risk-reduction"}, weight: 2,
			inputs: risks,
			stems: []string{
				"The risk falls from {control} to {treated}. How many patients must be treated to prevent one event?",
				"Compute the number needed to treat at event rates of {control} (control) and {treated} (treated).",
				"A drug lowers the risk of stroke from {control} to {treated}. What is its number needed to treat?",
			},
			unit:   "",
			answer: func(v []float64) float64 { return 1 / (v[0] - v[1]) },
			mistakes: []mistake{
				{"inverted the risk of the treated", func(v []float64) float64 { return 1 / v[1] }},
				{"inverted the risk of the controls", func(v []float64) float64 { return 1 / v[0] }},
				{"inverted the relative risk reduction", func(v []float64) float64 { return v[0] / (v[0] - v[1]) }},
				{"gave the absolute risk reduction in per cent", func(v []float64) float64 { return 100 * (v[0] - v[1]) }},
				{"added the risks", func(v []float64) float64 { return 1 / (v[0] + v[1]) }},
			},
			because: "NNT = 1 ÷ ({control} − {treated}) = {answer} (in practice rounded up).",
		},
		{
			id: "odds-ratio", name: "Odds ratio", needs: []string{"relative-risk"},
			inputs: []input{
				{"exposed cases", 42, 97, 5, ""},
				{"exposed controls", 22, 55, 3, ""},
				{"unexposed cases", 31, 64, 3, ""},
				{"unexposed controls", 68, 112, 4, ""},
			},
			stems: []string{
				"Of the cases {exposed cases} were exposed and {unexposed cases} were not; of the controls {exposed controls} were and {unexposed controls} were not. What is the odds ratio?",
				"Compute the odds ratio of a case-control study: exposed {exposed cases} cases and {exposed controls} controls, unexposed {unexposed cases} cases and {unexposed controls} controls.",
			},
			unit:   "",
			answer: func(v []float64) float64 { return v[0] * v[3] / (v[1] * v[2]) },
			mistakes: []mistake{
				{"inverted the ratio", func(v []float64) float64 { return v[1] * v[2] / (v[0] * v[3]) }},
				{"gave the relative risk", func(v []float64) float64 { return v[0] / (v[0] + v[1]) / (v[2] / (v[2] + v[3])) }},
				{"divided exposed cases by exposed controls", func(v []float64) float64 { return v[0] / v[1] }},
				{"divided exposed by unexposed cases", func(v []float64) float64 { return v[0] / v[2] }},
				{"multiplied along the rows", func(v []float64) float64 { return v[0] * v[1] / (v[2] * v[3]) }},
			},
			because: "OR = ({exposed cases} × {unexposed controls}) ÷ ({exposed controls} × {unexposed cases}) = {answer}.",
		},
	}
}
