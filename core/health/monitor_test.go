package health_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/health"
)

// The contract's defaults.
const (
	interval = 2 * time.Second
	timeout  = 1500 * time.Millisecond
)

// dependency is a checker whose behaviour is given and whose checks are recorded.
type dependency struct {
	name  string
	check func(ctx context.Context, call int) error

	mu      sync.Mutex
	starts  []time.Time
	running int
	most    int
}

func (d *dependency) Name() string { return d.name }

func (d *dependency) Check(ctx context.Context) error {
	d.mu.Lock()
	d.starts = append(d.starts, time.Now())
	call := len(d.starts)
	d.running++
	d.most = max(d.most, d.running)
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		d.running--
		d.mu.Unlock()
	}()
	return d.check(ctx, call)
}

// checks returns when each check began, after the first, and how many ran at once at most.
func (d *dependency) checks() (starts []time.Duration, most int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, start := range d.starts {
		starts = append(starts, start.Sub(d.starts[0]))
	}
	return starts, d.most
}

func always(err error) func(context.Context, int) error {
	return func(context.Context, int) error { return err }
}

// taking answers with err after a while, or with the context's error when that ends first.
func taking(while time.Duration, err error) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error {
		select {
		case <-time.After(while):
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func newMonitor(t *testing.T, config health.Config, checkers ...core.HealthChecker) *health.Monitor {
	t.Helper()
	if config.Interval == 0 {
		config.Interval, config.Timeout = interval, timeout
	}
	config.Now = time.Now
	monitor, err := health.NewMonitor(config, checkers...)
	if err != nil {
		t.Fatal(err)
	}
	return monitor
}

// running is a monitor that checks until the test ends. The bubble's end waits for all that it started.
func running(t *testing.T, config health.Config, checkers ...core.HealthChecker) *health.Monitor {
	t.Helper()
	monitor := newMonitor(t, config, checkers...)
	go monitor.Run(t.Context())
	return monitor
}

// pass lets the bubble's clock run, and all that is due come to rest.
func pass(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // a bubble's clock costs no time
	synctest.Wait()
}

func wantState(t *testing.T, monitor *health.Monitor, want ...health.Dependency) {
	t.Helper()
	began := time.Now()
	got := monitor.Report(t.Context()).Dependencies
	if waited := time.Since(began); waited != 0 {
		t.Errorf("the report waited %v", waited)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(health.Dependency{}, "Cause")); diff != "" {
		t.Errorf("dependencies (-want +got):\n%s", diff)
	}
}

func up(name string, latency time.Duration) health.Dependency {
	return health.Dependency{Name: name, Status: health.StatusOK, Latency: latency}
}

func down(name string, fault core.Fault) health.Dependency {
	return health.Dependency{Name: name, Status: health.StatusError, Fault: fault}
}

func wantStarts(t *testing.T, d *dependency, want ...time.Duration) {
	t.Helper()
	got, most := d.checks()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("checks began at (-want +got):\n%s", diff)
	}
	if most > 1 {
		t.Errorf("%d checks ran at once", most)
	}
}

func TestNewMonitorRefusesWhatCannotWork(t *testing.T) {
	neo4j, supabase := &dependency{name: "neo4j"}, &dependency{name: "supabase"}
	tests := map[string]struct {
		config   health.Config
		checkers []core.HealthChecker
		want     string
	}{
		"no interval": {
			health.Config{Timeout: timeout}, nil, "the health interval and timeout must be above zero",
		},
		"a negative interval": {
			health.Config{Interval: -1, Timeout: timeout}, nil, "the health interval and timeout must be above zero",
		},
		"no timeout": {
			health.Config{Interval: interval}, nil, "the health interval and timeout must be above zero",
		},
		"no clock": {
			health.Config{Interval: interval, Timeout: timeout}, nil, "the health monitor needs a clock",
		},
		"two dependencies of one name": {
			health.Config{Interval: interval, Timeout: timeout, Now: time.Now},
			[]core.HealthChecker{neo4j, supabase, neo4j}, `two dependencies are named "neo4j"`,
		},
		"a required dependency that nobody checks": {
			health.Config{Interval: interval, Timeout: timeout, Now: time.Now, Required: []string{"neo4j", "redis"}},
			[]core.HealthChecker{neo4j, supabase}, `required dependency "redis" is unknown`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			monitor, err := health.NewMonitor(test.config, test.checkers...)
			if monitor != nil || err == nil || err.Error() != test.want {
				t.Errorf("got %v, %v; want the error %q", monitor, err, test.want)
			}
		})
	}
}

func TestReportIsTheWholeStateOfTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := core.NewHealthError(core.FaultConnectionRefused, errors.New("dial tcp 10.0.0.1:7687"))
		monitor := running(t, health.Config{Version: "1.2.3"},
			&dependency{name: "neo4j", check: always(refused)},
			&dependency{name: "supabase", check: taking(12*time.Millisecond, nil)},
		)
		pass(90 * time.Second)
		want := health.Report{
			Status:    health.StatusDegraded,
			Version:   "1.2.3",
			Timestamp: time.Date(2000, 1, 1, 0, 1, 30, 0, time.UTC),
			Uptime:    90 * time.Second,
			Dependencies: []health.Dependency{
				{Name: "neo4j", Status: health.StatusError, Fault: core.FaultConnectionRefused, Cause: refused},
				{Name: "supabase", Status: health.StatusOK, Latency: 12 * time.Millisecond},
			},
		}
		got := monitor.Report(t.Context())
		if diff := cmp.Diff(want, got, cmpopts.EquateErrors()); diff != "" {
			t.Errorf("report (-want +got):\n%s", diff)
		}
		if zone := got.Timestamp.Location(); zone != time.UTC {
			t.Errorf("the timestamp is in %v", zone)
		}
	})
}

func TestReportIsErrorOnlyIfARequiredDependencyIsDown(t *testing.T) {
	tests := map[string]struct {
		required []string
		want     health.Status
	}{
		"none is required":             {nil, "degraded"},
		"the one that is up is":        {[]string{"supabase"}, "degraded"},
		"the one that is down is":      {[]string{"neo4j"}, "error"},
		"both the up and the down are": {[]string{"supabase", "neo4j"}, "error"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				monitor := running(t, health.Config{Required: test.required},
					&dependency{name: "neo4j", check: always(errors.New("down"))},
					&dependency{name: "supabase", check: always(nil)},
				)
				if got := monitor.Report(t.Context()).Status; got != test.want {
					t.Errorf("status %q, want %q", got, test.want)
				}
			})
		})
	}
}

func TestReportWaitsForFirstResultsButNeverLong(t *testing.T) {
	tests := map[string]struct {
		neo4j, supabase, patience time.Duration
		waited                    time.Duration
		want                      []health.Dependency
	}{
		"at most 250 ms, however many are slow": {
			time.Second, time.Second, time.Hour, 250 * time.Millisecond,
			[]health.Dependency{down("neo4j", "Timed out"), down("supabase", "Timed out")},
		},
		"at most 250 ms, and then it tells what came meanwhile": {
			time.Second, 200 * time.Millisecond, time.Hour, 250 * time.Millisecond,
			[]health.Dependency{down("neo4j", "Timed out"), up("supabase", 200*time.Millisecond)},
		},
		"no longer than the slowest takes": {
			100 * time.Millisecond, 40 * time.Millisecond, time.Hour, 100 * time.Millisecond,
			[]health.Dependency{up("neo4j", 100*time.Millisecond), up("supabase", 40*time.Millisecond)},
		},
		"no longer than its caller does": {
			100 * time.Millisecond, 40 * time.Millisecond, 50 * time.Millisecond, 50 * time.Millisecond,
			[]health.Dependency{down("neo4j", "Timed out"), up("supabase", 40*time.Millisecond)},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				monitor := running(t, health.Config{},
					&dependency{name: "neo4j", check: taking(test.neo4j, nil)},
					&dependency{name: "supabase", check: taking(test.supabase, nil)},
				)
				ctx, cancel := context.WithTimeout(t.Context(), test.patience)
				defer cancel()
				began := time.Now()
				got := monitor.Report(ctx).Dependencies
				if waited := time.Since(began); waited != test.waited {
					t.Errorf("it waited %v, want %v", waited, test.waited)
				}
				if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(health.Dependency{}, "Cause")); diff != "" {
					t.Errorf("dependencies (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestReportReadsTheLastResultWithoutWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		monitor := running(t, health.Config{}, &dependency{name: "neo4j", check: func(ctx context.Context, call int) error {
			if call == 1 {
				return nil
			}
			return taking(time.Hour, nil)(ctx, call)
		}})
		pass(interval + time.Second)
		wantState(t, monitor, up("neo4j", 0))
	})
}

func TestChecksAreAnIntervalApartStartToStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		neo4j := &dependency{name: "neo4j", check: taking(700*time.Millisecond, nil)}
		running(t, health.Config{}, neo4j)
		pass(3*interval + time.Millisecond)
		wantStarts(t, neo4j, 0, interval, 2*interval, 3*interval)
	})
}

func TestACheckLongerThanTheIntervalIsFollowedByTheNextAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		neo4j := &dependency{name: "neo4j", check: taking(4900*time.Millisecond, nil)}
		monitor := running(t, health.Config{Interval: time.Second, Timeout: 5 * time.Second}, neo4j)
		pass(5 * time.Second)
		for range 12 {
			wantState(t, monitor, up("neo4j", 4900*time.Millisecond))
			pass(time.Second)
		}
		wantStarts(t, neo4j, 0, 4900*time.Millisecond, 9800*time.Millisecond, 14700*time.Millisecond)
	})
}

func TestOneDependencyDoesNotHoldUpAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		supabase := &dependency{name: "supabase", check: always(nil)}
		monitor := running(t, health.Config{}, &dependency{name: "neo4j", check: taking(time.Hour, nil)}, supabase)
		pass(2*interval + time.Millisecond)
		wantStarts(t, supabase, 0, interval, 2*interval)
		wantState(t, monitor, down("neo4j", "Timed out"), up("supabase", 0))
	})
}

func TestADeadlineEndsACheckAsTimedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		monitor := running(t, health.Config{Required: []string{"neo4j"}},
			&dependency{name: "neo4j", check: taking(time.Hour, nil)})
		pass(timeout - time.Nanosecond)
		if err := core.AsError(monitor.Ready()); err == nil || err.Reason != core.ReasonStarting {
			t.Errorf("the check ended before its deadline: %v", err)
		}
		pass(time.Nanosecond)
		wantState(t, monitor, down("neo4j", "Timed out"))
		if err := monitor.Report(t.Context()).Dependencies[0].Cause; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("cause %v", err)
		}
	})
}

func TestACheckThatEndsBadlyCountsAsDownAndTheNextIsMade(t *testing.T) {
	tests := map[string]struct {
		check func()
		cause string
	}{
		"it panics": {func() { panic("boom") }, "the check panicked: boom"},
		"it panics with nil": {func() { panic(nil) }, //nolint:govet // nil on purpose
			"the check panicked: panic called with nil argument"},
		"it panics in runtime":  {func() { _ = []int{}[len("x")] }, "the check panicked: runtime error: index out of range"},
		"it ends its goroutine": {runtime.Goexit, "the check ended without an answer"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				neo4j := &dependency{name: "neo4j", check: func(_ context.Context, call int) error {
					if call == 1 {
						test.check()
					}
					return nil
				}}
				monitor := running(t, health.Config{}, neo4j)
				pass(0)
				wantState(t, monitor, down("neo4j", "Unreachable"))
				if cause := monitor.Report(t.Context()).Dependencies[0].Cause; !strings.HasPrefix(cause.Error(), test.cause) {
					t.Errorf("cause %q, want %q", cause, test.cause)
				}
				pass(interval)
				wantState(t, monitor, up("neo4j", 0))
				wantStarts(t, neo4j, 0, interval)
			})
		})
	}
}

