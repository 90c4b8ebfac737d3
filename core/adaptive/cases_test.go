package adaptive_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/irt"
)

// files are the bank, the graph and the cases of testdata. The expected picks were found by brute force.
type files struct {
	Items []struct {
		ID      string `json:"item_id"`
		Concept string `json:"concept_id"`
		A, B, C float64
	}
	Nodes []string
	Edges []struct{ Prerequisite, Target string }
	Cases []fileCase
}

type fileCase struct {
	ID, Why string
	Scope   []string
	Mastery map[string]float64
	Theta   float64
	History []string
	// Other is the item that the information without guessing would take, if that is another.
	Other    string `json:"item_by_the_wrong_a2PQ"`
	Expected struct {
		Error        string
		Item         string            `json:"item_id"`
		Concept      string            `json:"concept_id"`
		Difficulty   float64           `json:"expected_difficulty"`
		Strategy     adaptive.Strategy `json:"strategy"`
		Mastery      float64           `json:"concept_mastery"`
		Information  float64           `json:"fisher_information"`
		Prerequisite string            `json:"prerequisite_unmastered"`
		Considered   int               `json:"concepts_considered"`
		Evaluated    int               `json:"items_evaluated"`
		Candidates   []string          `json:"candidates"`
		Allowed      []string          `json:"allowed_items"`
	}
}

