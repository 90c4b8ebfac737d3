package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/leak"
	"github.com/journey-os/journey-api/ports"
	"github.com/journey-os/journey-api/ports/portstest"
)

// planted is a secret of an engine, or one that a caller sends.
const planted = `zR7w-qK"2<x>&9+%T=m/Lq8v-pX4nB6`

// spoken is a value that prints the secret in every format.
type spoken struct{ Secret string }

func (s spoken) String() string { return s.Secret }
func (s spoken) Error() string  { return s.Secret }

// TestNoSecretGetsOutOfAnEngine has an engine whose errors contain secrets. The text of an error that is not a
// core.Error is only for the log, in which the adapters mask secrets; everything else is searched everywhere.
func TestNoSecretGetsOutOfAnEngine(t *testing.T) {
	t.Parallel()
	panics := map[string]any{
		"text": planted, "error": errors.New(planted), "wrapped": fmt.Errorf("a: %w", spoken{planted}), "value": spoken{planted},
		"pointer": &spoken{planted}, "bytes": []byte(planted), "map": map[string]string{planted: planted}, "core": core.NewInternalError(errors.New(planted)),
	}
	causes := map[string]error{
		"not-found": core.NewNotFoundError("There is no such item").WithCause(errors.New(planted)), "conflict": core.NewConflictError("It is there").WithCause(spoken{planted}),
		"forbidden": core.NewForbiddenError(core.ReasonRoleNotAllowed, "No").WithCause(errors.New(planted)),
		"expired":   core.NewAuthenticationError(core.ReasonTokenExpired, "It has expired").WithCause(errors.New(planted)),
	}
	observed := make(chan httpapi.Observation, 1000)
	s := start(t, func(o *options) {
		o.Observe = func(seen httpapi.Observation) { observed <- seen }
		o.Engines = append(o.Engines, func(r *httpapi.Registry) {
			httpapi.Handle(r, httpapi.Route{Method: http.MethodGet, Path: "/api/leaky/{how}", Tag: "Leaky", Access: core.Public(), Summary: "Fail with a secret",
				Errors: []core.Code{core.CodeNotFound, core.CodeConflict, core.CodeForbidden, core.CodeAuthentication}},
				func(_ context.Context, in *exampleHow) (httpapi.Reply[string], error) {
					if value, ok := panics[in.How]; ok {
						panic(value)
					}
					return httpapi.Reply[string]{}, causes[in.How]
				})
		})
	})
	var said strings.Builder
	ask := func(r request) {
		got := s.Do(r)
		fmt.Fprintf(&said, "%d %v %s\n", got.Status, got.Header, got.Body)
	}
	for how := range panics {
		ask(request{Path: "/api/leaky/" + how + "?p=" + url.QueryEscape(planted)})
	}
	for how := range causes {
		ask(request{Path: "/api/leaky/" + how})
	}
	for _, r := range leakyRequests() {
		ask(r)
	}
	for range len(panics) + len(causes) + len(leakyRequests()) {
		fmt.Fprintf(&said, "%+v\n", <-observed)
	}
	search := leak.New()
	search.Plant("the secret", planted)
	for name, text := range map[string]string{"what was replied or observed": said.String(), "the log": s.Log.String()} {
		if !strings.Contains(text, "/api/leaky/{how}") {
			t.Errorf("%s was not caught: %s", name, text)
		}
		for _, found := range search.In(text) {
			t.Errorf("%s lets out %s", name, found)
		}
	}
}

// leakyRequests have the secret where values stand, and are refused for it.
func leakyRequests() []request {
	quoted := strings.NewReplacer(`"`, `\"`).Replace(planted)
	var all []request
	for _, body := range []string{
		`{"score":"` + quoted + `"}`, `{"score":1,"note":"` + strings.Repeat(quoted, 9) + `"}`, `{"score":1,"tags":["` + quoted + `",2]}`, `{"score":1,"score":"` + quoted + `"}`,
		`{"score":1,"note":"` + quoted, `"` + quoted + `"`, planted, `{"score":1,"note":"taken` + quoted + "\xff\"}", `{"score":1e400,"note":"` + quoted + `"}`,
	} {
		all = append(all, request{Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: body})
	}
	all = append(all,
		request{Path: "/api/example?institution_id=own&limit=" + url.QueryEscape(planted), Token: "student"},
		request{Path: "/api/me", Token: planted},
		request{Path: "/api/me", Header: http.Header{"Authorization": {planted}}},
		request{Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: `{}`, Header: http.Header{"Content-Type": {"text/" + planted}}},
		request{Path: "/health", Header: http.Header{"X-Correlation-Id": {planted}, "Origin": {planted}, "Cookie": {planted}, "User-Agent": {planted}}},
	)
	return all
}

// A verifier's causes are never shown: they may quote the token.
func TestNoSecretGetsOutOfAVerifier(t *testing.T) {
	t.Parallel()
	search := leak.New()
	search.Plant("the secret", planted)
	for name, verify := range map[string]func(context.Context, string) (core.AuthTokenPayload, error){
		"that panics": func(_ context.Context, token string) (core.AuthTokenPayload, error) { panic("bad token " + token) },
		"that quotes": func(_ context.Context, token string) (core.AuthTokenPayload, error) {
			return core.AuthTokenPayload{}, core.NewAuthenticationError(core.ReasonSignatureInvalid, "The token's signature is not valid").WithCause(errors.New(token))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, func(o *options) {
				var verifier ports.TokenVerifier = &portstest.TokenVerifierMock{VerifyFunc: verify}
				o.Verifier = verifier
			})
			got := s.Do(request{Path: "/api/me", Token: planted})
			if found := search.In(fmt.Sprint(got.Header, got.Body, s.Log.String())); len(found) > 0 || got.Status < 400 {
				t.Errorf("answered %d and lets out %v", got.Status, found)
			}
		})
	}
}
