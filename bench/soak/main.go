// Command soak runs the service under load while its dependencies fail in every way that a network has and its signing
// keys rotate. It fails on one wrong reply, one lost answer, or if memory, goroutines or open files grow. `make soak`
// builds what it needs and runs it.
//
// cases.go is the table of what is sent and what is right, steps.go what its rows are made of; learners.go is what
// students do in turn, held to the model; raw.go has the clients that no HTTP library can be. vegeta sends. The faults,
// the rotations and the requests are drawn from one seed.
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

func main() {
	path := flag.String("service", "bin/journey-api", "the service's binary")
	length := flag.Duration("time", 10*time.Minute, "how long, 20 s or more")
	seed := flag.Uint64("seed", 0, "what comes when; 0 for another each time")
	flag.Parse()
	if *seed == 0 {
		*seed = rand.Uint64N(1_000_000) + 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := soakFor(ctx, *path, max(*length, 20*time.Second), *seed)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func soakFor(ctx context.Context, path string, length time.Duration, seed uint64) error {
	path, pathErr := filepath.Abs(path)
	folder, folderErr := os.MkdirTemp("", "journey-api-soak-") // without a .env
	if err := errors.Join(pathErr, folderErr); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "soak: %s, seed %d\n", length, seed)
	s := newSoak(path, folder, length, seed)
	err := s.run(ctx)
	if err == nil {
		s.report(os.Stdout)
	}
	return errors.Join(err, s.wrong(), s.stop(), os.RemoveAll(folder))
}
