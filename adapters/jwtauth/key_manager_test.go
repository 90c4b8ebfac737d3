package jwtauth_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/adapters/jwtauth/keyring"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/health"
	"github.com/journey-os/journey-api/internal/testkit/wait"
	"github.com/journey-os/journey-api/ports/portstest"
)

const second = time.Second

// pass lets time go by, and everything that was due in it happen.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestEveryFamilyOfKeysVerifiesBesideTheSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, verifier := newProject(t, es256, rs256, edDSA)
		run(t, verifier)
		synctest.Wait()
		for name, token := range map[string]string{
			"ES256": tokenOf(es256), "RS256": tokenOf(rs256), "EdDSA": tokenOf(edDSA),
			"HS256": portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now())),
		} {
			got, err := verifier.Verify(t.Context(), token)
			if err != nil || got.Subject != "student-uuid-1" {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
	})
}

func TestNewAsksNobodyAndTheFirstTokenFetches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		project, verifier := newProject(t, es256)
		pass(time.Minute)
		if asked := project.askedAt(start); asked != nil {
			t.Fatalf("asked at %v before anything needed it", asked)
		}
		wantAccepted(t, verifier, tokenOf(es256))
		if diff := cmp.Diff([]time.Duration{time.Minute}, project.askedAt(start)); diff != "" {
			t.Errorf("fetches (-want +got):\n%s", diff)
		}
	})
}

func TestNothingIsFetchedIfHS256IsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProjectWith(t, func(c *jwtauth.Config) { c.Algorithms = []string{"HS256"} }, es256)
		run(t, verifier)
		pass(time.Hour)
		wantRefused(t, verifier, tokenOf(es256), algorithm)
		if asked := project.askedAt(time.Now()); asked != nil {
			t.Errorf("asked at %v", asked)
		}
		if state := verifier.Stats().KeyEndpoint; state != (keyring.EndpointStats{State: keyring.EndpointOff}) {
			t.Errorf("key endpoint: %+v", state)
		}
	})
}

func TestKeysAreRefreshedEveryFiveMinutesMoreOrLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		project, verifier := newProject(t, es256)
		run(t, verifier)
		pass(time.Hour)
		asked := project.askedAt(start)
		gaps := map[time.Duration]bool{}
		for i, at := range asked {
			if i == 0 {
				if at != 0 {
					t.Errorf("first fetch after %v, want at once", at)
				}
				continue
			}
			gap := at - asked[i-1]
			gaps[gap] = true
			if gap < 270*second || gap > 330*second {
				t.Errorf("%v between two refreshes", gap)
			}
		}
		if len(asked) < 11 || len(gaps) < 5 {
			t.Errorf("%d fetches in an hour with %d different pauses", len(asked), len(gaps))
		}
	})
}

func TestFetchesArePacedByWhatWasEverHad(t *testing.T) {
	for name, c := range map[string]struct {
		first func(*project)
		want  []time.Duration
	}{
		"no keys ever: 1, 2, 4 s":       {func(p *project) { p.answers(broken) }, []time.Duration{0, 1 * second, 3 * second, 7 * second, 11 * second, 15 * second, 19 * second, 23 * second}},
		"no keys ever and no answer":    {func(p *project) { p.answers(silent) }, []time.Duration{0, 3 * second, 7 * second, 13 * second, 19 * second, 25 * second}},
		"keys were had: 10 s":           {func(p *project) { p.publishes(es256) }, []time.Duration{0, 10 * second, 20 * second}},
		"none published: 10 s when due": {func(p *project) { p.publishes() }, []time.Duration{0, 10 * second, 14 * second, 16 * second, 20 * second, 24 * second}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				project, verifier := newProject(t)
				c.first(project)
				run(t, verifier)
				synctest.Wait()
				if name != "no keys ever and no answer" {
					project.answers(broken)
				}
				for i := range 250 { // as often as anyone likes
					_, _ = verifier.Verify(canceled(t), unknownToken(fmt.Sprint("made-up-", i)))
					pass(100 * time.Millisecond)
				}
				want := c.want
				if name == "none published: 10 s when due" { // then it fails: still no keys were ever had
					want = []time.Duration{0, 10 * second, 11 * second, 13 * second, 17 * second, 21 * second, 25 * second}
				}
				if diff := cmp.Diff(want, project.askedAt(start)); diff != "" {
					t.Errorf("fetches (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// canceled is the context of a caller who does not wait.
func canceled(t testing.TB) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestATokenOfANewKeyIsTakenAtOnceIfAFetchIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256)
		run(t, verifier)
		pass(11 * second)
		project.publishes(es256, nextKey)
		start := time.Now()
		wantAccepted(t, verifier, tokenOf(nextKey))
		if took := time.Since(start); took != 0 {
			t.Errorf("it took %v", took)
		}
		wantAccepted(t, verifier, tokenOf(es256))
	})
}

func TestATokenWaitsForAFetchThatIsAboutToBeDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256)
		run(t, verifier)
		pass(8500 * time.Millisecond)
		project.publishes(es256, nextKey)
		start := time.Now()
		wantAccepted(t, verifier, tokenOf(nextKey))
		if took := time.Since(start); took != 1500*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}

