package irt

import "math"

// chiSquareSurvival returns the probability that a chi-square variable with df degrees of freedom exceeds x: the upper
// incomplete gamma function Q(df/2, x/2), by its series for small x and by its continued fraction for large x (Abramowitz
// & Stegun 6.5.29 and 6.5.31).
func chiSquareSurvival(x, df float64) float64 {
	a := df / 2
	x /= 2
	if x <= 0 {
		return 1
	}
	logGamma, _ := math.Lgamma(a)
	scale := math.Exp(a*math.Log(x) - x - logGamma)
	if x < a+1 {
		term := 1 / a
		sum := term
		for k := 1.0; k < 10_000 && term > sum*1e-16; k++ {
			term *= x / (a + k)
			sum += term
		}
		return within(1-scale*sum, 0, 1)
	}
	// Lentz's method.
	const tiny = 1e-300
	b := x + 1 - a
	c, d := 1/tiny, 1/b
	fraction := d
	for k := 1.0; k < 10_000; k++ {
		n := -k * (k - a)
		b += 2
		d = 1 / nonZero(n*d+b, tiny)
		c = nonZero(b+n/c, tiny)
		fraction *= c * d
		if math.Abs(c*d-1) < 1e-15 {
			break
		}
	}
	return within(scale*fraction, 0, 1)
}

func nonZero(x, tiny float64) float64 {
	if math.Abs(x) < tiny {
		return tiny
	}
	return x
}
