// Command bench measures Journey API beside other programs that answer the same, and prints the figures as Markdown.
// `make bench` builds what it needs and runs it.
//
// servers.go has the programs, a row for each; rows.go what is asked of them, a row for each line of the table. Every
// server is a process of its own on one processor; this program has the others. The rows are measured in rounds that take
// them in turn, so that what else the machine does falls on all of them. Every reply has to have its row's status, and
// rows that are compared have to get the same JSON: anything else ends the run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// settings are the command's flags.
type settings struct {
	python, postgres, only string
	rounds                 int
	length                 time.Duration
	isPinned               bool
}

func main() {
	var s settings
	flag.StringVar(&s.python, "python", "", "a Python with bench/peers/requirements.txt; without one its rows are left out")
	flag.StringVar(&s.postgres, "postgres", "", "the URL of an empty PostgreSQL; without one its rows are left out")
	flag.StringVar(&s.only, "only", "", "a regular expression: the rows that are measured")
	flag.IntVar(&s.rounds, "rounds", 5, "how often each row is measured")
	flag.DurationVar(&s.length, "length", 2500*time.Millisecond, "how long at a time")
	flag.BoolVar(&s.isPinned, "pin", true, "one processor for each server, the others for the load")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, s)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, given settings) (err error) {
	b := &bench{settings: given, servers: map[string]*server{}, replies: map[string][]byte{}}
	if b.folder, err = os.MkdirTemp("", "journey-api-bench-"); err != nil { // without a .env
		return err
	}
	defer func() { b.stop(); err = errors.Join(err, os.RemoveAll(b.folder)) }()
	for _, stage := range []func(context.Context) error{b.prepare, b.startServers, b.warmUp, b.measureRounds} {
		if err := errors.Join(stage(ctx), ctx.Err()); err != nil {
			return err
		}
	}
	b.report(os.Stdout)
	return nil
}
