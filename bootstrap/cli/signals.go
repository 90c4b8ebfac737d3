package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"time"
)

// signalsTogether is how long a further signal counts as the first one: stopping a process group signals this process
// twice if its parent passes the signal on, as make does.
const signalsTogether = 250 * time.Millisecond

// untilSignals returns two contexts: the first of these signals ends stop, a further one ends hurry. The cause of each
// is the signal's name. Until release is called the signals have no other effect.
func untilSignals(which ...os.Signal) (stop, hurry context.Context, release func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, which...)
	stop, hurry, forget := follow(signals)
	return stop, hurry, func() {
		signal.Stop(signals)
		forget()
	}
}

// follow is untilSignals for any source of signals.
func follow(signals <-chan os.Signal) (stop, hurry context.Context, release func()) {
	stop, endStop := context.WithCancelCause(context.Background())
	hurry, endHurry := context.WithCancelCause(context.Background())
	released := make(chan struct{})
	go func() {
		var first time.Time
		for hurry.Err() == nil {
			select {
			case got := <-signals:
				switch {
				case first.IsZero():
					first = time.Now()
					endStop(errors.New(got.String()))
				case time.Since(first) >= signalsTogether:
					endHurry(errors.New(got.String()))
				}
			case <-released:
				return
			}
		}
	}()
	return stop, hurry, func() {
		close(released)
		endStop(nil)
		endHurry(nil)
	}
}
