package bkt

import "math"

// tree holds the answers of many students as the tree of their prefixes: a node represents all students whose answers
// start with the same prefix. Expectations are sums over students, and students who agree so far share their forward
// message; their backward messages add up, each scaled by its own student's likelihood. So one step of EM costs time by
// the number of distinct prefixes, not of answers. Nodes are in order of length, then of answers, wrong before right,
// so that no sum depends on the order of the students.
type tree struct {
	// parent is the node of the prefix that is one answer shorter, -1 for a first answer.
	parent []int32
	// correct reports whether the node's last answer is right.
	correct []bool
	// through is the number of students whose answers start with the prefix, ends of those who have no more answers.
	through, ends []float64
	// students is the number of students with an answer.
	students float64
	answers  int
}

// branch is a node under construction. Its next nodes are by answer, wrong and right; 0, the root, means none.
type branch struct {
	next          [2]int32
	through, ends int32
}

func newTree(students []Student) *tree {
	branches := []branch{{}}
	answers := 0
	for _, student := range students {
		at := int32(0)
		for _, correct := range student.Answers {
			answer := 0
			if correct {
				answer = 1
			}
			if branches[at].next[answer] == 0 {
				branches[at].next[answer] = int32(len(branches)) //nolint:gosec // two thousand million prefixes don't fit into memory
				branches = append(branches, branch{})
			}
			at = branches[at].next[answer]
			branches[at].through++
		}
		branches[at].ends++
		answers += len(student.Answers)
	}
	built := &tree{students: float64(len(students)) - float64(branches[0].ends), answers: answers}
	built.layOut(branches)
	return built
}

// layOut orders the branches, level by level.
func (t *tree) layOut(branches []branch) {
	nodes := len(branches) - 1
	t.parent, t.correct = make([]int32, 0, nodes), make([]bool, 0, nodes)
	t.through, t.ends = make([]float64, 0, nodes), make([]float64, 0, nodes)
	level := make([]int32, 1, nodes+1) // what is laid out or waits to be, in order; the root first
	for at := 0; at < len(level); at++ {
		for answer, next := range branches[level[at]].next {
			if next == 0 {
				continue
			}
			level = append(level, next)
			t.parent = append(t.parent, int32(at-1))
			t.correct = append(t.correct, answer == 1)
			t.through = append(t.through, float64(branches[next].through))
			t.ends = append(t.ends, float64(branches[next].ends))
		}
	}
}

// message is what a node holds during one step of EM. Index 0 is a student without mastery, 1 with mastery.
type message struct {
	// forward is P(state at the last answer | the prefix).
	forward [2]float64
	// backward is the sum, over the students through the node, of P(later answers | state) / P(later answers | prefix).
	backward [2]float64
	// scale is 1 / P(last answer | the answers before).
	scale float64
}

// logLikelihood fills the forward messages and returns the log-probability of all answers; -Inf if one is impossible.
func (t *tree) logLikelihood(p Params, messages []message) float64 {
	emission := p.emission()
	sum := 0.
	for node, parent := range t.parent {
		unknown, known := 1-p.L0, p.L0
		if parent >= 0 {
			before := &messages[parent].forward
			unknown = before[0]*(1-p.T) + before[1]*p.F
			known = before[0]*p.T + before[1]*(1-p.F)
		}
		answer := &emission[0]
		if t.correct[node] {
			answer = &emission[1]
		}
		unknown *= answer[0]
		known *= answer[1]
		probability := unknown + known
		if probability <= 0 {
			return math.Inf(-1)
		}
		scale := 1 / probability
		messages[node].forward = [2]float64{unknown * scale, known * scale}
		messages[node].scale = scale
		sum += t.through[node] * math.Log(probability)
	}
	return sum
}

// emission returns P(answer | state), by answer (wrong, right) and state (without mastery, with it).
func (p Params) emission() [2][2]float64 {
	return [2][2]float64{{1 - p.G, p.S}, {p.G, 1 - p.S}}
}
