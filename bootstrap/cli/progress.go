package cli

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/journey-os/journey-api/adapters/datafile"
)

// progressAfter is how long a command is silent; progressEvery, how often a bar is drawn.
const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
)

// progress is how far a command is: done of total. A total of 0 is unknown.
type progress struct {
	what        string
	done, total int64
}

// showProgress draws a progress bar on stderr, if stderr is a terminal and the command takes longer than a moment. at
// is called repeatedly by another goroutine. The bar is removed when stop returns. Call stop once.
func showProgress(p Process, at func() progress) (stop func()) {
	if !isTerminal(p.Stderr) {
		return func() {}
	}
	clock := time.NewTicker(progressEvery)
	ended, cleared := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(cleared)
		defer clock.Stop()
		drawProgress(p.Stderr, at, clock.C, ended)
	}()
	return func() {
		close(ended)
		<-cleared
	}
}

// readingOf is the progress of reading a file.
func readingOf(file *datafile.File) func() progress {
	return func() progress {
		read, size := file.Progress()
		return progress{"reading", read, size}
	}
}

func drawProgress(stderr io.Writer, at func() progress, ticks <-chan time.Time, ended <-chan struct{}) {
	var started time.Time
	var bar *progressbar.ProgressBar
	for {
		select {
		case now := <-ticks:
			if started.IsZero() {
				started = now
			}
			if now.Sub(started) < progressAfter {
				continue
			}
			state := at()
			if bar == nil {
				bar = newBar(stderr, state)
			}
			bar.Describe(state.what)
			_ = bar.Set64(state.done) // a closed terminal is no error
		case <-ended:
			if bar != nil {
				_ = bar.Exit()
				_ = bar.Clear()
			}
			return
		}
	}
}

func newBar(stderr io.Writer, state progress) *progressbar.ProgressBar {
	total := state.total
	if total <= 0 {
		total = -1 // a spinner
	}
	return progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(stderr), progressbar.OptionSetDescription(state.what), progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(0), progressbar.OptionSetSpinnerChangeInterval(0), progressbar.OptionClearOnFinish(), progressbar.OptionUseANSICodes(true))
}

func isTerminal(w io.Writer) bool {
	file, isFile := w.(*os.File)
	return isFile && term.IsTerminal(int(file.Fd()))
}
