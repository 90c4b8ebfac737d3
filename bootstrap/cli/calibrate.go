package cli

import (
	"context"
	"os"
	"syscall"
	"time"
)

type calibrateCommand struct {
	File          string  `arg:"" help:"CSV, long (person_id, item_id, score) or wide (a row a person, a column an item), or JSON lines; gzip too; - reads standard input."`
	Model         string  `enum:"3pl,2pl,1pl" default:"3pl" help:"3pl, 2pl or 1pl (${default})."`
	MinResponses  int     `default:"100" placeholder:"N" help:"How many responses an item needs (${default})."`
	MaxIterations int     `default:"100" placeholder:"N" help:"The most iterations, 1 to 500 (${default})."`
	Threshold     float64 `default:"0.001" placeholder:"X" help:"The largest change of a parameter that ends the iterations (${default})."`
	Density       string  `enum:"auto,normal" default:"auto" help:"The distribution of ability: auto estimates it if the data speak for it; normal (${default})."`
	Prior         string  `enum:"default,none" default:"default" help:"default, or none for bounds alone (${default})."`
	Out           string  `placeholder:"params.csv" help:"Write the parameters as CSV."`
	Report        string  `placeholder:"report.html" help:"Write a report with the curve and the fit of each item."`
	JSON          bool    `name:"json" help:"Print JSON, the data of POST /api/irt/calibrate."`
}

// Help is shown below the usage.
func (calibrateCommand) Help() string {
	return "Prints a, b and c of each item with standard errors, fit and flags. See docs/calibration.md."
}

// patience is how long an interrupted calibration may take to end by itself.
const patience = 300 * time.Millisecond

// Run calibrates the file. An interrupt ends it within half a second, and no output is written then.
func (c calibrateCommand) Run(p Process) error {
	if err := c.check(); err != nil {
		return err
	}
	table, err := c.open(c.Out)
	if err != nil {
		return err
	}
	defer table.discard()
	page, err := c.open(c.Report)
	if err != nil {
		return err
	}
	defer page.discard()
	ctx, _, release := untilSignals(os.Interrupt, syscall.SIGTERM)
	defer release()
	ended := make(chan error, 1)
	go func() { ended <- c.calibrate(ctx, p, table, page) }()
	select {
	case err = <-ended:
	case <-ctx.Done():
		select {
		case err = <-ended:
		case <-time.After(patience):
			err = ctx.Err()
		}
	}
	if err != nil && ctx.Err() != nil {
		return failf("stopped by %v: nothing was written", context.Cause(ctx))
	}
	return err
}

func (c calibrateCommand) check() error {
	switch {
	case c.MinResponses < 1:
		return exit{code: ExitUsage, message: "--min-responses must be at least 1"}
	case c.MaxIterations < 1 || c.MaxIterations > 500:
		return exit{code: ExitUsage, message: "--max-iterations must be from 1 to 500"}
	case !(c.Threshold > 0 && c.Threshold < 1):
		return exit{code: ExitUsage, message: "--threshold must be above 0 and below 1"}
	case c.Out != "" && c.Out == c.Report:
		return exit{code: ExitUsage, message: "--out and --report name the same file"}
	}
	return nil
}

// open opens an output; it is nil for an empty path.
func (c calibrateCommand) open(path string) (*output, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.Stat(c.File)
	if at, atErr := os.Stat(path); err == nil && atErr == nil && os.SameFile(data, at) {
		return nil, exit{code: ExitUsage, message: path + " is the file of responses: name another one"}
	}
	return openOutput(path)
}
