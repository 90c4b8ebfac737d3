package practice

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash"
	"hash/fnv"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/irt"
)

// shelf keeps the bank in memory, so that a pick reads the student's own rows alone.
type shelf struct {
	service *Service
	current atomic.Pointer[stock]
	// checked is when current was found to be the store's last, in nanoseconds since 1970.
	checked atomic.Int64
	loading sync.Mutex
}

// take returns the bank as it was at most Config.Fresh ago. One caller at a time looks; the others go on with what is
// there, unless there is nothing yet.
func (s *shelf) take(ctx context.Context) (*stock, error) {
	current := s.current.Load()
	age := time.Duration(s.service.config.Now().UnixNano() - s.checked.Load())
	if current != nil && age >= 0 && age < s.service.config.Fresh {
		return current, nil
	}
	if current == nil || s.service.config.Fresh == 0 {
		s.loading.Lock()
	} else if !s.loading.TryLock() {
		return current, nil
	}
	defer s.loading.Unlock()
	return s.look(ctx)
}

// look loads the bank if it or the scale changed.
func (s *shelf) look(ctx context.Context) (*stock, error) {
	now := s.service.config.Now().UnixNano()
	version, err := s.service.stores.Bank.BankVersion(ctx)
	if err != nil {
		return nil, err
	}
	scale, err := s.service.stores.InForce.Scale(ctx)
	if err != nil {
		return nil, err
	}
	current := s.current.Load()
	if current == nil || current.version != version || current.scale != scale {
		if current, err = s.load(ctx, scale); err != nil {
			return nil, err
		}
		s.current.Store(current)
	}
	s.checked.Store(now)
	return current, nil
}

func (s *shelf) load(ctx context.Context, scale *calibration.Scale) (*stock, error) {
	all, err := s.service.stores.Bank.Bank(ctx)
	if err != nil {
		return nil, err
	}
	loaded := &stock{
		version: all.Version, scale: scale,
		concepts: all.Concepts, initial: all.Initial, items: make(map[string]*bank.Item, len(all.Items)), list: all.Items,
	}
	for i := range all.Items {
		loaded.items[all.Items[i].ID] = &all.Items[i]
	}
	return loaded, nil
}

// stock is the bank of one moment.
type stock struct {
	version  int64
	scale    *calibration.Scale
	concepts []bank.Concept
	initial  map[string]float64
	list     []bank.Item
	items    map[string]*bank.Item
	aisles   sync.Map // by institution, *aisle
}

// paramsOf returns an item's parameters, and reports whether they were estimated.
func (s *stock) paramsOf(itemID string) (irt.Params, bool) {
	if item, ok := s.scale.Items[itemID]; ok {
		return item.Params, true
	}
	return adaptive.Uncalibrated(), false
}

// aisle is what students of one institution may be given.
type aisle struct {
	bank  *adaptive.Bank
	graph *adaptive.Graph
	// initial is the mastery before the first answer, by concept.
	initial map[string]float64
	// print tells one bank from another.
	print uint64
}

// of returns the aisle of an institution.
func (s *stock) of(institutionID string) (*aisle, error) {
	if known, ok := s.aisles.Load(institutionID); ok {
		return known.(*aisle), nil //nolint:forcetypeassert // nothing else is stored
	}
	built, err := s.build(bank.Within(institutionID))
	if err != nil {
		return nil, fmt.Errorf("the bank of institution %q: %w", institutionID, err)
	}
	known, _ := s.aisles.LoadOrStore(institutionID, built)
	return known.(*aisle), nil //nolint:forcetypeassert // nothing else is stored
}

func (s *stock) build(scope bank.Scope) (*aisle, error) {
	built := &aisle{initial: map[string]float64{}}
	prints := fingerprint{fnv.New64a()}
	var (
		concepts []adaptive.Concept
		edges    []adaptive.Edge
		items    []adaptive.Item
	)
	for _, one := range s.concepts {
		if !scope.Sees(one.InstitutionID) {
			continue
		}
		l0, isFitted := s.initial[one.ID]
		if !isFitted {
			l0 = bkt.Defaults().L0
		}
		built.initial[one.ID] = l0
		concepts = append(concepts, adaptive.Concept{ID: one.ID, Name: one.Name, Weight: one.Weight, L0: l0})
		prints.add(one.ID, one.Weight, l0)
	}
	for _, one := range s.concepts {
		for _, prerequisite := range one.Prerequisites {
			_, isSeen := built.initial[prerequisite]
			if _, isConcept := built.initial[one.ID]; isSeen && isConcept {
				edges = append(edges, adaptive.Edge{Prerequisite: prerequisite, Concept: one.ID})
				prints.add(prerequisite)
				prints.add(one.ID)
			}
		}
	}
	for _, one := range s.list {
		if _, isConcept := built.initial[one.ConceptID]; !isConcept || one.Retired || !scope.Sees(one.InstitutionID) {
			continue
		}
		params, calibrated := s.paramsOf(one.ID)
		items = append(items, adaptive.Item{ID: one.ID, Concept: one.ConceptID, Params: params, Calibrated: calibrated})
		prints.add(one.ID, params.A, params.B, params.C)
		prints.add(one.ConceptID)
	}
	made, err := adaptive.NewBank(concepts, items)
	if err != nil {
		return nil, err
	}
	built.bank, built.graph, built.print = made, adaptive.NewGraph(made, edges), prints.Sum64()
	return built, nil
}

// fingerprint is one under construction.
type fingerprint struct{ hash.Hash64 }

func (p fingerprint) add(id string, numbers ...float64) {
	text := append(binary.AppendUvarint(nil, uint64(len(id))), id...)
	for _, number := range numbers {
		text = binary.LittleEndian.AppendUint64(text, math.Float64bits(number))
	}
	_, _ = p.Write(text) // a hash takes everything
}
