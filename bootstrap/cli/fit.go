package cli

import (
	"context"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/journey-os/journey-api/adapters/datafile"
	"github.com/journey-os/journey-api/core/bkt"
)

type fitCommand struct {
	File          string  `arg:"" help:"CSV with the columns student_id, concept_id, correct and perhaps timestamp, or JSON lines; - reads standard input."`
	Forgetting    bool    `help:"Fit how likely mastery is lost as well."`
	MaxIterations int     `default:"100" placeholder:"N" help:"The most steps of EM from each start, 1 to 1000 (${default})."`
	Threshold     float64 `default:"0.001" placeholder:"X" help:"How exact the parameters are, 0.0001 to 0.1 (${default})."`
	JSON          bool    `name:"json" help:"Print JSON."`
}

// Help is shown below the usage.
func (fitCommand) Help() string {
	return "Prints the parameters of each concept with their standard errors, and what to think of them. A student's answers " +
		"count by timestamp, or in the order of the rows. See docs/mastery.md."
}

// conceptFit is the fit of one concept; fitted is nil if it has too few answers.
type conceptFit struct {
	concept string
	fitted  *bkt.Fitted
}

// Run fits each concept of the file by itself. It fails if none has enough answers.
func (f fitCommand) Run(p Process) error {
	switch {
	case f.MaxIterations < 1 || f.MaxIterations > 1000:
		return exit{code: ExitUsage, message: "--max-iterations must be from 1 to 1000"}
	case !(f.Threshold >= 1e-4 && f.Threshold <= .1):
		return exit{code: ExitUsage, message: "--threshold must be from 0.0001 to 0.1"}
	}
	ctx, _, release := untilSignals(os.Interrupt, syscall.SIGTERM)
	defer release()
	answers, err := readAnswers(ctx, p, f.File)
	var fits []conceptFit
	if err == nil {
		fits, err = f.fitAll(ctx, p, answers)
	}
	switch {
	case ctx.Err() != nil:
		return failf("stopped by %v", context.Cause(ctx))
	case err != nil:
		return failf("%v", err)
	}
	write := writeFits
	if f.JSON {
		write = writeFitsAsJSON
	}
	if err := write(p.Stdout, fits); err != nil {
		return written(err)
	}
	for _, fit := range fits {
		if fit.fitted != nil {
			return nil
		}
	}
	return failf("%s: no concept has two students with two answers each: there is nothing to fit", f.File)
}

func readAnswers(ctx context.Context, p Process, path string) ([]datafile.ConceptAnswers, error) {
	file, err := datafile.Open(ctx, path, p.Stdin)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	defer showProgress(p, readingOf(file))()
	return datafile.ReadAnswers(file)
}

// fitAll fits the concepts on all processors. The only error is that of ctx.
func (f fitCommand) fitAll(ctx context.Context, p Process, answers []datafile.ConceptAnswers) ([]conceptFit, error) {
	options := bkt.DefaultOptions()
	options.MaxIterations, options.Threshold, options.Forgetting = f.MaxIterations, f.Threshold, f.Forgetting
	fits := make([]conceptFit, len(answers))
	var taken, done atomic.Int64
	defer showProgress(p, func() progress { return progress{"fitting", done.Load(), int64(len(answers))} })()
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(answers)) {
		workers.Go(func() {
			for i := int(taken.Add(1)) - 1; i < len(answers); i = int(taken.Add(1)) - 1 {
				fits[i].concept = answers[i].Concept
				if !bkt.EnoughToFit(answers[i].Students) {
					done.Add(1)
					continue
				}
				fitted, err := bkt.Fit(ctx, answers[i].Students, options)
				if err != nil {
					return
				}
				fits[i].fitted = &fitted
				done.Add(1)
			}
		})
	}
	workers.Wait()
	return fits, ctx.Err()
}
