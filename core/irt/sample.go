package irt

import "slices"

// sample is the data of a calibration: the answers to the items that can be calibrated, and the people who gave them.
// It is held twice, by person and by item, each sorted.
type sample struct {
	people, items []string
	byPerson      index
	byItem        index
	// rare are the answers that have to be looked at one by one. If every person answered every item, they are those
	// that differ from the item's usual answer, which most people gave; else they are all of them.
	rare  rareAnswers
	usual []int
}

// rareAnswers lists answers by person and by item.
type rareAnswers struct{ byPerson, byItem index }

// index lists, for each row, its answers: those of row k are cells[first[k]:first[k+1]].
type index struct {
	first []int
	cells []cell
}

func (x *index) row(k int) []cell { return x.cells[x.first[k]:x.first[k+1]] }

// correct counts the right answers of a row.
func (x *index) correct(k int) int {
	count := 0
	for _, c := range x.row(k) {
		count += c.score()
	}
	return count
}

// newSample leaves out items without variance and those with fewer answers than least.
func newSample(data *Data, least int) (*sample, []Skipped) {
	total, right := make([]int, data.Items()), make([]int, data.Items())
	for _, c := range data.cells {
		total[c.index()]++
		right[c.index()] += c.score()
	}
	s := &sample{}
	var skipped []Skipped
	place := make([]int, data.Items())
	for j, id := range data.items {
		place[j] = -1
		switch {
		case right[j] == 0 || right[j] == total[j]:
			skipped = append(skipped, Skipped{ID: id, Reason: SkipNoVariance, Responses: total[j]})
		case total[j] < least:
			skipped = append(skipped, Skipped{ID: id, Reason: SkipInsufficientResponses, Responses: total[j]})
		default:
			place[j] = len(s.items)
			s.items = append(s.items, id)
		}
	}
	s.keepPeople(data, place)
	s.byItem = s.byPerson.transposed(len(s.items))
	s.rare = rareAnswers{byPerson: s.byPerson, byItem: s.byItem}
	if s.complete() {
		s.leaveOutUsual()
	}
	return s, skipped
}

// keepPeople takes the answers to the items that have a place. If that is all of them, they are shared with the data,
// not copied.
func (s *sample) keepPeople(data *Data, place []int) {
	if len(s.items) == data.Items() && !slices.Contains(rowLengths(data.first), 0) {
		s.people, s.byPerson = data.people, index{first: data.first, cells: data.cells}
		return
	}
	s.byPerson.first = []int{0}
	for p, id := range data.people {
		for _, c := range data.cells[data.first[p]:data.first[p+1]] {
			if j := place[c.index()]; j >= 0 {
				s.byPerson.cells = append(s.byPerson.cells, newCell(j, c.right()))
			}
		}
		if end := len(s.byPerson.cells); end > s.byPerson.first[len(s.people)] {
			s.people = append(s.people, id)
			s.byPerson.first = append(s.byPerson.first, end)
		}
	}
}

func rowLengths(first []int) []int {
	lengths := make([]int, len(first)-1)
	for k := range lengths {
		lengths[k] = first[k+1] - first[k]
	}
	return lengths
}

// transposed returns the same answers by column, sorted by row.
func (x *index) transposed(columns int) index {
	t := index{first: make([]int, columns+1), cells: make([]cell, len(x.cells))}
	for _, c := range x.cells {
		t.first[c.index()+1]++
	}
	for k := range columns {
		t.first[k+1] += t.first[k]
	}
	next := slices.Clone(t.first[:columns])
	for row := range len(x.first) - 1 {
		for _, c := range x.row(row) {
			t.cells[next[c.index()]] = newCell(row, c.right())
			next[c.index()]++
		}
	}
	return t
}

func (s *sample) leaveOutUsual() {
	s.usual = make([]int, len(s.items))
	for j := range s.usual {
		if 2*s.byItem.correct(j) > len(s.people) {
			s.usual[j] = 1
		}
	}
	var rare index
	rare.first = make([]int, 1, len(s.people)+1)
	for i := range s.people {
		for _, c := range s.byPerson.row(i) {
			if c.score() != s.usual[c.index()] {
				rare.cells = append(rare.cells, c)
			}
		}
		rare.first = append(rare.first, len(rare.cells))
	}
	s.rare = rareAnswers{byPerson: rare, byItem: rare.transposed(len(s.items))}
}

// complete reports whether every person answered every item.
func (s *sample) complete() bool { return len(s.byPerson.cells) == len(s.people)*len(s.items) }
