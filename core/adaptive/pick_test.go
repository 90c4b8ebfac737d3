package adaptive_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/irt"
)

func newBank(t testing.TB, concepts []adaptive.Concept, items []adaptive.Item) *adaptive.Bank {
	t.Helper()
	bank, err := adaptive.NewBank(concepts, items)
	if err != nil {
		t.Fatal(err)
	}
	return bank
}

func newRequest(t testing.TB, bank *adaptive.Bank, scope ...string) *adaptive.Request {
	t.Helper()
	request, err := bank.NewRequest(scope)
	if err != nil {
		t.Fatal(err)
	}
	return request
}

// smallBank is a small bank with names: output -> pressure -> shock, and clearance apart.
func smallBank(t testing.TB) (*adaptive.Bank, *adaptive.Graph) {
	t.Helper()
	var concepts []adaptive.Concept
	var items []adaptive.Item
	for id, name := range map[string]string{"out": "Cardiac output", "map": "Mean arterial pressure", "shock": "Shock", "cl": "Clearance"} {
		concepts = append(concepts, adaptive.Concept{ID: id, Name: name, Weight: 1, L0: .1})
		for i := range 3 {
			items = append(items, adaptive.Item{
				ID: fmt.Sprintf("%s-%d", id, i), Concept: id, Params: irt.Params{A: 1, B: float64(i), C: .2}, Calibrated: true,
			})
		}
	}
	bank := newBank(t, concepts, items)
	return bank, adaptive.NewGraph(bank, []adaptive.Edge{{Prerequisite: "out", Concept: "map"}, {Prerequisite: "map", Concept: "shock"}})
}

func TestTheSentenceSaysWhy(t *testing.T) {
	bank, graph := smallBank(t)
	everything := []string{"out", "map", "shock", "cl"}
	for _, test := range []struct {
		name      string
		scope     []string
		mastery   map[string]float64
		given     []string
		practised []string
		want      string
	}{
		{"weakest", []string{"cl", "out"}, map[string]float64{"cl": .309, "out": .6}, nil, nil,
			"Clearance needs practice most (mastered to 30%, ready at 85%); this is the most telling of its 3 questions for the present ability."},
		{"prerequisite", []string{"shock"}, map[string]float64{"shock": .2, "map": .9, "out": .849999}, nil, nil,
			"Cardiac output comes before Shock and is not mastered yet (84%, ready at 85%); this is the most telling of its 3 questions for the present ability."},
		{"prerequisite after a step back", []string{"cl", "shock"}, map[string]float64{"cl": .1, "shock": .2, "map": .9, "out": .5}, nil, []string{"cl"},
			"Cardiac output comes before Shock and is not mastered yet (50%, ready at 85%); Clearance was practised just now; this is the most telling of its 3 questions for the present ability."},
		{"rotation", []string{"cl", "out"}, map[string]float64{"cl": .3, "out": .6}, []string{"cl-0", "out-0", "out-1"}, []string{"cl"},
			"Clearance comes first but was practised just now, so it is the turn of Cardiac output (mastered to 60%, ready at 85%); this is its only question that was not given lately."},
		{"the weakest without questions", []string{"cl", "out"}, map[string]float64{"cl": .3, "out": .6}, []string{"cl-0", "cl-1", "cl-2"}, nil,
			"Cardiac output needs practice most of the concepts that have questions left (mastered to 60%, ready at 85%); this is the most telling of its 3 questions for the present ability."},
		{"all mastered", everything, map[string]float64{"cl": .9, "out": .85, "map": 1, "shock": .86}, nil, nil,
			"Every chosen concept is mastered (ready at 85%), so this question is drawn at random from 12."},
		{"nothing left of what needs practice", []string{"cl", "out"}, map[string]float64{"cl": .3, "out": .9}, []string{"cl-0", "cl-1", "cl-2", "out-0", "out-1"}, nil,
			"The concepts that need practice have no question left that was not given lately, so this is the only question left."},
	} {
		t.Run(test.name, func(t *testing.T) {
			request := newRequest(t, bank, test.scope...)
			for concept, mastery := range test.mastery {
				request.SetMastery(concept, mastery)
			}
			request.Given, request.Practised = test.given, test.practised
			got, err := request.Pick(adaptive.DefaultSettings(), graph)
			if err != nil {
				t.Fatal(err)
			}
			if got.Sentence != test.want {
				t.Errorf("got  %s\nwant %s", got.Sentence, test.want)
			}
		})
	}
}

