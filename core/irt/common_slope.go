package irt

// commonPart is what one item says of the common objective.
type commonPart struct {
	derivatives
	value float64
}

// commonSlope is the M-step of the 1PL, in which all items have one discrimination.
type commonSlope struct {
	parts, trial []commonPart
	candidates   []curve
	steps        []vector
}

func newCommonSlope(items int) *commonSlope {
	return &commonSlope{
		parts: make([]commonPart, items), trial: make([]commonPart, items),
		candidates: make([]curve, items), steps: make([]vector, items),
	}
}

func (m *maximization) runCommon(e *expectation, curves []curve) error {
	c := m.common
	now, err := m.evaluate(e, curves, c.parts)
	if err != nil {
		return err
	}
	for range fisherSteps {
		length, moved := c.fisherStep(curves[0], m.rules), false
		for range mostHalves {
			for j, k := range curves {
				c.candidates[j] = m.moved(k, c.steps[j])
			}
			then, err := m.evaluate(e, c.candidates, c.trial)
			if err != nil {
				return err
			}
			if moved = !falls(now, then); moved {
				now = then
				break
			}
			c.scale(.5)
			length /= 2
		}
		if !moved {
			break
		}
		copy(curves, c.candidates)
		c.parts, c.trial = c.trial, c.parts
		if length < m.tolerance {
			break
		}
	}
	for j := range curves {
		m.slopes[j] = c.parts[j].gradient[varLogA]
	}
	return nil
}

// evaluate computes the derivatives of every item and returns the sum of their values.
func (m *maximization) evaluate(e *expectation, curves []curve, parts []commonPart) (float64, error) {
	err := m.overItems(len(curves), func(_, j int) {
		of := e.countsOf(j)
		parts[j] = commonPart{curves[j].derivatives(e.grid.theta, of, 0), curves[j].expected(e.grid.theta, of)}
	})
	total := 0.0
	for j := range parts {
		total += parts[j].value
	}
	return total, err
}

// fisherStep fills steps and returns the longest. The information matrix is an arrow: once the common variable has its
// step, each difficulty has its own.
func (c *commonSlope) fisherStep(of curve, r rules) float64 {
	var gradient, whole, information float64
	for _, p := range c.parts {
		share := p.information[varLogA][varD] / (p.information[varD][varD] + 1e-12)
		whole += p.gradient[varLogA]
		gradient += p.gradient[varLogA] - share*p.gradient[varD]
		information += p.information[varLogA][varLogA] - share*p.information[varLogA][varD]
	}
	common := gradient / (information + 1e-12)
	if r.fixed(of, vector{varLogA: whole})[varLogA] {
		common = 0
	}
	length := 0.0
	for j, p := range c.parts {
		rest := p.gradient[varD] - p.information[varLogA][varD]*common
		c.steps[j] = vector{varLogA: common, varD: rest / (p.information[varD][varD] + 1e-12)}
		length = max(length, longest(c.steps[j]))
	}
	if length > longestStep {
		c.scale(longestStep / length)
		length = longestStep
	}
	return length
}

func (c *commonSlope) scale(by float64) {
	for j := range c.steps {
		c.steps[j] = scaled(c.steps[j], by)
	}
}
