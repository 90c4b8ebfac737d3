// Package contract checks what every reply of the service has to be, whatever was asked: its headers, its correlation id,
// the envelope, a failure's challenge and Retry-After, and what the OpenAPI document has of it.
package contract

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/journey-os/journey-api/internal/testkit/document"
)

// Contract is what a service promises of all its replies.
type Contract struct {
	document.Document
	// Origins are the CORS origins that are listed. What a page is allowed is checked if none has a star.
	Origins []string
}

var (
	// wellFormed is a correlation id that a reply takes over from its request; madeHere is one of the service's own.
	wellFormed = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)
	madeHere   = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
)

// Check returns the envelope of a reply, if it has one, and what is wrong with the reply. A request that the service can't
// read is nil.
func (c Contract) Check(asked *http.Request, r Reply) (Envelope, error) {
	if asked == nil {
		asked = &http.Request{URL: &url.URL{Path: "/"}}
	}
	for name, want := range c.headers(asked, r) {
		if got := r.Header.Get(name); got != want {
			return Envelope{}, fmt.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	sent, got := asked.Header.Get("X-Correlation-ID"), r.Header.Get("X-Correlation-ID")
	if isTaken := wellFormed.MatchString(sent); isTaken && got != sent || !isTaken && !madeHere.MatchString(got) {
		return Envelope{}, fmt.Errorf("the correlation id is %q after %q", got, sent)
	}
	var envelope Envelope
	if r.isEnveloped(asked) {
		var err error
		if envelope, err = r.Envelope(); err != nil {
			return envelope, fmt.Errorf("it is not the envelope: %w", err)
		} else if err := r.checkFailure(envelope); err != nil {
			return envelope, err
		}
	}
	return envelope, c.Document.Check(asked, r.Status, r.Header, []byte(r.Body))
}

// headers are those that a reply has to have, "" if it must have none.
func (c Contract) headers(asked *http.Request, r Reply) map[string]string {
	want := map[string]string{
		"X-Content-Type-Options": "nosniff", "Server": "", "Vary": "Origin", "Cache-Control": "no-store",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
	}
	if strings.HasPrefix(asked.URL.Path, "/docs/") && r.Status < http.StatusBadRequest { // a page's own file
		want["Vary"], want["Cache-Control"] = "Origin, Accept-Encoding", "public, max-age=3600"
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") { // a page has a policy of its own
		delete(want, "Content-Security-Policy")
	}
	if strings.Contains(strings.Join(c.Origins, " "), "*") {
		delete(want, "Vary")
		return want
	}
	origin := asked.Header.Get("Origin")
	isListed := func(one string) bool { return strings.EqualFold(one, origin) }
	if want["Access-Control-Allow-Origin"] = ""; slices.ContainsFunc(c.Origins, isListed) {
		want["Access-Control-Allow-Origin"] = origin
	}
	return want
}

// checkFailure checks what a failure has beside its envelope's form (RFC 6750, section 3, for the challenge).
func (r Reply) checkFailure(e Envelope) error {
	challenge := ""
	switch reason := e.Meta.Reason; {
	case e.Error == nil:
		return nil
	case r.Status == http.StatusUnauthorized && reason == "token_missing":
		challenge = `Bearer realm="journey-api"`
	case r.Status == http.StatusUnauthorized:
		challenge = `Bearer realm="journey-api", error="invalid_token"`
	case reason == "role_not_allowed":
		challenge = `Bearer realm="journey-api", error="insufficient_scope"`
	}
	if got := r.Header.Get("WWW-Authenticate"); challenge != "" && got != challenge {
		return fmt.Errorf("the challenge is %q, want %q", got, challenge)
	}
	if got := r.Header.Get("X-Correlation-ID"); e.Meta.CorrelationID != got {
		return fmt.Errorf("the correlation id of its meta is %q, the header's %q", e.Meta.CorrelationID, got)
	}
	after := r.Header.Get("Retry-After")
	mayRetry := r.Status == http.StatusServiceUnavailable || r.Status == http.StatusTooManyRequests
	if seconds, _ := strconv.Atoi(after); mayRetry && seconds < 1 {
		return fmt.Errorf("Retry-After is %q", after)
	}
	return nil
}
