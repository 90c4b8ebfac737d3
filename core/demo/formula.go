package demo

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// optionsPerItem is the number of options of an item, the right one included.
const optionsPerItem = 5

// apart is the least difference of two options, as a share of the larger one, so that no option is a rounding
// difference.
const apart = 0.03

// formula is a concept: what is computed, from which inputs, and the usual mistakes.
type formula struct {
	id, name string
	// needs lists the concepts that this one builds on.
	needs  []string
	weight float64
	inputs []input
	// stems ask the question in different words; {name} is replaced by an input.
	stems []string
	unit  string
	// answer computes the right answer from the inputs, in their order.
	answer func([]float64) float64
	// mistakes lists at least four. A mistake is skipped if its result is the right one by chance, or is close to
	// another option.
	mistakes []mistake
	// because explains the right answer.
	because string
}

// mistake is a way to get it wrong.
type mistake struct {
	name   string
	result func([]float64) float64
}

// input is a number of the stem: twelve values between low and high, rounded to step.
type input struct {
	name            string
	low, high, step float64
	unit            string
}

// strides are coprime to ItemsPerConcept, so that each input takes each of its twelve values once, in another order
// than its neighbours.
var strides = []int{1, 5, 7, 11}

func (in input) value(i, position int) float64 {
	at := (i*strides[position%len(strides)] + 3*position) % ItemsPerConcept
	value := in.low + (in.high-in.low)*float64(at)/(ItemsPerConcept-1)
	return math.Round(value/in.step) * in.step
}

func (in input) show(value float64) string {
	decimals := 0
	for step := in.step; step < 0.999 && decimals < 4; step *= 10 {
		decimals++
	}
	return withUnit(strconv.FormatFloat(value, 'f', decimals, 64), in.unit)
}

// show writes an answer with three significant digits, or all digits of its whole part, and its unit.
func (f formula) show(value float64) string { return withUnit(significant(value), f.unit) }

func withUnit(number, unit string) string {
	switch unit {
	case "":
		return number
	case "%":
		return number + "%"
	default:
		return number + " " + unit
	}
}

func significant(value float64) string {
	if value == 0 {
		return "0"
	}
	digits := 2 - int(math.Floor(math.Log10(math.Abs(value))))
	text := strconv.FormatFloat(value, 'f', min(max(digits, 0), 6), 64)
	shortest, _ := strconv.ParseFloat(text, 64) // 2.50 is written 2.5
	return strconv.FormatFloat(shortest, 'f', -1, 64)
}

// candidate is an option before it has a letter.
type candidate struct {
	value   float64
	mistake string
}

// candidates returns the right answer and four wrong ones, by size, as item writers list numbers.
func (f formula) candidates(values []float64, right float64) []candidate {
	chosen := []candidate{{value: right}}
	for _, m := range f.mistakes {
		wrong := m.result(values)
		near := func(other candidate) bool { return tooClose(other.value, wrong) }
		absurd := f.unit == "%" && wrong > 100 // nobody chooses more than the whole
		if len(chosen) < optionsPerItem && !absurd && !slices.ContainsFunc(chosen, near) {
			chosen = append(chosen, candidate{value: wrong, mistake: m.name})
		}
	}
	slices.SortFunc(chosen, func(a, b candidate) int { return cmp.Compare(a.value, b.value) })
	return chosen
}

func tooClose(a, b float64) bool {
	return math.Abs(a-b) <= apart*max(math.Abs(a), math.Abs(b)) || significant(a) == significant(b)
}
