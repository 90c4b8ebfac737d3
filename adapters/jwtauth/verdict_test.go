package jwtauth_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/health"
	"github.com/journey-os/journey-api/ports/portstest"
)

// clocked is a verifier on a clock that the test sets.
func clocked(t *testing.T) (*jwtauth.Verifier, *time.Time) {
	t.Helper()
	clock := now
	return newVerifier(t, func(c *jwtauth.Config) { c.Now = func() time.Time { return clock } }), &clock
}

func TestAGoodTokenIsRemembered(t *testing.T) {
	verifier, _ := clocked(t)
	token := sign(student())
	first, err := verifier.Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	second, err := verifier.Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("the second time (-first +second):\n%s", diff)
	}
	want := health.Cache{Name: "token verdicts", Entries: 1, Capacity: 10_000, Hits: 1, Misses: 1}
	if diff := cmp.Diff(want, verifier.Stats().Verdicts); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

func TestARememberedTokenIsHeldAgainstTheClock(t *testing.T) {
	for _, c := range []struct {
		name   string
		claims portstest.Claims
		later  time.Duration
		hits   uint64
		want   core.Reason
	}{
		{"within the minute", student(), time.Minute - 1, 1, accepted},
		{"after the minute it takes all the steps again", student(), time.Minute, 0, accepted},
		{"before its exp", student().With("exp", now.Unix()+10), 9 * second, 1, accepted},
		{"between its exp and the end of the leeway", student().With("exp", now.Unix()+10), 12 * second, 0, accepted},
		{"after the leeway", student().With("exp", now.Unix()+10), 15 * second, 0, expired},
		{"the clock set back to before nbf", student().With("nbf", now.Unix()), -6 * second, 0, notYet},
		{"the clock set back to before iat", student(), -6 * second, 0, notYet},
		{"the clock set back within the leeway", student().With("nbf", now.Unix()), -5 * second, 1, accepted},
	} {
		t.Run(c.name, func(t *testing.T) {
			verifier, clock := clocked(t)
			token := sign(c.claims)
			wantAccepted(t, verifier, token)
			*clock = clock.Add(c.later)
			_, err := verifier.Verify(t.Context(), token)
			wantReason(t, err, c.want)
			if hits := verifier.Stats().Verdicts.Hits; hits != c.hits {
				t.Errorf("%d hits, want %d", hits, c.hits)
			}
		})
	}
}

func TestAWrongTokenIsNeverRemembered(t *testing.T) {
	verifier, clock := clocked(t)
	for name, token := range map[string]string{
		"forged":                  portstest.Token(portstest.OtherSecret, student()),
		"expired":                 sign(portstest.ExpiredClaims(now)),
		"for another audience":    sign(student().With("aud", "other")),
		"without a role":          sign(student().Without("app_metadata.role")),
		"past exp, in the leeway": sign(student().With("exp", now.Unix())), // a good one, but not worth keeping
	} {
		for range 2 {
			_, _ = verifier.Verify(t.Context(), token)
		}
		if verdicts := verifier.Stats().Verdicts; verdicts.Entries != 0 || verdicts.Hits != 0 {
			t.Errorf("%s: %+v", name, verdicts)
		}
	}
	early := sign(student().With("nbf", now.Unix()+10))
	wantRefused(t, verifier, early, notYet)
	*clock = clock.Add(5 * second)
	wantAccepted(t, verifier, early)
}

// A verdict is the whole token's: a token that shares all but a bit with a remembered one is another token.
func TestATokenLikeARememberedOneIsNot(t *testing.T) {
	verifier, _ := clocked(t)
	token := sign(student())
	wantAccepted(t, verifier, token)
	for i := range token {
		if token[i] == '.' {
			continue
		}
		changed := []byte(token)
		changed[i] ^= 1
		if _, err := verifier.Verify(t.Context(), string(changed)); err == nil {
			t.Fatalf("accepted with byte %d changed", i)
		}
	}
	wantRefused(t, verifier, token+" ", malformed)
	wantRefused(t, verifier, token+"=", malformed)
}

func TestVerdictsAreBounded(t *testing.T) {
	verifier, _ := clocked(t)
	for i := range 10_010 {
		wantAccepted(t, verifier, sign(student().With("session_id", i)))
	}
	if verdicts := verifier.Stats().Verdicts; verdicts.Entries != 10_000 {
		t.Errorf("%+v", verdicts)
	}
}

func TestAFallenVerdictIsForgottenWithinAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, verifier := newProjectWith(t, func(*jwtauth.Config) {}, es256)
		run(t, verifier)
		synctest.Wait()
		wantAccepted(t, verifier, tokenOf(es256))
		for _, want := range []int{1, 0} {
			pass(59 * second)
			if got := verifier.Stats().Verdicts.Entries; got != want {
				t.Errorf("%d entries, want %d", got, want)
			}
			pass(62 * second)
		}
	})
}

func TestAVerdictEndsWithTheKeysItCameFrom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProjectWith(t, func(c *jwtauth.Config) { c.JWKSMaxStale = 20 * second }, es256)
		run(t, verifier)
		synctest.Wait()
		project.answers(broken)
		pass(19 * second)
		token := tokenOf(es256)
		wantAccepted(t, verifier, token)
		wantAccepted(t, verifier, token)
		pass(2 * second)
		_, err := verifier.Verify(t.Context(), token)
		wantReasonOf(t, err, keysUnavailable)
		if hits := verifier.Stats().Verdicts.Hits; hits != 1 {
			t.Errorf("%d hits", hits)
		}
	})
}
