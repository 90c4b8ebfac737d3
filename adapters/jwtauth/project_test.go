package jwtauth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	keyUnknown      = core.ReasonKeyUnknown
	keysUnavailable = core.ReasonKeysUnavailable
)

// The keys of the tests: the project publishes the first three; the others are its next one and another project's.
var (
	es256    = portstest.NewES256Key("es-1")
	rs256    = portstest.NewRS256Key("rs-1", 2048)
	edDSA    = portstest.NewEdDSAKey("ed-1")
	nextKey  = portstest.NewES256Key("es-2")
	stranger = portstest.NewES256Key("es-1")
)

// project publishes keys in memory, so that it works within the clock of a synctest bubble.
type project struct {
	mu       sync.Mutex
	answer   func(*http.Request) (*http.Response, error)
	asked    []time.Time
	requests []*http.Request
}

func (p *project) RoundTrip(request *http.Request) (*http.Response, error) {
	p.mu.Lock()
	p.asked = append(p.asked, time.Now())
	p.requests = append(p.requests, request)
	answer := p.answer
	p.mu.Unlock()
	return answer(request)
}

func (p *project) answers(answer func(*http.Request) (*http.Response, error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

func (p *project) publishes(keys ...portstest.SigningKey) {
	published := make([]portstest.Claims, len(keys))
	for i, key := range keys {
		published[i] = key.JWK()
	}
	p.answers(document(portstest.JWKS(published...)))
}

// askedAt lists the fetches by their distance from start.
func (p *project) askedAt(start time.Time) []time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	var offsets []time.Duration
	for _, at := range p.asked {
		offsets = append(offsets, at.Sub(start))
	}
	return offsets
}

func document(body string) func(*http.Request) (*http.Response, error) {
	return status(http.StatusOK, body)
}

func status(code int, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: code, Header: http.Header{"Location": {"https://elsewhere.example/jwks.json"}},
			Body: io.NopCloser(strings.NewReader(body)), Request: r,
		}, nil
	}
}

var errRefused = errors.New("refused")

func broken(*http.Request) (*http.Response, error) { return nil, errRefused }

func silent(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// after answers late.
func after(delay time.Duration, answer func(*http.Request) (*http.Response, error)) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(delay):
			return answer(r)
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

// newProject is a project that publishes keys, and a verifier on the test's own clock that takes every algorithm.
func newProject(t testing.TB, keys ...portstest.SigningKey) (*project, *jwtauth.Verifier) {
	t.Helper()
	return newProjectWith(t, nil, keys...)
}

func newProjectWith(t testing.TB, change func(*jwtauth.Config), keys ...portstest.SigningKey) (*project, *jwtauth.Verifier) {
	t.Helper()
	project := &project{}
	project.publishes(keys...)
	return project, newVerifier(t, func(c *jwtauth.Config) {
		c.Algorithms = []string{"HS256", "ES256", "RS256", "EdDSA"}
		c.JWKSURL = "https://project.example/auth/v1/.well-known/jwks.json"
		c.Transport = project
		c.Now = nil
		if change != nil {
			change(c)
		}
	})
}

// run starts the background loop and ends it with the test.
func run(t testing.TB, verifier *jwtauth.Verifier) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		verifier.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
}

// tokenOf is a token of a student that is good now by the test's clock.
func tokenOf(key portstest.SigningKey) string {
	return key.Token(portstest.StudentClaims(time.Now()).With("exp", time.Now().Add(24*time.Hour).Unix()))
}

// unknownToken has a made-up kid.
func unknownToken(id string) string {
	key := nextKey
	key.ID = id
	return tokenOf(key)
}

// wantUnavailable wants 503 with keys_unavailable after the wait.
func wantUnavailable(t testing.TB, err error, retryAfter time.Duration) {
	t.Helper()
	known := core.AsError(err)
	if known == nil || known.Code != core.CodeUnavailable || known.Reason != keysUnavailable || known.RetryAfter != retryAfter {
		t.Errorf("got %v (%+v), want keys_unavailable and %v", err, known, retryAfter)
	}
}

func wantAccepted(t testing.TB, verifier *jwtauth.Verifier, token string) {
	t.Helper()
	if _, err := verifier.Verify(t.Context(), token); err != nil {
		t.Errorf("refused: %v", err)
	}
}

func wantRefused(t testing.TB, verifier *jwtauth.Verifier, token string, want core.Reason) {
	t.Helper()
	_, err := verifier.Verify(t.Context(), token)
	wantReason(t, err, want)
}
