package main

import (
	"context"
	"net"
	"os"
	"sync"
	"time"
)

// run serves on listener until the first signal, then drains: readiness says 503 at once, requests are served for
// DRAIN_DELAY more, then no new connection is taken and the requests in flight get SHUTDOWN_TIMEOUT to finish. A second
// signal ends all of it.
func (a *app) run(listener net.Listener, signals <-chan os.Signal) error {
	defer a.close()
	background, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	running.Go(func() { a.monitor.Run(background) })
	running.Go(func() { a.verifier.Run(background) })

	served := make(chan error, 1)
	go func() { served <- a.server.Serve(listener) }()
	a.log.Info("started", append([]any{"version", version, "address", listener.Addr().String(),
		"environment", string(a.settings.Environment), "jwt_algorithms", a.settings.JWT.Algorithms}, a.operators.addresses()...)...)

	select {
	case err := <-served:
		return couldNot("stopped serving: %v", err)
	case got := <-signals:
		a.log.Info("draining", "signal", got.String(), "drain_delay", a.settings.HTTP.DrainDelay.String())
	}
	return a.drain(signals)
}

func (a *app) drain(signals <-chan os.Signal) error {
	began := time.Now()
	a.server.Drain()
	hurried := !a.serveOn(signals)
	ctx, cancel := context.WithTimeout(context.Background(), a.settings.HTTP.ShutdownTimeout)
	defer cancel()
	if hurried {
		cancel()
	}
	a.log.Info("stopping", "shutdown_timeout", a.settings.HTTP.ShutdownTimeout.String())
	stopped := make(chan error, 1)
	go func() { stopped <- a.server.Shutdown(ctx) }()
	var err error
	select {
	case err = <-stopped:
	case <-signals:
		hurried = true
		cancel()
		err = <-stopped
	}
	if err != nil {
		a.log.Warn("requests were cut off", "error", err.Error())
	}
	a.log.Info("stopped", "took", time.Since(began).String())
	if hurried {
		return couldNot("ended at once by a second signal")
	}
	return nil
}

// serveOn serves for DRAIN_DELAY more; false says that a second signal came first.
func (a *app) serveOn(signals <-chan os.Signal) bool {
	delay := time.NewTimer(a.settings.HTTP.DrainDelay)
	defer delay.Stop()
	select {
	case <-delay.C:
		return true
	case <-signals:
		return false
	}
}
