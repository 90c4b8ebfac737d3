package soak

import (
	"context"
	"crypto/rand"
	"flag"
	randv2 "math/rand/v2"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/time/rate"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/demo"
	"github.com/journey-os/journey-api/internal/testkit/contract"
	"github.com/journey-os/journey-api/internal/testkit/process"
	"github.com/journey-os/journey-api/internal/testkit/student"
	"github.com/journey-os/journey-api/ports/portstest"
)

var (
	binary = flag.String("service", "", "the absolute path of the service; without it the judges alone are tested")
	length = flag.Duration("time", 10*time.Minute, "how long, 20 s or more")
	seed   = flag.Uint64("seed", 0, "what comes when; 0 for another each time")
)

const (
	clients, learnersAtOnce, rawClients = 40, 24, 12
	newcomers, greedyClients            = 6, 24
	// newcomerRate keeps tokens that wait for a key from taking the service's time from all others; greedyRate is above the
	// rate limits. All are requests a second.
	newcomerRate, greedyRate, lookRate rate.Limit = 300, 200, 10
	// Keys rotate as often as the service may fetch them, and a little less.
	shortestRotation, rotationSpread = 11 * time.Second, 6 * time.Second
	// stallLimit is how long a request may take that waits for nothing. A check, which has several hops, times out later.
	stallLimit = healthTimeout / 4
	// rememberedTokens is more than the service remembers. It gets them first, or its memory would grow until then.
	rememberedTokens        = 11_000
	beforeDrain, drainLimit = time.Second, drainDelay + shutdownTimeout + 3*time.Second
	settleTime              = 5 * time.Second
)

// soak is one run: who asks, what the service depends on, and what came of it.
type soak struct {
	book
	log              serviceLog
	folder, secret   string
	people           []*person             // the last one is greedy
	learners         chan *student.Student // those whose answers are counted
	bank             demo.Bank
	forgers          map[string]portstest.SigningKey // by algorithm
	schedules        map[string]*schedule            // by dependency
	service          *process.Server
	contract         contract.Contract
	transport        *http.Transport
	lock             sync.Mutex
	stalls           []time.Time // when this machine did not give all their share
	dice             *randv2.Rand
	drawn, rotations int
	keys             []*key // the newest first: those that are published, then some that were
	// over is set when the service is told to stop, and called at the first connection that it refuses.
	over          atomic.Pointer[context.CancelFunc]
	usage         []sample
	before, after sample                  // idle
	latency       *hdrhistogram.Histogram // of the cases, in microseconds
}

func newSoak(folder string) *soak {
	s := &soak{
		folder: folder, secret: rand.Text() + rand.Text(), bank: demo.NewBank(), dice: newDice(1),
		book:    book{outcomes: map[string]map[string]int{}},
		latency: hdrhistogram.New(1, replyLimit.Microseconds(), 3),
		log:     serviceLog{replied: map[string]entry{}, logged: map[string]entry{}, counts: map[entry]int{}},
		forgers: map[string]portstest.SigningKey{"ES256": portstest.NewES256Key(""), "EdDSA": portstest.NewEdDSAKey("")},
		// It never uses a connection that the service may be about to close, after IDLE_TIMEOUT.
		transport: &http.Transport{MaxIdleConnsPerHost: 1000, IdleConnTimeout: time.Minute / 2, DisableCompression: true},
	}
	s.log.soak, s.people, s.learners = s, newPeople(s.secret), make(chan *student.Student, peopleCount)
	for _, p := range s.people[:peopleCount/2] {
		if p.role == core.RoleStudent {
			s.learners <- s.newLearner(p)
		}
	}
	for range keptPublished {
		s.rotate()
	}
	return s
}

func TestSoak(t *testing.T) {
	if *binary == "" {
		t.Skip("make soak runs it")
	}
	if *seed == 0 {
		*seed = randv2.Uint64N(1_000_000) + 1
	}
	ctx, release := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer release()
	begin()
	s := newSoak(t.TempDir())
	logEnded := s.start(t)
	s.rest(ctx)
	for sent := 0; sent < rememberedTokens && ctx.Err() == nil; sent++ {
		s.send(s.draw(named(newTokens)...))
	}
	s.loadAll(ctx)
	if ctx.Err() != nil { // somebody ended it before its time
		t.Fatal(ctx.Err())
	}
	pause(ctx, settleTime) // what was cut off has its lines too
	s.log.settle(s.outcomes[cutOff]["unanswered"])
	s.holdUsage()
	s.calmDown(ctx)
	s.drain(ctx)
	if err := <-logEnded; err != nil {
		t.Fatal(err)
	}
	s.log.settle(0)
	s.compareStore(ctx, t)
	s.report()
	if s.told != "" {
		t.Errorf("%s: %v%s", wrong, s.outcomes[wrong], s.told)
	}
}

// loadAll sends everything at once while faults come and go and keys rotate.
func (s *soak) loadAll(ctx context.Context) {
	ctx, end := context.WithTimeout(ctx, max(*length, 20*time.Second))
	defer end()
	var running sync.WaitGroup
	defer running.Wait()
	for name, one := range s.schedules {
		running.Go(func() { one.run(ctx, newDice(uint64(2+len(name))), &s.book) })
	}
	running.Go(func() { s.watchUsage(ctx) })
	running.Go(func() {
		for dice := newDice(4); pause(ctx, roll(dice, shortestRotation, rotationSpread)); {
			s.rotate()
			s.count("the keys", "rotated")
		}
	})
	for number := range uint64(rawClients) {
		running.Go(func() { s.rawClient(ctx, newDice(100+number)) })
	}
	running.Go(func() { attack(ctx, 1, lookRate, s.of(named("liveness")...)) })
	running.Go(func() { attack(ctx, newcomers, newcomerRate, s.of(newcomerCases()...)) })
	running.Go(func() { attack(ctx, greedyClients, greedyRate, s.of(greedyCases()...)) })
	running.Go(func() { attack(ctx, learnersAtOnce, rate.Inf, s.visit) })
	attack(ctx, clients, rate.Inf, func() {
		if got := s.send(s.draw(cases()...)); got != nil {
			s.lock.Lock()
			defer s.lock.Unlock()
			_ = s.latency.RecordValue(max(1, got.received.Sub(got.sent).Microseconds())) // replyLimit bounds it
		}
	})
}

// drain tells the service to stop while requests come: each on a kept connection has to be answered.
func (s *soak) drain(ctx context.Context) {
	ending, end := context.WithTimeout(ctx, drainLimit)
	defer end()
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { attack(ending, learnersAtOnce, rate.Inf, s.of(named(knownTokens)...)) })
	running.Go(func() { attack(ending, learnersAtOnce, rate.Inf, s.visit) })
	running.Go(func() { attack(ending, 1, lookRate, s.of(named("liveness")...)) })
	pause(ctx, beforeDrain)
	s.over.Store(&end)
	running.Go(func() {
		began := time.Now()
		err := s.service.Stop()
		took := time.Since(began)
		if figure("SIGTERM to exit 0, nothing lost", took.Round(10*time.Millisecond)); err != nil || took > drainLimit {
			s.complain("the end", "", "%v after %s, limit %s", err, took, drainLimit)
		}
	})
}

// newDice are drawn from the seed and a number of their own.
func newDice(number uint64) *randv2.Rand { return randv2.New(randv2.NewPCG(*seed, number)) }

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
