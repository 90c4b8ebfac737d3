package bkt_test

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/journey-os/journey-api/core/bkt"
)

// tableRow is one line of testdata/updates.csv, computed in exact fractions.
type tableRow struct {
	name                             string
	params                           bkt.Params
	correct                          bool
	before, answer, posterior, after float64
}

func readTable(t testing.TB) []tableRow {
	t.Helper()
	file, err := os.Open("testdata/updates.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]tableRow, 0, len(lines))
	for _, line := range lines[1:] {
		number := func(column int) float64 {
			value, err := strconv.ParseFloat(line[column], 64)
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
		rows = append(rows, tableRow{
			name:    line[0] + ", answer " + line[1],
			params:  bkt.Params{L0: number(2), T: number(3), G: number(4), S: number(5), F: number(6)},
			correct: line[7] == "1",
			before:  number(8), answer: number(9), posterior: number(10), after: number(11),
		})
	}
	return rows
}

func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }

func TestUpdateAgreesWithTheExactTable(t *testing.T) {
	for _, row := range readTable(t) {
		t.Run(row.name, func(t *testing.T) {
			got := row.params.Update(row.before, row.correct)
			if !near(got.Probability, row.answer, 1e-12) || !near(got.Posterior, row.posterior, 1e-12) || !near(got.Mastery, row.after, 1e-12) {
				t.Errorf("got %+v, want answer %v, posterior %v, mastery %v", got, row.answer, row.posterior, row.after)
			}
		})
	}
}
