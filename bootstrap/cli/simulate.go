package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"

	"github.com/journey-os/journey-api/adapters/datafile"
	reports "github.com/journey-os/journey-api/adapters/report"
	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/demo"
	"github.com/journey-os/journey-api/core/simulation"
)

type simulateCommand struct {
	Bank     string `placeholder:"FILE" help:"JSON: {items: [{item_id, concept_id, a, b, c}]}; the demo bank without it."`
	Graph    string `placeholder:"FILE" help:"JSON: {nodes: [concept], edges: [{prerequisite, target}]}, for a bank from a file."`
	Students int    `default:"500" placeholder:"N" help:"Students, the same for each strategy, 2 to 100000 (${default})."`
	Length   int    `default:"150" placeholder:"N" help:"Answers of each, 1 to 1000 (${default})."`
	Seed     uint64 `default:"1" placeholder:"N" help:"The same seed gives the same result (${default})."`
	Report   string `placeholder:"FILE" help:"Write an HTML report with plots."`
}

// Help is shown below the usage.
func (simulateCommand) Help() string {
	return "Lets simulated students practise, and compares the pick with random items, the weakest concept without the graph, " +
		"and information alone. Needs no setting and no store. See docs/practice.md."
}

// Run prints a table for each world.
func (s simulateCommand) Run(p Process) error {
	switch {
	case s.Students < 2 || s.Students > 100_000:
		return exit{code: ExitUsage, message: "--students must be from 2 to 100000"}
	case s.Length < 1 || s.Length > 1000:
		return exit{code: ExitUsage, message: "--length must be from 1 to 1000"}
	case s.Graph != "" && s.Bank == "":
		return exit{code: ExitUsage, message: "--graph goes with --bank: the demo bank has its own"}
	}
	var page *output
	if s.Report != "" {
		opened, err := openOutput(s.Report)
		if err != nil {
			return err
		}
		page = opened
	}
	defer page.discard()
	ctx, _, release := untilSignals(os.Interrupt, syscall.SIGTERM)
	defer release()
	bank, err := s.readBank(ctx, p)
	var result simulation.Result
	if err == nil {
		result, err = s.simulate(ctx, p, bank)
	}
	switch {
	case ctx.Err() != nil:
		return failf("stopped by %v", context.Cause(ctx))
	case err != nil:
		return failf("%v", err)
	}
	if page != nil {
		told := reports.Simulation{Source: s.source(), Version: p.Version, Result: result}
		if err := page.write(func(w io.Writer) error { _, err := told.WriteTo(w); return err }); err != nil {
			return failf("%v", err)
		}
	}
	return written(writeSimulation(p.Stdout, s.source(), result))
}

func (s simulateCommand) source() string {
	if s.Bank == "" {
		return "the demo bank"
	}
	return s.Bank
}

func (s simulateCommand) simulate(ctx context.Context, p Process, bank simulation.Bank) (simulation.Result, error) {
	options := simulation.DefaultOptions()
	options.Students, options.Length, options.Seed, options.Workers = s.Students, s.Length, s.Seed, runtime.GOMAXPROCS(0)
	var done atomic.Int64
	defer showProgress(p, func() progress {
		return progress{"simulating", done.Load(), int64(simulation.Sessions(options))}
	})()
	return simulation.Run(ctx, bank, options, func(int) { done.Add(1) })
}

func (s simulateCommand) readBank(ctx context.Context, p Process) (simulation.Bank, error) {
	if s.Bank == "" {
		return demoBank(s.Seed), nil
	}
	if s.Bank == datafile.Stdin && s.Graph == datafile.Stdin {
		return simulation.Bank{}, errors.New("only one of the files can be standard input")
	}
	bank, err := datafile.Open(ctx, s.Bank, p.Stdin)
	if err != nil {
		return simulation.Bank{}, err
	}
	defer func() { _ = bank.Close() }() // it was only read
	var graph *datafile.File
	if s.Graph != "" {
		if graph, err = datafile.Open(ctx, s.Graph, p.Stdin); err != nil {
			return simulation.Bank{}, err
		}
		defer func() { _ = graph.Close() }() // it was only read
	}
	concepts, items, edges, err := datafile.ReadBank(bank, graph)
	return simulation.Bank{Concepts: concepts, Items: items, Edges: edges}, err
}

// demoBank is the demo bank with parameters drawn for its items.
func demoBank(seed uint64) simulation.Bank {
	from := demo.NewBank()
	params := demo.TrueParams(from, seed)
	var bank simulation.Bank
	for _, concept := range from.Concepts {
		bank.Concepts = append(bank.Concepts, adaptive.Concept{
			ID: concept.ID, Name: concept.Name, Weight: concept.Weight, L0: bkt.Defaults().L0,
		})
	}
	for _, item := range from.Items {
		bank.Items = append(bank.Items, adaptive.Item{ID: item.ID, Concept: item.ConceptID, Params: params[item.ID], Calibrated: true})
	}
	for _, edge := range from.Prerequisites {
		bank.Edges = append(bank.Edges, adaptive.Edge{Prerequisite: edge.PrerequisiteID, Concept: edge.ConceptID})
	}
	return bank
}
