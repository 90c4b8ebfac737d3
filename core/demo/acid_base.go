package demo

// acidBase returns the concepts of gaps, compensation and osmolality.
func acidBase() []formula {
	return []formula{
		{
			id: "anion-gap", name: "Anion gap",
			inputs: []input{
				{"sodium", 131, 153, 2, "mmol/L"},
				{"chloride", 91, 102, 1, "mmol/L"},
				{"bicarbonate", 10, 21, 1, "mmol/L"},
			},
			stems: []string{
				"Sodium is {sodium}, chloride {chloride}, bicarbonate {bicarbonate}. What is the anion gap (without potassium)?",
				"Compute the anion gap: Na {sodium}, Cl {chloride}, HCO₃ {bicarbonate}.",
			},
			unit:   "mmol/L",
			answer: func(v []float64) float64 { return v[0] - (v[1] + v[2]) },
			mistakes: []mistake{
				{"forgot the bicarbonate", func(v []float64) float64 { return v[0] - v[1] }},
				{"added the bicarbonate", func(v []float64) float64 { return v[0] - v[1] + v[2] }},
				{"forgot the chloride", func(v []float64) float64 { return v[0] - v[2] }},
				{"added potassium of 4", func(v []float64) float64 { return v[0] + 4 - (v[1] + v[2]) }},
				{"subtracted the normal gap of 12", func(v []float64) float64 { return v[0] - (v[1] + v[2]) - 12 }},
			},
			because: "AG = Na − (Cl + HCO₃) = {sodium} − ({chloride} + {bicarbonate}) = {answer}.",
		},
		{
			id: "albumin-corrected-gap", name: "Anion gap corrected for albumin", needs: []string{"anion-gap"},
			inputs: []input{
				{"gap", 9, 20, 1, "mmol/L"},
				{"albumin", 1.4, 3.6, 0.2, "g/dL"},
			},
			stems: []string{
				"The anion gap is {gap} at an albumin of {albumin}. What is it corrected to an albumin of 4 g/dL?",
				"A patient with an albumin of {albumin} has an anion gap of {gap}. Correct it for albumin (normal 4 g/dL).",
			},
			unit:   "mmol/L",
			answer: func(v []float64) float64 { return v[0] + 2.5*(4-v[1]) },
			mistakes: []mistake{
				{"subtracted the correction", func(v []float64) float64 { return v[0] - 2.5*(4-v[1]) }},
				{"forgot the 2.5", func(v []float64) float64 { return v[0] + (4 - v[1]) }},
				{"added 2.5 times the albumin", func(v []float64) float64 { return v[0] + 2.5*v[1] }},
				{"left the gap as it is", func(v []float64) float64 { return v[0] }},
				{"took g/dL as g/L", func(v []float64) float64 { return v[0] + 2.5*(40-10*v[1]) }},
			},
			because: "Corrected gap = {gap} + 2.5 × (4 − {albumin}) = {answer}.",
		},
		{
			id: "delta-ratio", name: "Delta ratio", needs: []string{"anion-gap"},
			inputs: []input{
				{"gap", 20, 42, 2, "mmol/L"},
				{"bicarbonate", 7, 18, 1, "mmol/L"},
			},
			stems: []string{
				"The anion gap is {gap} (normal 12), bicarbonate {bicarbonate} (normal 24). What is the delta ratio?",
				"With a gap of {gap} and a bicarbonate of {bicarbonate}, compute the delta ratio (normal gap 12, bicarbonate 24).",
			},
			unit:   "",
			answer: func(v []float64) float64 { return (v[0] - 12) / (24 - v[1]) },
			mistakes: []mistake{
				{"inverted the ratio", func(v []float64) float64 { return (24 - v[1]) / (v[0] - 12) }},
				{"forgot to subtract the normal gap", func(v []float64) float64 { return v[0] / (24 - v[1]) }},
				{"used the bicarbonate instead of its fall", func(v []float64) float64 { return (v[0] - 12) / v[1] }},
				{"gave the difference of the changes", func(v []float64) float64 { return (v[0] - 12) - (24 - v[1]) }},
				{"divided gap by bicarbonate", func(v []float64) float64 { return v[0] / v[1] }},
				{"divided the gap by the normal bicarbonate", func(v []float64) float64 { return v[0] / 24 }},
			},
			because: "Δ = ({gap} − 12) ÷ (24 − {bicarbonate}) = {answer}.",
		},
		{
			id: "expected-pco2", name: "Expected pCO₂ in metabolic acidosis", needs: []string{"anion-gap"},
			inputs: []input{{"bicarbonate", 7, 18, 1, "mmol/L"}},
			stems: []string{
				"A metabolic acidosis has a bicarbonate of {bicarbonate}. Which pCO₂ does Winter's formula expect (its centre)?",
				"Bicarbonate is {bicarbonate} in a pure metabolic acidosis. What is the compensated pCO₂ by Winter's formula?",
			},
			unit:   "mmHg",
			answer: func(v []float64) float64 { return 1.5*v[0] + 8 },
			mistakes: []mistake{
				{"forgot the 8", func(v []float64) float64 { return 1.5 * v[0] }},
				{"forgot the 1.5", func(v []float64) float64 { return v[0] + 8 }},
				{"took the 0.7 of metabolic alkalosis", func(v []float64) float64 { return 0.7*v[0] + 20 }},
				{"subtracted the 8", func(v []float64) float64 { return 1.5*v[0] - 8 }},
				{"took 1.5 times the sum", func(v []float64) float64 { return 1.5 * (v[0] + 8) }},
				{"doubled the bicarbonate", func(v []float64) float64 { return 2*v[0] + 8 }},
			},
			because: "pCO₂ = 1.5 × {bicarbonate} + 8 = {answer}, give or take 2.",
		},
		{
			id: "serum-osmolality", name: "Calculated serum osmolality",
			inputs: []input{
				{"sodium", 128, 150, 2, "mmol/L"},
				{"glucose", 90, 640, 50, "mg/dL"},
				{"urea nitrogen", 14, 80, 6, "mg/dL"},
			},
			stems: []string{
				"Sodium is {sodium}, glucose {glucose}, blood urea nitrogen {urea nitrogen}. What is the calculated osmolality?",
				"Compute serum osmolality from Na {sodium}, glucose {glucose} and BUN {urea nitrogen}.",
			},
			unit:   "mOsm/kg",
			answer: func(v []float64) float64 { return 2*v[0] + v[1]/18 + v[2]/2.8 },
			mistakes: []mistake{
				{"did not double the sodium", func(v []float64) float64 { return v[0] + v[1]/18 + v[2]/2.8 }},
				{"did not convert glucose", func(v []float64) float64 { return 2*v[0] + v[1] + v[2]/2.8 }},
				{"swapped the divisors", func(v []float64) float64 { return 2*v[0] + v[1]/2.8 + v[2]/18 }},
				{"subtracted glucose and urea", func(v []float64) float64 { return 2*v[0] - v[1]/18 - v[2]/2.8 }},
				{"did not convert glucose or urea", func(v []float64) float64 { return 2*v[0] + v[1] + v[2] }},
				{"did not double the sodium nor convert glucose", func(v []float64) float64 { return v[0] + v[1] + v[2]/2.8 }},
			},
			because: "2 × {sodium} + {glucose} ÷ 18 + {urea nitrogen} ÷ 2.8 = {answer}.",
		},
		{
			id: "osmolal-gap", name: "Osmolal gap", needs: []string{"serum-osmolality"},
			inputs: []input{
				{"measured", 322, 388, 6, "mOsm/kg"},
				{"sodium", 130, 152, 2, "mmol/L"},
				{"glucose", 72, 171, 9, "mg/dL"},
				{"urea nitrogen", 7, 29, 2, "mg/dL"},
			},
			stems: []string{
				"Measured osmolality is {measured}; sodium {sodium}, glucose {glucose}, BUN {urea nitrogen}. What is the osmolal gap?",
				"A patient may have drunk methanol: osmolality {measured}, Na {sodium}, glucose {glucose}, BUN {urea nitrogen}. Compute the osmolal gap.",
			},
			unit:   "mOsm/kg",
			answer: func(v []float64) float64 { return v[0] - (2*v[1] + v[2]/18 + v[3]/2.8) },
			mistakes: []mistake{
				{"did not double the sodium", func(v []float64) float64 { return v[0] - (v[1] + v[2]/18 + v[3]/2.8) }},
				{"forgot glucose and urea", func(v []float64) float64 { return v[0] - 2*v[1] }},
				{"subtracted the normal osmolality of 290", func(v []float64) float64 { return v[0] - 290 }},
				{"forgot the urea", func(v []float64) float64 { return v[0] - (2*v[1] + v[2]/18) }},
				{"forgot the glucose", func(v []float64) float64 { return v[0] - (2*v[1] + v[3]/2.8) }},
				{"subtracted the sodium alone", func(v []float64) float64 { return v[0] - v[1] }},
			},
			because: "{measured} − (2 × {sodium} + {glucose} ÷ 18 + {urea nitrogen} ÷ 2.8) = {answer}.",
		},
	}
}
