package irt_test

import (
	"runtime"
	"testing"

	"github.com/journey-os/journey-api/core/irt"
)

// What a calibration allocates in all is no less than what it holds at once. (S-X² alone allocates much that it drops
// soon, so there is no complete set of many items.)
func TestTheEstimateOfMemoryIsEnough(t *testing.T) {
	for name, d := range map[string]design{
		"many people": {people: 3000, items: 20},
		"many items":  {people: 300, items: 400, each: 200},
		"few answers": {people: 2000, items: 100, each: 10},
	} {
		data := d.draw(t, 1).data
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := irt.Calibrate(t.Context(), data, irt.Options{MaxIterations: 3}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		used := after.TotalAlloc - before.TotalAlloc
		estimate := irt.EstimateMemory(data.People(), data.Items(), data.Responses())
		t.Logf("%s: %d MB allocated, %d MB estimated", name, used>>20, estimate>>20)
		if used > uint64(estimate) {
			t.Errorf("%s: it takes %d bytes, and the estimate is %d", name, used, estimate)
		}
	}
}
