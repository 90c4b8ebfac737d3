package standin

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// Supabase is a stand-in for a project: PostgREST's root for requests with a key, and the project's signing keys for
// everyone. The zero value is ready to be started.
type Supabase struct {
	// Keys, if set, makes the JWK Set that is published; "" is an endpoint that answers 500. Without it there are no keys.
	Keys func() string
	// Key is the only key that PostgREST takes, "" for any.
	Key string

	t      testing.TB
	status atomic.Int64
	probes atomic.Int64
}

// Start serves on a port of its own until the test ends.
func (s *Supabase) Start(t testing.TB) (address string) {
	t.Helper()
	s.t = t
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// Say makes PostgREST answer with this status from now on; 0 is what it answers by itself.
func (s *Supabase) Say(status int) { s.status.Store(int64(status)) }

// Probes returns how often PostgREST's root was requested.
func (s *Supabase) Probes() int { return int(s.probes.Load()) }

func (s *Supabase) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/rest/v1/":
		s.probes.Add(1)
		w.Header().Set("Content-Type", "application/openapi+json; charset=utf-8")
		w.WriteHeader(s.verdict(r.Header.Get("apikey")))
		_, _ = io.WriteString(w, `{"swagger":"2.0"}`)
	case "/auth/v1/.well-known/jwks.json":
		if r.Header.Get("apikey") != "" || r.Header.Get("Authorization") != "" {
			s.t.Errorf("the keys were asked for with credentials: %v", r.Header)
		}
		keys := `{"keys":[]}`
		if s.Keys != nil {
			keys = s.Keys()
		}
		if keys == "" {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = io.WriteString(w, keys)
	default:
		http.NotFound(w, r)
	}
}

func (s *Supabase) verdict(key string) int {
	switch status := int(s.status.Load()); {
	case status != 0:
		return status
	case key == "" || s.Key != "" && key != s.Key:
		return http.StatusUnauthorized
	default:
		return http.StatusOK
	}
}
