//go:build unix

package main

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"

	"github.com/journey-os/journey-api/core/irt"
)

// bank draws items: a ~ U(.5, 2.5), b ~ N(0, 1), c ~ U(.05, .3).
func bank(random *rand.Rand, items int) []irt.Params {
	drawn := make([]irt.Params, items)
	for k := range drawn {
		drawn[k] = irt.Params{A: .5 + 2*random.Float64(), B: random.NormFloat64(), C: .05 + .25*random.Float64()}
	}
	return drawn
}

func answer(random *rand.Rand, item irt.Params, theta float64) int {
	if random.Float64() < item.Probability(theta) {
		return 1
	}
	return 0
}

// simulate writes the answers of all people to all items, a row a person.
func simulate(path string, people, items int) error {
	random := rand.New(rand.NewPCG(uint64(people), uint64(items)))
	drawn := bank(random, items)
	return create(path, func(write func(format string, values ...any)) {
		write("person_id")
		for k := range drawn {
			write(",I%04d", k)
		}
		for p := range people {
			theta := random.NormFloat64()
			write("\nP%06d", p)
			for _, item := range drawn {
				write(",%d", answer(random, item, theta))
			}
		}
		write("\n")
	})
}

// simulateSparse writes so many answers of each person, a row an answer, to items at equal steps around the bank.
func simulateSparse(path string, people, items, each int) error {
	random := rand.New(rand.NewPCG(uint64(people), math.MaxUint64))
	drawn := bank(random, items)
	return create(path, func(write func(format string, values ...any)) {
		write("person_id,item_id,score\n")
		for p := range people {
			theta, first := random.NormFloat64(), random.IntN(items)
			for k := range each {
				at := (first + k*items/each) % items
				write("P%06d,I%04d,%d\n", p, at, answer(random, drawn[at], theta))
			}
		}
	})
}

func create(path string, content func(write func(format string, values ...any))) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(file, 1<<20)
	content(func(format string, values ...any) { _, _ = fmt.Fprintf(buffered, format, values...) }) // Flush has the error
	return errors.Join(buffered.Flush(), file.Close())
}