func TestATokenDoesNotWaitForAFetchThatIsFarOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256)
		run(t, verifier)
		pass(2500 * time.Millisecond)
		start := time.Now()
		_, err := verifier.Verify(t.Context(), tokenOf(nextKey))
		wantUnavailable(t, err, 8*second) // 7.5 s, and a client waits whole ones
		if took := time.Since(start); took != 0 {
			t.Errorf("it took %v", took)
		}
		project.publishes(es256, nextKey)
		pass(core.AsError(err).RetryAfter)
		wantAccepted(t, verifier, tokenOf(nextKey))
		if asked := project.askedAt(start); len(asked) != 2 {
			t.Errorf("%d fetches, want the first and the one that was asked for", len(asked))
		}
	})
}

func TestATokenWaitsTwoSecondsAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256)
		run(t, verifier)
		pass(20 * second)
		project.answers(silent)
		start := time.Now()
		_, err := verifier.Verify(t.Context(), tokenOf(nextKey))
		if took := time.Since(start); took != 2*second {
			t.Errorf("it took %v", took)
		}
		if known := core.AsError(err); known == nil || known.Reason != keysUnavailable {
			t.Errorf("got %v", err)
		}
	})
}

func TestWaitingForAKeyEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t)
		project.answers(silent)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := verifier.Verify(ctx, tokenOf(es256))
		wantUnavailable(t, err, 2*second)
		if took := time.Since(start); took != 300*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		pass(2 * second)
	})
}

func TestAKidIsUnknownOnlyToAnEndpointThatWasAskedForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256)
		run(t, verifier)
		pass(20 * second)
		wantRefused(t, verifier, unknownToken("a"), keyUnknown) // asked just now
		pass(3 * second)
		wantRefused(t, verifier, unknownToken("a"), keyUnknown) // asked before
		_, err := verifier.Verify(t.Context(), unknownToken("b"))
		wantUnavailable(t, err, 7*second)
		pass(7 * second)
		wantRefused(t, verifier, unknownToken("b"), keyUnknown) // asked meanwhile
		project.answers(broken)
		pass(20 * second)
		_, err = verifier.Verify(t.Context(), unknownToken("c"))
		wantUnavailable(t, err, 10*second)
		project.publishes(es256)
		pass(11 * second)
		wantRefused(t, verifier, unknownToken("c"), keyUnknown) // asked again once it worked
	})
}

func TestAKidThatWasCheckedJoinsAFetchThatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256)
		run(t, verifier)
		pass(20 * second)
		wantRefused(t, verifier, tokenOf(nextKey), keyUnknown)
		pass(4 * time.Minute)
		project.answers(after(second, document(portstest.JWKS(es256.JWK(), nextKey.JWK()))))
		start := time.Now()
		wantAccepted(t, verifier, tokenOf(nextKey)) // published since: no reason to sign its user out
		if took := time.Since(start); took != second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestAKidIsCheckedAgainstTheNewestSetAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, verifier := newProject(t, es256)
		run(t, verifier)
		pass(20 * second)
		wantRefused(t, verifier, unknownToken("a"), keyUnknown)
		pass(11 * second)
		wantRefused(t, verifier, unknownToken("b"), keyUnknown) // a newer set, and nobody asked it for a
		pass(time.Millisecond)
		wantRefused(t, verifier, unknownToken("b"), keyUnknown)
		_, err := verifier.Verify(t.Context(), unknownToken("a"))
		wantUnavailable(t, err, 10*second)
	})
}

func TestAFailedFetchChecksNothingAndForgetsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256)
		run(t, verifier)
		pass(20 * second)
		project.answers(broken)
		_, err := verifier.Verify(canceled(t), unknownToken("a")) // it does not wait, so it does not ask twice
		wantReasonOf(t, err, keysUnavailable)
		synctest.Wait()
		project.publishes(es256)
		pass(11 * second)
		wantRefused(t, verifier, unknownToken("a"), keyUnknown)
	})
}

