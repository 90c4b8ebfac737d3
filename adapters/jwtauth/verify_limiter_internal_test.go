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
				limiter := newVerifyLimiter()
				for len(limiter.permits) > 1 { // one permit tells it all
					<-limiter.permits
				}
				var rested time.Duration
				for _, used := range c.used {
					asked := time.Now()
					owed := mustEnter(t, limiter)
					rested += time.Since(asked)
					started := time.Now()
					<-time.After(used)
					limiter.leave(owed, started)
				}
				asked := time.Now()
				mustEnter(t, limiter)
				if rested += time.Since(asked); rested != c.want {
					t.Errorf("it rested %v, want %v", rested, c.want)
				}
			})
		})
	}
}

func mustEnter(t *testing.T, limiter *verifyLimiter) (owed time.Duration) {
	t.Helper()
	owed, err := limiter.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return owed
}

func TestTheLimiterHasAsManyPermitsAsProcessors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := newVerifyLimiter()
		for range runtime.GOMAXPROCS(0) {
			mustEnter(t, limiter)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, refused := limiter.enter(ctx)
		err := core.AsError(refused)
		if err == nil || err.Code != core.CodeUnavailable || err.Reason != core.ReasonOverloaded || err.RetryAfter != time.Second {
			t.Errorf("got %+v", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("it waited %v", took)
		}
		if limiter.running.Load() != int64(runtime.GOMAXPROCS(0)) || limiter.waiting.Load() != 0 {
			t.Errorf("%d run, %d wait", limiter.running.Load(), limiter.waiting.Load())
		}
	})
}

func TestTheLimiterTurnsAwayAtOnceWhoeverIsOneTooMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := newVerifyLimiter()
		for range cap(limiter.permits) {
			mustEnter(t, limiter)
		}
		ctx, cancel := context.WithCancel(t.Context())
		for range maxVerifyWaiters {
			go func() { _, _ = limiter.enter(ctx) }()
		}
		synctest.Wait()
		start := time.Now()
		if _, err := limiter.enter(t.Context()); core.AsError(err).Reason != core.ReasonOverloaded || time.Since(start) != 0 {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		cancel()
		synctest.Wait()
		if waiting := limiter.waiting.Load(); waiting != 0 {
			t.Errorf("%d still wait", waiting)
		}
	})
}

// A token that is refused before its signature gets there takes no permit: all of them are taken here.
func TestCheapRefusalsDoNotUseTheLimiter(t *testing.T) {
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
		for range cap(verifier.limiter.permits) {
			mustEnter(t, verifier.limiter)
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
