package main

import (
	"context"
	"crypto/rand"
	"errors"
	randv2 "math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/journey-os/journey-api/bench/measure"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/demo"
	"github.com/journey-os/journey-api/internal/testkit/document"
	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	clients, learnersAtOnce, rawClients = 40, 24, 12
	// newcomerRate keeps tokens that wait for a key from taking the service's time from all others; greedyRate is above the
	// rate limits. Both are requests a second, as lookRate is.
	newcomers, newcomerRate, greedyClients, greedyRate, lookRate = 6, 300, 24, 200, 10
	// Keys rotate as often as the service may fetch them, and a little less.
	shortestRotation, rotationSpread = 11 * time.Second, 6 * time.Second
	// stallLimit is how long a request may take that waits for nothing.
	stallLimit = healthTimeout / 2
	// calmLimit is how long the service may take to give back what the load needed: its server looks for idle goroutines
	// every 10 s, and its clients keep connections for a while.
	settleTime, calmLimit = 5 * time.Second, 30 * time.Second
	// rememberedTokens is more than the service remembers. It gets them first, or its memory would grow until then.
	rememberedTokens, fillLimit = 11_000, time.Minute
	beforeDrain, drainLimit     = time.Second, drainDelay + shutdownTimeout + 3*time.Second
)

// soak is one run: who asks, what the service depends on, and what came of it.
type soak struct {
	*book
	path, folder, secret string
	length               time.Duration
	seed                 uint64
	people               []*person     // the last one is greedy
	learners             chan *learner // the students among them
	bank                 demo.Bank
	keys                 []*key // the newest first: those that are published, then some that were
	rotations            int
	forgers              map[string]portstest.SigningKey // by algorithm
	schedules            map[string]*schedule            // by dependency
	lastOpened           atomic.Value                    // of the sessions: its id and its student
	// stalled is when the service last did not get its share of this machine, in nanoseconds.
	stalled atomic.Int64

	service   *measure.Server
	address   string
	log       *serviceLog
	logEnded  chan error // what came of reading the log, once the process is gone
	document  document.Document
	transport http.RoundTripper
	lock      sync.Mutex
	dice      *randv2.Rand
	drawn     int
	// draining is set when the service is told to stop; over is then called at the first connection that it refuses.
	draining atomic.Bool
	over     func()
	stop     func() error

	usage         []sample
	before, after sample          // idle
	load          *vegeta.Metrics // of the cases
}

func newSoak(path, folder string, length time.Duration, seed uint64) *soak {
	s := &soak{
		path: path, folder: folder, length: length, seed: seed, dice: newDice(seed, 1), secret: rand.Text() + rand.Text(),
		book: newBook(), bank: demo.NewBank(), stop: func() error { return nil },
		forgers:  map[string]portstest.SigningKey{"ES256": portstest.NewES256Key(""), "EdDSA": portstest.NewEdDSAKey("")},
		logEnded: make(chan error, 1),
		// It never uses a connection that the service may be about to close.
		transport: &http.Transport{MaxIdleConnsPerHost: 1000, IdleConnTimeout: idleTimeout / 2, DisableCompression: true},
	}
	s.log, s.people, s.learners = newServiceLog(s), newPeople(s.secret), make(chan *learner, peopleCount)
	for i, p := range s.people[:peopleCount/2] {
		if p.role == core.RoleStudent {
			s.learners <- &learner{soak: s, person: p, Rand: newDice(seed, uint64(1000+i)), given: map[string][]*given{}}
		}
	}
	for range keptPublished {
		s.rotate()
	}
	return s
}

// run is all of it but the report.
func (s *soak) run(ctx context.Context) error {
	for _, stage := range []func(context.Context) error{
		s.start, s.rest, s.fill, s.loadAll, s.settle, s.calmDown, s.drain, s.compareStore,
	} {
		if err := stage(ctx); err != nil {
			return err
		} else if ctx.Err() != nil {
			return errors.New("interrupted")
		}
	}
	return nil
}

