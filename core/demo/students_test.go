package demo_test

import (
	"slices"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core/demo"
)

var end = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestStudentsAnswerEachItemOnceBeforeTheEnd(t *testing.T) {
	type answer struct{ student, item string }
	items := map[string]demo.Item{}
	for _, item := range demo.NewBank().Items {
		items[item.ID] = item
	}
	seen := map[answer]bool{}
	var last time.Time
	for _, attempt := range demo.Attempts(demo.NewBank(), 40, 1, end) {
		key := answer{attempt.StudentID, attempt.ItemID}
		if seen[key] || attempt.Time.Before(last) || !attempt.Time.Before(end) || attempt.Latency <= 0 {
			t.Fatalf("%+v: twice, out of order, or after the end", attempt)
		}
		item := items[attempt.ItemID]
		isOption := slices.ContainsFunc(item.Options, func(o demo.Option) bool { return o.Key == attempt.Response })
		if attempt.ConceptID != item.ConceptID || !isOption || attempt.Correct != (attempt.Response == item.Key) {
			t.Fatalf("%+v: does not fit %+v", attempt, item)
		}
		seen[key], last = true, attempt.Time
	}
	if len(seen) < 40*100 {
		t.Errorf("%d attempts of 40 students", len(seen))
	}
}

func TestTheSameSeedGivesTheSameAttempts(t *testing.T) {
	bank := demo.NewBank()
	first, again, other := demo.Attempts(bank, 5, 1, end), demo.Attempts(bank, 5, 1, end), demo.Attempts(bank, 5, 2, end)
	if !slices.Equal(first, again) || slices.Equal(first, other) {
		t.Error("attempts do not follow the seed alone")
	}
}

// TestFourHundredStudentsAreEnoughToCalibrate holds the defaults to what a calibration asks for: 100 answers an item,
// and neither all right nor all wrong.
func TestFourHundredStudentsAreEnoughToCalibrate(t *testing.T) {
	bank := demo.NewBank()
	right, all := map[string]int{}, map[string]int{}
	for _, attempt := range demo.Attempts(bank, 400, 1, end) {
		all[attempt.ItemID]++
		if attempt.Correct {
			right[attempt.ItemID]++
		}
	}
	for _, item := range bank.Items {
		if share := float64(right[item.ID]) / float64(all[item.ID]); all[item.ID] < 100 || share < 0.2 || share > 0.99 {
			t.Errorf("%s: %d answers, %.2f right", item.ID, all[item.ID], share)
		}
	}
}
