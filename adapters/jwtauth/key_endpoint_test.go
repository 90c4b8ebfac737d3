package jwtauth_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/adapters/jwtauth/keyring"
	"github.com/journey-os/journey-api/ports/portstest"
)

func decode(part string) []byte {
	data, _ := base64.RawURLEncoding.DecodeString(part)
	return data
}

type endpointFault struct {
	name   string
	answer func(*http.Request) (*http.Response, error)
	want   keyring.Fault
}

func endpointFaults() []endpointFault {
	good := portstest.JWKS(es256.JWK())
	faults := []endpointFault{
		{"no answer", silent, "Timed out"},
		{"an answer after the timeout", after(2*second+1, document(good)), "Timed out"},
		{"a body that never ends", slowBody, "Timed out"},
		{"a broken connection", broken, "Unreachable"},
		{"a huge answer", document(good + strings.Repeat(" ", 256<<10)), keyring.FaultTooLarge},
		{"an answer that is cut short", document(good[:len(good)/2]), keyring.FaultNotJSON},
		{"a connection that is cut short", cutShort, keyring.FaultCutShort},
		{"nothing", document(""), keyring.FaultNotJSON},
		{"a page", document("<!doctype html><title>Sign in</title>"), keyring.FaultNotJSON},
		{"two documents", document(good + good), keyring.FaultNotJSON},
		{"a name twice", document(`{"keys":[],` + good[1:]), keyring.FaultNotJSON},
		{"invalid UTF-8", document("{\"x\":\"\xff\"," + good[1:]), keyring.FaultNotJSON},
		{"a list", document("[" + good + "]"), keyring.FaultNotAKeySet},
		{"null", document("null"), keyring.FaultNotAKeySet},
		{"no keys member", document(`{"error":"not found"}`), keyring.FaultNotAKeySet},
		{"Keys in place of keys", document(strings.Replace(good, "keys", "Keys", 1)), keyring.FaultNotAKeySet},
		{"keys that are null", document(`{"keys":null}`), keyring.FaultNotAKeySet},
		{"keys that are an object", document(`{"keys":{}}`), keyring.FaultNotAKeySet},
		{"a redirect", status(http.StatusFound, ""), keyring.FaultRedirected},
		{"a redirect with keys in it", status(http.StatusPermanentRedirect, good), keyring.FaultRedirected},
		{"not modified", status(http.StatusNotModified, ""), keyring.FaultRedirected},
	}
	for _, code := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		faults = append(faults, endpointFault{fmt.Sprintf("status %d with keys in it", code), status(code, good), keyring.FaultGateway})
	}
	for _, code := range []int{201, 204, 400, 404, 429, 500, 502, 503} {
		faults = append(faults, endpointFault{
			fmt.Sprintf("status %d with keys in it", code), status(code, good), keyring.Fault(fmt.Sprintf("Status %d", code)),
		})
	}
	return faults
}

type told struct {
	State keyring.EndpointState
	Fault keyring.Fault
}

