package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/journey-os/journey-api/bench/measure"
	"github.com/journey-os/journey-api/internal/testkit/document"
)

const (
	clients, rawClients, lastClients = 64, 12, 32
	// newcomerRate keeps tokens that wait for a key from taking the service's time from all others; greedyRate is above the
	// rate limits. Both are requests a second.
	newcomers, newcomerRate, greedyClients, greedyRate = 6, 300, 24, 200
	// The first part of the time is warm-up: caches fill, and pools grow to their size.
	warmUpParts, shortestWarmUp = 10, 8 * time.Second
	// Keys rotate as often as the service may fetch them, and a little less.
	shortestRotation, rotationSpread = 11 * time.Second, 6 * time.Second
	// calmLimit is how long the service may take to give back what the load needed: its server looks for idle goroutines
	// every 10 s, and its clients keep connections for a while.
	settleLimit, calmLimit = 5 * time.Second, 30 * time.Second
	// rememberedTokens is more than the service remembers. It gets them first, or its memory would grow until then.
	rememberedTokens, fillLimit = 11_000, time.Minute
	beforeDrain, drainLimit     = time.Second, drainDelay + shutdownTimeout + 3*time.Second
)

// soak is one run.
type soak struct {
	*scenario
	*book
	path, folder     string
	length           time.Duration
	seed             uint64
	service          *measure.Process
	address, metrics string // the service's
	log              *serviceLog
	logEnded         chan error // what came of reading the log, once the process is gone
	document         document.Document
	transport        http.RoundTripper
	drawing          sync.Mutex
	dice             *dice
	drawn            int
	pending          sync.Map                // the calls under way, by id
	latency          *hdrhistogram.Histogram // in microseconds
	usage            []sample
	before, after    sample // idle
	// draining is set when the service is told to stop; over is then called at the first connection that it refuses.
	draining atomic.Bool
	over     func()
	drained  time.Duration
	stored   int
	cleanups []func() error
}

func newSoak(path, folder string, length time.Duration, seed uint64) *soak {
	s := &soak{
		path: path, folder: folder, length: length, seed: seed, dice: newDice(seed, 1), book: newBook(), transport: newTransport(),
		latency: hdrhistogram.New(1, time.Minute.Microseconds(), 3), logEnded: make(chan error, 1),
	}
	s.log = newServiceLog(s.complain)
	return s
}

// close stops what was started, the last first.
func (s *soak) close() (err error) {
	for _, stop := range slices.Backward(s.cleanups) {
		err = errors.Join(err, stop())
	}
	return err
}

// run is all of it but the report.
func (s *soak) run(ctx context.Context) error {
	stages := []func(context.Context) error{s.start, s.fill, s.load, s.settle, s.calmDown, s.drain, s.compareStore}
	for _, stage := range stages {
		if err := errors.Join(stage(ctx), ctx.Err()); err != nil {
			return err
		}
	}
	return nil
}

// attack sends requests of the rows, by so many workers, at a rate a second or at full speed, until ctx ends.
func (s *soak) attack(ctx context.Context, rows []row, workers uint64, rate int, each func(*vegeta.Result)) {
	attacker := vegeta.NewAttacker(vegeta.Client(s.http()), vegeta.Workers(workers), vegeta.MaxWorkers(workers))
	defer context.AfterFunc(ctx, func() { attacker.Stop() })()
	for result := range attacker.Attack(s.targets(rows), vegeta.ConstantPacer{Freq: rate, Per: time.Second}, 0, "") {
		each(result)
	}
}

func ignore(*vegeta.Result) {}

// fill sends new tokens until the service remembers no more.
func (s *soak) fill(ctx context.Context) (err error) {
	s.before, err = s.sample()
	ctx, end := context.WithTimeout(ctx, fillLimit)
	defer end()
	s.attack(ctx, named(newTokens), clients, 0, func(*vegeta.Result) {
		if s.made.Load() >= rememberedTokens {
			end()
		}
	})
	return err
}

