package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// hurriedClose bounds closing after hurry; what hangs then ends with the process.
const hurriedClose = time.Second

var errHurried = errors.New("ended at once by a second signal")

// Run serves until stop ends, then drains. Readiness answers 503 and jobs are handed back at once, and requests are
// served for DRAIN_DELAY more. Then no new connection is accepted, and the requests in flight get SHUTDOWN_TIMEOUT to
// finish. Then everything is closed. When hurry ends, all of it ends at once, and Run returns an error. The log has a
// line at the start of each phase, with the duration of the one before it; the first has the cause of stop. Listen
// comes before, and Run is called once.
func (a *App) Run(stop, hurry context.Context) error {
	defer a.lines.flush()
	a.parts.start()
	served := make(chan error, 1)
	go func() { served <- a.server.Serve(a.listener) }()
	a.log.Info("started", append([]any{"version", a.version, "address", a.listener.Addr().String(),
		"environment", string(a.settings.Environment), "jwt_algorithms", a.settings.JWT.Algorithms}, a.operators.addresses()...)...)

	select {
	case err := <-served:
		a.parts.stop()
		return fmt.Errorf("stopped serving: %w", err)
	case <-stop.Done():
		began := time.Now()
		a.server.Drain()
		a.parts.drain()
		a.log.Info("draining", "signal", context.Cause(stop).Error(), "drain_delay", a.settings.HTTP.DrainDelay.String())
		err := a.drain(hurry, began)
		closing := time.Now()
		err = cmp.Or(finish(hurry, a.parts.stop), err)
		a.log.Info("stopped", "took", since(closing), "took_in_all", since(began))
		return err
	}
}

// finish waits for the end, until hurry ends; if hurry has ended already, only for a moment.
func finish(hurry context.Context, end func()) error {
	ended := make(chan struct{})
	go func() { end(); close(ended) }()
	late := hurry
	if hurry.Err() != nil {
		moment, cancel := context.WithTimeout(context.Background(), hurriedClose)
		defer cancel()
		late = moment
	}
	select {
	case <-ended:
		return nil
	case <-late.Done():
		return errHurried
	}
}

func (a *App) drain(hurry context.Context, began time.Time) error {
	delay := time.NewTimer(a.settings.HTTP.DrainDelay)
	defer delay.Stop()
	select {
	case <-delay.C:
	case <-hurry.Done():
	}
	a.log.Info("stopping", "took", since(began), "shutdown_timeout", a.settings.HTTP.ShutdownTimeout.String())
	stopping := time.Now()
	ctx, cancel := context.WithTimeout(hurry, a.settings.HTTP.ShutdownTimeout)
	defer cancel()
	if err := a.server.Shutdown(ctx); err != nil {
		a.log.Warn("requests were cut off", "error", err.Error())
	}
	a.log.Info("closing", "took", since(stopping))
	if hurry.Err() != nil {
		return errHurried
	}
	return nil
}

func since(began time.Time) string { return time.Since(began).Round(time.Microsecond).String() }
