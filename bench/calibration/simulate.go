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

// simulate writes a table of answers to items with a ~ U(.5, 2.5), b ~ N(0, 1) and c ~ U(.05, .3). If each person answers
// all of them, it has a row a person; otherwise a row an answer, to items at equal steps around the bank.
func simulate(path string, people, items, each int) error {
	isWide, seed := each == items, uint64(items)
	if !isWide {
		seed = math.MaxUint64
	}
	random := rand.New(rand.NewPCG(uint64(people), seed))
	bank := make([]irt.Params, items)
	header := "person_id"
	for k := range bank {
		bank[k] = irt.Params{A: .5 + 2*random.Float64(), B: random.NormFloat64(), C: .05 + .25*random.Float64()}
		header += fmt.Sprintf(",I%04d", k)
	}
	if !isWide {
		header = "person_id,item_id,score"
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	table := bufio.NewWriterSize(file, 1<<20) // its Flush has the errors
	_, _ = table.WriteString(header)
	for p := range people {
		theta, first := random.NormFloat64(), 0
		if isWide {
			_, _ = fmt.Fprintf(table, "\nP%06d", p)
		} else {
			first = random.IntN(items)
		}
		for k := range each {
			at, score := (first+k*items/each)%items, 0
			if random.Float64() < bank[at].Probability(theta) {
				score = 1
			}
			if isWide {
				_, _ = fmt.Fprintf(table, ",%d", score)
			} else {
				_, _ = fmt.Fprintf(table, "\nP%06d,I%04d,%d", p, at, score)
			}
		}
	}
	_, _ = table.WriteString("\n")
	return errors.Join(table.Flush(), file.Close())
}