func TestAKidThatNoKeyCanHaveIsNotAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		project, verifier := newProject(t, es256)
		run(t, verifier)
		pass(20 * second)
		wantRefused(t, verifier, unknownToken(strings.Repeat("k", 257)), keyUnknown)
		if diff := cmp.Diff([]time.Duration{0}, project.askedAt(start)); diff != "" {
			t.Errorf("fetches (-want +got):\n%s", diff)
		}
		wantRefused(t, verifier, unknownToken(strings.Repeat("k", 256)), keyUnknown)
		if diff := cmp.Diff([]time.Duration{0, 20 * second}, project.askedAt(start)); diff != "" {
			t.Errorf("fetches (-want +got):\n%s", diff)
		}
	})
}

func TestKidsThatAreRememberedAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, verifier := newProject(t, es256)
		run(t, verifier)
		pass(2 * second)
		for i := range 1001 {
			_, err := verifier.Verify(t.Context(), unknownToken(fmt.Sprint("made-up-", i)))
			wantUnavailable(t, err, 8*second)
		}
		pass(9 * second)
		wantRefused(t, verifier, unknownToken("made-up-999"), keyUnknown)
		_, err := verifier.Verify(t.Context(), unknownToken("made-up-1000"))
		wantUnavailable(t, err, 9*second)
	})
}

func TestKidsThatAreRememberedAreBoundedWhileFetchesFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256)
		run(t, verifier)
		pass(20 * second)
		project.answers(silent)
		for i := range 1001 { // the first starts the fetch, the others want the one after it
			_, err := verifier.Verify(canceled(t), unknownToken(fmt.Sprint("made-up-", i)))
			wantReasonOf(t, err, keysUnavailable)
		}
		pass(3 * second)
		project.publishes(es256)
		pass(10 * second)
		wantRefused(t, verifier, unknownToken("made-up-1000"), keyUnknown)
		_, err := verifier.Verify(t.Context(), unknownToken("made-up-0"))
		wantUnavailable(t, err, 9*second)
	})
}

func TestAKidThatWasAskedForIsFetchedAsSoonAsAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		project, verifier := newProject(t, es256)
		run(t, verifier)
		pass(2500 * time.Millisecond)
		_, err := verifier.Verify(t.Context(), tokenOf(nextKey))
		wantUnavailable(t, err, 8*second)
		pass(8 * second) // and nobody comes back
		if diff := cmp.Diff([]time.Duration{0, 10 * second}, project.askedAt(start)); diff != "" {
			t.Errorf("fetches (-want +got):\n%s", diff)
		}
	})
}

func TestAKidThatWasCheckedLongAgoIsNotUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256)
		run(t, verifier)
		pass(20 * second)
		wantRefused(t, verifier, unknownToken("a"), keyUnknown)
		project.answers(broken)
		pass(time.Hour - second)
		wantRefused(t, verifier, unknownToken("a"), keyUnknown)
		pass(2 * second)
		_, err := verifier.Verify(t.Context(), unknownToken("a"))
		wantReasonOf(t, err, keysUnavailable)
	})
}

func TestKeysThatNeverWereDoNotGoStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t)
		run(t, verifier)
		synctest.Wait()
		project.answers(broken)
		pass(2 * time.Hour)
		if state := verifier.Stats().KeyEndpoint.State; state != keyring.EndpointFailing {
			t.Errorf("state %q", state)
		}
	})
}

func TestAFetchThatATokenStartedAndThatFailedIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256)
		run(t, verifier)
		pass(20 * second)
		project.answers(broken)
		start := time.Now()
		_, err := verifier.Verify(t.Context(), tokenOf(nextKey))
		wantUnavailable(t, err, 10*second)
		project.publishes(es256, nextKey)
		pass(11 * second)
		if diff := cmp.Diff([]time.Duration{-20 * second, 0, 10 * second}, project.askedAt(start)); diff != "" {
			t.Errorf("fetches (-want +got):\n%s", diff)
		}
		if keys := verifier.Stats().Keys; len(keys) != 2 {
			t.Errorf("keys: %+v", keys)
		}
	})
}

func TestAFetchThatBeganBeforeTheTokenCameProvesNothingAboutIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t)
		project.answers(after(second, document(portstest.JWKS(es256.JWK()))))
		run(t, verifier)
		pass(500 * time.Millisecond)
		start := time.Now()
		_, err := verifier.Verify(t.Context(), tokenOf(nextKey))
		wantUnavailable(t, err, 10*second)
		if took := time.Since(start); took != 500*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		wantAccepted(t, verifier, tokenOf(es256))
	})
}

func TestManyTokensJoinOneFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		project, verifier := newProject(t)
		project.answers(after(second, document(portstest.JWKS(es256.JWK()))))
		var verified sync.WaitGroup
		for range 100 {
			verified.Go(func() { wantAccepted(t, verifier, tokenOf(es256)) })
		}
		verified.Wait()
		if diff := cmp.Diff([]time.Duration{0}, project.askedAt(start)); diff != "" {
			t.Errorf("fetches (-want +got):\n%s", diff)
		}
	})
}

func TestTokensThatWaitAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t)
		project.answers(silent)
		var atOnce atomic.Int64
		var verified sync.WaitGroup
		start := time.Now()
		for i := range 300 {
			token := unknownToken(fmt.Sprint(i))
			verified.Go(func() {
				_, err := verifier.Verify(t.Context(), token)
				wantReasonOf(t, err, keysUnavailable)
				if time.Since(start) == 0 {
					atOnce.Add(1)
				}
			})
		}
		pass(second)
		if waiting := verifier.Stats().KeyEndpoint.Waiting; waiting != 256 {
			t.Errorf("%d wait", waiting)
		}
		verified.Wait()
		if atOnce.Load() != 44 || verifier.Stats().KeyEndpoint.Waiting != 0 {
			t.Errorf("%d were told at once, %d still wait", atOnce.Load(), verifier.Stats().KeyEndpoint.Waiting)
		}
	})
}

func wantReasonOf(t testing.TB, err error, want core.Reason) {
	t.Helper()
	if err == nil || core.AsError(err).Reason != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A project with only a secret publishes no keys: the truth about an ES256 token is that its key is not one of them.
func TestAProjectThatNeverPublishedKeysHasNoneOfAnyKid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		project, verifier := newProject(t)
		run(t, verifier)
		pass(20 * second)
		wantRefused(t, verifier, tokenOf(es256), keyUnknown)
		wantAccepted(t, verifier, portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now())))
		if state := verifier.Stats().KeyEndpoint; state.State != keyring.EndpointNoKeys || state.Fault != "" {
			t.Errorf("key endpoint: %+v", state)
		}
		project.publishes(es256)
		pass(12 * second)
		wantAccepted(t, verifier, tokenOf(es256)) // checked before, and yet it joins the fetch that is due
		if diff := cmp.Diff([]time.Duration{0, 20 * second, 32 * second}, project.askedAt(start)); diff != "" {
			t.Errorf("fetches (-want +got):\n%s", diff)
		}
	})
}

func TestKeysServeAnEndpointThatFailsUntilTheyAreStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256)
		run(t, verifier)
		synctest.Wait()
		project.publishes() // a fault, now that keys are known
		pass(time.Hour - 1)
		wantAccepted(t, verifier, tokenOf(es256))
		if state := verifier.Stats().KeyEndpoint; state.State != keyring.EndpointFailing || state.Fault != keyring.FaultNoKeys {
			t.Errorf("key endpoint: %+v", state)
		}
		token := tokenOf(es256) // of this second: the verdict of its twin is a nanosecond old
		pass(1)
		_, err := verifier.Verify(t.Context(), token)
		wantReasonOf(t, err, keysUnavailable)
		if stats := verifier.Stats(); stats.KeyEndpoint.State != keyring.EndpointStale || stats.Keys != nil {
			t.Errorf("stats: %+v", stats)
		}
		wantAccepted(t, verifier, portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now())))
		project.publishes(es256)
		pass(12 * second)
		wantAccepted(t, verifier, token)
	})
}

func TestAKeyThatLeftVerifiesNothingAndItsVerdictsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256, nextKey)
		run(t, verifier)
		synctest.Wait()
		old, kept := tokenOf(es256), tokenOf(nextKey)
		for range 2 {
			wantAccepted(t, verifier, old)
			wantAccepted(t, verifier, kept)
		}
		if verdicts := verifier.Stats().Verdicts; verdicts.Entries != 2 || verdicts.Hits != 2 {
			t.Errorf("verdicts: %+v", verdicts)
		}
		project.publishes(nextKey)
		pass(11 * second)
		wantRefused(t, verifier, unknownToken("made-up"), keyUnknown) // brings the news
		synctest.Wait()
		if verdicts := verifier.Stats().Verdicts; verdicts.Entries != 1 {
			t.Errorf("verdicts: %+v", verdicts)
		}
		pass(second)
		_, err := verifier.Verify(t.Context(), old)
		wantUnavailable(t, err, 9*second) // nobody asked for it since it left
		pass(9 * second)
		wantRefused(t, verifier, old, keyUnknown)
		wantAccepted(t, verifier, kept)
	})
}

