package app

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"
)

const (
	// stopTimeout bounds the stop of one part, and stopAllTimeout that of all parts together. With a moment more for
	// each that hangs, the service needs at most DRAIN_DELAY + SHUTDOWN_TIMEOUT + 7 s to stop.
	stopTimeout    = 2 * time.Second
	stopAllTimeout = 6 * time.Second
	// stopGrace lets a part that keeps to its deadline report itself what it was waiting for.
	stopGrace = 250 * time.Millisecond
)

// part is a resource of the service, or background work, or both.
type part struct {
	name string
	// run, if set, works until ctx ends. If it returns before that, it is a fault, and the service goes on without it.
	run func(ctx context.Context) error
	// early ends run when the service begins to drain, while requests are still served, since another copy can continue
	// the work.
	early bool
	// close, if set, releases the part's resource, once run has returned.
	close func(ctx context.Context) error

	// cancel ends run, and ended is closed when it has returned; both are nil before the start.
	cancel context.CancelFunc
	ended  chan struct{}
}

// parts are the parts in the order in which they were built: each may use those before it. They start in this order and
// stop in the opposite one.
type parts struct {
	log  *slog.Logger
	list []*part
}

func (p *parts) add(added part) { p.list = append(p.list, &added) }

// start starts the background work.
func (p *parts) start() {
	for _, part := range p.list {
		if part.run == nil {
			continue
		}
		var ctx context.Context
		ctx, part.cancel = context.WithCancel(context.Background())
		part.ended = make(chan struct{})
		go func() {
			defer close(part.ended)
			if err := part.run(ctx); ctx.Err() == nil {
				p.log.Error("stopped working", "what", part.name, "error", cmp.Or(err, errEndedByItself).Error())
			}
		}()
	}
}

// drain ends the work that another copy can continue. It does not wait; stop does.
func (p *parts) drain() {
	for _, part := range p.list {
		if part.early && part.cancel != nil {
			part.cancel()
		}
	}
}

var errEndedByItself = errors.New("it ended by itself")

// stop stops and releases everything; what does not end in time is abandoned. A second call does nothing.
func (p *parts) stop() {
	all, cancel := context.WithTimeout(context.Background(), stopAllTimeout)
	defer cancel()
	for _, part := range slices.Backward(p.list) {
		ctx, cancel := context.WithTimeout(all, stopTimeout)
		err := part.stop(ctx)
		cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			p.log.Warn("not closed cleanly", "what", part.name, "error", err.Error())
		}
	}
	p.list = nil
}

// stop returns at the latest soon after ctx ends.
func (p *part) stop(ctx context.Context) error {
	stopped := make(chan error, 1)
	go func() {
		if p.cancel != nil {
			p.cancel()
			<-p.ended
		}
		if p.close == nil {
			stopped <- nil
			return
		}
		stopped <- p.close(ctx)
	}()
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-stopped:
		return err
	case <-time.After(stopGrace):
		return errors.New("it did not stop in time")
	}
}
