package app

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPartsStopInTheOppositeOrderWhateverFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stopped []string
		working := func(name string) func(context.Context) error {
			return func(ctx context.Context) error { <-ctx.Done(); stopped = append(stopped, name+" works"); return nil }
		}
		closing := func(name string, err error) func(context.Context) error {
			return func(ctx context.Context) error {
				if _, bounded := ctx.Deadline(); !bounded {
					t.Errorf("%s may take for ever", name)
				}
				stopped = append(stopped, name)
				return err
			}
		}
		var log strings.Builder
		p := parts{log: slog.New(slog.NewJSONHandler(&log, nil))}
		p.add(part{name: "first", close: closing("first", nil)})
		p.add(part{name: "second", run: working("second"), close: closing("second", errors.New("stuck"))})
		p.add(part{name: "third", run: working("third")})
		p.start()
		p.stop()
		p.stop()
		if diff := cmp.Diff([]string{"third works", "second works", "second", "first"}, stopped); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), `"msg":"not closed cleanly","what":"second","error":"stuck"`) {
			t.Errorf("logged %s", log.String())
		}
	})
}

func TestDrainingEndsEarlyPartsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended []string
		working := func(name string) func(context.Context) error {
			return func(ctx context.Context) error { <-ctx.Done(); ended = append(ended, name); return nil }
		}
		p := parts{log: slog.New(slog.DiscardHandler)}
		p.drain() // nothing has started
		p.add(part{name: "early", run: working("early"), early: true})
		p.add(part{name: "holding", early: true})
		p.add(part{name: "other", run: working("other")})
		p.start()
		p.drain()
		synctest.Wait()
		if diff := cmp.Diff([]string{"early"}, ended); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		p.stop()
		if diff := cmp.Diff([]string{"early", "other"}, ended); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestPartsThatHangAreLeftBehindInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		hang := func(context.Context) error { <-release; return nil }
		var log strings.Builder
		p := parts{log: slog.New(slog.NewJSONHandler(&log, nil))}
		for range 4 {
			p.add(part{name: "working", run: hang})
			p.add(part{name: "closing", close: hang})
		}
		p.start()
		began := time.Now()
		p.stop()
		if took := time.Since(began); took > stopAllTimeout+6*stopGrace {
			t.Errorf("took %v", took)
		}
		if got := strings.Count(log.String(), "it did not stop in time"); got != 8 {
			t.Errorf("%d of 8 are logged: %s", got, log.String())
		}
	})
}

func TestAPartThatEndsByItselfIsLoggedAndTakesNothingWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		p := parts{log: slog.New(slog.NewJSONHandler(&log, nil))}
		isClosed := false
		p.add(part{name: "store", close: func(context.Context) error { isClosed = true; return nil }})
		p.add(part{name: "jobs", run: func(context.Context) error { return errors.New("no such queue") }})
		p.start()
		synctest.Wait()
		if isClosed {
			t.Error("another part was closed")
		}
		p.stop()
		if want := `"level":"ERROR","msg":"stopped working","what":"jobs","error":"no such queue"}`; !strings.Contains(log.String(), want) {
			t.Errorf("logged %s", log.String())
		}
	})
}
