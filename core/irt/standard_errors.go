package irt

import "math"

// observed collects, block by block, what standard errors and fit need from the posteriors beyond the counts.
type observed struct {
	rules
	e      *expectation
	curves []curve
	scores *scores
	// products are Σ s̄s̄ᵀ for each item, s̄ a person's posterior mean of the score; squares are Σ w² for each item and
	// node, w a person's posterior.
	products []matrix
	squares  []float64
	full     *fullInformation // nil if there is too much for it
	cursor   []int
}

func newObserved(r rules, e *expectation, curves []curve) *observed {
	o := &observed{
		rules: r, e: e, curves: curves, scores: newScores(r, curves, e.grid.theta),
		products: make([]matrix, len(curves)), squares: make([]float64, len(curves)*e.grid.nodes()),
		cursor: append([]int(nil), e.sample.byItem.first...),
	}
	if fullInformationFits(e.sample) {
		o.full = newFullInformation(e)
	}
	return o
}

// visit adds a block.
func (o *observed) visit(b block) error {
	err := o.e.overItems(len(o.curves), func(_, j int) { o.visitItem(b, j) })
	if err != nil || o.full == nil {
		return err
	}
	return o.full.visit(b)
}

func (o *observed) visitItem(b block, j int) {
	nodes, k := o.scores.nodes, o.curves[j]
	all := &o.e.sample.byItem
	for _, answer := range all.cells[o.cursor[j]:all.first[j+1]] {
		i := answer.index()
		if i >= b.to {
			break
		}
		o.cursor[j]++
		low, high := int(o.e.low[i]), int(o.e.high[i])
		weights, n := b.of(i)[low:high], high-low
		theta, squares := o.e.grid.theta[low:high][:n], o.squares[j*nodes:][low:high][:n]
		byD := o.scores.byD[(2*j+answer.score())*nodes:][low:high][:n]
		var ofD, ofA float64
		for q, w := range weights {
			u := w * byD[q]
			ofD += u
			ofA += u * theta[q]
			squares[q] += w * w
		}
		mean := vector{varLogA: k.a * ofA, varD: ofD, varC: o.scores.byCOfWrong[j]}
		if answer.right() {
			mean[varC] = dot(weights, o.scores.guess(j)[low:high])
		}
		o.products[j].addProduct(mean)
		if o.full != nil {
			copy(o.full.meansOf(b, i)[variables*j:], mean[:])
		}
	}
}

// information returns the observed information of one item's variables, without the prior.
func (o *observed) information(j int) matrix {
	m, bend := o.products[j], o.bend(o.curves[j], o.e.grid.theta, o.e.countsOf(j))
	for x := range variables {
		for y := range variables {
			m[x][y] -= bend[x][y]
		}
	}
	return m
}

// standardErrors returns the standard errors of every item: from the full matrix if there is one and it is positive
// definite, else item by item.
func (o *observed) standardErrors() []StandardErrors {
	if o.full != nil {
		if all, definite := o.fromFull(); definite {
			return all
		}
	}
	if o.model == Model1PL {
		return o.fromArrow()
	}
	all := make([]StandardErrors, len(o.curves))
	for j, k := range o.curves {
		m := o.information(j)
		if o.prior {
			m[varLogA][varLogA] += precisionLogA
			m[varD][varD] += precisionD
			m[varC][varC] += o.curvatureC(k.c)
		}
		if covariance, definite := m.inverse(o.atBound(k)); definite {
			all[j] = o.delta(k, o.withScale(k, covariance))
		}
	}
	return all
}

// withScale adds the uncertainty of the common scale, which is itself estimated from the people.
func (o *observed) withScale(k curve, covariance matrix) matrix {
	people := float64(len(o.e.sample.people))
	if !o.atBound(k)[varLogA] {
		covariance[varLogA][varLogA] += 1 / (2 * people)
	}
	covariance[varD][varD] += k.a * k.a / people
	return covariance
}

// fromArrow is for a 1PL with many items: the information of log a is the sum of the items'.
func (o *observed) fromArrow() []StandardErrors {
	common, aFixed := 0.0, o.atBound(o.curves[0])[varLogA]
	for j := range o.curves {
		m := o.information(j)
		common += m[varLogA][varLogA] - m[varLogA][varD]*m[varLogA][varD]/m[varD][varD]
	}
	all := make([]StandardErrors, len(o.curves))
	if !(common > 0) {
		return all
	}
	for j, k := range o.curves {
		m := o.information(j)
		if !(m[varD][varD] > 0) {
			continue
		}
		var c matrix
		share := m[varLogA][varD] / m[varD][varD]
		if !aFixed {
			c[varLogA][varLogA] = 1 / common
			c[varLogA][varD], c[varD][varLogA] = -share/common, -share/common
		}
		c[varD][varD] = 1/m[varD][varD] + share*share*c[varLogA][varLogA]
		all[j] = o.delta(k, o.withScale(k, c))
	}
	return all
}

// delta returns the standard errors of a, b and c, given the covariance of the variables; b = -d/a.
func (r rules) delta(k curve, covariance matrix) StandardErrors {
	var se StandardErrors
	fixed, b := r.atBound(k), k.params().B
	if !fixed[varLogA] {
		se.A = root(k.a * k.a * covariance[varLogA][varLogA])
	}
	se.B = root(covariance[varD][varD]/(k.a*k.a) + b*b*covariance[varLogA][varLogA] +
		2*b/k.a*covariance[varLogA][varD])
	if !fixed[varC] {
		slope := r.slopeC(k.c)
		se.C = root(slope * slope * covariance[varC][varC])
	}
	return se
}

// widestError is the largest standard error that says anything: the width of the range of abilities. If a likelihood is
// almost flat in a parameter, the inverse of its curvature is a large number without a meaning.
const widestError = 2 * gridLimit

func root(variance float64) Optional {
	if !(variance > 0) || variance > widestError*widestError {
		return Optional{}
	}
	return Some(math.Sqrt(variance))
}
