package calibration_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/irt"
)

// stubStore is a store of one run, and the queue. Functions that a test does not set panic.
type stubStore struct {
	calibration.RunStore
	calibration.ResultStore
	calibration.ScaleStore
	calibration.RunFinisher
	calibration.RunQueue

	starts  int
	pulse   calibration.QueueState
	visit   func(ctx context.Context, visit func(student, item string, correct bool) error) error
	added   []string
	notDue  error
	ends    []calibration.RunEnd
	kept    []calibration.Completion
	queued  []string
	endings []string
}

func (d *stubStore) ClaimRun(_ context.Context, runID, _ string, at time.Time) (*calibration.Run, error) {
	settings := calibration.DefaultSettings()
	settings.MinResponses, settings.Items = 3, []string{"a", "b", "never"}
	return &calibration.Run{ID: runID, Starts: d.starts, StartedAt: at.Add(-90 * time.Second), Settings: settings}, nil
}

func (d *stubStore) HeartbeatRun(context.Context, string, string, irt.Progress) (bool, error) {
	return true, nil
}
func (d *stubStore) RunQueueState(context.Context) (calibration.QueueState, error) {
	return d.pulse, nil
}

func (d *stubStore) EndRun(_ context.Context, end calibration.RunEnd) (bool, error) {
	d.ends = append(d.ends, end)
	return true, nil
}

func (d *stubStore) CompleteRun(_ context.Context, completion calibration.Completion) error {
	d.kept = append(d.kept, completion)
	return nil
}

func (d *stubStore) Scale(context.Context) (*calibration.Scale, error) {
	return &calibration.Scale{}, nil
}

func (d *stubStore) AddRun(_ context.Context, run calibration.Run, unlessSince time.Time) error {
	d.added = append(d.added, fmt.Sprint(run.AskedBy, " ", unlessSince.Sub(run.AskedAt)))
	return d.notDue
}

func (d *stubStore) Responses(ctx context.Context, visit func(student, item string, correct bool) error) error {
	return d.visit(ctx, visit)
}

func (d *stubStore) FirstResponses(context.Context, core.Record, int) ([]calibration.FirstResponse, error) {
	return nil, nil
}

func (d *stubStore) Enqueue(_ context.Context, kind, key string) (bool, error) {
	d.queued = append(d.queued, kind+" "+key)
	return true, nil
}

func (d *stubStore) Cancel(context.Context, string, string) error { return nil }

func serviceOn(d *stubStore, memory int64, every time.Duration) *calibration.Service {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return calibration.New(calibration.Config{
		Now: func() time.Time { return now }, NewID: func() string { return "id" }, Memory: memory, Workers: 1, Every: every,
		Archive: func(a calibration.Archived) ([]byte, error) {
			ids := slices.IndexFunc(a.Result.People, func(p irt.Person) bool { return p.ID != "" })
			return fmt.Appendf(nil, "%d %d %d, an id at %d", a.People, a.Items, a.Responses, ids), nil
		},
		Ended: func(_ context.Context, _ string, how calibration.Ending, cause error) {
			d.endings = append(d.endings, fmt.Sprint(how, " ", cause))
		},
	}, calibration.Stores{Runs: d, Queue: d, Ends: d, Results: d, Scale: d, Responses: d, Jobs: d})
}

