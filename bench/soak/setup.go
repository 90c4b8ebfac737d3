package main

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
)

// newSoak starts what the service needs, the faults before it, and the service.
func newSoak(ctx context.Context, path, folder string, length time.Duration, seed uint64) (s *soak, err error) {
	s = &soak{length: length, seed: seed, wrong: newComplaints(), tally: newTally()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	behind, err := openDependencies(ctx)
	if err != nil {
		return s, err
	}
	s.cleanups = append(s.cleanups, func() error { behind.stop(); return nil })
	around, err := s.surround(ctx, behind)
	if err != nil {
		return s, err
	}
	s.what = behind.what
	s.town = newTown(rand.Text()+rand.Text(), s.project.keys, around)
	s.ledger = newLedger(func(id, what string) { s.wrong.add("log", id, what) })
	s.log = &logReader{
		ledger: s.ledger, climate: around, complain: s.wrong.add,
		secrets: []string{s.town.secret, behind.serviceKey, behind.password, plantedEmail, "eyJ"},
	}
	s.service, err = startService(ctx, path, folder, behind, s.town, s.log)
	return s, err
}

// surround starts the project, and stands the faults before it and before Neo4j.
func (s *soak) surround(ctx context.Context, behind dependencies) (*climate, error) {
	project, address, err := startProject(ctx, newKeyring(peopleCount+1), behind.rest)
	if err != nil {
		return nil, err
	}
	s.project, s.cleanups = project, append(s.cleanups, project.stop)
	supabase, supabaseErr := faultproxy.New(address)
	neo4j, neo4jErr := faultproxy.New(behind.neo4j)
	for _, proxy := range []*faultproxy.Proxy{supabase, neo4j} {
		if proxy != nil {
			s.cleanups = append(s.cleanups, func() error { proxy.Close(); return nil })
		}
	}
	if err := errors.Join(supabaseErr, neo4jErr); err != nil {
		return nil, err
	}
	around := &climate{supabase: newWeather("supabase", supabase), neo4j: newWeather("neo4j", neo4j)}
	project.weather = around.supabase
	return around, nil
}

// close stops what the soak has started, the service aside, the last first.
func (s *soak) close() error {
	var faults []error
	for _, stop := range slices.Backward(s.cleanups) {
		faults = append(faults, stop())
	}
	return errors.Join(faults...)
}
