package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/apitest"
	"github.com/journey-os/journey-api/ports/portstest"
)

// The budgets of these tests fill up so slowly that the tests' own time changes nothing: one more in 12 seconds at most.

// limited starts a server with these limits a minute, behind a proxy that sends the client in X-Forwarded-For.
func limited(t *testing.T, perMinute int, change ...func(*options)) *service {
	t.Helper()
	return start(t, append([]func(*options){func(o *options) {
		o.Config.RateLimit, o.Config.FailedSignInLimit = perMinute, perMinute
		o.Config.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	}}, change...)...)
}

// from asks /api/me as if from this address.
func (s *service) from(address, token string) reply {
	s.t.Helper()
	return s.Do(request{Path: "/api/me", Token: token, Header: http.Header{"X-Forwarded-For": {address}}})
}

func TestEachUserHasABudgetOfTheirOwn(t *testing.T) {
	t.Parallel()
	var lock sync.Mutex
	var outcomes []string
	s := limited(t, 2, func(o *options) {
		o.Observe = func(seen httpapi.Observation) {
			lock.Lock()
			defer lock.Unlock()
			outcomes = append(outcomes, fmt.Sprint(seen.Status, " ", seen.Authentication))
		}
	})
	for _, want := range []string{`"user";r=1;t=30`, `"user";r=0;t=30`} {
		got := s.from("192.0.2.1", "student")
		if got.Status != http.StatusOK || got.Header.Get("RateLimit") != want || got.Header.Get("RateLimit-Policy") != `"user";q=2;w=60` {
			t.Errorf("answered %d, %v, want %s", got.Status, got.Header, want)
		}
	}
	refused := s.from("192.0.2.2", "student") // from anywhere
	wantFailure(t, refused, failed{Status: 429, Code: "RATE_LIMITED", Message: "Too many requests: try again later"})
	wantWait(t, refused, "user", 0, 30*time.Second)
	line := s.Line(refused.Header.Get("X-Correlation-ID"))
	if line["user_id"] != "user-student" || line["error_code"] != "RATE_LIMITED" || line["level"] != "WARN" {
		t.Errorf("the line is %v", line)
	}
	if got := s.from("192.0.2.1", "advisor"); got.Status != http.StatusOK {
		t.Errorf("another user was answered %d", got.Status)
	}
	lock.Lock()
	defer lock.Unlock()
	if diff := cmp.Diff([]string{"200 ok", "200 ok", "429 ok", "200 ok"}, outcomes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// wantWait holds the refusal to a wait that is at most as long as this: Retry-After must not come before RateLimit's t.
func wantWait(t *testing.T, got reply, policy string, atLeast, atMost time.Duration) {
	t.Helper()
	after, err := strconv.Atoi(got.Header.Get("Retry-After"))
	if wait := time.Duration(after) * time.Second; err != nil || wait < max(time.Second, atLeast) || wait > atMost {
		t.Errorf("Retry-After is %q, want %v to %v", got.Header.Get("Retry-After"), atLeast, atMost)
	}
	if want := fmt.Sprintf("%q;r=0;t=%d", policy, after); got.Header.Get("RateLimit") != want {
		t.Errorf("RateLimit is %s, want %s", got.Header.Get("RateLimit"), want)
	}
}

// Neighbours behind one address of a school share its budget of failures, and nothing else.
func TestAnAddressThatFailedTooOftenIsToldSoAndItsVerifiedCallersAreServed(t *testing.T) {
	t.Parallel()
	var lock sync.Mutex
	outcome := ""
	s := limited(t, 2, func(o *options) {
		o.Config.RateLimit = 0
		o.Observe = func(seen httpapi.Observation) {
			lock.Lock()
			defer lock.Unlock()
			outcome = seen.Authentication
		}
	})
	for range 2 {
		got := s.from("192.0.2.1", "forged")
		if got.Status != http.StatusUnauthorized || got.Header.Get("RateLimit") != "" {
			t.Errorf("answered %d, %v", got.Status, got.Header)
		}
	}
	for range 3 {
		got := s.from("192.0.2.1", "forged")
		wantFailure(t, got, failed{Status: 429, Code: "RATE_LIMITED", Message: "Too many failed sign-ins from this address: try again later"})
		wantWait(t, got, "failed-sign-ins", 0, 30*time.Second)
		if line := s.Line(got.Header.Get("X-Correlation-ID")); line["user_id"] != nil || line["client_ip"] != "192.0.2.1" {
			t.Errorf("the line is %v", line)
		}
		lock.Lock()
		if outcome != "RATE_LIMITED" {
			t.Errorf("the outcome was %q", outcome)
		}
		lock.Unlock()
		if neighbour := s.from("192.0.2.1", "student"); neighbour.Status != http.StatusOK {
			t.Errorf("a verified neighbour was answered %d", neighbour.Status)
		}
		if stale := s.from("192.0.2.1", expiredToken).Failure(t); stale.Reason != "token_expired" {
			t.Errorf("a neighbour whose token expired was told %v", stale)
		}
	}
	if got := s.from("192.0.2.2", "forged"); got.Status != http.StatusUnauthorized {
		t.Errorf("another address was answered %d", got.Status)
	}
}

func TestUsersAndAddressesHaveALimitEach(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		users, addresses int
		user, guess      int
	}{
		"users alone":     {1, 0, 429, 401},
		"addresses alone": {0, 1, 200, 429},
		"neither":         {0, 0, 200, 401},
	} {
		s := limited(t, 0, func(o *options) { o.Config.RateLimit, o.Config.FailedSignInLimit = tt.users, tt.addresses })
		var user, guess int
		for range 2 {
			user, guess = s.from("192.0.2.1", "student").Status, s.from("192.0.2.1", "forged").Status
		}
		if user != tt.user || guess != tt.guess {
			t.Errorf("%s: a user was answered %d, a guess %d", name, user, guess)
		}
	}
}

func TestWhatAnAddressIsChargedFor(t *testing.T) {
	t.Parallel()
	charged := map[error]bool{
		core.NewUnavailableError(core.ReasonKeysUnavailable, "Not now", time.Second): false,
		context.DeadlineExceeded: false, // the request ended while its keys were fetched
	}
	for reason, isGuess := range map[core.Reason]bool{
		core.ReasonTokenMalformed: true, core.ReasonAlgorithmRejected: true, core.ReasonKeyUnknown: true, core.ReasonSignatureInvalid: true,
		// The signature was verified.
		core.ReasonNotAUserToken: false, core.ReasonTokenExpired: false, core.ReasonTokenNotYetValid: false,
		core.ReasonAudienceInvalid: false, core.ReasonIssuerInvalid: false, core.ReasonClaimsInvalid: false, core.ReasonAccountIncomplete: false,
	} {
		charged[core.NewAuthenticationError(reason, "Not this one")] = isGuess
	}
	for refusal, want := range charged {
		t.Run(refusal.Error(), func(t *testing.T) {
			t.Parallel()
			s := limited(t, 1, func(o *options) { o.Verifier = portstest.VerifierFailing(refusal) })
			s.from("192.0.2.1", "any")
			if got := s.from("192.0.2.1", "any"); (got.Status == http.StatusTooManyRequests) != want {
				t.Errorf("the second was answered %d", got.Status)
			}
		})
	}
	t.Run("never for a request without a token, nor for a role that may not", func(t *testing.T) {
		s := limited(t, 5)
		for range 6 {
			s.from("192.0.2.1", "")
		}
		for range 4 {
			s.Do(request{Path: "/api/diagnostics", Token: "student", Header: http.Header{"X-Forwarded-For": {"192.0.2.1"}}})
		}
		if got := s.from("192.0.2.1", "advisor"); got.Status != http.StatusOK {
			t.Errorf("answered %d", got.Status)
		}
	})
	t.Run("for a header that holds no token", func(t *testing.T) {
		s := limited(t, 1)
		for _, want := range []int{http.StatusUnauthorized, http.StatusTooManyRequests} {
			if got := s.Do(request{Path: "/api/me", Header: http.Header{"Authorization": {"Basic dXNlcjpwYXNz"}}}); got.Status != want {
				t.Errorf("answered %d, want %d", got.Status, want)
			}
		}
	})
}

func TestWhoSharesTheBudgetOfAnAddress(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		failing, other string
		shared         bool
	}{
		"an IPv4 address stands alone":           {"192.0.2.1", "192.0.2.2", false},
		"an IPv4 address in the form of IPv6":    {"192.0.2.1", "::ffff:192.0.2.1", true},
		"another IPv4 address in that form":      {"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
		"an address with the port of a proxy":    {"192.0.2.1", "192.0.2.1:5678", true},
		"an IPv6 address with a port":            {"2001:db8::1", "[2001:db8::2]:5678", true},
		"the 64 bits of an IPv6 network":         {"2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true},
		"another IPv6 network":                   {"2001:db8:0:1::1", "2001:db8:0:2::1", false},
		"an IPv6 network and an IPv4 address":    {"::", "192.0.2.1", false},
		"what can't be read counts as the proxy": {"unknown", "fe80::1%eth0", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := limited(t, 1)
			s.from(tt.failing, "forged")
			if got := s.from(tt.other, "forged"); (got.Status == http.StatusTooManyRequests) != tt.shared {
				t.Errorf("answered %d", got.Status)
			}
		})
	}
}

func TestProbesAndPublicRoutesAreNeverLimited(t *testing.T) {
	t.Parallel()
	s := limited(t, 1)
	for range 2 {
		s.Do(request{Path: "/api/me", Token: "forged"})
	}
	for range 3 {
		for _, path := range []string{"/health", "/health/live", "/health/ready", "/docs", "/openapi.json"} {
			if got := s.Do(request{Path: path, Token: "forged"}); got.Status != http.StatusOK || got.Header.Get("RateLimit") != "" {
				t.Errorf("%s answered %d, %v", path, got.Status, got.Header)
			}
		}
	}
	if got := s.Do(request{Path: "/nope", Token: "forged"}); got.Status != http.StatusNotFound {
		t.Errorf("an unknown route answered %d", got.Status)
	}
}

func TestWithoutALimitNothingIsCounted(t *testing.T) {
	t.Parallel()
	s := start(t)
	for range 50 {
		if got := s.Do(request{Path: "/api/me", Token: "forged"}); got.Status != http.StatusUnauthorized {
			t.Fatalf("answered %d", got.Status)
		}
	}
	if got := s.Do(request{Path: "/api/me", Token: "student"}); got.Status != http.StatusOK || got.Header.Get("RateLimit")+got.Header.Get("RateLimit-Policy") != "" {
		t.Errorf("answered %d, %v", got.Status, got.Header)
	}
}

// What a limited caller sees, as bytes: a change here breaks clients.
func TestRefusalsOfTheRateLimitsAreGolden(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, refused := range []struct{ name, token string }{{"too many failed sign-ins", "forged"}, {"too many requests", "student"}} {
		s := limited(t, 1)
		s.from("192.0.2.1", refused.token)
		got := s.from("192.0.2.1", refused.token)
		got.Failure(t)
		text.WriteString(refused.name + "\n  " + http.StatusText(got.Status) + " " +
			strings.ReplaceAll(got.Body, got.Header.Get("X-Correlation-ID"), "<id>") + "\n")
		for _, header := range []string{"Retry-After", "RateLimit", "RateLimit-Policy", "WWW-Authenticate"} {
			if value := got.Header.Get(header); value != "" {
				text.WriteString("  " + header + ": " + regexp.MustCompile(`^\d+$|(t=)\d+`).ReplaceAllString(value, "${1}<seconds>") + "\n")
			}
		}
	}
	apitest.Golden(t, "rate_limits.golden", text.String())
}

func TestNoOtherHeaderSaysWhoTheClientIs(t *testing.T) {
	t.Parallel()
	s := limited(t, 1)
	header := http.Header{"Forwarded": {"for=198.51.100.7"}, "X-Correlation-Id": {"headers"}}
	for _, name := range []string{"X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP", "X-Cluster-Client-IP", "Fastly-Client-IP", "Fly-Client-IP", "X-Forwarded"} {
		header.Set(name, "198.51.100.7")
	}
	s.Do(request{Path: "/api/me", Token: "student", Header: header})
	if got := s.Line("headers")["client_ip"]; got != "127.0.0.1" {
		t.Errorf("logged %v", got)
	}
}
