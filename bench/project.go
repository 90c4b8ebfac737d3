package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/ports/portstest"
)

// absentProject is the address of a project that is not there: port 1 of loopback refuses.
const absentProject = "http://127.0.0.1:1"

// credentials are what requests are signed with in one run of the benchmark, with the project's secret or with the key
// that it publishes. All tokens but the superadmin's hold the same payload, so that they get the same reply.
type credentials struct {
	secret, payload string
	key             portstest.SigningKey
	// project is the URL where the key is published.
	project                  string
	hs256, es256, superadmin string
}

func newCredentials(secret, project string, key portstest.SigningKey) credentials {
	now := time.Now()
	c := credentials{secret: secret, payload: portstest.RealSizedClaims(now).JSON(), key: key, project: project}
	c.hs256, c.es256 = portstest.SignHS256(secret, portstest.HS256Header, c.payload), c.newES256(key)()
	c.superadmin = portstest.Token(secret, portstest.SuperadminClaims(now))
	return c
}

// newHS256 makes tokens that differ in their kid, which HS256 ignores.
func (c credentials) newHS256(secret string) func() string {
	var made atomic.Uint64
	return func() string {
		return portstest.SignHS256(secret, fmt.Sprintf(`{"alg":"HS256","kid":"%07d","typ":"JWT"}`, made.Add(1)), c.payload)
	}
}

// newES256 makes tokens that differ in their signature, which holds a random number.
func (c credentials) newES256(key portstest.SigningKey) func() string {
	header := key.Header()
	return func() string { return key.Sign(header, c.payload) }
}

// publish serves key as a Supabase project does on a free port of loopback; nothing else of the project is there.
func publish(key portstest.SigningKey) (url string, stop func() error, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET "+keysPath, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, portstest.JWKS(key.JWK()))
	})
	server := &http.Server{Handler: routes, ReadHeaderTimeout: startLimit}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() error {
		if err := errors.Join(server.Close(), <-served); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("stop the project: %w", err)
		}
		return nil
	}, nil
}
