package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	keysPath = "/auth/v1/.well-known/jwks.json"
	restPath = "/rest/v1/"
)

// project is the Supabase project: it publishes keys, and hands on what is for its REST interface.
type project struct {
	keys    *keyring
	server  *http.Server
	served  chan error
	fetches atomic.Int64
	// weather is what stands before it.
	weather *weather
}

// startProject serves on a free port of loopback; it publishes once it knows its weather.
func startProject(ctx context.Context, keys *keyring, rest http.Handler) (*project, string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	p := &project{keys: keys, served: make(chan error, 1)}
	routes := http.NewServeMux()
	routes.HandleFunc("GET "+keysPath, p.publish)
	routes.Handle("GET "+restPath, rest)
	p.server = &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	go func() { p.served <- p.server.Serve(listener) }()
	return p, listener.Addr().String(), nil
}

// publish serves the keys, and says that the service has learned them if nothing disturbed the answer.
func (p *project) publish(w http.ResponseWriter, _ *http.Request) {
	p.fetches.Add(1)
	document, arrived := p.keys.publish()
	asked := time.Now()
	_, _ = io.WriteString(w, document)
	time.AfterFunc(settled, func() {
		if p.weather.wasCalm(asked.Add(-settled), time.Now()) {
			arrived(time.Now())
		}
	})
}

func (p *project) stop() error {
	if err := errors.Join(p.server.Close(), <-p.served); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("stop the project: %w", err)
	}
	return nil
}
