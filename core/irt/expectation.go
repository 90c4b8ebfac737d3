package irt

import "math"

const (
	// blockPeople is how many posteriors are held at once: those of all people would not fit in memory.
	blockPeople = 2048
	// A posterior is computed on the nodes at which its logarithm is within cut of the peak, and on all nodes again if
	// an edge of that window comes within alarm of it. The rest is below the precision of a float64.
	cut   = 38
	alarm = 32
)

// expectation is the E-step: the posterior of each person, and the answers that each item is expected to have had at
// each node.
type expectation struct {
	*workers
	sample *sample
	grid   grid

	// logLikelihood, mean and variance describe each person's posterior; mean and sd are those of ability.
	logLikelihood, mean, sd []float64
	// counts has two rows for each item, wrong answers and right ones, with a place for each node: an answer's cell is
	// the number of its row. table has the same shape and holds the logarithms of their probabilities. base is what the
	// rows are added to. In complete data it is the weights with the usual answers to all items, and the row of the
	// other answer is the change that it makes; total is then the number of people at each node.
	counts, table, base, total []float64
	// low and high are the nodes [low, high) of each person's window.
	low, high []int16

	block  block
	logs   [][]float64 // scratch of each worker
	cursor []int       // how far the answers of each item have been counted
}

// block holds the posteriors of the people [from, to), which are 0 outside their windows.
type block struct {
	from, to  int
	nodes     int
	posterior []float64
}

func newExpectation(s *sample, w *workers) *expectation {
	people := len(s.people)
	e := &expectation{
		workers: w, sample: s,
		logLikelihood: make([]float64, people), mean: make([]float64, people), sd: make([]float64, people),
		low: make([]int16, people), high: make([]int16, people),
		logs: make([][]float64, w.count), cursor: make([]int, len(s.items)),
	}
	e.setGrid(normalGrid(coarsest))
	return e
}

// setGrid takes another grid. Windows on a grid of as many nodes, or of half the step, are kept.
func (e *expectation) setGrid(g grid) {
	before := e.grid.nodes()
	e.grid = g
	if g.nodes() == before {
		return
	}
	size := 2 * len(e.sample.items) * g.nodes()
	e.counts, e.table = make([]float64, size), make([]float64, size)
	e.base, e.total = make([]float64, g.nodes()), make([]float64, g.nodes())
	e.block = block{nodes: g.nodes(), posterior: make([]float64, min(blockPeople, len(e.sample.people))*g.nodes())}
	for worker := range e.logs {
		e.logs[worker] = make([]float64, g.nodes())
	}
	if g.nodes() != 2*before-1 {
		e.openWindows()
		return
	}
	for i := range e.low {
		e.low[i], e.high[i] = 2*e.low[i], 2*e.high[i]-1
	}
}

// openWindows makes the next run compute every posterior on all nodes.
func (e *expectation) openWindows() {
	for i := range e.low {
		e.low[i], e.high[i] = 0, int16(e.grid.nodes()) //nolint:gosec // at most finest
	}
}

// run computes posteriors and counts under the curves. After each block it calls visit, which may be nil.
func (e *expectation) run(curves []curve, visit func(block) error) error {
	if err := e.tabulate(curves); err != nil {
		return err
	}
	clear(e.counts)
	clear(e.total)
	copy(e.cursor, e.sample.rare.byItem.first)
	for from := 0; from < len(e.sample.people); from += blockPeople {
		e.block.from, e.block.to = from, min(from+blockPeople, len(e.sample.people))
		err := e.each(e.block.to-from, 16, func(worker, low, high int) {
			for i := low; i < high; i++ {
				e.posterior(from+i, e.logs[worker])
			}
		})
		if err == nil {
			err = e.overItems(len(curves), func(_, j int) { e.countItem(j) })
		}
		if err == nil && visit != nil {
			err = visit(e.block)
		}
		if err != nil {
			return err
		}
		e.addPosteriors(e.total)
	}
	e.countUsual()
	return nil
}

// countUsual counts the usual answers in complete data.
func (e *expectation) countUsual() {
	for j, usual := range e.sample.usual {
		rare, rest := e.row(e.counts, j, 1-usual), e.row(e.counts, j, usual)
		for q, n := range e.total {
			rest[q] = max(0, n-rare[q])
		}
	}
}

