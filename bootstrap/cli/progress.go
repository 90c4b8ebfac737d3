package cli

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progressAfter is how long a command is silent; progressEvery, how often a bar is drawn.
const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
)

// showProgress draws a bar on stderr of how far a command is, if stderr is a terminal and the command takes longer than
// a moment. The function at is called again and again from another goroutine; a total of 0 is one that nobody knows. The
// bar is gone when stop returns. Call it once.
func showProgress(p Process, what string, at func() (done, total int64)) (stop func()) {
	if !isTerminal(p.Stderr) {
		return func() {}
	}
	clock := time.NewTicker(progressEvery)
	ended, cleared := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(cleared)
		defer clock.Stop()
		drawProgress(p.Stderr, what, at, clock.C, ended)
	}()
	return func() {
		close(ended)
		<-cleared
	}
}

func drawProgress(stderr io.Writer, what string, at func() (done, total int64), ticks <-chan time.Time, ended <-chan struct{}) {
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
			done, total := at()
			if bar == nil {
				bar = newBar(stderr, what, total)
			}
			_ = bar.Set64(done) // a terminal that is gone has nobody left to tell
		case <-ended:
			if bar != nil {
				_ = bar.Exit()
				_ = bar.Clear()
			}
			return
		}
	}
}

func newBar(stderr io.Writer, what string, total int64) *progressbar.ProgressBar {
	if total <= 0 {
		total = -1 // a spinner
	}
	return progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(stderr), progressbar.OptionSetDescription(what), progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(0), progressbar.OptionSetSpinnerChangeInterval(0), progressbar.OptionClearOnFinish(), progressbar.OptionUseANSICodes(true))
}

func isTerminal(w io.Writer) bool {
	file, isFile := w.(*os.File)
	return isFile && term.IsTerminal(int(file.Fd()))
}
