package adaptive

import (
	"errors"
	"slices"
	"strings"

	"github.com/journey-os/journey-api/core/irt"
)

var (
	// ErrEmptyScope is the error of a request without a concept in scope.
	ErrEmptyScope = errors.New("the scope has no concept")
	// ErrPoolExhausted is the error of a pick when the scope has no item left that was not given lately.
	ErrPoolExhausted = errors.New("no item is left that was not given lately")

	errTwice       = errors.New("it comes twice")
	errNoPosterior = errors.New("this criterion needs the posterior distribution of the ability")
)

// UnknownConceptsError is the error of a scope with concepts that the bank does not have.
type UnknownConceptsError struct {
	// IDs are sorted.
	IDs []string
}

func (e *UnknownConceptsError) Error() string {
	return "unknown concepts in the scope: " + strings.Join(e.IDs, ", ")
}

// Request is what a pick needs to know about a student and the session. It serves one goroutine at a time. A bank's
// requests are only for that bank.
type Request struct {
	// Theta is the student's ability.
	Theta float64
	// Posterior is the distribution of the ability. Only criteria that use it need one.
	Posterior *irt.Posterior
	// Given are the items given to the student, over all sessions, the newest last. Only the last Settings.ItemWindow
	// count. Items that the bank does not have count too.
	Given []string
	// Practised are the concepts of the items given in this session, the newest last. Only the last
	// Settings.ConceptWindow count.
	Practised []string
	// Session and Position seed the random draws: the same two give the same item.
	Session  string
	Position int

	bank    *Bank
	scope   []int // sorted, each once
	mastery []float64
	last    int // the place of the concept whose mastery was set last
}

// NewRequest returns a request for a scope of concepts, with every mastery at its L0. The error is ErrEmptyScope or an
// *UnknownConceptsError.
func (b *Bank) NewRequest(scope []string) (*Request, error) {
	r := &Request{bank: b, scope: make([]int, 0, len(scope)), mastery: slices.Clone(b.initial), last: -1}
	var unknown []string
	last := -1
	for _, id := range scope {
		concept, known := b.concept(id, last)
		if !known {
			unknown = append(unknown, id)
			continue
		}
		r.scope = append(r.scope, concept)
		last = concept
	}
	slices.Sort(r.scope)
	r.scope = slices.Compact(r.scope)
	slices.Sort(unknown)
	switch {
	case unknown != nil:
		return nil, &UnknownConceptsError{IDs: slices.Compact(unknown)}
	case len(r.scope) == 0:
		return nil, ErrEmptyScope
	}
	return r, nil
}

// SetMastery sets the student's mastery of a concept. It reports whether the bank has the concept; if not, nothing
// changes.
func (r *Request) SetMastery(concept string, mastery float64) bool {
	at, known := r.bank.concept(concept, r.last)
	if known {
		r.mastery[at], r.last = mastery, at
	}
	return known
}

// Considered returns the concepts of rule 3, the highest priority first: those whose prerequisites the pick needs.
func (r *Request) Considered(settings Settings) []string {
	var ids []string
	for _, concept := range r.considered(settings) {
		ids = append(ids, r.bank.concepts[concept].ID)
	}
	return ids
}

// RelevantConcepts returns the concepts whose mastery the pick uses, sorted: the scope, and the prerequisites of the
// considered concepts.
func (r *Request) RelevantConcepts(settings Settings, graph *Graph) []string {
	places := slices.Clone(r.scope)
	if graph != nil {
		for _, concept := range r.considered(settings) {
			for _, ancestor := range graph.ancestors[concept] {
				places = append(places, ancestor.concept)
			}
		}
	}
	slices.Sort(places)
	places = slices.Compact(places)
	ids := make([]string, len(places))
	for i, concept := range places {
		ids[i] = r.bank.concepts[concept].ID
	}
	return ids
}

// Mastery returns the mastery of a concept as the pick sees it; 0 for one that the bank does not have.
func (r *Request) Mastery(concept string) float64 {
	if at, known := r.bank.conceptAt[concept]; known {
		return r.mastery[at]
	}
	return 0
}

func (r *Request) priority(concept int, settings Settings) float64 {
	return (settings.Ready - r.mastery[concept]) * r.bank.concepts[concept].Weight
}

// considered is rules 2 and 3.
func (r *Request) considered(settings Settings) []int {
	top := make([]int, 0, min(settings.Considered, len(r.scope))+1)
	for _, concept := range r.scope {
		if !(r.mastery[concept] < settings.Ready) {
			continue
		}
		priority := r.priority(concept, settings)
		at := len(top) // behind all of equal priority: the scope is in order of ids
		for at > 0 && r.priority(top[at-1], settings) < priority {
			at--
		}
		if at < settings.Considered {
			top = slices.Insert(top, at, concept)
			top = top[:min(len(top), settings.Considered)]
		}
	}
	return top
}
