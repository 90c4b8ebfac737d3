package demo

// circulation returns the concepts of the heart's output and of pressures.
func circulation() []formula {
	return []formula{
		{
			id: "stroke-volume", name: "Stroke volume",
			inputs: []input{
				{"end-diastolic volume", 118, 184, 6, "mL"},
				{"end-systolic volume", 38, 82, 4, "mL"},
			},
			stems: []string{
				"The end-diastolic volume is {end-diastolic volume}, the end-systolic volume {end-systolic volume}. What is the stroke volume?",
				"A ventricle holds {end-diastolic volume} before and {end-systolic volume} after it contracts. How much does it eject?",
			},
			unit:   "mL",
			answer: func(v []float64) float64 { return v[0] - v[1] },
			mistakes: []mistake{
				{"added the volumes", func(v []float64) float64 { return v[0] + v[1] }},
				{"gave the ejection fraction", func(v []float64) float64 { return 100 * (v[0] - v[1]) / v[0] }},
				{"took the mean of the volumes", func(v []float64) float64 { return (v[0] + v[1]) / 2 }},
				{"gave what remains", func(v []float64) float64 { return v[1] }},
				{"gave the filled volume", func(v []float64) float64 { return v[0] }},
			},
			because: "SV = {end-diastolic volume} − {end-systolic volume} = {answer}.",
		},
		{
			id: "ejection-fraction", name: "Ejection fraction", needs: []string{"stroke-volume"},
			inputs: []input{
				{"end-diastolic volume", 112, 200, 8, "mL"},
				{"end-systolic volume", 42, 97, 5, "mL"},
			},
			stems: []string{
				"End-diastolic volume {end-diastolic volume}, end-systolic volume {end-systolic volume}: what is the ejection fraction?",
				"On echocardiography the left ventricle measures {end-diastolic volume} in diastole and {end-systolic volume} in systole. Compute the ejection fraction.",
			},
			unit:   "%",
			answer: func(v []float64) float64 { return 100 * (v[0] - v[1]) / v[0] },
			mistakes: []mistake{
				{"divided by the end-systolic volume", func(v []float64) float64 { return 100 * (v[0] - v[1]) / v[1] }},
				{"gave what remains", func(v []float64) float64 { return 100 * v[1] / v[0] }},
				{"divided by the sum of the volumes", func(v []float64) float64 { return 100 * (v[0] - v[1]) / (v[0] + v[1]) }},
				{"forgot to turn it into per cent", func(v []float64) float64 { return (v[0] - v[1]) / v[0] }},
				{"took half of the filled volume as ejected", func(v []float64) float64 { return 100 * (v[0] - v[1]) / (2 * v[0]) }},
				{"divided by the mean volume", func(v []float64) float64 { return 200 * (v[0] - v[1]) / (v[0] + v[1]) }},
			},
			because: "EF = ({end-diastolic volume} − {end-systolic volume}) ÷ {end-diastolic volume} = {answer}.",
		},
		{
			id: "cardiac-output", name: "Cardiac output", needs: []string{"stroke-volume"}, weight: 2,
			inputs: []input{
				{"rate", 54, 109, 5, "beats/min"},
				{"stroke volume", 48, 92, 4, "mL"},
			},
			stems: []string{
				"A heart beats at {rate} with a stroke volume of {stroke volume}. What is the cardiac output?",
				"Heart rate {rate}, stroke volume {stroke volume}: compute the cardiac output.",
				"With each of its {rate} a ventricle ejects {stroke volume}. How much does the heart pump?",
			},
			unit:   "L/min",
			answer: func(v []float64) float64 { return v[0] * v[1] / 1000 },
			mistakes: []mistake{
				{"did not convert mL to L", func(v []float64) float64 { return v[0] * v[1] }},
				{"divided stroke volume by rate", func(v []float64) float64 { return v[1] / v[0] }},
				{"divided rate by stroke volume", func(v []float64) float64 { return v[0] / v[1] }},
				{"gave it per second", func(v []float64) float64 { return v[0] * v[1] / 1000 / 60 }},
				{"converted mL to L by 100", func(v []float64) float64 { return v[0] * v[1] / 100 }},
			},
			because: "CO = {rate} × {stroke volume} ÷ 1000 = {answer}.",
		},
		{
			id: "mean-arterial-pressure", name: "Mean arterial pressure", weight: 1.5,
			inputs: []input{
				{"systolic", 98, 186, 8, "mmHg"},
				{"diastolic", 48, 92, 4, "mmHg"},
			},
			stems: []string{
				"The blood pressure is {systolic} systolic and {diastolic} diastolic. What is the mean arterial pressure?",
				"Compute the mean arterial pressure of a patient with {systolic} over {diastolic}.",
			},
			unit:   "mmHg",
			answer: func(v []float64) float64 { return (v[0] + 2*v[1]) / 3 },
			mistakes: []mistake{
				{"took the plain mean", func(v []float64) float64 { return (v[0] + v[1]) / 2 }},
				{"doubled the systolic pressure instead", func(v []float64) float64 { return (2*v[0] + v[1]) / 3 }},
				{"gave the pulse pressure", func(v []float64) float64 { return v[0] - v[1] }},
				{"gave a third of the pulse pressure", func(v []float64) float64 { return (v[0] - v[1]) / 3 }},
				{"added the pulse pressure to the diastolic", func(v []float64) float64 { return v[0] }},
				{"forgot to double the diastolic pressure", func(v []float64) float64 { return (v[0] + v[1]) / 3 }},
			},
			because: "MAP = ({systolic} + 2 × {diastolic}) ÷ 3 = {answer}.",
		},
		{
			id: "vascular-resistance", name: "Systemic vascular resistance", needs: []string{"mean-arterial-pressure", "cardiac-output"}, weight: 1.5,
			inputs: []input{
				{"mean pressure", 62, 117, 5, "mmHg"},
				{"venous pressure", 3, 14, 1, "mmHg"},
				{"output", 3.2, 7.6, 0.4, "L/min"},
			},
			stems: []string{
				"Mean arterial pressure {mean pressure}, central venous pressure {venous pressure}, cardiac output {output}: what is the systemic vascular resistance?",
				"Compute the systemic vascular resistance at a MAP of {mean pressure}, a CVP of {venous pressure} and an output of {output}.",
			},
			unit:   "dyn·s/cm⁵",
			answer: func(v []float64) float64 { return 80 * (v[0] - v[1]) / v[2] },
			mistakes: []mistake{
				{"forgot the factor 80", func(v []float64) float64 { return (v[0] - v[1]) / v[2] }},
				{"added the venous pressure", func(v []float64) float64 { return 80 * (v[0] + v[1]) / v[2] }},
				{"inverted the ratio", func(v []float64) float64 { return 80 * v[2] / (v[0] - v[1]) }},
				{"multiplied by the output", func(v []float64) float64 { return 80 * (v[0] - v[1]) * v[2] }},
				{"forgot the venous pressure", func(v []float64) float64 { return 80 * v[0] / v[2] }},
			},
			because: "SVR = 80 × ({mean pressure} − {venous pressure}) ÷ {output} = {answer}.",
		},
		{
			id: "pulse-pressure-compliance", name: "Arterial compliance", needs: []string{"mean-arterial-pressure", "stroke-volume"},
			inputs: []input{
				{"stroke volume", 50, 94, 4, "mL"},
				{"systolic", 112, 156, 4, "mmHg"},
				{"diastolic", 62, 84, 2, "mmHg"},
			},
			stems: []string{
				"A stroke volume of {stroke volume} raises the pressure from {diastolic} to {systolic}. What is the arterial compliance (stroke volume over pulse pressure)?",
				"Stroke volume {stroke volume}, blood pressure {systolic} over {diastolic}: estimate the total arterial compliance.",
			},
			unit:   "mL/mmHg",
			answer: func(v []float64) float64 { return v[0] / (v[1] - v[2]) },
			mistakes: []mistake{
				{"inverted the ratio", func(v []float64) float64 { return (v[1] - v[2]) / v[0] }},
				{"divided by the systolic pressure", func(v []float64) float64 { return v[0] / v[1] }},
				{"divided by the diastolic pressure", func(v []float64) float64 { return v[0] / v[2] }},
				{"divided by the mean arterial pressure", func(v []float64) float64 { return v[0] / ((v[1] + 2*v[2]) / 3) }},
				{"added the pressures", func(v []float64) float64 { return v[0] / (v[1] + v[2]) }},
				{"multiplied by the pulse pressure", func(v []float64) float64 { return v[0] * (v[1] - v[2]) }},
			},
			because: "C = {stroke volume} ÷ ({systolic} − {diastolic}) = {answer}.",
		},
	}
}