// fill sends new tokens until the service remembers no more.
func (s *soak) fill(ctx context.Context) error {
	ctx, end := context.WithTimeout(ctx, fillLimit)
	defer end()
	s.attack(ctx, clients, upTo(rememberedTokens), s.of(named(newTokens)...))
	return nil
}

// loadAll sends everything at once while faults come and go and keys rotate.
func (s *soak) loadAll(ctx context.Context) error {
	ctx, end := context.WithTimeout(ctx, s.length)
	defer end()
	var running sync.WaitGroup
	var faults [3]error
	for i, name := range []string{"neo4j", "supabase"} {
		count := func(fault string) { s.count("faults in front of "+name, fault) }
		running.Go(func() { faults[i] = s.schedules[name].run(ctx, newDice(s.seed, uint64(2+i)), count) })
	}
	running.Go(func() {
		if faults[2] = s.watchUsage(ctx); faults[2] != nil { // the service is gone
			end()
		}
	})
	running.Go(func() {
		for dice := newDice(s.seed, 4); pause(ctx, roll(dice, shortestRotation, rotationSpread)); {
			s.rotate()
			s.count("the keys", "rotated")
		}
	})
	for number := range uint64(rawClients) {
		running.Go(func() { s.rawClient(ctx, newDice(s.seed, 100+number)) })
	}
	running.Go(func() { s.attack(ctx, 1, each(lookRate), s.of(lookCases()...)) })
	running.Go(func() { s.attack(ctx, newcomers, each(newcomerRate), s.of(newcomerCases()...)) })
	running.Go(func() { s.attack(ctx, greedyClients, each(greedyRate), s.of(greedyCases()...)) })
	running.Go(func() { s.attack(ctx, learnersAtOnce, each(0), s.visit) })
	s.load = s.attack(ctx, clients, each(0), s.of(cases()...))
	running.Wait()
	s.holdUsage()
	return errors.Join(faults[:]...)
}

// settle waits for the last lines of the log, reports replies that have none, and holds the greedy to their budget.
func (s *soak) settle(ctx context.Context) error {
	pause(ctx, settleTime) // what was cut off has its lines too
	s.log.settle(s.outcomes[cutOff]["unanswered"])
	most := int(ratePerMinute*(1+s.length.Minutes()*1.01)) + 50
	for name, outcome := range map[string]string{overLimit: "200", guesses: auth + "token_malformed"} {
		if got := s.outcomes[name][outcome]; got > most {
			s.complain("limits", "", "%s: %d got past, %d were allowed", name, got, most)
		}
	}
	return nil
}

// drain tells the service to stop while requests come: each on a kept connection has to be answered.
func (s *soak) drain(ctx context.Context) error {
	ending, end := context.WithTimeout(ctx, drainLimit)
	defer end()
	s.over = end
	var running sync.WaitGroup
	running.Go(func() { s.attack(ending, learnersAtOnce, each(0), s.of(named(knownTokens)...)) })
	running.Go(func() { s.attack(ending, learnersAtOnce, each(0), s.visit) })
	pause(ctx, beforeDrain)
	s.draining.Store(true)
	running.Go(func() {
		began := time.Now()
		if err := s.service.Stop(); err != nil {
			s.complain("the end", "", "%v", err)
		}
		took := time.Since(began)
		if s.figure("SIGTERM to exit 0, nothing lost", took.Round(10*time.Millisecond)); took > drainLimit {
			s.complain("the end", "", "it took %s, more than %s", took, drainLimit)
		}
	})
	pause(ctx, drainDelay/3)
	s.send(s.draw(row{"readiness, draining", 1, "GET /health/ready", unavailable + "draining", steps{nobody}}))
	running.Wait()
	err := <-s.logEnded
	s.log.settle(0)
	return err
}

func newDice(seed, number uint64) *randv2.Rand { return randv2.New(randv2.NewPCG(seed, number)) }

func roll(dice *randv2.Rand, shortest, spread time.Duration) time.Duration {
	return shortest + time.Duration(dice.Int64N(int64(spread)))
}

// pause reports whether it could wait for so long before ctx ended.
func pause(ctx context.Context, length time.Duration) bool {
	select {
	case <-time.After(length):
		return true
	case <-ctx.Done():
		return false
	}
}
