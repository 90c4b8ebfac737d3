package irt

import "math"

// estimation is the course of one calibration: the curves, and the two steps of EM that move them.
type estimation struct {
	options Options
	rules   rules
	e       *expectation
	m       *maximization
	curves  []curve

	history   []Progress
	converged bool
}

func newEstimation(s *sample, w *workers, o Options) *estimation {
	r := newRules(o)
	x := &estimation{
		options: o, rules: r,
		e: newExpectation(s, w), m: newMaximization(w, r, o.Threshold, len(s.items)),
		curves: make([]curve, len(s.items)),
	}
	for j := range x.curves {
		share := float64(s.byItem.correct(j)) / float64(len(s.byItem.row(j)))
		x.curves[j] = r.start(share)
	}
	return x
}

// start returns an item's initial curve, given its proportion of right answers.
func (r rules) start(share float64) curve {
	k := curve{a: 1}
	if r.model == Model3PL {
		k.c = .2
	}
	rise := within((share-k.c)/(1-k.c), .03, .97)
	k.d = math.Log(rise / (1 - rise))
	return k
}

// run iterates under the normal distribution and then, if the options ask for it, tries an estimated one.
func (x *estimation) run() (DensityTrial, error) {
	for len(x.history) < x.options.MaxIterations && !x.converged {
		if err := x.iterate(); err != nil {
			return DensityTrial{}, err
		}
	}
	if x.options.Density == DensityNormal {
		return DensityTrial{}, nil
	}
	if len(x.history) == x.options.MaxIterations {
		return DensityTrial{CutOff: true}, nil
	}
	return x.tryDensity()
}

// iterate is one iteration under the normal distribution.
func (x *estimation) iterate() error {
	if err := x.e.run(x.curves, nil); err != nil {
		return err
	}
	// The first iteration's posteriors are those of the initial curves, which tell little about their final width.
	for len(x.history) > 0 && x.e.grid.tooCoarse(x.e.sd) {
		x.e.setGrid(normalGrid(2*x.e.grid.nodes() - 1))
		if err := x.e.run(x.curves, nil); err != nil {
			return err
		}
	}
	before := append([]curve(nil), x.curves...)
	if err := x.m.run(x.e, x.curves); err != nil {
		return err
	}
	x.rules.moveScale(x.curves, x.m.slopes, x.e.mean, x.e.sd)
	x.finish(StageItems, largestChange(before, x.curves))
	return nil
}

// finish records an iteration. The first never ends the run, since the grid has not been checked yet.
func (x *estimation) finish(stage Stage, change float64) {
	x.history = append(x.history, Progress{
		Stage: stage, Iteration: len(x.history) + 1, MaxChange: change, LogLikelihood: x.e.marginal(),
	})
	x.converged = change < x.options.Threshold && len(x.history) > 1
	x.report(stage)
}

// report calls Options.Progress.
func (x *estimation) report(stage Stage) {
	if x.options.Progress == nil {
		return
	}
	p := x.history[len(x.history)-1]
	p.Stage = stage
	x.options.Progress(p)
}

// marginal returns the log-likelihood at the curves of the last run.
func (e *expectation) marginal() float64 {
	total := 0.0
	for _, l := range e.logLikelihood {
		total += l
	}
	return total
}

// largestChange returns the largest difference of an a, b or c.
func largestChange(before, after []curve) float64 {
	change := 0.0
	for j := range before {
		p, q := before[j].params(), after[j].params()
		change = max(change, math.Abs(p.A-q.A), math.Abs(p.B-q.B), math.Abs(p.C-q.C))
	}
	return change
}
