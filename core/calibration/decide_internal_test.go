package calibration

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/core/irt"
)

// scaleOf has items i0, i1, … in force, their difficulties rising from -2.
func scaleOf(items int) *Scale {
	scale := &Scale{Items: map[string]Calibrated{}}
	for i := range items {
		scale.Items[fmt.Sprint("i", i)] = Calibrated{Params: irt.Params{A: 1 + .1*float64(i%3), B: -2 + .4*float64(i), C: .2}, RunID: "old"}
	}
	return scale
}

// seenFrom returns the items on a scale of which the scale in force is θ·slope + intercept, some of them harder by shift.
func seenFrom(scale *Scale, slope, intercept, shift float64, shifted ...string) irt.Result {
	result := irt.Result{Nodes: []irt.Node{{Theta: 1, Weight: 1}}, People: []irt.Person{{Theta: -1, SD: .5}}}
	for id, item := range scale.Items {
		b := item.B
		if slices.Contains(shifted, id) {
			b += shift
		}
		result.Items = append(result.Items, irt.Item{
			ID: id, Params: irt.Params{A: item.A * slope, B: (b - intercept) / slope, C: item.C}, SE: irt.StandardErrors{B: irt.Some(.1)},
		})
	}
	slices.SortFunc(result.Items, func(x, y irt.Item) int { return strings.Compare(x.ID, y.ID) })
	return result
}

func TestARunIsPutOnTheScaleInForceIfItSharesEnough(t *testing.T) {
	scale := scaleOf(12)
	own := seenFrom(scale, 1.25, .3, 2, "i3")
	own.Items = append(own.Items, irt.Item{ID: "new", Params: irt.Params{A: 1.25, B: 0, C: .1}})
	decision, got := decide(scale, own)
	if !decision.Applied || !decision.CoversAll || decision.NotApplied != "" || decision.Linking == nil {
		t.Fatalf("decided %+v", decision)
	}
	line := decision.Linking
	if math.Abs(line.Slope-1.25) > 1e-4 || math.Abs(line.Intercept-.3) > 1e-4 || line.Items != 11 || !slices.Equal(line.Drifted, []string{"i3"}) {
		t.Errorf("the line is %+v", line)
	}
	for _, item := range got.Items {
		want := scale.Items[item.ID].Params
		switch item.ID {
		case "new":
			want = irt.Params{A: 1, B: .3, C: .1}
		case "i3":
			want.B += 2
		}
		if math.Abs(item.A-want.A) > 1e-3 || math.Abs(item.B-want.B) > 1e-3 || item.C != want.C {
			t.Errorf("%s is %+v, want %+v", item.ID, item.Params, want)
		}
	}
	if se := got.Items[0].SE.B.Value; math.Abs(se-.125) > 1e-4 {
		t.Errorf("the standard error is %v", se)
	}
	if node, person := got.Nodes[0].Theta, got.People[0]; math.Abs(node-1.55) > 1e-3 || math.Abs(person.Theta+.95) > 1e-3 || math.Abs(person.SD-.625) > 1e-3 {
		t.Errorf("the distribution is at %v, the person %+v", node, person)
	}
	if own.Nodes[0].Theta != 1 || own.People[0].Theta != -1 || own.Items[0].SE.B.Value != .1 {
		t.Error("the run's own result was changed")
	}
}

func TestWhenARunComesInForce(t *testing.T) {
	some := func(scale *Scale, items int) irt.Result {
		result := seenFrom(scale, 1, 0, 0)
		result.Items = result.Items[:items]
		return result
	}
	var all []string
	for i := range 6 {
		all = append(all, fmt.Sprint("i", i))
	}
	scattered := seenFrom(scaleOf(6), 1, 0, 0)
	for i := range scattered.Items {
		scattered.Items[i].B += 4 * float64(i*i%5)
	}
	scattered.Items = append(scattered.Items[:5:5], irt.Item{ID: "new", Params: irt.Params{A: 1}})
	tests := map[string]struct {
		scale                      *Scale
		result                     irt.Result
		applied, coversAll, linked bool
		why                        string
	}{
		"the first run":      {scaleOf(0), some(scaleOf(6), 6), true, true, false, ""},
		"five items of many": {scaleOf(12), some(scaleOf(12), 5), true, false, true, ""},
		"four items of many": {scaleOf(12), some(scaleOf(12), 4), false, false, false, "shares 4 items with those in force, fewer than 5"},
		"no item of many":    {scaleOf(12), irt.Result{Items: []irt.Item{{ID: "new", Params: irt.Params{A: 1}}}}, false, false, false, "shares 0 items"},
		"all of the three in force, a scale of its own": {scaleOf(3), some(scaleOf(6), 6), true, true, false, ""},
		"all in force, drifted apart alike":             {scaleOf(6), seenFrom(scaleOf(6), 1, 0, 3, all...), true, true, true, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, _ := decide(test.scale, test.result)
			if got.Applied != test.applied || got.CoversAll != test.coversAll || (got.Linking != nil) != test.linked {
				t.Errorf("decided %+v", got)
			}
			if !strings.Contains(got.NotApplied, test.why) || (got.NotApplied == "") != test.applied {
				t.Errorf("because %q, want %q", got.NotApplied, test.why)
			}
		})
	}
}

// The second run has the answers of the first and those of as many students who are abler by one.
func TestNewAnswersKeepTheScale(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	builder, items := &irt.Builder{}, make([]irt.Params, 20)
	for i := range items {
		items[i] = irt.Params{A: .8 + random.Float64(), B: random.NormFloat64(), C: .2}
	}
	calibrated := func(from, to int, mean float64) irt.Result {
		for p := from; p < to; p++ {
			theta := mean + random.NormFloat64()
			for i, item := range items {
				builder.Add(fmt.Sprintf("p%04d", p), fmt.Sprintf("i%02d", i), random.Float64() < item.Probability(theta))
			}
		}
		data, err := builder.Data()
		if err != nil {
			t.Fatal(err)
		}
		result, err := irt.Calibrate(t.Context(), data, irt.Options{Workers: 1, Density: irt.DensityNormal})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	_, first := decide(&Scale{}, calibrated(0, 600, 0))
	scale := &Scale{Items: map[string]Calibrated{}}
	for _, item := range first.Items {
		scale.Items[item.ID] = Calibrated{Params: item.Params}
	}
	own := calibrated(600, 1200, 1)
	decision, second := decide(scale, own)
	if decision.Linking == nil || len(decision.Linking.Drifted) > 0 {
		t.Fatalf("decided %+v", decision.Linking)
	}
	within, ownShift, shift := 0, 0.0, 0.0
	for i, item := range second.Items {
		was := first.Items[i]
		ownShift += own.Items[i].B - was.B
		shift += item.B - was.B
		if math.Abs(item.B-was.B) < was.SE.B.Value {
			within++
		}
	}
	n := float64(len(items))
	if within < 17 || math.Abs(shift/n) > .05 || ownShift/n > -.2 {
		t.Errorf("%d of 20 difficulties are within their standard error; they moved by %.3f, and without linking by %.3f", within, shift/n, ownShift/n)
	}
}
