package jwtauth

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/journey-os/journey-api/core"
)

func TestAPermitRestsThreeTimesAsLongAsItWasUsed(t *testing.T) {
	for _, c := range []struct {
		name string
		used []time.Duration
		want time.Duration
	}{
		{"not at all", []time.Duration{0}, 0},
		{"too short for a timer", []time.Duration{50 * time.Microsecond}, 0},
		{"short, but often", []time.Duration{50 * time.Microsecond, 100 * time.Microsecond, 200 * time.Microsecond}, 1050 * time.Microsecond},
		{"after a rest nothing is owed", []time.Duration{time.Millisecond, 100 * time.Microsecond}, 3 * time.Millisecond},
		{"long", []time.Duration{10 * time.Millisecond}, 30 * time.Millisecond},
		{"stopped for an hour", []time.Duration{time.Hour}, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				lane := newLane()
				for len(lane.permits) > 1 { // one permit tells it all
					<-lane.permits
				}
				var rested time.Duration
				for _, used := range c.used {
					asked := time.Now()
					owed := mustEnter(t, lane)
					rested += time.Since(asked)
					started := time.Now()
					<-time.After(used)
					lane.leave(owed, started)
				}
				asked := time.Now()
				mustEnter(t, lane)
				if rested += time.Since(asked); rested != c.want {
					t.Errorf("it rested %v, want %v", rested, c.want)
				}
			})
		})
	}
}

func mustEnter(t *testing.T, lane *lane) (owed time.Duration) {
	t.Helper()
	owed, err := lane.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return owed
}

func TestTheLaneHasAsManyPermitsAsProcessors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lane := newLane()
		for range runtime.GOMAXPROCS(0) {
			mustEnter(t, lane)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, refused := lane.enter(ctx)
		err := core.AsError(refused)
		if err == nil || err.Code != core.CodeUnavailable || err.Reason != core.ReasonOverloaded || err.RetryAfter != time.Second {
			t.Errorf("got %+v", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("it waited %v", took)
		}
		if lane.running.Load() != int64(runtime.GOMAXPROCS(0)) || lane.waiting.Load() != 0 {
			t.Errorf("%d run, %d wait", lane.running.Load(), lane.waiting.Load())
		}
	})
}

func TestTheLaneTurnsAwayAtOnceWhoeverIsOneTooMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lane := newLane()
		for range cap(lane.permits) {
			mustEnter(t, lane)
		}
		ctx, cancel := context.WithCancel(t.Context())
		for range maxLaneWaiters {
			go func() { _, _ = lane.enter(ctx) }()
		}
		synctest.Wait()
		start := time.Now()
		if _, err := lane.enter(t.Context()); core.AsError(err).Reason != core.ReasonOverloaded || time.Since(start) != 0 {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		cancel()
		synctest.Wait()
		if waiting := lane.waiting.Load(); waiting != 0 {
			t.Errorf("%d still wait", waiting)
		}
	})
}

// A token that is refused before its signature gets there takes no permit: all of them are taken here.
func TestCheapRefusalsDoNotUseTheLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		verifier, err := New(Config{Algorithms: []string{HS256}, Secret: "test-secret-of-journey-api-0123456789abcdef"})
		if err != nil {
			t.Fatal(err)
		}
		good, err := SignUserToken("test-secret-of-journey-api-0123456789abcdef", core.AuthTokenPayload{
			Subject: "s", Email: "e@example.org", Role: core.RoleSuperadmin, ExpiresAt: time.Now().Add(time.Hour), IssuedAt: time.Now(),
		})
		if err != nil {
			t.Fatal(err)
		}
		remembered := func() error { _, err := verifier.Verify(t.Context(), good); return err }
		if err := remembered(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		<-time.After(time.Second)
		for range cap(verifier.lane.permits) {
			mustEnter(t, verifier.lane)
		}
		for token, want := range map[string]core.Reason{
			"no token":                              core.ReasonTokenMalformed,
			"sb_secret_x":                           core.ReasonNotAUserToken,
			"eyJhbGciOiJub25lIn0.e30.":              core.ReasonAlgorithmRejected,
			"eyJhbGciOiJIUzI1NiIsImNyaXQiOjF9.e30.": core.ReasonTokenMalformed,
		} {
			if _, err := verifier.Verify(t.Context(), token); core.AsError(err).Reason != want {
				t.Errorf("%s: %v", token, err)
			}
		}
		if err := remembered(); err != nil {
			t.Errorf("a remembered token: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = verifier.Verify(ctx, good[:len(good)-4]+"AAAA")
		if core.AsError(err).Reason != core.ReasonOverloaded {
			t.Errorf("a forged token: %v", err)
		}
	})
}