func TestAnUncalibratedItemIsSaidToBe(t *testing.T) {
	bank := newBank(t, []adaptive.Concept{{ID: "C", Weight: 1}}, []adaptive.Item{{ID: "i", Concept: "C", Params: adaptive.Uncalibrated()}})
	got, err := newRequest(t, bank, "C").Pick(adaptive.DefaultSettings(), nil)
	if err != nil || got.Item.Calibrated || !strings.Contains(got.Sentence, "not been measured") {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWeightDecidesPriority(t *testing.T) {
	bank := newBank(t, []adaptive.Concept{{ID: "a", Weight: 1}, {ID: "b", Weight: 3}},
		[]adaptive.Item{{ID: "a1", Concept: "a", Params: adaptive.Uncalibrated()}, {ID: "b1", Concept: "b", Params: adaptive.Uncalibrated()}})
	request := newRequest(t, bank, "a", "b")
	request.SetMastery("a", .25) // (.85-.25)·1 = .6
	request.SetMastery("b", .6)  // (.85-.60)·3 = .75
	if got := request.Considered(adaptive.DefaultSettings()); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("got %v", got)
	}
}

func TestDrawsComeFromSessionAndPosition(t *testing.T) {
	bank, graph := smallBank(t)
	settings := adaptive.DefaultSettings()
	settings.Randomesque = 2
	counts := map[string]int{}
	for position := range 400 {
		request := newRequest(t, bank, "cl")
		request.Session, request.Position = "s", position
		first, err := request.Pick(settings, graph)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := request.Pick(settings, graph); again.Item != first.Item {
			t.Fatalf("position %d: %s, then %s", position, first.Item.ID, again.Item.ID)
		}
		counts[first.Item.ID]++
	}
	// At ability 0 the best two of difficulties 0, 1, 2 are 0 and 1. Each should come 200 times, give or take 10 each way.
	if counts["cl-2"] != 0 || counts["cl-0"] < 150 || counts["cl-1"] < 150 {
		t.Errorf("got %v", counts)
	}
}

func TestRandomPicksAreSpreadEvenly(t *testing.T) {
	bank, graph := smallBank(t)
	counts := map[string]int{}
	const draws = 1200
	for position := range draws {
		request := newRequest(t, bank, "cl", "out", "map", "shock")
		for _, concept := range []string{"cl", "out", "map", "shock"} {
			request.SetMastery(concept, .9)
		}
		request.Given = []string{"out-1", "nothing the bank knows", "shock-2"}
		request.Session, request.Position = "another", position
		got, err := request.Pick(adaptive.DefaultSettings(), graph)
		if err != nil {
			t.Fatal(err)
		}
		counts[got.Item.ID]++
	}
	if len(counts) != 10 || counts["out-1"]+counts["shock-2"] > 0 {
		t.Errorf("drawn: %v", counts)
	}
	chiSquare := 0.
	for _, n := range counts {
		chiSquare += math.Pow(float64(n)-draws/10, 2) / (draws / 10)
	}
	if chiSquare > 27.9 { // the 99.9 % point with 9 degrees of freedom
		t.Errorf("chi-square %v: %v", chiSquare, counts)
	}
}

func TestCriteriaThatWeighNeedAPosterior(t *testing.T) {
	bank, graph := smallBank(t)
	for _, criterion := range []adaptive.Criterion{adaptive.CriterionMEPV, adaptive.CriterionWeightedInformation} {
		settings := adaptive.DefaultSettings()
		settings.Criterion = criterion
		request := newRequest(t, bank, "cl")
		if _, err := request.Pick(settings, graph); err == nil {
			t.Errorf("%s without a posterior: no error", criterion)
		}
		posterior := irt.NewPosterior()
		request.Posterior = &posterior
		if got, err := request.Pick(settings, graph); err != nil || got.Item.ID == "" {
			t.Errorf("%s: %+v, %v", criterion, got, err)
		}
	}
}

func TestWeightedInformationIsTheMeanOverThePosterior(t *testing.T) {
	posterior := irt.NewPosterior()
	item := irt.Params{A: 1.3, B: .4, C: .2}
	var sum, weights float64
	for q := range 61 {
		theta := -6 + .2*float64(q)
		weight := math.Exp(-theta * theta / 2)
		sum, weights = sum+weight*information(item, theta), weights+weight
	}
	if got := posterior.ExpectedInformation(item); !near(got, sum/weights, 1e-12) {
		t.Errorf("got %v, want %v", got, sum/weights)
	}
}

func TestScopeFaults(t *testing.T) {
	bank, _ := smallBank(t)
	if _, err := bank.NewRequest(nil); !errors.Is(err, adaptive.ErrEmptyScope) {
		t.Errorf("empty: %v", err)
	}
	_, err := bank.NewRequest([]string{"z", "cl", "y", "z"})
	unknown, ok := errors.AsType[*adaptive.UnknownConceptsError](err)
	if !ok || !slices.Equal(unknown.IDs, []string{"y", "z"}) {
		t.Errorf("unknown: %v", err)
	}
	if newRequest(t, bank, "cl").SetMastery("z", 1) {
		t.Error("a mastery of an unknown concept was taken")
	}
}

func TestABankSaysWhatItCanNotUse(t *testing.T) {
	concept := adaptive.Concept{ID: "C", Weight: 1, L0: .1}
	item := adaptive.Item{ID: "i", Concept: "C", Params: adaptive.Uncalibrated()}
	for _, test := range []struct {
		name     string
		concepts []adaptive.Concept
		items    []adaptive.Item
		want     string
	}{
		{"nothing", nil, nil, ""},
		{"a concept twice", []adaptive.Concept{concept, concept}, nil, `concept "C": it comes twice`},
		{"a weight of zero", []adaptive.Concept{{ID: "C"}}, nil, `concept "C": the weight is 0: it must be positive and finite`},
		{"an L0 above one", []adaptive.Concept{{ID: "C", Weight: 1, L0: 1.5}}, nil, `concept "C": L0 is 1.5: it must be from 0 to 1`},
		{"an item twice", []adaptive.Concept{concept}, []adaptive.Item{item, item}, `item "i": it comes twice`},
		{"an item of no concept", []adaptive.Concept{concept}, []adaptive.Item{{ID: "i", Concept: "D", Params: adaptive.Uncalibrated()}}, `item "i": the bank has no concept "D"`},
		{"parameters that are none", []adaptive.Concept{concept}, []adaptive.Item{{ID: "i", Concept: "C"}}, `item "i": a is 0: it must be positive and finite`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			if _, err := adaptive.NewBank(test.concepts, test.items); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestSettingsAreChecked(t *testing.T) {
	if err := adaptive.DefaultSettings().Validate(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*adaptive.Settings){
		"ready":          func(s *adaptive.Settings) { s.Ready = math.NaN() },
		"considered":     func(s *adaptive.Settings) { s.Considered = 0 },
		"hops":           func(s *adaptive.Settings) { s.Hops = 4 },
		"concept window": func(s *adaptive.Settings) { s.ConceptWindow = -1 },
		"item window":    func(s *adaptive.Settings) { s.ItemWindow = -1 },
		"randomesque":    func(s *adaptive.Settings) { s.Randomesque = 0 },
		"criterion":      func(s *adaptive.Settings) { s.Criterion = "" },
	} {
		settings := adaptive.DefaultSettings()
		change(&settings)
		if err := settings.Validate(); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestADenseGraphIsBuiltInTime has 120 concepts that are all prerequisites of one another: 1.7 million paths to each.
func TestADenseGraphIsBuiltInTime(t *testing.T) {
	var concepts []adaptive.Concept
	var edges []adaptive.Edge
	for i := range 120 {
		concepts = append(concepts, adaptive.Concept{ID: fmt.Sprint(i), Weight: 1})
		for j := range 120 {
			edges = append(edges, adaptive.Edge{Prerequisite: fmt.Sprint(i), Concept: fmt.Sprint(j)})
		}
	}
	bank := newBank(t, concepts, []adaptive.Item{{ID: "7-1", Concept: "7", Params: adaptive.Uncalibrated()}})
	request := newRequest(t, bank, "3")
	got, err := request.Pick(adaptive.DefaultSettings(), adaptive.NewGraph(bank, edges))
	if err != nil || got.Item.ID != "7-1" || got.Prerequisite != "7" || got.NeededBy != "3" {
		t.Errorf("got %+v, %v", got, err)
	}
	if diff := cmp.Diff([]string{"7"}, got.Candidates); diff != "" {
		t.Error(diff)
	}
}

// large is the platform's size: 10,000 items of 500 concepts, each with one to three prerequisites.
func large(b *testing.B) (*adaptive.Bank, *adaptive.Graph, []string) {
	b.Helper()
	rng := rand.New(rand.NewPCG(5, 5))
	var concepts []adaptive.Concept
	var items []adaptive.Item
	var edges []adaptive.Edge
	var scope []string
	for c := range 500 {
		id := fmt.Sprintf("concept-%03d", c)
		scope = append(scope, id)
		concepts = append(concepts, adaptive.Concept{ID: id, Weight: 1, L0: .1})
		for i := range 20 {
			items = append(items, adaptive.Item{
				ID: fmt.Sprintf("%s-item-%02d", id, i), Concept: id, Calibrated: true,
				Params: irt.Params{A: .5 + 2*rng.Float64(), B: rng.NormFloat64(), C: .05 + .25*rng.Float64()},
			})
		}
		for range 1 + rng.IntN(3) {
			if c > 0 {
				edges = append(edges, adaptive.Edge{Prerequisite: scope[rng.IntN(c)], Concept: id})
			}
		}
	}
	bank := newBank(b, concepts, items)
	return bank, adaptive.NewGraph(bank, edges), scope
}

func BenchmarkPick(b *testing.B) {
	bank, graph, scope := large(b)
	rng := rand.New(rand.NewPCG(6, 5))
	mastery := make([]float64, len(scope))
	var given []string
	for i, concept := range scope {
		mastery[i] = rng.Float64()
		if i%25 == 0 {
			given = append(given, fmt.Sprintf("%s-item-%02d", concept, rng.IntN(20)))
		}
	}
	posterior := irt.NewPosterior()
	posterior.Observe(irt.Params{A: 1, B: .5, C: .2}, true)
	fill := func(r *adaptive.Request) {
		for i, concept := range scope {
			r.SetMastery(concept, mastery[i])
		}
		r.Given, r.Practised, r.Session, r.Position = given, scope[:3], "session", 21
		r.Theta, r.Posterior = .3, &posterior
	}
	for _, criterion := range []adaptive.Criterion{adaptive.CriterionInformation, adaptive.CriterionWeightedInformation, adaptive.CriterionMEPV} {
		settings := adaptive.DefaultSettings()
		settings.Criterion = criterion
		request := newRequest(b, bank, scope...)
		fill(request)
		b.Run(string(criterion), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := request.Pick(settings, graph); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("with the request of 500 masteries", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			request := newRequest(b, bank, scope...)
			fill(request)
			if _, err := request.Pick(adaptive.DefaultSettings(), graph); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("all mastered", func(b *testing.B) {
		request := newRequest(b, bank, scope...)
		fill(request)
		for _, concept := range scope {
			request.SetMastery(concept, .9)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := request.Pick(adaptive.DefaultSettings(), graph); err != nil {
				b.Fatal(err)
			}
		}
	})
}
