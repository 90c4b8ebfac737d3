package practice

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core/adaptive"
)

// source answers with edges, or fails.
type source struct {
	edges []adaptive.Edge
	err   error
	asked int
}

func (s *source) Prerequisites(context.Context, []string) ([]adaptive.Edge, error) {
	s.asked++
	return s.edges, s.err
}

func TestWhatWasReadOfTheGraphServesWhileItIsAway(t *testing.T) {
	bank, err := adaptive.NewBank([]adaptive.Concept{{ID: "a", Weight: 1}, {ID: "b", Weight: 1}, {ID: "c", Weight: 1}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1e9, 0)
	graph := &source{err: errors.New("away")}
	failures := 0
	l := newLinker(GraphConfig{
		Source: graph, Timeout: time.Minute, Pause: 5 * time.Second, Failed: func(context.Context, error) { failures++ },
	}, func() time.Time { return now })
	want := func(step string, from GraphSource, asked int, edges ...adaptive.Edge) {
		t.Helper()
		got := l.learn(t.Context(), []string{"b", "c"}).links(bank, []string{"b"})
		if got.source != from || graph.asked != asked || !slices.Equal(got.edges, edges) || (got.graph == nil) != (from == GraphNone) {
			t.Errorf("%s: %s with %v after %d questions, want %s with %v after %d", step, got.source, got.edges, graph.asked, from, edges, asked)
		}
	}
	edge := adaptive.Edge{Prerequisite: "a", Concept: "b"}
	want("away from the beginning", GraphNone, 1)
	want("left alone for a while", GraphNone, 1)
	now, graph.err, graph.edges = now.Add(5*time.Second), nil, []adaptive.Edge{edge, {Prerequisite: "x", Concept: "c"}, {Prerequisite: "y", Concept: "elsewhere"}}
	want("there", GraphLive, 2, edge)
	graph.err = errors.New("away")
	want("away again", GraphCached, 3, edge)
	want("left alone again", GraphCached, 3, edge)
	if failures != 2 {
		t.Errorf("%d failures were told, want 2", failures)
	}
	// A concept that nobody asked for just now is known of before, or without prerequisites.
	now, graph.err, graph.edges = now.Add(5*time.Second), nil, nil
	if got := l.learn(t.Context(), []string{"c"}).links(bank, []string{"b", "c"}); got.source != GraphCached || !slices.Equal(got.edges, []adaptive.Edge{edge}) {
		t.Errorf("one that was not asked for: %s with %v", got.source, got.edges)
	}
	// A caller who went away is no failure of the graph.
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	graph.err = context.Canceled
	l.learn(gone, []string{"b"})
	graph.err = nil
	want("after a caller who went away", GraphLive, 6)
}

func TestEdgesThatLeadToAConceptAreFollowedThreeSteps(t *testing.T) {
	before := map[string][]adaptive.Edge{}
	for _, edge := range []adaptive.Edge{{Prerequisite: "a", Concept: "b"}, {Prerequisite: "b", Concept: "c"}, {Prerequisite: "c", Concept: "d"}, {Prerequisite: "d", Concept: "e"}, {Prerequisite: "e", Concept: "b"}} {
		before[edge.Concept] = append(before[edge.Concept], edge)
	}
	want := []adaptive.Edge{{Prerequisite: "b", Concept: "c"}, {Prerequisite: "c", Concept: "d"}, {Prerequisite: "d", Concept: "e"}}
	if got := leadingTo(before, "e"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestStopRules(t *testing.T) {
	for name, test := range map[string]struct {
		rule StopRules
		sd   float64
		p    float64
		want bool
	}{
		"none":                    {StopRules{}, .01, .99, false},
		"not sure yet":            {StopRules{SD: .3}, .31, .99, false},
		"sure":                    {StopRules{SD: .3}, .3, .1, true},
		"not all ready":           {StopRules{AllMastered: true}, .01, .84, false},
		"all ready":               {StopRules{AllMastered: true}, 1, .85, true},
		"either of the two rules": {StopRules{SD: .3, AllMastered: true}, 1, .9, true},
	} {
		ability := Ability{}
		ability.SD = test.sd
		if got := test.rule.holds(map[string]float64{"a": .9, "b": test.p}, ability, .85); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