func TestAFaultyAnswerChangesNoKey(t *testing.T) {
	faults := append(endpointFaults(),
		endpointFault{"no keys", document(portstest.JWKS()), keyring.FaultNoKeys},
		endpointFault{"no usable key", document(portstest.JWKS(es256.JWK().With("use", "enc"))), keyring.FaultNoUsableKey},
		endpointFault{"keys that are no keys", document(`{"keys":[null,1,"x",[]]}`), keyring.FaultNoUsableKey},
	)
	for _, c := range faults {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var changes []told
				project, verifier := newProjectWith(t, func(config *jwtauth.Config) {
					config.KeyEndpointChanged = func(s keyring.EndpointState, f keyring.Fault) { changes = append(changes, told{s, f}) }
				}, es256)
				run(t, verifier)
				synctest.Wait()
				project.answers(c.answer)
				pass(15 * time.Minute)
				wantAccepted(t, verifier, tokenOf(es256))
				_, err := verifier.Verify(canceled(t), unknownToken("made-up"))
				wantReasonOf(t, err, keysUnavailable)
				if got := verifier.Stats().KeyEndpoint; got.State != "failing" || got.Fault != c.want || got.Failed < 40 {
					t.Errorf("key endpoint: %+v", got)
				}
				project.publishes(nextKey)
				pass(13 * second)
				wantAccepted(t, verifier, tokenOf(nextKey))
				want := []told{{"ok", ""}, {"failing", c.want}, {"ok", ""}}
				if diff := cmp.Diff(want, changes); diff != "" {
					t.Errorf("changes (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestAServiceStartsWhileTheEndpointIsDown(t *testing.T) {
	for _, c := range endpointFaults() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var changes []told
				project, verifier := newProjectWith(t, func(config *jwtauth.Config) {
					config.KeyEndpointChanged = func(s keyring.EndpointState, f keyring.Fault) { changes = append(changes, told{s, f}) }
				})
				project.answers(c.answer)
				if got := verifier.Stats().KeyEndpoint.State; got != "never fetched" {
					t.Errorf("state %q", got)
				}
				run(t, verifier)
				pass(second)
				_, err := verifier.Verify(t.Context(), tokenOf(es256))
				wantReasonOf(t, err, keysUnavailable)
				wantAccepted(t, verifier, portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now())))
				pass(second)
				project.publishes(es256)
				pass(6 * second)
				wantAccepted(t, verifier, tokenOf(es256))
				if diff := cmp.Diff([]told{{"failing", c.want}, {"ok", ""}}, changes); diff != "" {
					t.Errorf("changes (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestGoingStaleIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var changes []told
		project, verifier := newProjectWith(t, func(config *jwtauth.Config) {
			config.JWKSMaxStale = 20 * second
			config.KeyEndpointChanged = func(s keyring.EndpointState, f keyring.Fault) { changes = append(changes, told{s, f}) }
		}, es256)
		run(t, verifier)
		pass(10 * time.Minute)
		if diff := cmp.Diff([]told{{"ok", ""}}, changes); diff != "" {
			t.Errorf("an endpoint that works (-want +got):\n%s", diff)
		}
		project.answers(broken)
		pass(time.Minute)
		project.answers(status(500, ""))
		pass(time.Minute)
		project.publishes(es256)
		pass(time.Minute)
		want := []told{{"ok", ""}, {"failing", "Unreachable"}, {"stale", "Unreachable"}, {"stale", "Status 500"}, {"ok", ""}}
		if diff := cmp.Diff(want, changes); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
	})
}

func TestAnAnswerOfExactly256KiBIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		project, verifier := newProject(t)
		good := portstest.JWKS(es256.JWK())
		project.answers(document(good + strings.Repeat(" ", 256<<10-len(good))))
		wantAccepted(t, verifier, tokenOf(es256))
	})
}

// The default transport, over real connections.
func TestTheDefaultTransportFollowsNobody(t *testing.T) {
	var elsewhere atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("/good", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, portstest.JWKS(es256.JWK())) })
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusMovedPermanently)
	})
	mux.HandleFunc("/elsewhere", func(w http.ResponseWriter, _ *http.Request) {
		elsewhere.Add(1)
		_, _ = io.WriteString(w, portstest.JWKS(es256.JWK()))
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, portstest.JWKS(es256.JWK()))
	})
	mux.HandleFunc("/huge", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat(" ", 1<<20)) })
	mux.HandleFunc("/headers", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Huge", strings.Repeat("x", 1<<20))
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	for path, want := range map[string]keyring.Fault{
		"/good": "", "/moved": "Redirected", "/cut": "Cut short", "/huge": "Larger than 256 KiB", "/none": "Status 404",
		"/headers": "Unreachable",
	} {
		t.Run(path, func(t *testing.T) {
			changed := make(chan keyring.Fault, 1)
			verifier := newVerifier(t, func(c *jwtauth.Config) {
				c.Algorithms, c.JWKSURL, c.Now = []string{"ES256"}, server.URL+path, nil
				c.KeyEndpointChanged = func(_ keyring.EndpointState, fault keyring.Fault) { changed <- fault }
			})
			_, err := verifier.Verify(canceled(t), tokenOf(es256))
			wantReasonOf(t, err, keysUnavailable)
			if got := <-changed; got != want {
				t.Errorf("fault %q, want %q", got, want)
			}
			if want == "" {
				wantAccepted(t, verifier, tokenOf(es256))
			}
		})
	}
	if elsewhere.Load() != 0 {
		t.Error("a redirect was followed")
	}
}

// slowBody begins an answer that never ends.
func slowBody(r *http.Request) (*http.Response, error) {
	reader, writer := io.Pipe()
	go func() {
		_, _ = io.WriteString(writer, `{"keys":[`)
		<-r.Context().Done()
		_ = writer.CloseWithError(r.Context().Err())
	}()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: reader, Request: r}, nil
}

func cutShort(r *http.Request) (*http.Response, error) {
	body := io.MultiReader(strings.NewReader(`{"keys":[`), failingReader{})
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body), Request: r}, nil
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
