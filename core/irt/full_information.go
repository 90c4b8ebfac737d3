package irt

import "slices"

const (
	fullItems    = 100
	fullProducts = 20_000_000 // Σ over people of the square of their answers
)

// fullInformation collects the part of the observed information matrix that connects two items (Louis 1982): the
// covariance of their scores over each person's posterior. For two items that is Σ s̄s̄ᵀ minus the mean of the product
// of the scores, and the latter needs only the number of people with each pair of answers at each node.
type fullInformation struct {
	e *expectation
	// means holds s̄ for each person of a block: the variables of all items, 0 if there is no answer.
	means []float64
	// products is Σ s̄s̄ᵀ, only for pairs of items above the diagonal.
	products *square
	// counts has four rows for each pair of items: both wrong, the second right, the first right, both right.
	counts []float64
}

func fullInformationFits(s *sample) bool {
	if len(s.items) > fullItems {
		return false
	}
	sum := 0
	for i := range s.people {
		answers := len(s.byPerson.row(i))
		sum += answers * answers
	}
	return sum <= fullProducts
}

func newFullInformation(e *expectation) *fullInformation {
	items := len(e.sample.items)
	pairs := items * (items - 1) / 2
	return &fullInformation{
		e: e, means: make([]float64, min(blockPeople, len(e.sample.people))*items*variables),
		products: newSquare(items * variables), counts: make([]float64, pairs*4*e.grid.nodes()),
	}
}

// pair is the place of the items j < k: rows of a triangle without its diagonal.
func (f *fullInformation) pair(j, k int) int {
	return j*(2*len(f.e.sample.items)-j-1)/2 + k - j - 1
}

// meansOf is the row of means of a person of the block.
func (f *fullInformation) meansOf(b block, i int) []float64 {
	return f.means[(i-b.from)*f.products.size:][:f.products.size]
}

// visit adds a block, and clears the means for the next.
func (f *fullInformation) visit(b block) error {
	defer clear(f.means)
	return f.e.overItems(len(f.e.sample.items), func(_, j int) {
		for i := b.from; i < b.to; i++ {
			answers := f.e.sample.byPerson.row(i)
			at, answered := slices.BinarySearchFunc(answers, j, func(c cell, j int) int { return c.index() - j })
			if answered {
				f.visitPairs(b, i, answers[at], answers[at+1:])
			}
		}
	})
}

func (f *fullInformation) visitPairs(b block, i int, first cell, others []cell) {
	nodes, j := f.e.grid.nodes(), first.index()
	means, later := f.meansOf(b, i), variables*(j+1)
	for v := variables * j; v < later; v++ {
		addScaled(f.products.row(v)[later:], means[later:], means[v])
	}
	if !f.isRare(first) {
		return
	}
	low, high := int(f.e.low[i]), int(f.e.high[i])
	weights := b.of(i)[low:high]
	for _, second := range others {
		if f.isRare(second) {
			pair := f.pair(j, second.index())
			addInto(f.counts[(4*pair+2*first.score()+second.score())*nodes:][low:high], weights)
		}
	}
}

// isRare reports whether an answer is counted; see sample.rare.
func (f *fullInformation) isRare(answer cell) bool {
	usual := f.e.sample.usual
	return len(usual) == 0 || answer.score() != usual[answer.index()]
}

// countUsual fills in, for complete data, the people with a usual answer to one or both of two items.
func (f *fullInformation) countUsual(j, k int) {
	usual := f.e.sample.usual
	if len(usual) == 0 {
		return
	}
	row := func(ofJ, ofK int) []float64 {
		return f.counts[(4*f.pair(j, k)+2*ofJ+ofK)*f.e.grid.nodes():][:f.e.grid.nodes()]
	}
	rareJ, rareK := 1-usual[j], 1-usual[k]
	allJ, allK := f.e.row(f.e.counts, j, rareJ), f.e.row(f.e.counts, k, rareK)
	both, onlyJ := row(rareJ, rareK), row(rareJ, usual[k])
	onlyK, none := row(usual[j], rareK), row(usual[j], usual[k])
	for q, n := range both {
		onlyJ[q], onlyK[q] = max(0, allJ[q]-n), max(0, allK[q]-n)
		none[q] = max(0, f.e.total[q]-allJ[q]-onlyK[q])
	}
}

// information returns the part of the observed information of two items j < k.
func (f *fullInformation) information(s *scores, curves []curve, j, k int) matrix {
	f.countUsual(j, k)
	pair := f.pair(j, k)
	m := f.products.block(variablesOf(j), variablesOf(k))
	for row := range 4 {
		counts := f.counts[(4*pair+row)*s.nodes:][:s.nodes]
		for q, count := range counts {
			if count == 0 {
				continue
			}
			theta := f.e.grid.theta[q]
			one, other := s.at(curves[j], j, row/2, q, theta), s.at(curves[k], k, row%2, q, theta)
			for x := range variables {
				for y := range variables {
					m[x][y] -= count * one[x] * other[y]
				}
			}
		}
	}
	return m
}

// variablesOf returns the rows of an item's variables if none is left out.
func variablesOf(j int) [variables]int {
	return [variables]int{variables * j, variables*j + 1, variables*j + 2}
}

// fromFull returns the standard errors by the inverse of the whole matrix, and false if it is not positive definite.
func (o *observed) fromFull() ([]StandardErrors, bool) {
	places, size := o.places()
	m := newSquare(size)
	for j := range o.curves {
		m.add(places[j], places[j], o.information(j))
		for k := j + 1; k < len(o.curves); k++ {
			block := o.full.information(o.scores, o.curves, j, k)
			m.add(places[j], places[k], block)
			m.add(places[k], places[j], block.transposed())
		}
	}
	if o.prior {
		o.addPriorCurvature(m, places)
	}
	if !m.invert() {
		return nil, false
	}
	all := make([]StandardErrors, len(o.curves))
	for j, k := range o.curves {
		all[j] = o.delta(k, m.block(places[j], places[j]))
	}
	return all, true
}

// places returns the row of each item's variables in the whole matrix, -1 if one is fixed, and the number of rows.
// The 1PL has one row for the discrimination of all.
func (o *observed) places() (places [][variables]int, size int) {
	common := -1
	for _, k := range o.curves {
		fixed, row := o.atBound(k), [variables]int{-1, -1, -1}
		for v := range variables {
			switch {
			case fixed[v]:
			case v == varLogA && o.model == Model1PL && common >= 0:
				row[v] = common
			default:
				row[v] = size
				size++
			}
		}
		if o.model == Model1PL {
			common = row[varLogA]
		}
		places = append(places, row)
	}
	return places, size
}

// addPriorCurvature adds the curvature of the log-prior with the means of log a and of d profiled out: these connect
// the items.
func (o *observed) addPriorCurvature(m *square, places [][variables]int) {
	items := float64(len(o.curves))
	for j, k := range o.curves {
		m.addAt(places[j][varLogA], places[j][varLogA], precisionLogA)
		m.addAt(places[j][varD], places[j][varD], precisionD)
		m.addAt(places[j][varC], places[j][varC], o.curvatureC(k.c))
		for l := range o.curves {
			m.addAt(places[j][varLogA], places[l][varLogA], -precisionLogA/(items+1))
			m.addAt(places[j][varD], places[l][varD], -precisionD/items)
		}
	}
}
