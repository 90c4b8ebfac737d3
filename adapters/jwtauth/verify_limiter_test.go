package jwtauth_test

import (
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestForgedTokensAreVerifiedByNoMoreThanTheProcessors(t *testing.T) {
	_, verifier := newProject(t, es256)
	good := tokenOf(es256)
	wantAccepted(t, verifier, good)
	var flood sync.WaitGroup
	for range 16 {
		flood.Go(func() {
			for range 50 {
				wantRefused(t, verifier, tokenOf(stranger), signature)
				if running := verifier.Stats().Verifications.Running; running > runtime.GOMAXPROCS(0) {
					t.Errorf("%d run at once", running)
				}
				wantAccepted(t, verifier, good)
			}
		})
	}
	flood.Wait()
	if got := verifier.Stats(); got.Verdicts.Entries != 1 || got.Verifications != (jwtauth.VerificationStats{MaxWaiting: 256}) {
		t.Errorf("stats: %+v", got)
	}
}

func TestAKeyThatLeavesWhileATokenWaitsForItsTurnVerifiesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256, edDSA)
		run(t, verifier)
		synctest.Wait()
		release := jwtauth.TakeAllPermits(verifier)
		token := tokenOf(es256)
		var waiting sync.WaitGroup
		waiting.Go(func() {
			_, err := verifier.Verify(t.Context(), token)
			wantReason(t, err, keyUnknown)
		})
		synctest.Wait()
		if got := verifier.Stats().Verifications.Waiting; got != 1 {
			t.Fatalf("%d wait", got)
		}
		project.publishes(edDSA)
		pass(345 * second) // after the refresh, and late enough for the next fetch to be due
		release()
		waiting.Wait()
	})
}

func TestNoErrorCarriesAKid(t *testing.T) {
	const canary = "Q7canary"
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256)
		run(t, verifier)
		pass(20 * second)
		known := portstest.NewES256Key(canary)
		_, unknown := verifier.Verify(t.Context(), tokenOf(known))
		pass(second)
		_, unavailable := verifier.Verify(t.Context(), unknownToken(canary+"2"))
		pass(10 * second)
		project.publishes(known)
		pass(10 * second)
		_, _ = verifier.Verify(t.Context(), unknownToken("made-up"))
		_, mismatched := verifier.Verify(t.Context(), rs256.Sign(`{"alg":"RS256","kid":"`+canary+`"}`, student().JSON()))
		for reason, err := range map[core.Reason]error{keyUnknown: unknown, keysUnavailable: unavailable, algorithm: mismatched} {
			wantReasonOf(t, err, reason)
			if err != nil && strings.Contains(err.Error(), canary) {
				t.Errorf("the error quotes the token: %v", err)
			}
		}
	})
}
