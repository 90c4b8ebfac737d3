package irt

import "context"

// ChiSquareSurvival is chiSquareSurvival for tests.
var ChiSquareSurvival = chiSquareSurvival

// StandardErrorsBothWays returns the standard errors of a calibration by the full matrix and item by item.
func StandardErrorsBothWays(ctx context.Context, data *Data, options Options) (full, blocks []StandardErrors, err error) {
	options, err = options.withDefaults()
	if err != nil {
		return nil, nil, err
	}
	s, _ := newSample(data, options.MinResponses)
	x := newEstimation(s, &workers{ctx: ctx, count: options.Workers}, options)
	if _, err = x.run(); err != nil {
		return nil, nil, err
	}
	o := newObserved(x.rules, x.e, x.curves)
	x.e.openWindows()
	if err := x.e.run(x.curves, o.visit); err != nil {
		return nil, nil, err
	}
	full = o.standardErrors()
	o.full = nil
	return full, o.standardErrors(), nil
}

// ExpectedAnswers returns the nodes, and how many wrong and right answers to each item are expected at each of them. Like
// all but the first E-step of a calibration, it computes posteriors where they were seen to be before.
func ExpectedAnswers(ctx context.Context, data *Data, items []Params) (nodes []float64, counts [][2][]float64, err error) {
	s, _ := newSample(data, 1)
	e := newExpectation(s, &workers{ctx: ctx, count: 2})
	curves := make([]curve, len(items))
	for j, p := range items {
		curves[j] = curve{a: p.A, d: -p.A * p.B, c: p.C}
	}
	for range 2 {
		if err := e.run(curves, nil); err != nil {
			return nil, nil, err
		}
	}
	for j := range items {
		counts = append(counts, [2][]float64{e.row(e.counts, j, 0), e.row(e.counts, j, 1)})
	}
	return e.grid.theta, counts, nil
}
