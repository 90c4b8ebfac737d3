package irt

import (
	"context"
	"errors"
)

// ErrInsufficientData is the error of a calibration in which no item can be calibrated.
var ErrInsufficientData = errors.New("no item has enough responses")

// Calibrate estimates the parameters of all items that have enough answers. A run that reaches the maximum of
// iterations is no error: Result.Converged is false. The errors are ErrInsufficientData, with a Result that has the
// reasons in Skipped; the context's, at most half a second after it is done; and an error for an option out of its
// range. The result does not depend on the number of workers or on the order of the data, to the last bit on one
// architecture.
func Calibrate(ctx context.Context, data *Data, options Options) (Result, error) {
	options, err := options.withDefaults()
	if err != nil {
		return Result{}, err
	}
	s, skipped := newSample(data, options.MinResponses)
	if len(s.items) == 0 {
		return Result{Skipped: skipped}, ErrInsufficientData
	}
	x := newEstimation(s, &workers{ctx: ctx, count: options.Workers}, options)
	trial, err := x.run()
	if err != nil {
		return Result{}, err
	}
	result := Result{
		Skipped: skipped, Converged: x.converged, Iterations: len(x.history), History: x.history,
		Density: DensityNormal, DensityTrial: trial,
	}
	if trial.kept() {
		result.Density = DensityEstimated
	}
	return result, x.describe(&result)
}

// describe fills in what comes from one more E-step at the final parameters.
func (x *estimation) describe(result *Result) error {
	x.report(StageStandardErrors)
	o := newObserved(x.rules, x.e, x.curves)
	x.e.openWindows()
	if err := x.e.run(x.curves, o.visit); err != nil {
		return err
	}
	result.LogLikelihood = x.e.marginal()
	errors := o.standardErrors()
	x.report(StageFit)
	tests, err := o.itemFits()
	if err != nil {
		return err
	}
	result.People, result.Nodes = x.e.people(), x.e.grid.described()
	result.Items = make([]Item, len(x.curves))
	totals := x.e.sample.totals()
	return x.e.overItems(len(x.curves), func(_, j int) {
		item := &result.Items[j]
		*item = x.item(j)
		item.SE = errors[j]
		item.Fit, item.Flags = o.fitOf(j, totals)
		item.Fit.SX2 = tests[j]
		if p := tests[j].P; p.Known && p.Value < sx2P && tests[j].RMSEA.Value > sx2RMSEA {
			item.Flags = append(item.Flags, FlagSX2)
		}
	})
}

func (x *estimation) item(j int) Item {
	s, of := x.e.sample, x.e.countsOf(j)
	item := Item{
		ID: s.items[j], Params: x.curves[j].params(),
		Responses: len(s.byItem.row(j)), Correct: s.byItem.correct(j),
		Counts: make([]Count, x.e.grid.nodes()),
	}
	for q := range item.Counts {
		item.Counts[q] = Count{Responses: of.wrong[q] + of.right[q], Correct: of.right[q]}
	}
	return item
}

func (e *expectation) people() []Person {
	people := make([]Person, len(e.sample.people))
	for i, id := range e.sample.people {
		people[i] = Person{ID: id, Theta: e.mean[i], SD: e.sd[i], Responses: len(e.sample.byPerson.row(i))}
	}
	return people
}

func (g grid) described() []Node {
	nodes := make([]Node, g.nodes())
	for q := range nodes {
		nodes[q] = Node{Theta: g.theta[q], Weight: g.weight[q]}
	}
	return nodes
}
