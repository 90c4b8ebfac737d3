package irt_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/journey-os/journey-api/core/irt"
)

// simulation is a test whose truth is known: the items, the abilities, and the answers drawn from them.
type simulation struct {
	items []irt.Params
	theta []float64
	data  *irt.Data
}

// design says how a simulation is drawn. Missing parts stand for the platform's own: a ~ U(.5, 2.5), b ~ N(0, 1),
// c ~ U(.05, .3), θ ~ N(0, 1), every person answers every item.
type design struct {
	people, items int
	item          func(*rand.Rand) irt.Params
	ability       func(*rand.Rand) float64
	// each is how many items a person answers, drawn at random; 0 stands for all.
	each int
}

func platformItem(r *rand.Rand) irt.Params {
	return irt.Params{A: .5 + 2*r.Float64(), B: r.NormFloat64(), C: .05 + .25*r.Float64()}
}

// priorItem draws from the prior: log a ~ N(.2, .5²), c ~ Beta(5, 17), b ~ N(0, 1).
func priorItem(r *rand.Rand) irt.Params {
	return irt.Params{A: math.Exp(.2 + .5*r.NormFloat64()), B: r.NormFloat64(), C: beta(r, 5, 17)}
}

// beta draws from a Beta law with whole parameters, as a ratio of sums of exponentials.
func beta(r *rand.Rand, right, wrong int) float64 {
	var x, y float64
	for range right {
		x += r.ExpFloat64()
	}
	for range wrong {
		y += r.ExpFloat64()
	}
	return x / (x + y)
}

// gammaAbility is a gamma law of a whole shape, moved to mean 0 and standard deviation 1. Its skewness is 2/√shape.
func gammaAbility(shape int) func(*rand.Rand) float64 {
	return func(r *rand.Rand) float64 {
		x := -float64(shape)
		for range shape {
			x += r.ExpFloat64()
		}
		return x / math.Sqrt(float64(shape))
	}
}

// skewedAbility has a skewness of 1.41.
func skewedAbility(r *rand.Rand) float64 { return gammaAbility(2)(r) }

func (d design) draw(t testing.TB, seed uint64) simulation {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 17))
	item, ability := d.item, d.ability
	if item == nil {
		item = platformItem
	}
	if ability == nil {
		ability = (*rand.Rand).NormFloat64
	}
	s := simulation{items: make([]irt.Params, d.items), theta: make([]float64, d.people)}
	for j := range s.items {
		s.items[j] = item(r)
	}
	var b irt.Builder
	for j := range s.items {
		b.Item(fmt.Sprintf("I%05d", j))
	}
	for i := range s.theta {
		s.theta[i] = ability(r)
		person := b.Person(fmt.Sprintf("P%06d", i))
		for _, j := range d.choose(r) {
			b.Answer(person, j, r.Float64() < s.items[j].Probability(s.theta[i]))
		}
	}
	s.data = build(t, &b)
	return s
}

func (d design) choose(r *rand.Rand) []int {
	if d.each == 0 || d.each >= d.items {
		all := make([]int, d.items)
		for j := range all {
			all[j] = j
		}
		return all
	}
	chosen, seen := make([]int, 0, d.each), make(map[int]bool, d.each)
	for len(chosen) < d.each {
		if j := r.IntN(d.items); !seen[j] {
			seen[j] = true
			chosen = append(chosen, j)
		}
	}
	return chosen
}
