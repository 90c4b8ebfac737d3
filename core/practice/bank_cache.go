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

// bankCache keeps the bank in memory, so that a pick reads only the student's own rows.
type bankCache struct {
	service *Service
	current atomic.Pointer[bankSnapshot]
	// checked is when current was last known to be the store's newest, in nanoseconds since 1970.
	checked atomic.Int64
	loading sync.Mutex
}

// get returns the bank as it was at most Config.BankMaxAge ago. One caller at a time refreshes it. The others use the
// cached bank, unless there is none yet.
func (s *bankCache) get(ctx context.Context) (*bankSnapshot, error) {
	current := s.current.Load()
	age := time.Duration(s.service.config.Now().UnixNano() - s.checked.Load())
	if current != nil && age >= 0 && age < s.service.config.BankMaxAge {
		return current, nil
	}
	if current == nil || s.service.config.BankMaxAge == 0 {
		s.loading.Lock()
	} else if !s.loading.TryLock() {
		return current, nil
	}
	defer s.loading.Unlock()
	return s.refresh(ctx)
}

// refresh loads the bank if it or the scale changed.
func (s *bankCache) refresh(ctx context.Context) (*bankSnapshot, error) {
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

func (s *bankCache) load(ctx context.Context, scale *calibration.Scale) (*bankSnapshot, error) {
	all, err := s.service.stores.Bank.Bank(ctx)
	if err != nil {
		return nil, err
	}
	loaded := &bankSnapshot{
		version: all.Version, scale: scale,
		concepts: all.Concepts, initial: all.Initial, items: make(map[string]*bank.Item, len(all.Items)), list: all.Items,
	}
	for i := range all.Items {
		loaded.items[all.Items[i].ID] = &all.Items[i]
	}
	return loaded, nil
}

// bankSnapshot is the bank at one moment.
type bankSnapshot struct {
	version       int64
	scale         *calibration.Scale
	concepts      []bank.Concept
	initial       map[string]float64
	list          []bank.Item
	items         map[string]*bank.Item
	byInstitution sync.Map // by institution, *institutionBank
}

// paramsOf returns an item's parameters, and reports whether they were estimated.
func (s *bankSnapshot) paramsOf(itemID string) (irt.Params, bool) {
	if item, ok := s.scale.Items[itemID]; ok {
		return item.Params, true
	}
	return adaptive.Uncalibrated(), false
}

// institutionBank is the items that students of one institution may be given.
type institutionBank struct {
	bank  *adaptive.Bank
	graph *adaptive.Graph
	// initial is the mastery before the first answer, by concept.
	initial map[string]float64
	// print is a hash of the bank.
	print uint64
}

// of returns the bank of an institution.
func (s *bankSnapshot) of(institutionID string) (*institutionBank, error) {
	if known, ok := s.byInstitution.Load(institutionID); ok {
		return known.(*institutionBank), nil //nolint:forcetypeassert // nothing else is stored
	}
	built, err := s.build(bank.Within(institutionID))
	if err != nil {
		return nil, fmt.Errorf("the bank of institution %q: %w", institutionID, err)
	}
	known, _ := s.byInstitution.LoadOrStore(institutionID, built)
	return known.(*institutionBank), nil //nolint:forcetypeassert // nothing else is stored
}

func (s *bankSnapshot) build(scope bank.Scope) (*institutionBank, error) {
	built := &institutionBank{initial: map[string]float64{}}
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

// fingerprint is a hash under construction.
type fingerprint struct{ hash.Hash64 }

func (p fingerprint) add(id string, numbers ...float64) {
	text := append(binary.AppendUvarint(nil, uint64(len(id))), id...)
	for _, number := range numbers {
		text = binary.LittleEndian.AppendUint64(text, math.Float64bits(number))
	}
	_, _ = p.Write(text) // a hash takes everything
}
