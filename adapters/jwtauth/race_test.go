package jwtauth_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

// TestNothingIsWronglyJudgedWhileKeysRotate has 64 goroutines verify good, bad and expiring tokens for a minute while
// a new key is published every 11 s and the last one withdrawn, and the endpoint fails now and then.
func TestNothingIsWronglyJudgedWhileKeysRotate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t, es256)
		run(t, verifier)
		synctest.Wait()
		end := time.Now().Add(time.Minute)
		rotating := make([]portstest.SigningKey, 6)
		tokens := make([]string, len(rotating))
		for i := range rotating {
			rotating[i] = portstest.NewES256Key(fmt.Sprint("rotating-", i))
			tokens[i] = tokenOf(rotating[i])
		}
		var workers sync.WaitGroup
		var judged [3]atomic.Int64 // accepted, refused, not decided
		workers.Go(func() {
			for i := range rotating {
				project.publishes(es256, rs256, rotating[i])
				<-time.After(7 * second)
				if i%3 == 0 {
					project.answers(broken)
				}
				<-time.After(4 * second)
			}
		})
		workersAtOnce, least := 64, int64(2000)
		if testing.Short() {
			workersAtOnce, least = 16, 400
		}
		for worker := range workersAtOnce {
			workers.Go(func() {
				random := rand.New(rand.NewPCG(uint64(worker), 0))
				for time.Now().Before(end) {
					judgeOne(t, verifier, random, rotating, tokens, &judged)
					<-time.After(time.Duration(random.IntN(300)) * time.Millisecond)
				}
			})
		}
		workers.Wait()
		if judged[0].Load() < least || judged[1].Load() < least {
			t.Errorf("accepted %d, refused %d, not decided %d", judged[0].Load(), judged[1].Load(), judged[2].Load())
		}
	})
}

func judgeOne(t *testing.T, verifier *jwtauth.Verifier, random *rand.Rand, keys []portstest.SigningKey, tokens []string, judged *[3]atomic.Int64) {
	i := random.IntN(len(keys))
	start, before := time.Now(), published(verifier)
	exp := start.Unix() + int64(random.IntN(12)) - 6 // leeway 5 s
	isIn := true
	var token string
	var refusal core.Reason
	switch random.IntN(7) {
	case 0:
		token = tokenOf(es256)
	case 1:
		token = portstest.Token(portstest.Secret, portstest.StudentClaims(start))
	case 2:
		token, refusal = stranger.Token(portstest.StudentClaims(start)), signature
	case 3:
		token, refusal = es256.Token(portstest.StudentClaims(start).With("aud", "other")), audience
	case 4:
		token, refusal = es256.Token(portstest.StudentClaims(start).With("exp", exp)), expired
		if start.Before(time.Unix(exp+5, 0)) {
			refusal = accepted
		}
	default:
		token, isIn, refusal = tokens[i], slices.Contains(before, keys[i].ID), keyUnknown
	}
	_, err := verifier.Verify(t.Context(), token)
	if token == tokens[i] {
		now := slices.Contains(published(verifier), keys[i].ID)
		isOut := !isIn && !now
		isIn = isIn && now
		switch {
		case isIn:
			refusal = accepted
		case !isOut:
			refusal = core.AsError(orNil(err)).Reason // it changed meanwhile: both are right
		}
	}
	switch known := core.AsError(orNil(err)); {
	case err == nil:
		judged[0].Add(1)
		if refusal != accepted {
			t.Errorf("accepted, want %s", refusal)
		}
	case known.Code == core.CodeUnavailable && token == tokens[i] && !isIn:
		judged[2].Add(1)
	default:
		judged[1].Add(1)
		if known.Reason != refusal {
			t.Errorf("got %v, want %q", err, refusal)
		}
	}
}

// orNil lets AsError say "no reason" of no error.
func orNil(err error) error {
	if err == nil {
		return &core.Error{}
	}
	return err
}

func published(verifier *jwtauth.Verifier) []string {
	var ids []string
	for _, key := range verifier.Stats().Keys {
		ids = append(ids, key.ID)
	}
	return ids
}
