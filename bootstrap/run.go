package main

import (
	"cmp"
	"context"
	"net"
	"os"
	"sync"
	"time"
)

// signalsTogether is how long another signal counts as the first one: who stops a whole group of processes reaches this
// one twice where its parent passes the signal on, as make does.
const signalsTogether = 250 * time.Millisecond

// hurriedClose is what closing may take after a second signal; whatever hangs then is left to the end of the process.
const hurriedClose = time.Second

var errHurried = couldNot("ended at once by a second signal")

// run serves on listener until the first signal, then drains: readiness says 503 at once, requests are served for
// DRAIN_DELAY more, then no new connection is taken and the requests in flight get SHUTDOWN_TIMEOUT to finish; then what
// was built is closed. A second signal ends all of it. The log has a line where each phase begins, with the time that the
// one before it took.
func (a *app) run(listener net.Listener, signals <-chan os.Signal) error {
	background, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { a.monitor.Run(background) })
	running.Go(func() { a.verifier.Run(background) })
	end := func() {
		stop()
		running.Wait()
		a.close()
	}

	served := make(chan error, 1)
	go func() { served <- a.server.Serve(listener) }()
	a.log.Info("started", append([]any{"version", version, "address", listener.Addr().String(),
		"environment", string(a.settings.Environment), "jwt_algorithms", a.settings.JWT.Algorithms}, a.operators.addresses()...)...)

	select {
	case err := <-served:
		end()
		return couldNot("stopped serving: %v", err)
	case got := <-signals:
		began := time.Now()
		a.server.Drain()
		a.log.Info("draining", "signal", got.String(), "drain_delay", a.settings.HTTP.DrainDelay.String())
		err := a.drain(signals, began)
		closing := time.Now()
		err = cmp.Or(finish(end, err != nil, signals, began), err)
		a.log.Info("stopped", "took", since(closing), "took_in_all", since(began))
		return err
	}
}

// finish waits for the end, for a moment alone where it is hurried or another signal comes.
func finish(end func(), hurried bool, signals <-chan os.Signal, began time.Time) error {
	ended := make(chan struct{})
	go func() { end(); close(ended) }()
	var late <-chan time.Time
	if hurried {
		late = time.After(hurriedClose)
	}
	for {
		select {
		case <-ended:
			return nil
		case <-late:
			return errHurried
		case <-signals:
			if isAnother(began) {
				return errHurried
			}
		}
	}
}

func (a *app) drain(signals <-chan os.Signal, began time.Time) error {
	hurried := !a.serveOn(signals, began)
	ctx, cancel := context.WithTimeout(context.Background(), a.settings.HTTP.ShutdownTimeout)
	defer cancel()
	if hurried {
		cancel()
	}
	a.log.Info("stopping", "took", since(began), "shutdown_timeout", a.settings.HTTP.ShutdownTimeout.String())
	stopping, stopped := time.Now(), make(chan error, 1)
	go func() { stopped <- a.server.Shutdown(ctx) }()
	for waiting := true; waiting; {
		select {
		case err := <-stopped:
			waiting = false
			if err != nil {
				a.log.Warn("requests were cut off", "error", err.Error())
			}
		case <-signals:
			if isAnother(began) {
				hurried = true
				cancel()
			}
		}
	}
	a.log.Info("closing", "took", since(stopping))
	if hurried {
		return errHurried
	}
	return nil
}

// isAnother says that a signal that comes now is not the first one again.
func isAnother(first time.Time) bool { return time.Since(first) >= signalsTogether }

func since(began time.Time) string { return time.Since(began).Round(time.Microsecond).String() }

// serveOn serves for DRAIN_DELAY more; false says that a second signal came first.
func (a *app) serveOn(signals <-chan os.Signal, began time.Time) bool {
	delay := time.NewTimer(a.settings.HTTP.DrainDelay)
	defer delay.Stop()
	for {
		select {
		case <-delay.C:
			return true
		case <-signals:
			if isAnother(began) {
				return false
			}
		}
	}
}