func TestACheckThatAnswersWithATypedNilErrorCountsAsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var nothing *core.HealthError
		monitor := running(t, health.Config{}, &dependency{name: "neo4j", check: always(nothing)})
		pass(0)
		wantState(t, monitor, down("neo4j", "Unreachable"))
	})
}

func TestACheckThatHangsIsLeftAloneUntilItComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		comeBack := make(chan struct{})
		neo4j := &dependency{name: "neo4j", check: func(_ context.Context, call int) error {
			if call == 2 {
				<-comeBack
			}
			return nil
		}}
		monitor := running(t, health.Config{}, neo4j)
		pass(interval + timeout)
		wantState(t, monitor, up("neo4j", 0))
		pass(500 * time.Millisecond)
		wantState(t, monitor, down("neo4j", "Timed out"))
		pass(time.Hour)
		wantState(t, monitor, down("neo4j", "Timed out"))
		wantStarts(t, neo4j, 0, interval)

		close(comeBack)
		pass(0)
		wantState(t, monitor, up("neo4j", 0))
		wantStarts(t, neo4j, 0, interval, interval+timeout+500*time.Millisecond+time.Hour)
	})
}

func TestAThousandCallersAddNoCheckAndNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		comeBack := make(chan struct{})
		defer close(comeBack)
		neo4j := &dependency{name: "neo4j", check: func(context.Context, int) error { <-comeBack; return nil }}
		monitor := running(t, health.Config{}, neo4j)
		synctest.Wait()
		before := goroutines()

		var callers sync.WaitGroup
		for range 1000 {
			callers.Go(func() { monitor.Report(t.Context()) })
		}
		synctest.Wait()
		if during := goroutines(); during != before+1000 {
			t.Errorf("%d goroutines before, %d with 1,000 callers", before, during)
		}
		callers.Wait()
		if after := goroutines(); after != before {
			t.Errorf("%d goroutines before, %d after", before, after)
		}
		pass(time.Hour)
		wantStarts(t, neo4j, 0)
		if after := goroutines(); after != before {
			t.Errorf("%d goroutines before, %d after an hour", before, after)
		}
	})
}

// goroutines is how many there are with the monitor's code on their stack.
func goroutines() int {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	count := 0
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(stack, "health.(*Monitor).") {
			count++
		}
	}
	return count
}

func TestAResultExpiresWhenNoOtherFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		monitor := newMonitor(t, health.Config{}, &dependency{name: "neo4j", check: always(nil)})
		ctx, stop := context.WithCancel(t.Context())
		go monitor.Run(ctx)
		pass(0)
		stop()
		pass(interval + timeout + 500*time.Millisecond)
		wantState(t, monitor, up("neo4j", 0))
		pass(time.Nanosecond)
		wantState(t, monitor, down("neo4j", "Timed out"))
	})
}

func TestKnownLeavesOutWhatWasNeverCheckedAndWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		monitor := newMonitor(t, health.Config{},
			&dependency{name: "neo4j", check: always(nil)},
			&dependency{name: "supabase", check: taking(time.Second, nil)},
		)
		go monitor.Run(ctx)
		wantKnown := func(want ...health.Dependency) {
			t.Helper()
			began := time.Now()
			got := monitor.LastResults()
			if waited := time.Since(began); waited != 0 {
				t.Errorf("it waited %v", waited)
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(health.Dependency{}, "Cause")); diff != "" {
				t.Errorf("known (-want +got):\n%s", diff)
			}
		}
		wantKnown()
		pass(500 * time.Millisecond)
		wantKnown(up("neo4j", 0))
		pass(time.Second)
		wantKnown(up("neo4j", 0), up("supabase", time.Second))
		stop()
		pass(interval + timeout + 500*time.Millisecond)
		wantKnown(down("neo4j", core.FaultTimedOut), down("supabase", core.FaultTimedOut))
	})
}

