package stack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	restPrefix = "/rest/v1"
	keysPath   = "/auth/v1/.well-known/jwks.json"
	// noKeys is what the auth server of a project that signs with a shared secret alone publishes.
	noKeys = `{"keys":[]}`
)

func gatewayServer() server {
	return server{
		name:    Gateway,
		title:   "gateway",
		setting: "SUPABASE_URL",
		address: func(s *Stack) (string, error) { return s.Supabase.address() },
		shared:  func(s *Stack) any { return s.Supabase },
		check:   func(s *Stack) error { return s.Supabase.check() },
		fetch:   func(context.Context, *Stack) error { return nil },
		command: func(_ context.Context, s *Stack) (*exec.Cmd, error) {
			cmd := exec.Command(s.Program, "--state-dir", s.dir, "gateway")
			cmd.Dir, cmd.Env = s.dir, environment()
			return cmd, nil
		},
		ready: func(ctx context.Context, s *Stack) error {
			return expectStatus(ctx, s.Supabase.URL+restPrefix+"/", "", http.StatusUnauthorized)
		},
		within: 10 * time.Second,
		ending: syscall.SIGTERM,
	}
}

// ServeGateway is the gateway's process: it serves until ctx ends.
func (s *Stack) ServeGateway(ctx context.Context) error {
	address, err := s.Supabase.address()
	if err != nil {
		return err
	}
	rest := &url.URL{Scheme: "http", Host: localAddress(s.REST.Port)}
	server := &http.Server{
		Addr:              address,
		Handler:           NewGateway(rest, s.Supabase.AnonKey, s.Supabase.ServiceRoleKey),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		bound, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(bound)
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// NewGateway serves PostgREST under /rest/v1/ as the gateway of a Supabase project
// does: an API key is wanted, and stands in for a missing Authorization header. The keys that the project publishes are
// open to all, and there are none: its tokens are signed with the shared secret.
func NewGateway(rest *url.URL, keys ...string) http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(rest)
			// PostgREST closes a connection after its reply to HEAD and does not say so: another request would get lost in it.
			r.Out.Close = r.In.Method == http.MethodHead
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				log.Printf("PostgREST cannot be reached: %v", err)
			}
			refuse(w, http.StatusBadGateway, refusal{Message: "An invalid response was received from the upstream server"})
		},
	}
	forward := http.StripPrefix(restPrefix, proxy)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("apikey")
		switch {
		case r.URL.Path == keysPath:
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, noKeys)
			return
		case !strings.HasPrefix(r.URL.Path, restPrefix+"/"):
			refuse(w, http.StatusNotFound, refusal{Message: "no Route matched with those values"})
			return
		case key == "":
			refuse(w, http.StatusUnauthorized, refusal{
				Message: "No API key found in request",
				Hint:    "No `apikey` request header or url param was found.",
			})
			return
		case !slices.Contains(keys, key):
			refuse(w, http.StatusUnauthorized, refusal{Message: "Invalid API key"})
			return
		}
		if r.Header.Get("Authorization") == "" {
			r.Header.Set("Authorization", "Bearer "+key)
		}
		forward.ServeHTTP(w, r)
	})
}

type refusal struct {
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

func refuse(w http.ResponseWriter, status int, body refusal) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
