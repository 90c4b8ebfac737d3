package practice

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/mastery"
)

// Prerequisites reads prerequisites from outside the bank. It may be called by many goroutines at once and ends with
// ctx.
type Prerequisites interface {
	// Prerequisites returns, by one query, the edges of all paths of at most adaptive.MaxHops edges that lead to one of
	// the concepts, each once. It may return more edges. An unknown concept has none.
	Prerequisites(ctx context.Context, concepts []string) ([]adaptive.Edge, error)
}

// GraphConfig configures how prerequisites from outside the bank are read.
type GraphConfig struct {
	// Source is nil for the prerequisites of the bank.
	Source Prerequisites
	// Timeout bounds one query, so that the request that waits for it meets its deadline.
	Timeout time.Duration
	// Pause is how long no query is sent after a failure.
	Pause time.Duration
	// Failed is called for each failure; it may be nil.
	Failed func(ctx context.Context, err error)
}

// linker reads prerequisites, and caches the last answer for each concept.
type linker struct {
	config GraphConfig
	now    func() time.Time

	mu sync.Mutex
	// known are the edges of the paths that lead to a concept.
	known    map[string][]adaptive.Edge
	askAfter time.Time
}

func newLinker(config GraphConfig, now func() time.Time) *linker {
	if config.Source == nil {
		return nil
	}
	return &linker{config: config, now: now, known: map[string][]adaptive.Edge{}}
}

// learned is the known prerequisites of some concepts.
type learned struct {
	linker *linker
	source GraphSource
	// fresh are those that were read just now.
	fresh map[string][]adaptive.Edge
}

// learn reads the prerequisites of the concepts. It does not fail: the cached ones are used then.
func (l *linker) learn(ctx context.Context, concepts []string) *learned {
	got := &learned{linker: l, source: GraphCached}
	if !l.mayAsk() {
		return got
	}
	asking, cancel := context.WithTimeout(ctx, l.config.Timeout)
	defer cancel()
	edges, err := l.config.Source.Prerequisites(asking, concepts)
	if err != nil {
		l.failed(ctx, err)
		return got
	}
	got.source, got.fresh = GraphLive, make(map[string][]adaptive.Edge, len(concepts))
	before := map[string][]adaptive.Edge{}
	for _, edge := range edges {
		before[edge.Concept] = append(before[edge.Concept], edge)
	}
	for _, concept := range concepts {
		got.fresh[concept] = leadingTo(before, concept)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.Copy(l.known, got.fresh)
	return got
}

func (l *linker) mayAsk() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.now().Before(l.askAfter)
}

// failed stops queries for a while, unless the failure is that the caller went away.
func (l *linker) failed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	l.mu.Lock()
	l.askAfter = l.now().Add(l.config.Pause)
	l.mu.Unlock()
	if l.config.Failed != nil {
		l.config.Failed(ctx, err)
	}
}

// leadingTo returns the edges of the paths of at most MaxHops edges that lead to a concept, in their order.
func leadingTo(before map[string][]adaptive.Edge, concept string) []adaptive.Edge {
	edges, level, seen := []adaptive.Edge{}, []string{concept}, map[string]bool{concept: true}
	for range adaptive.MaxHops {
		var next []string
		for _, to := range level {
			for _, edge := range before[to] {
				edges = append(edges, edge)
				if !seen[edge.Prerequisite] {
					seen[edge.Prerequisite] = true
					next = append(next, edge.Prerequisite)
				}
			}
		}
		level = next
	}
	return inOrder(edges)
}

// inOrder sorts edges and removes duplicates.
func inOrder(edges []adaptive.Edge) []adaptive.Edge {
	slices.SortFunc(edges, func(a, b adaptive.Edge) int {
		return cmp.Or(cmp.Compare(a.Concept, b.Concept), cmp.Compare(a.Prerequisite, b.Prerequisite))
	})
	return slices.Compact(edges)
}

// links are the prerequisites of the concepts that a pick considers.
func (l *learned) links(bank *adaptive.Bank, considered []string) links {
	l.linker.mu.Lock()
	defer l.linker.mu.Unlock()
	source, edges, isKnown := l.source, []adaptive.Edge{}, len(considered) == 0 && len(l.linker.known) > 0
	for _, concept := range considered {
		of, isFresh := l.fresh[concept]
		if !isFresh {
			source = GraphCached
			var ok bool
			if of, ok = l.linker.known[concept]; !ok {
				continue
			}
		}
		isKnown = true
		edges = append(edges, of...)
	}
	if source == GraphCached && !isKnown {
		return links{source: GraphNone}
	}
	edges = inOrder(edges)
	return links{graph: adaptive.NewGraph(bank, edges), source: source, edges: edges}
}

// learn reads the prerequisites that the next pick may need, if they are not the bank's own. They are those of the
// answered concept and of the concepts of highest priority before the answer, one more than are considered. The answer
// changes the priority of its own concept alone, so no other concept can be considered after it.
func (s *Service) learn(ctx context.Context, on *bankSnapshot, caller core.AuthTokenPayload, scope []string, answered string) (*learned, error) {
	if s.linker == nil {
		return nil, nil
	}
	from, err := on.of(caller.InstitutionID)
	if err != nil {
		return nil, err
	}
	record := core.Record{StudentID: caller.Subject, InstitutionID: caller.InstitutionID}
	page, err := s.stores.Students.States(ctx, record, mastery.StateQuery{Max: 1, Mastered: 1, Limit: maxStates})
	if err != nil {
		return nil, err
	}
	past := StudentHistory{Mastery: map[string]float64{}}
	for _, state := range page.States {
		past.Mastery[state.ConceptID] = state.Mastery
	}
	request, err := choice{from: from, session: &Session{Plan: Plan{Scope: scope}}, past: past}.request()
	if err != nil {
		return s.linker.none(), nil //nolint:nilerr // there is nothing to pick from, which the pick itself says
	}
	settings := s.config.Settings
	settings.Considered++
	concepts := request.Considered(settings)
	if answered != "" && !slices.Contains(concepts, answered) {
		concepts = append(concepts, answered)
	}
	if len(concepts) == 0 {
		return s.linker.none(), nil
	}
	return s.linker.learn(ctx, concepts), nil
}

// maxStates is more than a student has.
const maxStates = 1_000_000

// none is what is known without a query.
func (l *linker) none() *learned { return &learned{linker: l, source: GraphCached} }

// scopeOf returns the scope of the session that an answer may belong to; nil if there is none.
func (s *Service) scopeOf(ctx context.Context, studentID, sessionID string) ([]string, error) {
	if sessionID != "" {
		held, err := s.stores.Reader.Session(ctx, sessionID)
		if err != nil || held == nil {
			return nil, err
		}
		return held.Scope, nil
	}
	query := Query{Status: StatusActive, ActiveSince: s.now().Add(-AbandonedAfter)}
	query.Limit = 1
	held, _, err := s.stores.Reader.Sessions(ctx, core.Record{StudentID: studentID}, query)
	if err != nil || len(held) == 0 {
		return nil, err
	}
	return held[0].Scope, nil
}