// answers are those of 9 students to a and b, of which each second one is right first; then all are right, which does
// not count. One item was not asked for.
func answers(_ context.Context, visit func(string, string, bool) error) error {
	for s := range 9 {
		student := fmt.Sprint("s", s)
		for _, item := range []string{"a", "other", "b", "a", "b"} {
			err := visit(student, item, s%2 == 0)
			if err == nil {
				err = visit(student, item, true)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func TestTheFirstAnswersToTheItemsThatWereAskedForCount(t *testing.T) {
	d := &stubStore{starts: 1, visit: answers}
	service := serviceOn(d, 512<<20, 0)
	if err := service.Compute(t.Context(), "run"); err != nil || len(d.kept) != 1 {
		t.Fatal(err, d.ends, d.kept)
	}
	if service.LastRunDuration() != 90*time.Second {
		t.Errorf("it took %v", service.LastRunDuration())
	}
	got := d.kept[0]
	for _, item := range got.Items {
		if item.Responses != 9 || item.Correct != 5 {
			t.Errorf("%s has %d answers, %d of them right", item.ID, item.Responses, item.Correct)
		}
	}
	if diff := cmp.Diff([]irt.Skipped{{ID: "never", Reason: irt.SkipInsufficientResponses}}, got.Skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if o := got.Outcome; o.Calibrated != 2 || o.Skipped != 1 || o.People != 9 || o.Responses != 18 || !o.Applied || !o.CoversAll {
		t.Errorf("the outcome is %+v", o)
	}
	if string(got.Report) != "9 2 18, an id at -1" {
		t.Errorf("the report is made of %s", got.Report)
	}
}

func TestARunThatCanNotSucceedSaysWhy(t *testing.T) {
	tests := map[string]struct {
		starts int
		memory int64
		visit  func(context.Context, func(string, string, bool) error) error
		code   core.Code
		says   string
		ending string
	}{
		"too little": {1, 512 << 20, func(_ context.Context, visit func(string, string, bool) error) error { return visit("s", "a", true) },
			core.CodeInsufficientData, "of 3 items the one with the most has 1; it takes 3", "insufficient_data <nil>"},
		"too large":       {1, 1 << 20, answers, core.CodeConflict, "of 2 items from 18 answers of 9 students needs about", "failed CONFLICT"},
		"begun too often": {4, 512 << 20, answers, core.CodeInternal, "begun 3 times", "failed INTERNAL_ERROR"},
		"a panic": {1, 512 << 20, func(context.Context, func(string, string, bool) error) error { panic("boom") },
			core.CodeInternal, "An unexpected error occurred", "failed the calibration panicked: boom"},
		"an error": {1, 512 << 20, func(context.Context, func(string, string, bool) error) error { return errors.New("column missing") },
			core.CodeInternal, "An unexpected error occurred", "failed column missing"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := &stubStore{starts: test.starts, visit: test.visit}
			if err := serviceOn(d, test.memory, 0).Compute(t.Context(), "run"); err != nil {
				t.Fatal(err)
			}
			if len(d.ends) != 1 || len(d.kept) > 0 || d.ends[0].Status != calibration.StatusFailed || d.ends[0].Worker != "id" {
				t.Fatalf("ended by %+v, kept %d", d.ends, len(d.kept))
			}
			if why := d.ends[0].Failure; why.Code != test.code || !strings.Contains(why.Message, test.says) {
				t.Errorf("it says %s: %s", why.Code, why.Message)
			}
			if len(d.endings) != 1 || !strings.HasPrefix(d.endings[0], test.ending) {
				t.Errorf("told of %q, want %q", d.endings, test.ending)
			}
		})
	}
}

func TestARunThatTakesTooLongFailsAndOneWithoutADatabaseIsTriedAgain(t *testing.T) {
	d := &stubStore{starts: 1, visit: func(ctx context.Context, _ func(string, string, bool) error) error { <-ctx.Done(); return ctx.Err() }}
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	if err := serviceOn(d, 512<<20, 0).Compute(ctx, "run"); err != nil || len(d.ends) != 1 || !strings.Contains(d.ends[0].Failure.Message, "longer than 6h") {
		t.Errorf("%v, ended by %+v", err, d.ends)
	}
	away := core.NewUnavailableError(core.ReasonDependencyUnavailable, "away", time.Second)
	d = &stubStore{starts: 1, visit: func(context.Context, func(string, string, bool) error) error { return away }}
	if err := serviceOn(d, 512<<20, 0).Compute(t.Context(), "run"); !errors.Is(err, away) || len(d.ends) > 0 {
		t.Errorf("%v, ended by %+v", err, d.ends)
	}
}

func TestTheCheckFindsRunsWithoutAJobAndKeepsTheSchedule(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const (
		week  = 7 * 24 * time.Hour
		early = 10 * time.Second // a check that comes so much too early begins the run
	)
	sinceLast := fmt.Sprint(" ", early-week)
	tests := map[string]struct {
		every         time.Duration
		pulse         calibration.QueueState
		refused       error
		added, queued []string
	}{
		"nothing to do":                    {0, calibration.QueueState{}, nil, nil, nil},
		"a run without a job":              {0, calibration.QueueState{Active: "r7"}, nil, nil, []string{"calibration r7"}},
		"never yet":                        {week, calibration.QueueState{}, nil, []string{sinceLast}, []string{"calibration id"}},
		"not due":                          {week, calibration.QueueState{Scheduled: now.Add(early + 1 - week)}, nil, nil, nil},
		"due a moment after the check":     {week, calibration.QueueState{Scheduled: now.Add(early - week)}, nil, []string{sinceLast}, []string{"calibration id"}},
		"due":                              {week, calibration.QueueState{Scheduled: now.Add(-week)}, nil, []string{sinceLast}, []string{"calibration id"}},
		"due while another is active":      {week, calibration.QueueState{Active: "r7"}, nil, nil, []string{"calibration r7"}},
		"due, and another copy is quicker": {week, calibration.QueueState{}, calibration.ErrNotDue, []string{sinceLast}, nil},
		"due, and somebody has just asked": {week, calibration.QueueState{}, calibration.ErrInProgress, []string{sinceLast}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := &stubStore{pulse: test.pulse, notDue: test.refused}
			if err := serviceOn(d, 512<<20, test.every).Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([][]string{test.added, test.queued}, [][]string{d.added, d.queued}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
