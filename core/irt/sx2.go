package irt

import "math"

// sx2Items is the largest test for which S-X² is computed: the work grows with the square of the items.
const sx2Items = 200

// sx2 computes the item fit test of Orlando & Thissen (2000) for complete data: people are grouped by their number of
// right answers, and in each group the observed proportion right is compared with the model's.
type sx2 struct {
	o *observed
	// people has the number of people by score, right that of right answers by item and score.
	people []float64
	right  [][]float64
	// likely is the probability of each score.
	likely []float64
	found  []SX2
}

// itemFits returns S-X² for every item, or none if the data are not complete or too many.
func (o *observed) itemFits() ([]SX2, error) {
	s := o.e.sample
	if !s.complete() || len(s.items) > sx2Items {
		return make([]SX2, len(s.items)), nil
	}
	t := &sx2{
		o: o, people: make([]float64, len(s.items)+1), right: make([][]float64, len(s.items)),
		found: make([]SX2, len(s.items)),
	}
	for j := range t.right {
		t.right[j] = make([]float64, len(s.items)+1)
	}
	for i := range s.people {
		score := s.byPerson.correct(i)
		t.people[score]++
		for _, c := range s.byPerson.row(i) {
			t.right[c.index()][score] += float64(c.score())
		}
	}
	nothing := scoreDistribution{len(o.e.grid.theta), o.e.grid.weight}
	t.likely = nothing.with(o.curves, o.e.grid.theta).totals()
	return t.found, t.leaveOneOut(nothing, 0, len(o.curves))
}

// scoreDistribution is the joint probability of score and ability: a row for each score, a place for each node.
type scoreDistribution struct {
	nodes int
	cells []float64
}

// with returns the distribution of the score with more items (Lord & Wingersky 1984).
func (d scoreDistribution) with(curves []curve, theta []float64) scoreDistribution {
	more := scoreDistribution{d.nodes, make([]float64, len(d.cells)+len(curves)*d.nodes)}
	copy(more.cells, d.cells)
	var p, miss perNode
	for n, k := range curves {
		for q, t := range theta {
			p[q], miss[q] = k.probabilities(t)
		}
		// From the highest score down, so that a row is read before it changes.
		for from := len(d.cells) + (n-1)*d.nodes; from >= 0; from -= d.nodes {
			row, higher := more.cells[from:][:d.nodes], more.cells[from+d.nodes:][:d.nodes]
			for q, c := range row {
				higher[q] += c * p[q]
				row[q] = c * miss[q]
			}
		}
	}
	return more
}

// totals returns the probability of each score.
func (d scoreDistribution) totals() []float64 {
	var sums []float64
	for from := 0; from < len(d.cells); from += d.nodes {
		sum := 0.0
		for _, c := range d.cells[from:][:d.nodes] {
			sum += c
		}
		sums = append(sums, sum)
	}
	return sums
}

// leaveOneOut visits the items [from, to) with the distribution of the score on all items outside. Halving the range
// shares the work: J² log J steps instead of J³.
func (t *sx2) leaveOneOut(outside scoreDistribution, from, to int) error {
	if err := t.o.e.ctx.Err(); err != nil {
		return err
	}
	if to-from == 1 {
		t.found[from] = t.item(from, outside)
		return nil
	}
	middle := (from + to) / 2
	theta, curves := t.o.e.grid.theta, t.o.curves
	if err := t.leaveOneOut(outside.with(curves[middle:to], theta), from, middle); err != nil {
		return err
	}
	return t.leaveOneOut(outside.with(curves[from:middle], theta), middle, to)
}

// scoreGroup is a group of people of neighbouring scores.
type scoreGroup struct{ people, expected, observed float64 }

func (g scoreGroup) plus(other scoreGroup) scoreGroup {
	return scoreGroup{g.people + other.people, g.expected + other.expected, g.observed + other.observed}
}

// large reports whether a right and a wrong answer are both expected at least once.
func (g scoreGroup) large() bool { return g.expected >= 1 && g.people-g.expected >= 1 }

// item computes the statistic of one item, given the score distribution on the others.
func (t *sx2) item(j int, others scoreDistribution) SX2 {
	k, theta := t.o.curves[j], t.o.e.grid.theta
	var groups []scoreGroup
	var open scoreGroup
	for score := 1; score < len(t.right); score++ {
		if t.people[score] == 0 {
			continue
		}
		joint := 0.0
		for q, c := range others.cells[(score-1)*others.nodes:][:others.nodes] {
			p, _ := k.probabilities(theta[q])
			joint += c * p
		}
		share := joint / t.likely[score]
		open = open.plus(scoreGroup{t.people[score], t.people[score] * share, t.right[j][score]})
		if open.large() {
			groups, open = append(groups, open), scoreGroup{}
		}
	}
	if last := len(groups) - 1; last >= 0 {
		groups[last] = groups[last].plus(open)
	}
	return t.statistic(j, groups)
}

func (t *sx2) statistic(j int, groups []scoreGroup) SX2 {
	if len(groups) == 0 {
		return SX2{}
	}
	result := SX2{Known: true, DF: len(groups)}
	for _, fixed := range t.o.atBound(t.o.curves[j]) {
		if !fixed {
			result.DF--
		}
	}
	for _, g := range groups {
		off := g.observed - g.expected
		result.Statistic += off*off/g.expected + off*off/(g.people-g.expected)
	}
	if df := float64(result.DF); df > 0 {
		people := float64(len(t.o.e.sample.people))
		result.P = Some(chiSquareSurvival(result.Statistic, df))
		result.RMSEA = Some(math.Sqrt(max(0, (result.Statistic-df)/(df*max(1, people-1)))))
	}
	return result
}