// row is the row of an item's wrong or right answers.
func (e *expectation) row(rows []float64, j, score int) []float64 {
	nodes := e.grid.nodes()
	return rows[(2*j+score)*nodes:][:nodes]
}

// overItems calls part for every item, on all workers.
func (w *workers) overItems(items int, part func(worker, item int)) error {
	return w.each(items, max(1, items/64), func(worker, low, high int) {
		for j := low; j < high; j++ {
			part(worker, j)
		}
	})
}

func (e *expectation) tabulate(curves []curve) error {
	err := e.overItems(len(curves), func(_, j int) {
		curves[j].tabulate(e.grid.theta, e.row(e.table, j, 1), e.row(e.table, j, 0))
	})
	copy(e.base, e.grid.logWeight)
	for j, usual := range e.sample.usual {
		rare, common := e.row(e.table, j, 1-usual), e.row(e.table, j, usual)
		for q, l := range common {
			e.base[q] += l
			rare[q] -= l
		}
	}
	return err
}

// posterior computes the posterior of one person of the block.
func (e *expectation) posterior(i int, logs []float64) {
	low, high := int(e.low[i]), int(e.high[i])
	window := e.logPosterior(i, logs[low:high], low)
	peak := highest(window)
	if low > 0 && window[0] > peak-alarm || high < len(logs) && window[len(window)-1] > peak-alarm {
		low, high = 0, len(logs)
		window = e.logPosterior(i, logs, 0)
		peak = highest(window)
	}
	for len(window) > 2 && window[1] < peak-cut {
		window, low = window[1:], low+1
	}
	for len(window) > 2 && window[len(window)-2] < peak-cut {
		window, high = window[:len(window)-1], high-1
	}
	e.low[i], e.high[i] = int16(low), int16(high) //nolint:gosec // at most finest
	whole := e.block.of(i)
	clear(whole[:low])
	clear(whole[high:])
	weights, theta := whole[low:high][:len(window)], e.grid.theta[low:high][:len(window)]
	total := 0.0
	for q, l := range window {
		weights[q] = math.Exp(l - peak)
		total += weights[q]
	}
	mean := 0.0
	for q := range weights {
		weights[q] /= total
		mean += weights[q] * theta[q]
	}
	variance := 0.0
	for q, w := range weights {
		variance += w * (theta[q] - mean) * (theta[q] - mean)
	}
	e.logLikelihood[i], e.mean[i], e.sd[i] = peak+math.Log(total), mean, math.Sqrt(variance)
}

// logPosterior fills sum with the logarithm of the posterior, short of a constant, at the nodes from low on.
func (e *expectation) logPosterior(i int, sum []float64, low int) []float64 {
	nodes, n := e.grid.nodes(), len(sum)
	copy(sum, e.base[low:])
	answers := e.sample.rare.byPerson.row(i)
	for ; len(answers) >= 4; answers = answers[4:] {
		addFour(sum, e.table[int(answers[0])*nodes+low:], e.table[int(answers[1])*nodes+low:],
			e.table[int(answers[2])*nodes+low:], e.table[int(answers[3])*nodes+low:])
	}
	for _, answer := range answers {
		addInto(sum, e.table[int(answer)*nodes+low:][:n])
	}
	return sum
}

// countItem adds the block's people to the counts of one item, four with the same answer at a time.
func (e *expectation) countItem(j int) {
	rare := &e.sample.rare.byItem
	answers := rare.cells[e.cursor[j]:rare.first[j+1]]
	var sums [2]fourRows
	for k, answer := range answers {
		i := answer.index()
		if i >= e.block.to {
			answers = answers[:k]
			break
		}
		sum := &sums[answer.score()]
		if sum.take(e.block.of(i), int(e.low[i]), int(e.high[i])) {
			sum.addTo(e.row(e.counts, j, answer.score()))
		}
	}
	for score := range sums {
		sums[score].addTo(e.row(e.counts, j, score))
	}
	e.cursor[j] += len(answers)
}

// addPosteriors adds the block's posteriors, person by person.
func (e *expectation) addPosteriors(sum []float64) {
	for i := e.block.from; i < e.block.to; i++ {
		low, high := int(e.low[i]), int(e.high[i])
		addInto(sum[low:high], e.block.of(i)[low:high])
	}
}

// of returns the posterior of a person of the block, over all nodes.
func (b block) of(i int) []float64 { return b.posterior[(i-b.from)*b.nodes:][:b.nodes] }