func TestAKeyReplacedUnderItsKidTakesItsVerdictsAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256)
		run(t, verifier)
		synctest.Wait()
		token := tokenOf(es256)
		wantAccepted(t, verifier, token)
		project.publishes(stranger) // the same kid
		pass(331 * second)
		wantRefused(t, verifier, token, signature)
		wantAccepted(t, verifier, tokenOf(stranger))
	})
}

func TestAgeCountsFromWhenAKeyWasFirstSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256, edDSA)
		run(t, verifier)
		pass(11 * second)
		project.publishes(es256, edDSA, rs256)
		wantAccepted(t, verifier, tokenOf(rs256))
		pass(9 * second)
		want := jwtauth.Stats{
			Keys: []health.SigningKey{
				{ID: "ed-1", Algorithm: "EdDSA", Age: 20 * second},
				{ID: "es-1", Algorithm: "ES256", Age: 20 * second},
				{ID: "rs-1", Algorithm: "RS256", Age: 9 * second},
			},
			KeyEndpoint: keyring.EndpointStats{
				State: keyring.EndpointOK, SinceSuccess: 9 * second, Fetches: 2, Succeeded: 2,
				UntilFetch: verifier.Stats().KeyEndpoint.UntilFetch,
			},
			Verdicts:      health.Cache{Name: "token verdicts", Entries: 1, Capacity: 10_000, Misses: 1},
			Verifications: jwtauth.VerificationStats{MaxWaiting: 256},
		}
		if diff := cmp.Diff(want, verifier.Stats()); diff != "" {
			t.Errorf("stats (-want +got):\n%s", diff)
		}
		if until := want.KeyEndpoint.UntilFetch; until < 261*second || until > 321*second {
			t.Errorf("next fetch in %v", until)
		}
	})
}

// A flood of made-up kids, twenty new ones a tenth of a second, for two minutes.
func TestAFloodOfMadeUpKidsHurtsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		project, verifier := newProject(t, es256)
		run(t, verifier)
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		_, rest, _ := strings.Cut(unknownToken("made-up"), ".") // nobody gets as far as the signature
		var flood sync.WaitGroup
		flood.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				token := portstest.EncodePart(fmt.Sprintf(`{"alg":"ES256","typ":"JWT","kid":"made-up-%d"}`, i)) + "." + rest
				flood.Go(func() {
					if _, err := verifier.Verify(ctx, token); err == nil {
						t.Error("a made-up kid was accepted")
					}
				})
				if i%20 == 0 {
					<-time.After(100 * time.Millisecond)
				}
			}
		})
		pass(25 * second)
		project.publishes(es256, nextKey)
		rotated := time.Now()
		token := tokenOf(nextKey)
		if !wait.For(func() bool { _, err := verifier.Verify(t.Context(), token); return err == nil }) {
			t.Error("the rotation was not picked up")
		}
		if took := time.Since(rotated); took > 12*second {
			t.Errorf("the rotation was picked up after %v", took)
		}
		for range 60 {
			before := time.Now()
			wantAccepted(t, verifier, tokenOf(es256))
			if took := time.Since(before); took != 0 {
				t.Errorf("a known key took %v", took)
			}
			pass(second)
		}
		cancel()
		flood.Wait()
		asked := project.askedAt(start)
		for i := 1; i < len(asked); i++ {
			if asked[i]-asked[i-1] < 10*second {
				t.Errorf("fetches at %v", asked)
			}
		}
		if len(asked) < 8 {
			t.Errorf("only %d fetches", len(asked))
		}
	})
}

func TestRunEndsWithItsContextOnceNoFetchIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t)
		project.answers(after(1500*time.Millisecond, broken))
		ctx, cancel := context.WithTimeout(t.Context(), second)
		defer cancel()
		start := time.Now()
		verifier.Run(ctx)
		if took := time.Since(start); took != 1500*time.Millisecond {
			t.Errorf("it ended after %v", took)
		}
		ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start = time.Now()
		verifier.Run(ctx)
		if took := time.Since(start); took != 100*time.Millisecond {
			t.Errorf("idle, it ended after %v", took)
		}
	})
}

func TestAFetchSendsNoCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256)
		wantAccepted(t, verifier, tokenOf(es256))
		var names []string
		for name := range project.requests[0].Header {
			names = append(names, name)
		}
		slices.Sort(names)
		if diff := cmp.Diff([]string{"Accept", "User-Agent"}, names); diff != "" {
			t.Errorf("headers (-want +got):\n%s", diff)
		}
	})
}
