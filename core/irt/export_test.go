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