func readFiles(t testing.TB) files {
	t.Helper()
	var all files
	for _, name := range []string{"bank.json", "graph.json", "cases.json"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func (f files) bank(t testing.TB) (*adaptive.Bank, *adaptive.Graph) {
	t.Helper()
	var concepts []adaptive.Concept
	for _, id := range f.Nodes {
		concepts = append(concepts, adaptive.Concept{ID: id, Weight: 1, L0: .1})
	}
	var items []adaptive.Item
	for _, item := range f.Items {
		items = append(items, adaptive.Item{
			ID: item.ID, Concept: item.Concept, Params: irt.Params{A: item.A, B: item.B, C: item.C}, Calibrated: true,
		})
	}
	bank, err := adaptive.NewBank(concepts, items)
	if err != nil {
		t.Fatal(err)
	}
	var edges []adaptive.Edge
	for _, edge := range f.Edges {
		edges = append(edges, adaptive.Edge{Prerequisite: edge.Prerequisite, Concept: edge.Target})
	}
	return bank, adaptive.NewGraph(bank, edges)
}

// request is what a case asks. Its history is both that of the student and that of the session.
func (c fileCase) request(bank *adaptive.Bank) (*adaptive.Request, error) {
	request, err := bank.NewRequest(c.Scope)
	if err != nil {
		return nil, err
	}
	for concept, mastery := range c.Mastery {
		request.SetMastery(concept, mastery)
	}
	request.Theta, request.Given, request.Session, request.Position = c.Theta, c.History, c.ID, len(c.History)+1
	for _, id := range c.History {
		item, _ := bank.Item(id)
		request.Practised = append(request.Practised, item.Concept)
	}
	return request, nil
}

// codeOf names an error as the cases do.
func codeOf(err error) string {
	var unknown *adaptive.UnknownConceptsError
	switch {
	case errors.Is(err, adaptive.ErrEmptyScope):
		return "EMPTY_SCOPE"
	case errors.Is(err, adaptive.ErrPoolExhausted):
		return "POOL_EXHAUSTED"
	case errors.As(err, &unknown):
		return "UNKNOWN_CONCEPT"
	default:
		return ""
	}
}

func near(got, want, relative float64) bool { return math.Abs(got-want) <= relative*math.Abs(want) }

func TestPickAgreesWithEveryCase(t *testing.T) {
	all := readFiles(t)
	bank, graph := all.bank(t)
	others := 0
	for _, test := range all.Cases {
		t.Run(test.ID+" "+test.Why, func(t *testing.T) {
			want := test.Expected
			request, err := test.request(bank)
			var got adaptive.Pick
			if err == nil {
				got, err = request.Pick(adaptive.DefaultSettings(), graph)
			}
			if codeOf(err) != want.Error {
				t.Fatalf("error %v, want %q", err, want.Error)
			}
			if want.Error != "" {
				return
			}
			if got.Strategy != want.Strategy || got.Considered != want.Considered || got.Evaluated != want.Evaluated {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if want.Strategy == adaptive.StrategyFallbackRandom {
				if !slices.Contains(want.Allowed, got.Item.ID) {
					t.Errorf("drew %s, which is not among %v", got.Item.ID, want.Allowed)
				}
				return
			}
			if got.Item.ID != want.Item || got.Item.Concept != want.Concept || got.Item.Params.B != want.Difficulty ||
				got.Mastery != want.Mastery || got.Prerequisite != want.Prerequisite || !near(got.Information, want.Information, 1e-12) {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if diff := cmp.Diff(want.Candidates, got.Candidates); diff != "" {
				t.Error(diff)
			}
			if test.Other != "" {
				others++
			}
		})
	}
	if others != 13 {
		t.Errorf("in %d cases information without guessing would pick another item, want 13", others)
	}
}

func TestExplainTellsWhatPickDoes(t *testing.T) {
	all := readFiles(t)
	bank, graph := all.bank(t)
	for _, test := range all.Cases {
		request, err := test.request(bank)
		if err != nil {
			continue
		}
		t.Run(test.ID, func(t *testing.T) {
			want, wantErr := request.Pick(adaptive.DefaultSettings(), graph)
			got, explanation, err := request.Explain(adaptive.DefaultSettings(), graph)
			if diff := cmp.Diff(want, got); diff != "" || !errors.Is(err, wantErr) {
				t.Fatalf("error %v, want %v: %s", err, wantErr, diff)
			}
			var candidates []string
			var chosen string
			for _, reason := range explanation.Concepts {
				if reason.Candidate == "" || reason.AlreadyCandidate {
					continue
				}
				candidates = append(candidates, reason.Candidate)
				if chosen == "" && !reason.PractisedJustNow {
					chosen = reason.Candidate
				}
			}
			if diff := cmp.Diff(got.Candidates, candidates); diff != "" {
				t.Error(diff)
			}
			if chosen != "" && chosen != got.Item.Concept {
				t.Errorf("the reasons lead to %s, the pick is of %s", chosen, got.Item.Concept)
			}
			if i := slices.IndexFunc(explanation.Items, func(i adaptive.ItemReason) bool { return !i.GivenLately }); i >= 0 && explanation.Items[i].ID != got.Item.ID {
				t.Errorf("the best item is %s, the pick %s", explanation.Items[i].ID, got.Item.ID)
			}
		})
	}
}

func TestMEPVTakesTheItemOfSmallestExpectedVariance(t *testing.T) {
	type params struct{ A, B, C float64 }
	var reference struct {
		Cases []struct {
			Name     string
			Answered []struct {
				params
				Score int
			}
			Candidates []struct {
				params
				Variance    float64 `json:"expected_posterior_variance"`
				Information float64 `json:"information_at_eap"`
			}
			Best            int `json:"best_by_mepv"`
			BestInformation int `json:"best_by_information"`
		}
	}
	text, err := os.ReadFile("testdata/mepv.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &reference); err != nil {
		t.Fatal(err)
	}
	if len(reference.Cases) == 0 {
		t.Fatal("no case")
	}
	for _, test := range reference.Cases {
		t.Run(test.Name, func(t *testing.T) {
			var items []adaptive.Item
			for i, c := range test.Candidates {
				items = append(items, adaptive.Item{ID: string(rune('a' + i)), Concept: "C", Params: irt.Params(c.params)})
			}
			bank, err := adaptive.NewBank([]adaptive.Concept{{ID: "C", Weight: 1, L0: .1}}, items)
			if err != nil {
				t.Fatal(err)
			}
			request, err := bank.NewRequest([]string{"C"})
			if err != nil {
				t.Fatal(err)
			}
			posterior := irt.NewPosterior()
			for _, answer := range test.Answered {
				posterior.Observe(irt.Params(answer.params), answer.Score == 1)
			}
			request.Theta, request.Posterior = posterior.Ability().Theta, &posterior
			for criterion, best := range map[adaptive.Criterion]int{
				adaptive.CriterionMEPV: test.Best, adaptive.CriterionInformation: test.BestInformation,
			} {
				settings := adaptive.DefaultSettings()
				settings.Criterion = criterion
				got, explanation, err := request.Explain(settings, nil)
				if err != nil || got.Item.ID != items[best].ID {
					t.Errorf("%s: picked %q, %v, want %q", criterion, got.Item.ID, err, items[best].ID)
				}
				for _, reason := range explanation.Items {
					want := test.Candidates[reason.ID[0]-'a']
					score := want.Information
					if criterion == adaptive.CriterionMEPV {
						score = -want.Variance
					}
					if !near(reason.Score, score, 1e-9) {
						t.Errorf("%s of %s: %v, want %v", criterion, reason.ID, reason.Score, score)
					}
				}
			}
		})
	}
}
