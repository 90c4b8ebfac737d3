// Command bench measures Journey API beside Fiber alone and beside the chain that people write, and prints the figures as
// Markdown. `make bench` builds what it needs and runs it.
//
// Every server is a process of its own with one processor; this program has the others. 64 keep-alive connections send
// one request after the other, in rounds that take the servers in turn, so that what else the machine does falls on all
// of them. Every reply has to be a 200, every access line has to be in its log, and the servers have to answer the same
// JSON: a figure about anything else would be worth nothing, so anything else ends the run.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	rounds      = 5
	roundLength = 2500 * time.Millisecond
	starts      = 5
	// serviceRequests are sent to the service, and rivalRequests to each of the others, before its memory is read and its
	// rounds begin.
	serviceRequests = 1_000_000
	rivalRequests   = 200_000
)

func main() {
	service := flag.String("service", "bin/journey-api", "the service's binary")
	rival := flag.String("rival", "bin/rival", "the comparison servers' binary")
	benchmarks := flag.String("verifier", "bin/jwtauth.test", "the verifier's tests, built")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := measure(ctx, *service, *rival, *benchmarks)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, servicePath, rivalPath, benchmarksPath string) (err error) {
	folder, err := os.MkdirTemp("", "journey-api-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	field, err := newField(servicePath, rivalPath, benchmarksPath, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, field.stop()) }()

	for _, stage := range []struct {
		words string
		run   func(context.Context) error
	}{
		{fmt.Sprintf("running the verifier's benchmarks %d times", verifierRuns), field.measureVerifiers},
		{fmt.Sprintf("starting the service %d times", starts), field.measureStarts},
		{"starting the servers", field.startServers},
		{fmt.Sprintf("sending %d requests to the service, %d to each of the others", serviceRequests, rivalRequests), field.measureMemory},
		{fmt.Sprintf("%d rounds of %s each", rounds, roundLength), field.measureRounds},
		{fmt.Sprintf("%d floods of %s, %d forged tokens a second", rounds*len(field.floods), roundLength, floodRate), field.measureFloods},
		{"counting allocations", field.measureAllocations},
	} {
		fmt.Fprintln(os.Stderr, "bench:", stage.words)
		err := stage.run(ctx)
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		if err != nil {
			return err
		}
	}
	return field.report(os.Stdout)
}

// newField finds the programs and publishes the project's key; no server is started yet.
func newField(servicePath, rivalPath, benchmarksPath, folder string) (*field, error) {
	f := &field{cores: splitCores(), folder: folder}
	var err error
	if f.service, f.binarySize, err = findProgram(servicePath); err != nil {
		return nil, err
	}
	if f.rivalPath, _, err = findProgram(rivalPath); err != nil {
		return nil, err
	}
	if f.benchmarks, _, err = findProgram(benchmarksPath); err != nil {
		return nil, err
	}
	if err := f.cores.confineSelf(); err != nil {
		return nil, err
	}
	key := portstest.NewES256Key("bench")
	project, stop, err := publish(key)
	if err != nil {
		return nil, err
	}
	f.stopProject = stop
	f.credentials = newCredentials(rand.Text()+rand.Text(), project, key)
	f.floods = newFloods(f.credentials)
	return f, nil
}
