package demo

// diagnosis returns the concepts of diagnostic tests.
func diagnosis() []formula {
	positive := func(prevalence, sensitivity, specificity float64) float64 {
		found, alarmed := prevalence*sensitivity, (1-prevalence)*(1-specificity)
		return 100 * found / (found + alarmed)
	}
	negative := func(prevalence, sensitivity, specificity float64) float64 {
		cleared, missed := (1-prevalence)*specificity, prevalence*(1-sensitivity)
		return 100 * cleared / (cleared + missed)
	}
	return []formula{
		{
			id: "sensitivity", name: "Sensitivity",
			inputs: []input{
				{"true positives", 61, 105, 4, ""},
				{"false negatives", 9, 31, 2, ""},
				{"false positives", 14, 69, 5, ""},
			},
			stems: []string{
				"Of those with the disease {true positives} test positive and {false negatives} negative; of those without it {false positives} test positive. What is the sensitivity?",
				"A test finds {true positives} of the diseased and misses {false negatives}; it is wrongly positive in {false positives}. Compute its sensitivity.",
			},
			unit:   "%",
			answer: func(v []float64) float64 { return 100 * v[0] / (v[0] + v[1]) },
			mistakes: []mistake{
				{"gave the positive predictive value", func(v []float64) float64 { return 100 * v[0] / (v[0] + v[2]) }},
				{"gave the share that is missed", func(v []float64) float64 { return 100 * v[1] / (v[0] + v[1]) }},
				{"divided by all three numbers", func(v []float64) float64 { return 100 * v[0] / (v[0] + v[1] + v[2]) }},
				{"gave the share of false positives among positives", func(v []float64) float64 { return 100 * v[2] / (v[0] + v[2]) }},
				{"divided missed by found", func(v []float64) float64 { return 100 * v[1] / v[0] }},
			},
			because: "{true positives} ÷ ({true positives} + {false negatives}) = {answer}.",
		},
		{
			id: "specificity", name: "Specificity",
			inputs: []input{
				{"true negatives", 122, 210, 8, ""},
				{"false positives", 12, 56, 4, ""},
				{"false negatives", 8, 41, 3, ""},
			},
			stems: []string{
				"Of those without the disease {true negatives} test negative and {false positives} positive; {false negatives} of the diseased test negative. What is the specificity?",
				"A test is rightly negative in {true negatives}, wrongly positive in {false positives}, and misses {false negatives}. Compute its specificity.",
			},
			unit:   "%",
			answer: func(v []float64) float64 { return 100 * v[0] / (v[0] + v[1]) },
			mistakes: []mistake{
				{"gave the negative predictive value", func(v []float64) float64 { return 100 * v[0] / (v[0] + v[2]) }},
				{"gave the false positive rate", func(v []float64) float64 { return 100 * v[1] / (v[0] + v[1]) }},
				{"divided by all three numbers", func(v []float64) float64 { return 100 * v[0] / (v[0] + v[1] + v[2]) }},
				{"gave the share of missed among negatives", func(v []float64) float64 { return 100 * v[2] / (v[0] + v[2]) }},
				{"divided false by true", func(v []float64) float64 { return 100 * v[1] / v[0] }},
			},
			because: "{true negatives} ÷ ({true negatives} + {false positives}) = {answer}.",
		},
		{
			id: "likelihood-ratio", name: "Likelihood ratio of a positive test", needs: []string{"sensitivity", "specificity"},
			inputs: []input{
				{"sensitivity", 0.66, 0.88, 0.02, ""},
				{"specificity", 0.64, 0.97, 0.03, ""},
			},
			stems: []string{
				"A test has a sensitivity of {sensitivity} and a specificity of {specificity}. What is the likelihood ratio of a positive result?",
				"By what factor does a positive result raise the odds at sensitivity {sensitivity} and specificity {specificity}?",
			},
			unit:   "",
			answer: func(v []float64) float64 { return v[0] / (1 - v[1]) },
			mistakes: []mistake{
				{"gave the ratio of a negative result", func(v []float64) float64 { return (1 - v[0]) / v[1] }},
				{"forgot to subtract the specificity from 1", func(v []float64) float64 { return v[0] / v[1] }},
				{"swapped sensitivity and specificity", func(v []float64) float64 { return v[1] / (1 - v[0]) }},
				{"inverted the ratio", func(v []float64) float64 { return (1 - v[1]) / v[0] }},
				{"divided by the share that is missed", func(v []float64) float64 { return v[0] / (1 - v[0]) }},
				{"divided the rates of error", func(v []float64) float64 { return (1 - v[0]) / (1 - v[1]) }},
			},
			because: "LR+ = {sensitivity} ÷ (1 − {specificity}) = {answer}.",
		},
		{
			id: "positive-predictive-value", name: "Positive predictive value", needs: []string{"sensitivity", "specificity"}, weight: 2,
			inputs: []input{
				{"prevalence", 0.02, 0.24, 0.02, ""},
				{"sensitivity", 0.75, 0.97, 0.02, ""},
				{"specificity", 0.72, 0.94, 0.02, ""},
			},
			stems: []string{
				"The prevalence is {prevalence}, sensitivity {sensitivity}, specificity {specificity}. How likely is the disease after a positive test?",
				"Compute the positive predictive value at a prevalence of {prevalence}, a sensitivity of {sensitivity} and a specificity of {specificity}.",
			},
			unit:   "%",
			answer: func(v []float64) float64 { return positive(v[0], v[1], v[2]) },
			mistakes: []mistake{
				{"gave the sensitivity: neglected the prevalence", func(v []float64) float64 { return 100 * v[1] }},
				{"gave the share of true positives among all tested", func(v []float64) float64 { return 100 * v[0] * v[1] }},
				{"took the prevalence as a half", func(v []float64) float64 { return positive(0.5, v[1], v[2]) }},
				{"used the specificity instead of its complement", func(v []float64) float64 {
					return 100 * v[0] * v[1] / (v[0]*v[1] + (1-v[0])*v[2])
				}},
				{"gave the negative predictive value", func(v []float64) float64 { return negative(v[0], v[1], v[2]) }},
				{"gave its complement", func(v []float64) float64 { return 100 - positive(v[0], v[1], v[2]) }},
			},
			because: "True positives {prevalence} × {sensitivity}; false positives (1 − {prevalence}) × (1 − {specificity}); the first over the sum of both is {answer}.",
		},
		{
			id: "negative-predictive-value", name: "Negative predictive value", needs: []string{"sensitivity", "specificity"},
			inputs: []input{
				{"prevalence", 0.3, 0.63, 0.03, ""},
				{"sensitivity", 0.61, 0.83, 0.02, ""},
				{"specificity", 0.66, 0.88, 0.02, ""},
			},
			stems: []string{
				"The prevalence is {prevalence}, sensitivity {sensitivity}, specificity {specificity}. How likely is health after a negative test?",
				"Compute the negative predictive value at a prevalence of {prevalence}, a sensitivity of {sensitivity} and a specificity of {specificity}.",
			},
			unit:   "%",
			answer: func(v []float64) float64 { return negative(v[0], v[1], v[2]) },
			mistakes: []mistake{
				{"gave the share of true negatives among all tested", func(v []float64) float64 { return 100 * (1 - v[0]) * v[2] }},
				{"gave the share of missed among all tested", func(v []float64) float64 { return 100 * v[0] * (1 - v[1]) }},
				{"gave its complement", func(v []float64) float64 { return 100 - negative(v[0], v[1], v[2]) }},
				{"gave the complement of the prevalence", func(v []float64) float64 { return 100 * (1 - v[0]) }},
				{"gave the specificity: neglected the prevalence", func(v []float64) float64 { return 100 * v[2] }},
				{"used the sensitivity instead of its complement", func(v []float64) float64 {
					return 100 * (1 - v[0]) * v[2] / ((1-v[0])*v[2] + v[0]*v[1])
				}},
			},
			because: "True negatives (1 − {prevalence}) × {specificity}; false negatives {prevalence} × (1 − {sensitivity}); the first over the sum of both is {answer}.",
		},
		{
			id: "post-test-probability", name: "Post-test probability from odds", needs: []string{"likelihood-ratio"},
			inputs: []input{
				{"pre-test probability", 0.08, 0.41, 0.03, ""},
				{"likelihood ratio", 2.5, 13.5, 1, ""},
			},
			stems: []string{
				"Before the test the probability is {pre-test probability}; the result has a likelihood ratio of {likelihood ratio}. What is it after the test?",
				"A finding with a likelihood ratio of {likelihood ratio} turns a probability of {pre-test probability} into what?",
			},
			unit: "%",
			answer: func(v []float64) float64 {
				odds := v[0] / (1 - v[0]) * v[1]
				return 100 * odds / (1 + odds)
			},
			mistakes: []mistake{
				{"multiplied the probability instead of the odds", func(v []float64) float64 { return 100 * v[0] * v[1] }},
				{"gave the post-test odds", func(v []float64) float64 { return v[0] / (1 - v[0]) * v[1] }},
				{"gave the pre-test odds in per cent", func(v []float64) float64 { return 100 * v[0] / (1 - v[0]) }},
				{"divided by the likelihood ratio", func(v []float64) float64 {
					odds := v[0] / (1 - v[0]) / v[1]
					return 100 * odds / (1 + odds)
				}},
				{"took the probability as the odds", func(v []float64) float64 { return 100 * v[0] * v[1] / (1 + v[0]*v[1]) }},
			},
			because: "Odds {pre-test probability} ÷ (1 − {pre-test probability}), times {likelihood ratio}; odds ÷ (1 + odds) = {answer}.",
		},
	}
}