func TestRejectedCredentialsAreNotTriedAgainFor15Seconds(t *testing.T) {
	const pause = 15 * time.Second
	rejected := core.NewHealthError(core.FaultCredentialsRejected, errors.New("unauthorized"))
	tests := map[string]struct {
		interval, took time.Duration
		apart          time.Duration
	}{
		"from when they were rejected":           {interval, 0, pause},
		"from the answer, not from the question": {interval, time.Second, pause + time.Second},
		"or for the interval, if that is longer": {time.Minute, 0, time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				neo4j := &dependency{name: "neo4j", check: func(ctx context.Context, call int) error {
					if call == 3 {
						return nil
					}
					return taking(test.took, rejected)(ctx, call)
				}}
				monitor := running(t, health.Config{Interval: test.interval, Timeout: timeout}, neo4j)
				pass(test.took)
				for range int(2*test.apart/time.Second) - int(test.took/time.Second) {
					wantState(t, monitor, down("neo4j", "Credentials rejected"))
					pass(time.Second)
				}
				wantStarts(t, neo4j, 0, test.apart, 2*test.apart)
				wantState(t, monitor, up("neo4j", 0))
				pass(test.interval)
				wantStarts(t, neo4j, 0, test.apart, 2*test.apart, 2*test.apart+test.interval)
			})
		})
	}
}

func TestRejectedCredentialsExpireOnlyWithTheCheckAfterThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		comeBack := make(chan struct{})
		defer close(comeBack)
		monitor := running(t, health.Config{}, &dependency{name: "neo4j", check: func(_ context.Context, call int) error {
			if call == 1 {
				return core.NewHealthError(core.FaultCredentialsRejected, nil)
			}
			<-comeBack
			return nil
		}})
		pass(15*time.Second + timeout)
		wantState(t, monitor, down("neo4j", "Credentials rejected"))
		pass(500 * time.Millisecond)
		wantState(t, monitor, down("neo4j", "Timed out"))
	})
}

func TestChangedIsToldOfTheFirstStateAndOfEachChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := core.NewHealthError(core.FaultConnectionRefused, nil)
		server := core.NewHealthError(core.FaultServerError, nil)
		findings := []error{nil, nil, refused, refused, server, nil, nil}
		var told []string
		tell := func(d health.Dependency) {
			told = append(told, fmt.Sprintf("%v %s %s %s %v", time.Since(start()), d.Name, d.Status, d.Fault, d.Cause))
		}
		running(t, health.Config{Changed: tell}, &dependency{
			name:  "neo4j",
			check: func(_ context.Context, call int) error { return findings[min(call, len(findings))-1] },
		})
		<-time.After(time.Minute)
		want := []string{
			"0s neo4j ok  <nil>",
			"4s neo4j error Connection refused Connection refused",
			"8s neo4j error Server error Server error",
			"10s neo4j ok  <nil>",
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

// start is when every bubble's clock starts.
func start() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

func TestChangedIsToldOnceOfADependencyThatIsDownFromTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := 0
		running(t, health.Config{Changed: func(health.Dependency) { told++ }},
			&dependency{name: "neo4j", check: always(errors.New("down"))})
		pass(time.Hour)
		if told != 1 {
			t.Errorf("told %d times", told)
		}
	})
}

