package demo

import "math"

// kinetics returns the concepts of one-compartment pharmacokinetics.
func kinetics() []formula {
	return []formula{
		{
			id: "volume-of-distribution", name: "Volume of distribution", needs: []string{"unit-conversion"},
			inputs: []input{
				{"dose", 100, 650, 50, "mg"},
				{"concentration", 2.5, 25, 0.5, "mg/L"},
			},
			stems: []string{
				"{dose} of a drug are given intravenously; extrapolated to time zero the plasma concentration is {concentration}. What is the volume of distribution?",
				"After a bolus of {dose} the concentration at time zero is {concentration}. Compute the apparent volume of distribution.",
			},
			unit:   "L",
			answer: func(v []float64) float64 { return v[0] / v[1] },
			mistakes: []mistake{
				{"multiplied instead of dividing", func(v []float64) float64 { return v[0] * v[1] }},
				{"inverted the ratio", func(v []float64) float64 { return v[1] / v[0] }},
				{"took mg/L as µg/L", func(v []float64) float64 { return v[0] * 1000 / v[1] }},
				{"multiplied by ln 2 as for a half-life", func(v []float64) float64 { return math.Ln2 * v[0] / v[1] }},
			},
			because: "Vd = dose ÷ C₀ = {dose} ÷ {concentration} = {answer}.",
		},
		{
			id: "elimination-rate", name: "Elimination rate constant", needs: []string{"volume-of-distribution"},
			inputs: []input{
				{"clearance", 1.5, 12.5, 1, "L/h"},
				{"volume", 14, 69, 5, "L"},
			},
			stems: []string{
				"A drug has a clearance of {clearance} and a volume of distribution of {volume}. What is its elimination rate constant?",
				"Clearance is {clearance}, the volume of distribution {volume}. Which share of the drug leaves in an hour (k)?",
			},
			unit:   "per hour",
			answer: func(v []float64) float64 { return v[0] / v[1] },
			mistakes: []mistake{
				{"inverted the ratio", func(v []float64) float64 { return v[1] / v[0] }},
				{"computed the half-life", func(v []float64) float64 { return math.Ln2 * v[1] / v[0] }},
				{"multiplied by ln 2", func(v []float64) float64 { return math.Ln2 * v[0] / v[1] }},
				{"gave it per minute", func(v []float64) float64 { return v[0] / v[1] / 60 }},
			},
			because: "k = CL ÷ Vd = {clearance} ÷ {volume} = {answer}.",
		},
		{
			id: "half-life", name: "Half-life", needs: []string{"elimination-rate"}, weight: 1.5,
			inputs: []input{
				{"volume", 18, 62, 4, "L"},
				{"clearance", 1.2, 7.8, 0.6, "L/h"},
			},
			stems: []string{
				"A drug has a volume of distribution of {volume} and a clearance of {clearance}. What is its half-life?",
				"With Vd {volume} and CL {clearance}, after how long is half of the drug gone?",
				"A drug that follows first-order kinetics is cleared at {clearance} from a volume of {volume}. How long is its half-life?",
			},
			unit:   "h",
			answer: func(v []float64) float64 { return math.Ln2 * v[0] / v[1] },
			mistakes: []mistake{
				{"forgot ln 2", func(v []float64) float64 { return v[0] / v[1] }},
				{"inverted the ratio", func(v []float64) float64 { return math.Ln2 * v[1] / v[0] }},
				{"divided by ln 2", func(v []float64) float64 { return v[0] / v[1] / math.Ln2 }},
				{"halved instead of multiplying by ln 2", func(v []float64) float64 { return v[0] / v[1] / 2 }},
				{"gave the elimination rate constant", func(v []float64) float64 { return v[1] / v[0] }},
			},
			because: "t½ = ln 2 × Vd ÷ CL = 0.693 × {volume} ÷ {clearance} = {answer}.",
		},
		{
			id: "remaining-drug", name: "What is left after some half-lives", needs: []string{"half-life"},
			inputs: []input{
				{"start", 20, 130, 10, "mg/L"},
				{"half-life", 2, 7.5, 0.5, "h"},
				{"time", 6, 17, 1, "h"},
			},
			stems: []string{
				"A concentration of {start} falls with a half-life of {half-life}. What is it after {time}?",
				"The half-life of a drug is {half-life}; now its concentration is {start}. What will it be in {time}?",
			},
			unit:   "mg/L",
			answer: func(v []float64) float64 { return v[0] * math.Exp2(-v[2]/v[1]) },
			mistakes: []mistake{
				{"used e instead of 2", func(v []float64) float64 { return v[0] * math.Exp(-v[2]/v[1]) }},
				{"took the fall as a straight line per half-life", func(v []float64) float64 { return v[0] / (2 * v[2] / v[1]) }},
				{"inverted time and half-life", func(v []float64) float64 { return v[0] * math.Exp2(-v[1]/v[2]) }},
				{"gave what is gone", func(v []float64) float64 { return v[0] * (1 - math.Exp2(-v[2]/v[1])) }},
				{"took one half-life too many", func(v []float64) float64 { return v[0] * math.Exp2(-1-v[2]/v[1]) }},
				{"took one half-life too few", func(v []float64) float64 { return v[0] * math.Exp2(1-v[2]/v[1]) }},
			},
			because: "C = {start} × (1/2)^({time} ÷ {half-life}) = {answer}.",
		},
		{
			id: "loading-dose", name: "Loading dose", needs: []string{"volume-of-distribution"}, weight: 1.5,
			inputs: []input{
				{"target", 8, 30, 2, "mg/L"},
				{"volume", 22, 66, 4, "L"},
				{"bioavailability", 0.45, 0.89, 0.04, ""},
			},
			stems: []string{
				"The target concentration is {target}, the volume of distribution {volume}, the oral bioavailability {bioavailability}. What is the oral loading dose?",
				"Which oral loading dose brings a drug with Vd {volume} and bioavailability {bioavailability} to {target}?",
			},
			unit:   "mg",
			answer: func(v []float64) float64 { return v[0] * v[1] / v[2] },
			mistakes: []mistake{
				{"forgot the bioavailability", func(v []float64) float64 { return v[0] * v[1] }},
				{"multiplied by the bioavailability", func(v []float64) float64 { return v[0] * v[1] * v[2] }},
				{"divided the volume by the target", func(v []float64) float64 { return v[1] / v[0] / v[2] }},
				{"multiplied by ln 2", func(v []float64) float64 { return math.Ln2 * v[0] * v[1] / v[2] }},
				{"took the dose for half of the target", func(v []float64) float64 { return v[0] * v[1] / v[2] / 2 }},
			},
			because: "Dose = target × Vd ÷ F = {target} × {volume} ÷ {bioavailability} = {answer}.",
		},
		{
			id: "maintenance-dose", name: "Maintenance dose", needs: []string{"loading-dose", "elimination-rate"},
			inputs: []input{
				{"target", 6, 17, 1, "mg/L"},
				{"clearance", 2, 7.5, 0.5, "L/h"},
				{"interval", 4, 15, 1, "h"},
				{"bioavailability", 0.5, 0.94, 0.04, ""},
			},
			stems: []string{
				"A drug is cleared at {clearance} and has a bioavailability of {bioavailability}. Which dose every {interval} keeps an average of {target}?",
				"To hold {target} on average at a clearance of {clearance}, how much is given every {interval} at a bioavailability of {bioavailability}?",
			},
			unit:   "mg",
			answer: func(v []float64) float64 { return v[0] * v[1] * v[2] / v[3] },
			mistakes: []mistake{
				{"forgot the interval", func(v []float64) float64 { return v[0] * v[1] / v[3] }},
				{"forgot the bioavailability", func(v []float64) float64 { return v[0] * v[1] * v[2] }},
				{"multiplied by the bioavailability", func(v []float64) float64 { return v[0] * v[1] * v[2] * v[3] }},
				{"divided by the clearance", func(v []float64) float64 { return v[0] / v[1] * v[2] / v[3] }},
				{"took 24 hours for the interval", func(v []float64) float64 { return v[0] * v[1] * 24 / v[3] }},
			},
			because: "Dose = target × CL × interval ÷ F = {target} × {clearance} × {interval} ÷ {bioavailability} = {answer}.",
		},
	}
}
