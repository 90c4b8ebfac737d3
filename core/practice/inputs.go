package practice

import (
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"slices"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/irt"
)

// PickInputs are the inputs of a pick that are not in its GivenItem and in the items given before. With them the pick
// can be computed again.
type PickInputs struct {
	Settings adaptive.Settings
	// Mastery is by concept. It has the concepts that the pick used and that are not at their initial mastery.
	Mastery map[string]float64
	// Posterior is set if the criterion needs it.
	Posterior *irt.Posterior
	// Edges are the prerequisites from outside the bank.
	Edges []adaptive.Edge
	// BankFingerprint is a hash of the bank. It shows if the bank has changed.
	BankFingerprint uint64
}

// inputsForm is the first byte of encoded inputs.
const inputsForm = 1

var errInputs = errors.New("the inputs of a pick can't be read: they are of another form")

// Encode returns the inputs as bytes, the same for the same inputs.
func (i PickInputs) Encode() []byte {
	w := writer{inputsForm}
	s := i.Settings
	w.number(s.Ready)
	for _, count := range []int{s.Considered, s.Hops, s.ConceptWindow, s.ItemWindow, s.Randomesque} {
		w.count(count)
	}
	w.text(string(s.Criterion))
	w.count(len(i.Mastery))
	for _, concept := range slices.Sorted(maps.Keys(i.Mastery)) {
		w.text(concept)
		w.number(i.Mastery[concept])
	}
	w.count(len(i.Edges))
	for _, edge := range i.Edges {
		w.text(edge.Prerequisite)
		w.text(edge.Concept)
	}
	w = binary.LittleEndian.AppendUint64(w, i.BankFingerprint)
	if i.Posterior != nil {
		w = append(w, EncodePosterior(*i.Posterior)...)
	}
	return w
}

// DecodePickInputs decodes what Encode returned.
func DecodePickInputs(encoded []byte) (PickInputs, error) {
	if len(encoded) == 0 || encoded[0] != inputsForm {
		return PickInputs{}, errInputs
	}
	r := reader{left: encoded[1:]}
	i := PickInputs{Settings: adaptive.Settings{Ready: r.number()}}
	s := &i.Settings
	for _, count := range []*int{&s.Considered, &s.Hops, &s.ConceptWindow, &s.ItemWindow, &s.Randomesque} {
		*count = r.count()
	}
	s.Criterion = adaptive.Criterion(r.text())
	i.Mastery = map[string]float64{}
	for range r.entries() {
		concept := r.text()
		i.Mastery[concept] = r.number()
	}
	for range r.entries() {
		i.Edges = append(i.Edges, adaptive.Edge{Prerequisite: r.text(), Concept: r.text()})
	}
	i.BankFingerprint = r.bits()
	if r.fault {
		return PickInputs{}, errInputs
	}
	if len(r.left) > 0 {
		posterior, err := DecodePosterior(r.left)
		if err != nil {
			return PickInputs{}, err
		}
		i.Posterior = &posterior
	}
	return i, nil
}

// EncodePosterior returns a posterior as bytes.
func EncodePosterior(posterior irt.Posterior) []byte {
	var w writer
	for _, weight := range posterior.Weights() {
		w.number(weight)
	}
	return w
}

// DecodePosterior decodes what EncodePosterior returned.
func DecodePosterior(encoded []byte) (irt.Posterior, error) {
	var weights [irt.AbilityNodes]float64
	if len(encoded) != 8*len(weights) {
		return irt.Posterior{}, errInputs
	}
	r := reader{left: encoded}
	for q := range weights {
		weights[q] = r.number()
	}
	return irt.PosteriorOf(weights), nil
}

type writer []byte

func (w *writer) count(n int)      { *w = binary.AppendVarint(*w, int64(n)) }
func (w *writer) number(x float64) { *w = binary.LittleEndian.AppendUint64(*w, math.Float64bits(x)) }
func (w *writer) text(s string) {
	w.count(len(s))
	*w = append(*w, s...)
}

// reader reads fields in order. Once one is missing, fault is set.
type reader struct {
	left  []byte
	fault bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.left) {
		r.fault, r.left = true, nil
		return nil
	}
	taken := r.left[:n]
	r.left = r.left[n:]
	return taken
}

// count returns 0 after a fault, so that loops end.
func (r *reader) count() int {
	n, size := binary.Varint(r.left)
	if r.take(max(size, -1)); size <= 0 || n < 0 || n > math.MaxInt32 {
		r.fault, r.left = true, nil
		return 0
	}
	return int(n)
}

// entries is how many entries follow. Each has a byte at least, so more than what is left is a fault.
func (r *reader) entries() int {
	n := r.count()
	if n > len(r.left) {
		r.fault, r.left = true, nil
		return 0
	}
	return n
}

func (r *reader) bits() uint64 {
	if taken := r.take(8); taken != nil {
		return binary.LittleEndian.Uint64(taken)
	}
	return 0
}

func (r *reader) number() float64 { return math.Float64frombits(r.bits()) }
func (r *reader) text() string    { return string(r.take(r.count())) }
