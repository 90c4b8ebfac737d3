package demo

// renal returns the concepts of clearance and of renal reabsorption.
func renal() []formula {
	return []formula{
		{
			id: "renal-clearance", name: "Renal clearance", needs: []string{"unit-conversion"}, weight: 1.5,
			inputs: []input{
				{"urine", 40, 150, 10, "mg/dL"},
				{"flow", 1.1, 3.3, 0.2, "mL/min"},
				{"plasma", 1.2, 2.3, 0.1, "mg/dL"},
			},
			stems: []string{
				"The urine has {urine} of a substance, the plasma {plasma}; urine flows at {flow}. What is the clearance?",
				"Compute the renal clearance: plasma {plasma}, urine {urine}, urine flow {flow}.",
			},
			unit:   "mL/min",
			answer: func(v []float64) float64 { return v[0] * v[1] / v[2] },
			mistakes: []mistake{
				{"inverted urine and plasma", func(v []float64) float64 { return v[2] * v[1] / v[0] }},
				{"forgot the flow", func(v []float64) float64 { return v[0] / v[2] }},
				{"divided by the flow", func(v []float64) float64 { return v[0] / v[1] / v[2] }},
				{"forgot the plasma", func(v []float64) float64 { return v[0] * v[1] }},
				{"took the flow as per hour", func(v []float64) float64 { return v[0] * v[1] / 60 / v[2] }},
				{"multiplied by the plasma", func(v []float64) float64 { return v[0] * v[1] * v[2] }},
			},
			because: "C = U × V ÷ P = {urine} × {flow} ÷ {plasma} = {answer}.",
		},
		{
			id: "creatinine-clearance", name: "Creatinine clearance by Cockcroft and Gault", needs: []string{"renal-clearance"},
			inputs: []input{
				{"age", 31, 86, 5, "years"},
				{"weight", 52, 96, 4, "kg"},
				{"creatinine", 0.7, 2.9, 0.2, "mg/dL"},
			},
			stems: []string{
				"Estimate the creatinine clearance (Cockcroft–Gault) of a woman of {age}, {weight}, with a serum creatinine of {creatinine}.",
				"A woman is {age} old, weighs {weight}, and has a creatinine of {creatinine}. What is her clearance by Cockcroft and Gault?",
			},
			unit:   "mL/min",
			answer: func(v []float64) float64 { return 0.85 * (140 - v[0]) * v[1] / (72 * v[2]) },
			mistakes: []mistake{
				{"forgot the factor for women", func(v []float64) float64 { return (140 - v[0]) * v[1] / (72 * v[2]) }},
				{"forgot the 72", func(v []float64) float64 { return 0.85 * (140 - v[0]) * v[1] / v[2] }},
				{"divided by the factor for women", func(v []float64) float64 { return (140 - v[0]) * v[1] / (72 * v[2]) / 0.85 }},
				{"used the age instead of 140 less the age", func(v []float64) float64 { return 0.85 * v[0] * v[1] / (72 * v[2]) }},
				{"multiplied by the creatinine", func(v []float64) float64 { return 0.85 * (140 - v[0]) * v[1] * v[2] / 72 }},
				{"took the weight in pounds", func(v []float64) float64 { return 0.85 * (140 - v[0]) * v[1] * 2.2 / (72 * v[2]) }},
			},
			because: "0.85 × (140 − {age}) × {weight} ÷ (72 × {creatinine}) = {answer}.",
		},
		{
			id: "fractional-excretion", name: "Fractional excretion of sodium", needs: []string{"renal-clearance"},
			inputs: []input{
				{"urine sodium", 12, 89, 7, "mmol/L"},
				{"plasma sodium", 130, 152, 2, "mmol/L"},
				{"urine creatinine", 40, 150, 10, "mg/dL"},
				{"plasma creatinine", 1.1, 3.3, 0.2, "mg/dL"},
			},
			stems: []string{
				"Urine: sodium {urine sodium}, creatinine {urine creatinine}. Plasma: sodium {plasma sodium}, creatinine {plasma creatinine}. What is the fractional excretion of sodium?",
				"Compute FENa from plasma sodium {plasma sodium} and creatinine {plasma creatinine}, urine sodium {urine sodium} and creatinine {urine creatinine}.",
			},
			unit:   "%",
			answer: func(v []float64) float64 { return 100 * v[0] * v[3] / (v[1] * v[2]) },
			mistakes: []mistake{
				{"inverted the creatinines", func(v []float64) float64 { return 100 * v[0] * v[2] / (v[1] * v[3]) }},
				{"inverted the sodiums", func(v []float64) float64 { return 100 * v[1] * v[3] / (v[0] * v[2]) }},
				{"forgot the creatinines", func(v []float64) float64 { return 100 * v[0] / v[1] }},
				{"forgot to turn it into per cent", func(v []float64) float64 { return v[0] * v[3] / (v[1] * v[2]) }},
				{"forgot the sodiums", func(v []float64) float64 { return 100 * v[3] / v[2] }},
			},
			because: "FENa = 100 × (U_Na × P_Cr) ÷ (P_Na × U_Cr) = 100 × {urine sodium} × {plasma creatinine} ÷ ({plasma sodium} × {urine creatinine}) = {answer}.",
		},
		{
			id: "filtration-fraction", name: "Filtration fraction", needs: []string{"renal-clearance"},
			inputs: []input{
				{"filtration", 72, 138, 6, "mL/min"},
				{"blood flow", 780, 1220, 40, "mL/min"},
				{"hematocrit", 0.3, 0.52, 0.02, ""},
			},
			stems: []string{
				"The glomerular filtration rate is {filtration}, renal blood flow {blood flow}, the hematocrit {hematocrit}. What is the filtration fraction?",
				"With a GFR of {filtration}, a renal blood flow of {blood flow} and a hematocrit of {hematocrit}, which share of the plasma is filtered?",
			},
			unit:   "%",
			answer: func(v []float64) float64 { return 100 * v[0] / (v[1] * (1 - v[2])) },
			mistakes: []mistake{
				{"used blood flow instead of plasma flow", func(v []float64) float64 { return 100 * v[0] / v[1] }},
				{"multiplied by the hematocrit instead of its complement", func(v []float64) float64 { return 100 * v[0] / (v[1] * v[2]) }},
				{"inverted the ratio", func(v []float64) float64 { return v[1] * (1 - v[2]) / v[0] }},
				{"multiplied the share of blood by the plasma's share", func(v []float64) float64 { return 100 * v[0] * (1 - v[2]) / v[1] }},
				{"forgot to turn it into per cent", func(v []float64) float64 { return v[0] / (v[1] * (1 - v[2])) }},
			},
			because: "FF = GFR ÷ (RBF × (1 − Hct)) = {filtration} ÷ ({blood flow} × (1 − {hematocrit})) = {answer}.",
		},
	}
}
