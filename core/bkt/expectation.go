package bkt

// counts are the expected numbers of the hidden events that the parameters are the frequencies of: how often each
// happened, out of how many chances, in the order of the vector.
type counts struct {
	happened, chances vector
}

// expect runs the forward and backward passes (scaled; Rabiner 1989) and returns the log-likelihood of the answers with
// the expected counts. A chance to learn or to forget is an answer that has a successor.
func (t *tree) expect(p Params, messages []message) (float64, counts) {
	logLikelihood := t.logLikelihood(p, messages)
	for node, ends := range t.ends {
		messages[node].backward = [2]float64{ends, ends}
	}
	emission := p.emission()
	var first, learned, forgot float64 // mastered at the first answer; transitions that changed the state
	var fromUnknown, fromKnown float64 // transitions by where they start
	var states [2][2]float64           // answers by outcome (wrong, right) and state
	for node := len(t.parent) - 1; node >= 0; node-- {
		here := &messages[node]
		outcome := 0
		if t.correct[node] {
			outcome = 1
		}
		known := here.forward[1] * here.backward[1]
		states[outcome][0] += here.forward[0] * here.backward[0]
		states[outcome][1] += known
		parent := t.parent[node]
		if parent < 0 {
			first += known
			continue
		}
		before := &messages[parent]
		unknownAhead := emission[outcome][0] * here.backward[0] * here.scale
		knownAhead := emission[outcome][1] * here.backward[1] * here.scale
		stay, learn := (1-p.T)*unknownAhead, p.T*knownAhead
		keep, forget := (1-p.F)*knownAhead, p.F*unknownAhead
		before.backward[0] += stay + learn
		before.backward[1] += keep + forget
		learned += before.forward[0] * learn
		fromUnknown += before.forward[0] * (stay + learn)
		forgot += before.forward[1] * forget
		fromKnown += before.forward[1] * (keep + forget)
	}
	return logLikelihood, counts{
		happened: vector{first, learned, states[1][0], states[0][1], forgot},
		chances:  vector{t.students, fromUnknown, states[0][0] + states[1][0], states[0][1] + states[1][1], fromKnown},
	}
}
