package practice_test

import (
	"reflect"
	"runtime"
	"slices"
	"testing"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/irt"
	"github.com/journey-os/journey-api/core/practice"
)

func someInputs() practice.PickInputs {
	posterior := irt.NewPosterior()
	posterior.Observe(irt.Params{A: 1.3, B: -.4, C: .2}, true)
	settings := adaptive.DefaultSettings()
	settings.Ready, settings.Randomesque, settings.Criterion = .8, 3, adaptive.CriterionMEPV
	return practice.PickInputs{
		Settings: settings, Mastery: map[string]float64{"b": .1 + .2, "a": 1, "ü": 5e-324}, Posterior: &posterior,
		Edges: []adaptive.Edge{{Prerequisite: "a", Concept: "b"}, {Prerequisite: "", Concept: "b"}}, BankFingerprint: 1<<63 + 7,
	}
}

func TestInputsComeBackAsTheyWere(t *testing.T) {
	plain := someInputs()
	plain.Posterior, plain.Edges = nil, nil
	for name, want := range map[string]practice.PickInputs{"all there is": someInputs(), "no posterior and no edge": plain, "nothing": {Mastery: map[string]float64{}}} {
		got, err := practice.DecodePickInputs(want.Encode())
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v: %v", name, got, want, err)
		}
	}
}

// What is cut short or is something else is refused, and nothing panics or runs on.
func TestInputsThatAreNoneAreRefused(t *testing.T) {
	whole := someInputs().Encode()
	for size := range whole {
		if _, err := practice.DecodePickInputs(whole[:size]); err == nil && size != len(whole)-8*irt.AbilityNodes {
			t.Errorf("%d bytes of %d were taken", size, len(whole))
		}
	}
	other := append([]byte{}, whole...)
	other[0]++
	if _, err := practice.DecodePickInputs(other); err == nil {
		t.Error("another form was taken")
	}
}

// A damaged count takes no more memory than there are bytes.
func TestInputsWithMoreEntriesThanBytesTakeNoMemory(t *testing.T) {
	encoded := slices.Concat([]byte{1}, make([]byte, 8+5+1+1), []byte("\x80\x80\x80\x02")) // 2,097,152 edges
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := practice.DecodePickInputs(encoded)
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; err == nil || taken > 1<<20 {
		t.Errorf("%v, after %d bytes of memory", err, taken)
	}
}

func FuzzInputs(f *testing.F) {
	f.Add(someInputs().Encode())
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, encoded []byte) {
		inputs, err := practice.DecodePickInputs(encoded)
		if err != nil {
			return
		}
		again, err := practice.DecodePickInputs(inputs.Encode())
		if err != nil || len(again.Mastery) != len(inputs.Mastery) || again.BankFingerprint != inputs.BankFingerprint {
			t.Errorf("read %+v, written and read again %+v: %v", inputs, again, err)
		}
	})
}
