package demo

// respiration returns the concepts of gas exchange and oxygen transport.
func respiration() []formula {
	const water, quotient = 47, 0.8
	alveolar := func(fraction, pressure, carbon float64) float64 { return fraction*(pressure-water) - carbon/quotient }
	return []formula{
		{
			id: "alveolar-oxygen", name: "Alveolar oxygen", weight: 1.5,
			inputs: []input{
				{"fraction", 0.21, 0.54, 0.03, ""},
				{"pressure", 640, 761, 11, "mmHg"},
				{"pCO₂", 28, 61, 3, "mmHg"},
			},
			stems: []string{
				"A patient breathes a fraction of oxygen of {fraction} at {pressure}; arterial pCO₂ is {pCO₂}. What is the alveolar pO₂ (respiratory quotient 0.8, water vapour 47 mmHg)?",
				"Compute the alveolar pO₂: inspired fraction {fraction}, barometric pressure {pressure}, pCO₂ {pCO₂}, quotient 0.8, water vapour 47 mmHg.",
			},
			unit:   "mmHg",
			answer: func(v []float64) float64 { return alveolar(v[0], v[1], v[2]) },
			mistakes: []mistake{
				{"forgot the water vapour", func(v []float64) float64 { return v[0]*v[1] - v[2]/quotient }},
				{"multiplied pCO₂ by the quotient", func(v []float64) float64 { return v[0]*(v[1]-water) - v[2]*quotient }},
				{"subtracted the water vapour from the product", func(v []float64) float64 { return v[0]*v[1] - water - v[2]/quotient }},
				{"forgot the carbon dioxide", func(v []float64) float64 { return v[0] * (v[1] - water) }},
				{"added the carbon dioxide", func(v []float64) float64 { return v[0]*(v[1]-water) + v[2]/quotient }},
				{"forgot the quotient", func(v []float64) float64 { return v[0]*(v[1]-water) - v[2] }},
			},
			because: "{fraction} × ({pressure} − 47) − {pCO₂} ÷ 0.8 = {answer}.",
		},
		{
			id: "a-a-gradient", name: "Alveolar–arterial gradient", needs: []string{"alveolar-oxygen"}, weight: 1.5,
			inputs: []input{
				{"fraction", 0.28, 0.5, 0.02, ""},
				{"pCO₂", 31, 53, 2, "mmHg"},
				{"pO₂", 56, 89, 3, "mmHg"},
			},
			stems: []string{
				"At sea level (760 mmHg) with an inspired fraction of {fraction}: pO₂ {pO₂}, pCO₂ {pCO₂}. What is the A–a gradient (quotient 0.8, water vapour 47 mmHg)?",
				"Arterial pO₂ is {pO₂} and pCO₂ {pCO₂} on a fraction of oxygen of {fraction} at 760 mmHg. Compute the A–a gradient (quotient 0.8, water vapour 47 mmHg).",
			},
			unit:   "mmHg",
			answer: func(v []float64) float64 { return alveolar(v[0], 760, v[1]) - v[2] },
			mistakes: []mistake{
				{"gave the alveolar pO₂", func(v []float64) float64 { return alveolar(v[0], 760, v[1]) }},
				{"forgot the water vapour", func(v []float64) float64 { return v[0]*760 - v[1]/quotient - v[2] }},
				{"multiplied pCO₂ by the quotient", func(v []float64) float64 { return v[0]*(760-water) - v[1]*quotient - v[2] }},
				{"subtracted the water vapour from the product", func(v []float64) float64 { return v[0]*760 - water - v[1]/quotient - v[2] }},
				{"forgot the carbon dioxide", func(v []float64) float64 { return v[0]*(760-water) - v[2] }},
				{"added the arterial pO₂", func(v []float64) float64 { return alveolar(v[0], 760, v[1]) + v[2] }},
			},
			because: "{fraction} × (760 − 47) − {pCO₂} ÷ 0.8 − {pO₂} = {answer}.",
		},
		{
			id: "oxygen-content", name: "Oxygen content of blood",
			inputs: []input{
				{"hemoglobin", 7.5, 15.2, 0.7, "g/dL"},
				{"saturation", 0.78, 0.98, 0.02, ""},
				{"pO₂", 55, 99, 4, "mmHg"},
			},
			stems: []string{
				"Hemoglobin is {hemoglobin}, the saturation {saturation}, pO₂ {pO₂}. What is the oxygen content (1.34 mL/g, 0.003 mL/dL/mmHg)?",
				"Compute the oxygen content of blood with {hemoglobin} of hemoglobin, saturated to {saturation}, at a pO₂ of {pO₂} (1.34 mL/g, 0.003 mL/dL/mmHg).",
			},
			unit:   "mL/dL",
			answer: func(v []float64) float64 { return 1.34*v[0]*v[1] + 0.003*v[2] },
			mistakes: []mistake{
				{"took 0.03 for what is dissolved", func(v []float64) float64 { return 1.34*v[0]*v[1] + 0.03*v[2] }},
				{"forgot the 1.34", func(v []float64) float64 { return v[0]*v[1] + 0.003*v[2] }},
				{"gave what is dissolved", func(v []float64) float64 { return 0.003 * v[2] }},
				{"divided by the saturation", func(v []float64) float64 { return 1.34*v[0]/v[1] + 0.003*v[2] }},
				{"took g/dL as g/L", func(v []float64) float64 { return 13.4*v[0]*v[1] + 0.003*v[2] }},
			},
			because: "1.34 × {hemoglobin} × {saturation} + 0.003 × {pO₂} = {answer}.",
		},
		{
			id: "oxygen-delivery", name: "Oxygen delivery", needs: []string{"oxygen-content", "cardiac-output"},
			inputs: []input{
				{"output", 2.8, 7.2, 0.4, "L/min"},
				{"content", 11, 20.9, 0.9, "mL/dL"},
			},
			stems: []string{
				"The cardiac output is {output}, the arterial oxygen content {content}. How much oxygen is delivered?",
				"Compute oxygen delivery from an output of {output} and a content of {content}.",
			},
			unit:   "mL/min",
			answer: func(v []float64) float64 { return v[0] * v[1] * 10 },
			mistakes: []mistake{
				{"did not convert dL to L", func(v []float64) float64 { return v[0] * v[1] }},
				{"divided by the content", func(v []float64) float64 { return v[0] / v[1] * 1000 }},
				{"divided by ten instead of multiplying", func(v []float64) float64 { return v[0] * v[1] / 10 }},
				{"converted dL to mL", func(v []float64) float64 { return v[0] * v[1] * 100 }},
			},
			because: "DO₂ = {output} × {content} × 10 dL/L = {answer}.",
		},
		{
			id: "fick-principle", name: "Cardiac output by the Fick principle", needs: []string{"oxygen-content", "cardiac-output"}, weight: 1.5,
			inputs: []input{
				{"consumption", 190, 355, 15, "mL/min"},
				{"arterial", 16, 20.4, 0.4, "mL/dL"},
				{"venous", 10, 14.4, 0.4, "mL/dL"},
			},
			stems: []string{
				"Oxygen consumption is {consumption}; arterial content {arterial}, mixed venous content {venous}. What is the cardiac output?",
				"By the Fick principle, compute the output from a consumption of {consumption} and contents of {arterial} (arterial) and {venous} (mixed venous).",
			},
			unit:   "L/min",
			answer: func(v []float64) float64 { return v[0] / (10 * (v[1] - v[2])) },
			mistakes: []mistake{
				{"did not convert dL to L", func(v []float64) float64 { return v[0] / (v[1] - v[2]) }},
				{"divided by the arterial content", func(v []float64) float64 { return v[0] / (10 * v[1]) }},
				{"divided by the venous content", func(v []float64) float64 { return v[0] / (10 * v[2]) }},
				{"added the contents", func(v []float64) float64 { return v[0] / (10 * (v[1] + v[2])) }},
				{"inverted the ratio", func(v []float64) float64 { return 10 * (v[1] - v[2]) / v[0] }},
			},
			because: "CO = {consumption} ÷ (10 × ({arterial} − {venous})) = {answer}.",
		},
		{
			id: "oxygen-extraction", name: "Oxygen extraction ratio", needs: []string{"oxygen-content"},
			inputs: []input{
				{"arterial", 15.4, 20.9, 0.5, "mL/dL"},
				{"venous", 9.2, 14.7, 0.5, "mL/dL"},
			},
			stems: []string{
				"Arterial oxygen content is {arterial}, mixed venous {venous}. What is the extraction ratio?",
				"Which share of the delivered oxygen is taken up at contents of {arterial} (arterial) and {venous} (venous)?",
			},
			unit:   "%",
			answer: func(v []float64) float64 { return 100 * (v[0] - v[1]) / v[0] },
			mistakes: []mistake{
				{"divided by the venous content", func(v []float64) float64 { return 100 * (v[0] - v[1]) / v[1] }},
				{"gave what remains", func(v []float64) float64 { return 100 * v[1] / v[0] }},
				{"gave the difference of the contents", func(v []float64) float64 { return v[0] - v[1] }},
				{"forgot to turn it into per cent", func(v []float64) float64 { return (v[0] - v[1]) / v[0] }},
				{"divided by the sum", func(v []float64) float64 { return 100 * (v[0] - v[1]) / (v[0] + v[1]) }},
			},
			because: "({arterial} − {venous}) ÷ {arterial} = {answer}.",
		},
	}
}
