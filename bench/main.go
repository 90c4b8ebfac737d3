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

	"github.com/journey-os/journey-api/ports/portstest"
)

// bench is one run. Its first fields are the command's flags.
type bench struct {
	python, postgres, only string
	rounds                 int
	length                 time.Duration
	isPinned               bool

	folder, secret, project, claims, hs256, es256 string
	key                                           portstest.SigningKey
	replies                                       map[string]string // of the service, by path
	servers                                       map[string]*server
	rows                                          []*row
	firstReplies                                  []time.Duration
}

func main() {
	b := &bench{servers: map[string]*server{}, replies: map[string]string{}}
	flag.StringVar(&b.python, "python", "", "a Python with bench/peers/requirements.txt; without one its rows are left out")
	flag.StringVar(&b.postgres, "postgres", "", "the URL of an empty PostgreSQL; without one its rows are left out")
	flag.StringVar(&b.only, "only", "", "a regular expression: the rows that are measured")
	flag.IntVar(&b.rounds, "rounds", 5, "how often each row is measured")
	flag.DurationVar(&b.length, "length", 2500*time.Millisecond, "how long at a time")
	flag.BoolVar(&b.isPinned, "pin", true, "one processor for each server, the others for the load")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := b.run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	b.report(os.Stdout)
}

func (b *bench) run(ctx context.Context) (err error) {
	if b.folder, err = os.MkdirTemp("", "journey-api-bench-"); err != nil { // without a .env
		return err
	}
	defer func() {
		for _, s := range b.servers {
			_ = s.Stop() // how a server ends tells nothing about its speed
		}
		err = errors.Join(err, os.RemoveAll(b.folder), ctx.Err())
	}()
	if err := b.prepare(); err != nil {
		return err
	}
	if err := b.startServers(); err != nil {
		return err
	}
	return b.measureRounds(ctx)
}
