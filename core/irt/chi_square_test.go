package irt_test

import (
	"math"
	"testing"

	"github.com/journey-os/journey-api/core/irt"
)

func TestChiSquareSurvivalIsThatOfTheTables(t *testing.T) {
	for _, c := range []struct{ x, df, want float64 }{
		{0, 3, 1.0},
		{1e-06, 1, 0.99920211557217787},
		{0.5, 1, 0.47950012218695346},
		{3.841458820694124, 1, 0.050000000000000057},
		{2, 2, 0.36787944117144232},
		{1, 30, 0.99999999999999999},
		{29, 30, 0.51759669789589845},
		{60, 30, 0.00092068239614866626},
		{120, 30, 1.0202758541470041e-12},
		{200, 198, 0.4468402049117042},
		{500, 198, 4.6177269835187876e-28},
		{1000, 10, 1.8702907209159497e-208},
	} {
		if got := irt.ChiSquareSurvival(c.x, c.df); !(math.Abs(got-c.want) <= 1e-10*c.want) {
			t.Errorf("the survival at %v with %v degrees of freedom is %.15g, want %.15g", c.x, c.df, got, c.want)
		}
	}
}
