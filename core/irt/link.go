package irt

import (
	"errors"
	"maps"
	"math"
	"slices"
)

// drift is the largest distance of a common item's difficulty from the line.
const drift = .5

// Linking is the line from the scale of one calibration to that of another: θ' = Slope·θ + Intercept.
type Linking struct {
	Slope, Intercept float64
	// Items is how many common items the line was fitted to.
	Items int
	// Drifted are the common items whose difficulty differs by more than .5 after linking, sorted by id.
	Drifted []string
}

// ErrNoLink is the error for calibrations that share too little to be put on one scale.
var ErrNoLink = errors.New("fewer than two common items")

// Link returns the line from the scale of one calibration to that of another by the method of Stocking & Lord (1983) on
// the items that both have: the test characteristic curves are brought as close as they can be over N(0, 1). Items that
// drifted are left out, and the line is fitted once more. The parameters must be valid. It returns ErrNoLink if fewer
// than two items are common, or remain.
func Link(from, onto map[string]Params) (Linking, error) {
	var common []string
	for _, id := range slices.Sorted(maps.Keys(from)) {
		if _, has := onto[id]; has {
			common = append(common, id)
		}
	}
	line, err := drawLine(from, onto, common)
	if err != nil {
		return Linking{}, err
	}
	if drifted := line.drifted(from, onto, common); len(drifted) > 0 {
		left := slices.DeleteFunc(slices.Clone(common), func(id string) bool { return slices.Contains(drifted, id) })
		if line, err = drawLine(from, onto, left); err != nil {
			return Linking{}, err
		}
	}
	line.Drifted = line.drifted(from, onto, common)
	return line, nil
}

// Params returns parameters of the first scale on the second.
func (l Linking) Params(p Params) Params {
	return Params{A: p.A / l.Slope, B: l.Slope*p.B + l.Intercept, C: p.C}
}

// StandardErrors returns standard errors of the first scale on the second. They do not include the error of the line
// itself.
func (l Linking) StandardErrors(se StandardErrors) StandardErrors {
	se.A.Value /= l.Slope
	se.B.Value *= l.Slope
	return se
}

func (l Linking) drifted(from, onto map[string]Params, common []string) []string {
	var ids []string
	for _, id := range common {
		if math.Abs(l.Params(from[id]).B-onto[id].B) > drift {
			ids = append(ids, id)
		}
	}
	return ids
}

// drawLine minimises the squared difference of the test characteristic curves over log slope and intercept by the
// method of Levenberg & Marquardt.
func drawLine(from, onto map[string]Params, common []string) (Linking, error) {
	if len(common) < 2 {
		return Linking{}, ErrNoLink
	}
	l := firstLine(from, onto, common)
	now, damping := l.distance(from, onto, common), 1e-3
	for range 200 {
		logSlope, intercept := now.step(damping)
		next := l
		next.Slope = within(l.Slope*math.Exp(logSlope), .01, 100)
		next.Intercept += intercept
		then := next.distance(from, onto, common)
		if !(then.square <= now.square) {
			if damping *= 10; damping > 1e12 {
				break
			}
			continue
		}
		l, now, damping = next, then, max(damping/10, 1e-12)
		if math.Abs(logSlope)+math.Abs(intercept) < 1e-12 {
			break
		}
	}
	return l, nil
}

// firstLine is the mean-mean line, with the median in place of the mean of difficulties, which one item can distort.
func firstLine(from, onto map[string]Params, common []string) Linking {
	logSlope := 0.0
	for _, id := range common {
		logSlope += math.Log(from[id].A/onto[id].A) / float64(len(common))
	}
	l := Linking{Slope: math.Exp(logSlope), Items: len(common)}
	var shifts []float64
	for _, id := range common {
		shifts = append(shifts, onto[id].B-l.Slope*from[id].B)
	}
	slices.Sort(shifts)
	l.Intercept = shifts[len(shifts)/2]
	return l
}

// curveDistance is the squared difference of two test characteristic curves, with half its gradient and its
// Gauss-Newton matrix by log slope and intercept.
type curveDistance struct {
	square           float64
	gradient         [2]float64
	first, both, own float64
}

func (l Linking) distance(from, onto map[string]Params, common []string) curveDistance {
	var d curveDistance
	normal := normalGrid(coarsest)
	for q, theta := range normal.theta {
		var off, bySlope, byIntercept float64
		for _, id := range common {
			p := from[id]
			moved := l.Params(p)
			off += moved.Probability(theta) - onto[id].Probability(theta)
			z := moved.A * (theta - moved.B)
			steep := (1 - p.C) / ((1 + math.Exp(-z)) * (1 + math.Exp(z))) * moved.A
			bySlope -= steep * (theta - l.Intercept)
			byIntercept -= steep
		}
		w := normal.weight[q]
		d.square += w * off * off
		d.gradient[0] += w * off * bySlope
		d.gradient[1] += w * off * byIntercept
		d.first += w * bySlope * bySlope
		d.both += w * bySlope * byIntercept
		d.own += w * byIntercept * byIntercept
	}
	return d
}

// step solves for the damped Gauss-Newton step.
func (d curveDistance) step(damping float64) (logSlope, intercept float64) {
	first, own := d.first*(1+damping)+1e-300, d.own*(1+damping)+1e-300
	determinant := first*own - d.both*d.both
	return -(own*d.gradient[0] - d.both*d.gradient[1]) / determinant,
		-(first*d.gradient[1] - d.both*d.gradient[0]) / determinant
}
