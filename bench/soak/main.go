// Command soak runs the real service for minutes under traffic of every kind while its dependencies fail in every way
// and its keys are rotated, and fails on one wrong answer, or where memory, goroutines or open files grow. It prints what
// came of it as Markdown. `make soak` builds what it needs and runs it.
//
// Visitors send without a rest; mix.go has what they send, and with each request what its reply may be, whatever the
// weather: judges.go, keys.go and words.go know what is right at that moment. The service's log is read line by line
// while it is written, and each reply has to have its line (ledger.go). The weather, the rotations and what each visitor
// sends come from one seed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// shortest leaves time for a warm-up and for faults of which the service is sure.
const shortest = 30 * time.Second

func main() {
	path := flag.String("service", "bin/journey-api", "the service's binary")
	length := flag.Duration("time", 10*time.Minute, "how long")
	seed := flag.Uint64("seed", 0, "what comes when; 0 for another each time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := soakFor(ctx, *path, *length, *seed)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func soakFor(ctx context.Context, path string, length time.Duration, seed uint64) (err error) {
	if length < shortest {
		return fmt.Errorf("%s is too short: take %s or more", length, shortest)
	}
	if seed == 0 {
		seed = rand.Uint64N(1_000_000) + 1
	}
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "journey-api-soak-") // no .env there
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	fmt.Fprintf(os.Stderr, "soak: %s, seed %d\n", length, seed)
	s, err := newSoak(ctx, path, folder, length, seed)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	err = s.run(ctx)
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	if err != nil {
		return errors.Join(err, s.service.Stop(), s.wrong.fault())
	}
	if err := s.report(os.Stdout); err != nil {
		return err
	}
	return s.verdict()
}
