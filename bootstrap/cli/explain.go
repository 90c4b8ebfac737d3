package cli

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"syscall"

	"github.com/journey-os/journey-api/adapters/datafile"
	"github.com/journey-os/journey-api/core/adaptive"
)

type explainCommand struct {
	Session  string `arg:"" optional:"" help:"A practice session of the database."`
	Position int    `arg:"" optional:"" help:"Which of its questions; the first is 1."`

	Bank  string `placeholder:"FILE" help:"JSON: {items: [{item_id, concept_id, a, b, c}]}."`
	Graph string `placeholder:"FILE" help:"JSON: {nodes: [concept], edges: [{prerequisite, target}]}."`
	Cases string `placeholder:"FILE" help:"JSON: {settings, cases: [{id, scope, mastery, theta, history}]}."`
}

// Help is shown below the usage.
func (explainCommand) Help() string {
	return "SESSION POSITION computes the pick of a question again, from the inputs saved with it in the database of DATABASE_URL, " +
		"and prints how it came about as JSON. The service may run meanwhile. With --bank, --graph and --cases it prints the " +
		"pick of each case as a line of JSON instead, and needs no setting and no database. One of the files may be -, standard " +
		"input. See docs/practice.md."
}

// Run prints the pick of each case, or its error as a code; neither is a failure.
func (e explainCommand) Run(p Process, line *commandLine) error {
	fromFiles, fromStore := e.Bank != "" || e.Graph != "" || e.Cases != "", e.Session != ""
	switch {
	case fromStore && !fromFiles && e.Position > 0:
		return e.explainStored(p, line)
	case fromStore || e.Bank == "" || e.Graph == "" || e.Cases == "":
		return exit{code: ExitUsage, message: "explain takes SESSION POSITION, or --bank, --graph and --cases"}
	}
	ctx, _, release := untilSignals(os.Interrupt, syscall.SIGTERM)
	defer release()
	picks, err := e.read(ctx, p)
	switch {
	case ctx.Err() != nil:
		return failf("stopped by %v", context.Cause(ctx))
	case err != nil:
		return failf("%v", err)
	}
	encoder := json.NewEncoder(p.Stdout)
	encoder.SetEscapeHTML(false)
	for _, asked := range picks.Cases {
		if ctx.Err() != nil {
			return failf("stopped by %v", context.Cause(ctx))
		}
		if err := encoder.Encode(explainCase(asked, picks)); err != nil {
			return written(err)
		}
	}
	return nil
}

func (e explainCommand) read(ctx context.Context, p Process) (datafile.Picks, error) {
	paths := []string{e.Bank, e.Graph, e.Cases}
	files := make([]*datafile.File, 0, len(paths))
	defer func() {
		for _, file := range files {
			_ = file.Close() // it was only read
		}
	}()
	fromStdin := 0
	for _, path := range paths {
		if path == datafile.Stdin {
			fromStdin++
		}
	}
	if fromStdin > 1 {
		return datafile.Picks{}, errors.New("only one of the files can be standard input")
	}
	for _, path := range paths {
		file, err := datafile.Open(ctx, path, p.Stdin)
		if err != nil {
			return datafile.Picks{}, err
		}
		files = append(files, file)
	}
	return datafile.ReadPicks(files[0], files[1], files[2])
}

// explainCase returns what is printed for a case.
func explainCase(asked datafile.PickCase, picks datafile.Picks) any {
	request, err := asked.Request(picks.Bank)
	if err != nil {
		return refused(asked.ID, err, adaptive.Explanation{})
	}
	pick, explanation, err := request.Explain(picks.Settings, picks.Graph)
	if err != nil {
		return refused(asked.ID, err, explanation)
	}
	return explained(asked.ID, pick, explanation)
}
