package irt

import "math"

// scores are the derivatives of the logarithm of an answer's probability at each node, for all items. byD has two rows
// an item, wrong and right, like expectation.table; the derivative by log a is aθ times that. byC is the one by the
// third variable for a right answer; for a wrong one it is the same at all nodes.
type scores struct {
	nodes      int
	byD, byC   []float64
	byCOfWrong []float64
}

func newScores(r rules, curves []curve, theta []float64) *scores {
	s := &scores{
		nodes: len(theta), byD: make([]float64, 2*len(curves)*len(theta)),
		byC: make([]float64, len(curves)*len(theta)), byCOfWrong: make([]float64, len(curves)),
	}
	for j, k := range curves {
		wrong, right, byC := s.wrong(j), s.right(j), s.guess(j)
		slope := r.slopeC(k.c)
		s.byCOfWrong[j] = -slope / (1 - k.c)
		for q, t := range theta {
			odds := math.Exp(-(k.a*t + k.d))
			rise := 1 / (1 + odds)
			fall := odds * rise
			p := k.c + (1-k.c)*rise
			wrong[q] = -rise
			right[q] = (1 - k.c) * rise / p * fall
			byC[q] = slope / p * fall
		}
	}
	return s
}

func (s *scores) wrong(j int) []float64 { return s.byD[2*j*s.nodes:][:s.nodes] }
func (s *scores) right(j int) []float64 { return s.byD[(2*j+1)*s.nodes:][:s.nodes] }
func (s *scores) guess(j int) []float64 { return s.byC[j*s.nodes:][:s.nodes] }

// at returns the score of one answer at one node.
func (s *scores) at(k curve, j, score, q int, theta float64) vector {
	byD := s.byD[(2*j+score)*s.nodes+q]
	v := vector{varLogA: k.a * theta * byD, varD: byD, varC: s.byCOfWrong[j]}
	if score == 1 {
		v[varC] = s.byC[j*s.nodes+q]
	}
	return v
}

// bend returns Σ (right/P - wrong/(1-P))·∂²P over the nodes, the part of the observed information that is due to the
// curvature of P.
func (r rules) bend(k curve, theta []float64, of answers) matrix {
	slope := r.slopeC(k.c)
	second := 0.0 // of c by the third variable
	if r.logitC() {
		second = slope * (1 - 2*k.c)
	}
	free := 1 - k.c
	var m matrix
	for q, t := range theta {
		odds := math.Exp(-(k.a*t + k.d))
		rise := 1 / (1 + odds)
		fall := odds * rise
		// ∂²P over P for right answers, over 1-P = (1-c)·fall for wrong ones.
		right := of.right[q] / (k.c + free*rise) * fall
		wrong := of.wrong[q]
		x := k.a * t
		byZ := (right*free - wrong) * rise
		byZZ := byZ * (1 - 2*rise)
		m[varLogA][varLogA] += byZZ*x*x + byZ*x
		m[varLogA][varD] += byZZ * x
		m[varD][varD] += byZZ
		byZC := -slope * (right - wrong/free) * rise
		m[varLogA][varC] += byZC * x
		m[varD][varC] += byZC
		m[varC][varC] += second * (right - wrong/free)
	}
	for k := range variables {
		for l := range k {
			m[k][l] = m[l][k]
		}
	}
	return m
}
