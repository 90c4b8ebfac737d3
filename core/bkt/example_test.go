package bkt_test

import (
	"fmt"

	"github.com/journey-os/journey-api/core/bkt"
)

// A student answers right, right, wrong and right; the last step says how sure the platform may be.
func Example() {
	params := bkt.Defaults()
	state := params.Start()
	for _, correct := range []bool{true, true, false, true} {
		state = params.Next(state, correct)
	}
	fmt.Printf("mastery %.6f, %s, next answer right with %.2f\n", state.Mastery, state.Trend(), params.PredictCorrect(state.Mastery))
	// Output: mastery 0.803681, stable, next answer right with 0.77
}
