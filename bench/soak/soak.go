package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	visitorCount, newcomerCount, rudeCount = 48, 6, 12
	// newcomerRest keeps those whose tokens are refused at once from taking the service's time from all others.
	newcomerRest = 5 * time.Millisecond
	// The first of the time is warm-up: caches fill, and pools grow to their size.
	warmUpParts, shortestWarmUp = 10, 12 * time.Second
	// Keys are rotated as often as the service fetches them, and a little less.
	shortestRotation, rotationSpread = 11 * time.Second, 6 * time.Second
	settleLimit                      = 5 * time.Second
	// calmLimit is how long the service may take to give back what the load needed: its server looks for idle goroutines
	// every 10 s, and its clients keep connections for a while.
	calmLimit = 30 * time.Second
	// rememberedTokens is more than the service remembers. It is given them first, or its memory would grow until it has
	// met as many; fillLimit is for a machine that has much else to do.
	rememberedTokens, fillLimit = 11_000, time.Minute
	// calmSlack is what an idle service may have more than before its first request.
	calmSlack = 8
)

// soak is one run.
type soak struct {
	length time.Duration
	seed   uint64
	town   *town
	// what is the name of what stands behind the faults.
	what    string
	project *project
	service *service
	ledger  *ledger
	log     *logReader
	wrong   *complaints

	tally  *tally
	usage  *usage
	cutOff atomic.Int64
	// draining is set once the service was told to stop.
	draining atomic.Bool
	// idleBefore and idleAfter are what the service used without load.
	idleBefore, idleAfter sample
	counted               int
	drained               drained
	cleanups              []func() error
}

// run is all of it but the report.
func (s *soak) run(ctx context.Context) error {
	var err error
	if s.idleBefore, err = s.service.sample(ctx); err != nil {
		return fmt.Errorf("the service's metrics: %w", err)
	}
	s.fill(ctx)
	if err := s.load(ctx); err != nil {
		return err
	}
	s.settle(ctx)
	if err := s.calmDown(ctx); err != nil {
		return err
	}
	seen, err := scrape(ctx, s.service.metricsAddress)
	if err != nil {
		return err
	}
	seen.counted(s.log.logged(), s.wrong.add)
	s.counted = int(seen.sum(requestsMetric))
	if changes := int(seen.sum(changesMetric)); changes != int(s.log.changes.Load()) {
		s.wrong.add("metrics", "", fmt.Sprintf("%d changes of dependencies were counted, and %d logged", changes, s.log.changes.Load()))
	}
	return s.drain(ctx)
}

// fill sends new tokens until the service remembers no more.
func (s *soak) fill(ctx context.Context) {
	ctx, end := context.WithTimeout(ctx, fillLimit)
	defer end()
	var visiting sync.WaitGroup
	for number := range visitorCount {
		v := s.visitor(fmt.Sprintf("first-%d", number), number, newTally())
		v.kinds = goodKinds()[newHS256:][:1]
		visiting.Go(func() { v.run(ctx) })
	}
	for s.town.made.Load() < rememberedTokens && pause(ctx, 10*time.Millisecond) {
	}
	end()
	visiting.Wait()
}

// load sends everything at once while faults come and go and keys are rotated.
func (s *soak) load(ctx context.Context) error {
	loading, end := context.WithTimeout(ctx, s.length)
	defer end()
	var changing, visiting sync.WaitGroup
	var faults [4]error
	changing.Go(func() { faults[0] = s.town.climate.neo4j.change(loading, newDice(s.seed, -1)) })
	changing.Go(func() { faults[1] = s.town.climate.supabase.change(loading, newDice(s.seed, -2)) })
	changing.Go(func() {
		for dice := newDice(s.seed, -3); pause(loading, roll(dice, shortestRotation, rotationSpread)); {
			s.town.keys.rotate()
		}
	})
	changing.Go(func() {
		if pause(loading, max(s.length/warmUpParts, shortestWarmUp)) {
			s.usage, faults[2] = s.service.watch(loading)
		}
	})
	changing.Go(func() {
		select {
		case <-s.service.Ended():
			faults[3] = fmt.Errorf("the service ended: %q", s.service.Complaint())
			end()
		case <-loading.Done():
		}
	})
	tallies := s.visit(loading, &visiting)
	visiting.Wait()
	changing.Wait()
	for _, one := range tallies {
		s.tally.merge(one)
	}
	return errors.Join(faults[:]...)
}

// visit lets everybody in.
func (s *soak) visit(ctx context.Context, visiting *sync.WaitGroup) []*tally {
	tallies := make([]*tally, visitorCount+newcomerCount+rudeCount)
	for number := range tallies {
		tallies[number] = newTally()
		switch {
		case number < visitorCount:
			v := s.visitor(fmt.Sprintf("visitor-%d", number), number, tallies[number])
			visiting.Go(func() { v.run(ctx) })
		case number < visitorCount+newcomerCount:
			v := s.visitor(fmt.Sprintf("newcomer-%d", number), number, tallies[number])
			v.rests, v.kinds = newcomerRest, []kind{{"a token whose key may be unknown", 1, (*town).newcomer}}
			visiting.Go(func() { v.run(ctx) })
		default:
			r := rude{visitor: s.visitor(fmt.Sprintf("rude-%d", number), number, tallies[number]), cutOff: &s.cutOff}
			visiting.Go(func() { r.run(ctx) })
		}
	}
	return tallies
}

func (s *soak) visitor(name string, number int, to *tally) visitor {
	return visitor{
		name: name, address: s.service.address, kinds: mix(), town: s.town, dice: newDice(s.seed, number),
		tally: to, ledger: s.ledger, wrong: s.wrong, draining: &s.draining,
	}
}

// settle waits until each reply has its line in the log, and says which have none.
func (s *soak) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	for s.ledger.waiting() > 0 && pause(ctx, 10*time.Millisecond) {
	}
	pause(ctx, readTimeout/2) // what was cut off has its lines too
	s.ledger.settle(int(s.cutOff.Load()))
	s.checkLimits()
}

// checkLimits holds those who asked too often to their budget: so many at once, and the same again each minute.
func (s *soak) checkLimits() {
	refilled := ratePerMinute * s.length.Minutes()
	most := int64(ratePerMinute+refilled*1.01) + 50
	if got := s.town.greedy().letIn.Load(); got > most {
		s.wrong.add("limits", s.town.greedy().subject, fmt.Sprintf("was let in %d times, %d were allowed", got, most))
	}
	if got := s.town.guesses.Load(); got > most {
		s.wrong.add("limits", guesser, fmt.Sprintf("could guess %d times, %d were allowed", got, most))
	}
}

// calmDown waits until the service has given back what the load needed.
func (s *soak) calmDown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, calmLimit)
	defer cancel()
	for {
		seen, err := s.service.sample(ctx)
		if err != nil {
			return err
		}
		s.idleAfter = seen
		if s.isCalm() || !pause(ctx, sampleEvery) {
			return nil
		}
	}
}

func (s *soak) isCalm() bool {
	return s.idleAfter.goroutines <= s.idleBefore.goroutines+calmSlack && s.idleAfter.files <= s.idleBefore.files+calmSlack
}