// load sends everything at once while faults come and go and keys rotate.
func (s *soak) load(ctx context.Context) error {
	ctx, end := context.WithTimeout(ctx, s.length)
	defer end()
	var running sync.WaitGroup
	var faults [4]error
	running.Go(func() { faults[0] = s.neo4j.run(ctx, newDice(s.seed, 2)) })
	running.Go(func() { faults[1] = s.supabase.run(ctx, newDice(s.seed, 3)) })
	running.Go(func() { faults[2] = s.watchUsage(ctx) })
	running.Go(func() { s.watchForStalls(ctx) })
	running.Go(func() {
		for dice := newDice(s.seed, 4); pause(ctx, roll(dice, shortestRotation, rotationSpread)); {
			s.keys.rotate()
		}
	})
	running.Go(func() {
		select {
		case <-s.service.Ended():
			faults[3] = fmt.Errorf("the service ended: %q", s.service.Complaint())
			end()
		case <-ctx.Done():
		}
	})
	for number := range uint64(rawClients) {
		running.Go(func() { s.rawClient(ctx, newDice(s.seed, 100+number)) })
	}
	running.Go(func() { s.attack(ctx, newcomerCases(), newcomers, newcomerRate, ignore) })
	running.Go(func() { s.attack(ctx, greedyCases(), greedyClients, greedyRate, ignore) })
	s.attack(ctx, cases(), clients, 0, func(result *vegeta.Result) {
		_ = s.latency.RecordValue(max(1, result.Latency.Microseconds())) // the client's time-out bounds it
		if waits := strings.Contains(result.URL, "/api/") && !strings.HasSuffix(result.URL, me); !waits {
			s.noteStall(result.Latency)
		}
	})
	running.Wait()
	s.holdUsage()
	return errors.Join(faults[:]...)
}

// settle waits until each reply has its line in the log, reports which have none, and holds the greedy to their budget.
func (s *soak) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	for s.log.waiting() > 0 && pause(ctx, 10*time.Millisecond) {
	}
	pause(ctx, readTimeout/2) // what was cut off has its lines too
	s.log.settle(int(s.cutOff.Load()))
	if most := int64(ratePerMinute*(1+s.length.Minutes()*1.01)) + 50; max(s.served.Load(), s.guesses.Load()) > most {
		s.complain("limits", "", fmt.Sprintf("one caller got past %d times, one address %d, %d were allowed", s.served.Load(), s.guesses.Load(), most))
	}
	return nil
}

// calmDown waits until the service has given back what the load needed, and holds its metrics to its log.
func (s *soak) calmDown(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, calmLimit)
	defer cancel()
	for {
		if s.after, err = s.sample(); err != nil || s.after.isCalm(s.before) {
			break
		}
		if !pause(ctx, sampleEvery) {
			s.complain("usage", "", fmt.Sprintf("what the load needed is not given back: %v before, %v after", s.before, s.after))
			return nil
		}
	}
	seen, err := measure.Scrape(s.metrics)
	s.log.compare(seen)
	return err
}

// drain tells the service to stop while requests come: each on a kept connection has to be answered.
func (s *soak) drain(ctx context.Context) error {
	ending, end := context.WithTimeout(ctx, drainLimit)
	defer end()
	s.over = end
	var running sync.WaitGroup
	running.Go(func() { s.attack(ending, named(knownTokens, newAnswers), lastClients, 0, ignore) })
	pause(ctx, beforeDrain)
	s.draining.Store(true)
	running.Go(func() {
		began := time.Now()
		if err := s.service.Stop(); err != nil {
			s.complain("the end", "", err.Error())
		}
		if s.drained = time.Since(began); s.drained > drainLimit {
			s.complain("the end", "", fmt.Sprintf("it took %s, more than %s", s.drained, drainLimit))
		}
	})
	pause(ctx, drainDelay/3)
	s.once(ctx, drainingCase())
	running.Wait()
	err := <-s.logEnded
	s.log.settle(0)
	return err
}
