package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/journey-os/journey-api/core"
)

const (
	drainVisitors = 32
	beforeDrain   = time.Second
	// drainBound is what stopping may take: both settings, and closing the drivers.
	drainBound = drainDelay + shutdownTimeout + 3*time.Second
)

// drained is how the service ended.
type drained struct {
	took  time.Duration
	fault error
	// requests were answered from just before the signal to the end.
	requests int
}

// drain tells the service to stop while requests come on kept connections: each of them has to be answered.
func (s *soak) drain(ctx context.Context) error {
	var visiting sync.WaitGroup
	tallies := make([]*tally, drainVisitors)
	for i := range tallies {
		tallies[i] = newTally()
		v := s.visitor(fmt.Sprintf("last-%d", i), i, tallies[i])
		v.kinds = goodKinds()[:1]
		visiting.Go(func() { v.run(ctx) })
	}
	pause(ctx, beforeDrain)
	s.draining.Store(true)
	began := time.Now()
	stopped := make(chan error, 1)
	go func() { stopped <- s.service.Stop() }()
	pause(ctx, drainDelay/3)
	s.askReadiness()
	visiting.Wait()
	s.drained.fault = <-stopped
	s.drained.took = time.Since(began)
	err := <-s.service.logEnded
	s.ledger.settle(0)
	for _, one := range tallies {
		s.drained.requests += one.requests()
	}
	if s.drained.took > drainBound {
		s.drained.fault = errors.Join(s.drained.fault, fmt.Errorf("it took %s, more than %s", s.drained.took, drainBound))
	}
	return err
}

// askReadiness asks a service that drains whether it is ready.
func (s *soak) askReadiness() {
	asked := draft{path: "/health/ready", judge: fails(http.StatusServiceUnavailable, core.CodeUnavailable, core.ReasonDraining)}.build("soak-draining")
	got, err := ask(s.service.address, &asked)
	if err != nil {
		s.wrong.add("draining", asked.id, err.Error())
		return
	}
	complaint := got.check(&asked, true)
	if complaint == "" {
		complaint = asked.judge(got)
	}
	if complaint != "" {
		s.wrong.add("draining", asked.id, complaint)
	}
	s.ledger.reply(asked.id, entry{got.status, asked.method, asked.route})
}
