package demo

// dosing returns the concepts of doses and infusions.
func dosing() []formula {
	return []formula{
		{
			id: "unit-conversion", name: "Units of mass and volume", weight: 1,
			inputs: []input{
				{"strength", 0.5, 6, 0.5, "%"},
				{"volume", 15, 70, 5, "mL"},
			},
			stems: []string{
				"A syringe holds {volume} of a {strength} (weight/volume) solution. How many milligrams of the drug are in it?",
				"You draw up {volume} of a solution labelled {strength} w/v. How much drug is that, in milligrams?",
			},
			unit:   "mg",
			answer: func(v []float64) float64 { return v[0] * 10 * v[1] },
			mistakes: []mistake{
				{"took per cent as mg/mL", func(v []float64) float64 { return v[0] * v[1] }},
				{"took per cent as grams in 10 mL", func(v []float64) float64 { return v[0] / 10 * 1000 * v[1] }},
				{"divided by the volume", func(v []float64) float64 { return v[0] * 1000 / v[1] }},
				{"forgot the volume", func(v []float64) float64 { return v[0] * 10 }},
				{"stayed in grams", func(v []float64) float64 { return v[0] * v[1] / 100 }},
			},
			because: "{strength} w/v is that many grams in 100 mL, so ten times as many mg in each mL; times {volume} gives {answer}.",
		},
		{
			id: "weight-based-dose", name: "Dose by body weight", needs: []string{"unit-conversion"},
			inputs: []input{
				{"rate", 5, 27, 2, "mg/kg"},
				{"weight", 12, 67, 5, "kg"},
				{"strength", 20, 75, 5, "mg/mL"},
			},
			stems: []string{
				"A patient of {weight} needs {rate} of a drug that comes as {strength}. What volume do you give?",
				"The order is {rate} for a patient who weighs {weight}; the vial has {strength}. How many millilitres is one dose?",
			},
			unit:   "mL",
			answer: func(v []float64) float64 { return v[0] * v[1] / v[2] },
			mistakes: []mistake{
				{"divided the weight by the dose", func(v []float64) float64 { return v[1] / v[0] }},
				{"took the weight in pounds", func(v []float64) float64 { return v[0] * v[1] * 2.2 / v[2] }},
				{"forgot the strength", func(v []float64) float64 { return v[0] * v[1] }},
				{"inverted the ratio", func(v []float64) float64 { return v[2] / v[0] }},
				{"forgot the weight", func(v []float64) float64 { return v[0] / v[2] }},
				{"divided the weight by 2.2 although it is in kg", func(v []float64) float64 { return v[0] * v[1] / 2.2 / v[2] }},
			},
			because: "{rate} × {weight} is the dose in mg; divided by {strength} it is {answer}.",
		},
		{
			id: "infusion-rate", name: "Rate of an infusion", needs: []string{"weight-based-dose"}, weight: 1.5,
			inputs: []input{
				{"dose", 2, 13, 1, "µg/kg/min"},
				{"weight", 45, 100, 5, "kg"},
				{"strength", 0.8, 3, 0.2, "mg/mL"},
			},
			stems: []string{
				"An infusion of {dose} is ordered for a patient of {weight}. The bag has {strength}. At what rate does the pump run?",
				"A patient who weighs {weight} gets a vasopressor at {dose} from a solution of {strength}. What is the pump's rate?",
			},
			unit:   "mL/h",
			answer: func(v []float64) float64 { return v[0] * v[1] * 60 / 1000 / v[2] },
			mistakes: []mistake{
				{"forgot that the dose is per minute and the pump per hour", func(v []float64) float64 { return v[0] * v[1] / 1000 / v[2] }},
				{"multiplied by the strength", func(v []float64) float64 { return v[0] * v[1] * 60 / 1000 * v[2] }},
				{"forgot the weight", func(v []float64) float64 { return v[0] * 60 / 1000 / v[2] }},
				{"forgot the strength", func(v []float64) float64 { return v[0] * v[1] * 60 / 1000 }},
				{"took the weight in pounds", func(v []float64) float64 { return v[0] * v[1] * 2.2 * 60 / 1000 / v[2] }},
				{"converted µg to mg by 100", func(v []float64) float64 { return v[0] * v[1] * 60 / 100 / v[2] }},
			},
			because: "{dose} × {weight} × 60 min/h ÷ 1000 µg/mg ÷ {strength} = {answer}.",
		},
		{
			id: "body-mass-index", name: "Body mass index",
			inputs: []input{
				{"weight", 48, 125, 7, "kg"},
				{"height", 1.52, 1.96, 0.04, "m"},
			},
			stems: []string{
				"A patient weighs {weight} and is {height} tall. What is the body mass index?",
				"Compute the body mass index of an adult of {weight} and {height}.",
			},
			unit:   "kg/m²",
			answer: func(v []float64) float64 { return v[0] / (v[1] * v[1]) },
			mistakes: []mistake{
				{"did not square the height", func(v []float64) float64 { return v[0] / v[1] }},
				{"cubed the height", func(v []float64) float64 { return v[0] / (v[1] * v[1] * v[1]) }},
				{"doubled the height instead of squaring it", func(v []float64) float64 { return v[0] / (2 * v[1]) }},
				{"inverted the ratio", func(v []float64) float64 { return v[1] * v[1] / v[0] }},
				{"took the weight in pounds", func(v []float64) float64 { return v[0] * 2.2 / (v[1] * v[1]) }},
			},
			because: "{weight} ÷ ({height})² = {answer}.",
		},
	}
}
