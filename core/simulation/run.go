package simulation

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/irt"
)

// Bank is what is practised: all of its concepts are in scope. Items have the parameters that are true, and known.
type Bank struct {
	Concepts []adaptive.Concept
	Items    []adaptive.Item
	Edges    []adaptive.Edge
}

// Options configure a simulation. Start with DefaultOptions.
type Options struct {
	// Students is how many students each strategy has; at least 2. They are the same for all.
	Students int
	// Length is how many answers each student gives; at least 1.
	Length int
	// Seed makes them; the same seed gives the same result.
	Seed uint64
	// Settings are the settings of the pick.
	Settings adaptive.Settings
	// Drift is the drift of the ability; see irt.Posterior.Spread.
	Drift float64
	// Workers is how many goroutines work at once; at least 1. It makes no difference to the result.
	Workers int
}

// DefaultOptions returns 500 students with 150 answers each, and the platform's settings.
func DefaultOptions() Options {
	return Options{Students: 500, Length: 150, Seed: 1, Settings: adaptive.DefaultSettings(), Drift: .005, Workers: 1}
}

// Run simulates every strategy in every world. It regularly calls progress, which may be nil, with the number of
// finished sessions out of Sessions(options), from several goroutines. The errors are those of the options, of the bank
// and of ctx.
func Run(ctx context.Context, bank Bank, options Options, progress func(done int)) (Result, error) {
	if options.Students < 2 || options.Length < 1 || options.Workers < 1 {
		return Result{}, errors.New("it takes two students, one answer and one worker")
	}
	if err := options.Settings.Validate(); err != nil {
		return Result{}, err
	}
	if len(bank.Concepts) == 0 || len(bank.Items) == 0 {
		return Result{}, errors.New("the bank has no item")
	}
	result := Result{Options: options, Concepts: len(bank.Concepts), Items: len(bank.Items)}
	var done atomic.Int64
	over := func() {
		if n := int(done.Add(1)); progress != nil {
			progress(n)
		}
	}
	for _, world := range worlds() {
		all := make(map[Strategy][]session, len(Strategies()))
		for _, strategy := range Strategies() {
			sessions, err := practise(ctx, bank, world, strategy, options, over)
			if err != nil {
				return Result{}, fmt.Errorf("%s: %w", strategy, err)
			}
			all[strategy] = sessions
		}
		result.Worlds = append(result.Worlds, measure(bank, world, options, all))
	}
	return result, nil
}

// Sessions returns how many sessions Run simulates.
func Sessions(options Options) int { return options.Students * len(Strategies()) * len(worlds()) }

func worlds() []World { return []World{FoundationsMatter, FoundationsDontMatter} }

// session is the result of one student's practice. The slices have a value for each answer.
type session struct {
	abilityError []float64 // estimate minus truth
	mastered     []float64 // the share of concepts that are truly mastered
	covered      []float64 // the share of concepts practised so far
	given        []string
}

func practise(ctx context.Context, bank Bank, world World, strategy Strategy, options Options, over func()) ([]session, error) {
	choose, err := newChooser(strategy, bank, options.Settings)
	if err != nil {
		return nil, err
	}
	facts := newTruth(bank, world)
	facts.initially = facts.initialShare(options)
	items := make(map[string]adaptive.Item, len(bank.Items))
	for _, item := range bank.Items {
		items[item.ID] = item
	}
	sessions := make([]session, options.Students)
	faults := make([]error, options.Workers)
	var taken atomic.Int64
	var workers sync.WaitGroup
	for worker := range options.Workers {
		workers.Go(func() {
			for student := int(taken.Add(1)) - 1; student < options.Students && ctx.Err() == nil; student = int(taken.Add(1)) - 1 {
				sessions[student], faults[worker] = choose.practise(facts.newLearner(options.Seed, student), items, student, options)
				if faults[worker] != nil {
					return
				}
				over()
			}
		})
	}
	workers.Wait()
	return sessions, errors.Join(errors.Join(faults...), ctx.Err())
}

// initialShare is the mean share of concepts that are mastered at the start.
func (t *truth) initialShare(options Options) float64 {
	sum := 0.
	for student := range options.Students {
		sum += t.newLearner(options.Seed, student).masteredShare()
	}
	return sum / float64(options.Students)
}

// practise runs one session. If the bank runs out of items, the session ends early and its last values are repeated.
func (c chooser) practise(student *learner, items map[string]adaptive.Item, id int, options Options) (session, error) {
	request, err := c.newRequest(id)
	if err != nil {
		return session{}, err
	}
	params, posterior := bkt.Defaults(), irt.NewPosterior()
	states, times, seen := map[string]bkt.State{}, map[string]int{}, 0
	var s session
	for position := 1; position <= options.Length; position++ {
		request.Position = position
		pick, err := request.Pick(c.settings, c.graph)
		if errors.Is(err, adaptive.ErrPoolExhausted) {
			break
		}
		if err != nil {
			return session{}, err
		}
		item := items[pick.Item.ID]
		correct := student.answer(item, times[item.ID])
		state, practised := states[item.Concept]
		if !practised {
			state = params.Start()
		}
		state = params.Next(state, correct)
		states[item.Concept] = state
		if times[item.ID] == 0 {
			if seen > 0 {
				posterior.Spread(options.Drift)
			}
			posterior.Observe(item.Params, correct)
			seen++
		}
		times[item.ID]++
		c.knows(request, item.Concept, state.Mastery, &posterior)
		request.Given, request.Practised = append(request.Given, item.ID), append(request.Practised, item.Concept)
		s.note(posterior.Ability().Theta-student.presentAbility(), student.masteredShare(), float64(len(states))/float64(len(student.concepts)))
	}
	s.given = request.Given
	for len(s.mastered) < options.Length && len(s.mastered) > 0 {
		last := len(s.mastered) - 1
		s.note(s.abilityError[last], s.mastered[last], s.covered[last])
	}
	return s, nil
}

func (s *session) note(abilityError, mastered, covered float64) {
	s.abilityError = append(s.abilityError, abilityError)
	s.mastered = append(s.mastered, mastered)
	s.covered = append(s.covered, covered)
}