func TestReady(t *testing.T) {
	starting := core.NewUnavailableError("starting", "The service is starting", time.Second)
	unavailable := core.NewUnavailableError("dependency_unavailable", "A dependency is unavailable", time.Second)
	failing := errors.New("dial tcp 10.0.0.1:7687")
	tests := map[string]struct {
		required        []string
		neo4j, supabase func(context.Context, int) error
		want            *core.Error
		cause           error
	}{
		"with none required, before any result":       {nil, taking(time.Hour, nil), taking(time.Hour, nil), nil, nil},
		"with none required, though all are down":     {nil, always(failing), always(failing), nil, nil},
		"with the required one up":                    {[]string{"neo4j"}, always(nil), always(failing), nil, nil},
		"with the required one up, the other unknown": {[]string{"neo4j"}, always(nil), taking(time.Hour, nil), nil, nil},
		"before the required one's first result": {
			[]string{"neo4j"}, taking(time.Hour, nil), always(nil), starting, nil,
		},
		"before the second required one's first result": {
			[]string{"neo4j", "supabase"}, always(nil), taking(time.Hour, nil), starting, nil,
		},
		"with the required one down": {[]string{"neo4j"}, always(failing), always(nil), unavailable, failing},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				monitor := running(t, health.Config{Required: test.required},
					&dependency{name: "neo4j", check: test.neo4j}, &dependency{name: "supabase", check: test.supabase})
				pass(time.Second)
				err := monitor.Ready()
				if diff := cmp.Diff(test.want, core.AsError(err), cmpopts.IgnoreUnexported(core.Error{})); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if test.cause != nil && (!errors.Is(err, test.cause) || !strings.Contains(err.Error(), "neo4j")) {
					t.Errorf("the cause %v is not in %v", test.cause, err)
				}
			})
		})
	}
}

func TestReadyFollowsTheRequiredDependency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		findings := []error{nil, errors.New("down"), nil}
		monitor := newMonitor(t, health.Config{Required: []string{"neo4j"}}, &dependency{
			name:  "neo4j",
			check: func(_ context.Context, call int) error { return findings[call-1] },
		})
		ctx, stop := context.WithCancel(t.Context())
		var reasons []core.Reason
		observe := func() {
			reason := core.Reason("")
			if err := core.AsError(monitor.Ready()); err != nil {
				reason = err.Reason
			}
			reasons = append(reasons, reason)
		}
		observe()
		go monitor.Run(ctx)
		for range findings {
			pass(time.Second)
			observe()
			pass(interval - time.Second - time.Nanosecond)
		}
		stop()
		pass(interval + timeout + 500*time.Millisecond)
		observe()
		want := []core.Reason{"starting", "", "dependency_unavailable", "", "dependency_unavailable"}
		if diff := cmp.Diff(want, reasons); diff != "" {
			t.Errorf("reasons (-want +got):\n%s", diff)
		}
	})
}

func TestRunEndsWithItsContext(t *testing.T) {
	tests := map[string]struct {
		check func(context.Context, int) error
		after time.Duration
	}{
		"at once between two checks":                {always(nil), 0},
		"with a check that keeps to its context":    {taking(time.Hour, nil), 0},
		"after half a second of a check that hangs": {ignoring(time.Minute), 500 * time.Millisecond},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				told := 0
				neo4j := &dependency{name: "neo4j", check: test.check}
				monitor := newMonitor(t, health.Config{Changed: func(health.Dependency) { told++ }}, neo4j)
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan time.Time, 1)
				go func() { monitor.Run(ctx); ended <- time.Now() }()
				pass(time.Second)
				before := told
				stopped := time.Now()
				stop()
				if took := (<-ended).Sub(stopped); took != test.after {
					t.Errorf("it ended after %v, want %v", took, test.after)
				}
				pass(time.Hour)
				wantStarts(t, neo4j, 0)
				if told != before {
					t.Error("being stopped was told as a finding")
				}
			})
		})
	}
}

func TestRunEndsAtOnceWhileACheckHangsBeyondItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		monitor := newMonitor(t, health.Config{}, &dependency{name: "neo4j", check: ignoring(time.Minute)})
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		began := time.Now()
		monitor.Run(ctx)
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("it ended after %v", took)
		}
		<-time.After(time.Minute)
	})
}

// ignoring answers nil after a while, whatever becomes of its context.
func ignoring(while time.Duration) func(context.Context, int) error {
	return func(context.Context, int) error {
		<-time.After(while)
		return nil
	}
}
