package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"

	"github.com/journey-os/journey-api/internal/testkit/stack"
	"github.com/journey-os/journey-api/internal/testkit/standin"
)

// dependencies are what stands behind the faults: small stand-ins, or the real servers. Keys are published by this program
// in either case: the real servers have none.
type dependencies struct {
	// what is their name in the report.
	what string
	// neo4j is host:port.
	neo4j, username, password string
	serviceKey                string
	rest                      http.Handler
	stop                      func()
}

// openDependencies takes the servers that `stackctl exec` has started, or else starts stand-ins.
func openDependencies(ctx context.Context) (dependencies, error) {
	if state := os.Getenv(stack.Variable); state != "" {
		return realServers(state)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return dependencies{}, err
	}
	return dependencies{
		what: "stand-ins", neo4j: listener.Addr().String(), username: "neo4j", password: "soak-planted-neo4j-password",
		serviceKey: plantedServiceKey, rest: http.HandlerFunc(healthyREST), stop: new(standin.Bolt).Serve(listener),
	}, nil
}

func realServers(state string) (dependencies, error) {
	servers, err := stack.Load(filepath.Dir(state), nil)
	if err != nil {
		return dependencies{}, err
	}
	graph, graphErr := url.Parse(servers.Neo4j.URI)
	gateway, gatewayErr := url.Parse(servers.Supabase.URL)
	if err := errors.Join(graphErr, gatewayErr); err != nil {
		return dependencies{}, fmt.Errorf("the real servers: %w", err)
	}
	return dependencies{
		what: "Neo4j and PostgREST", neo4j: graph.Host, username: servers.Neo4j.Username, password: servers.Neo4j.Password,
		serviceKey: servers.Supabase.ServiceRoleKey, rest: httputil.NewSingleHostReverseProxy(gateway), stop: func() {},
	}, nil
}

const plantedServiceKey = "soak-planted-service-role-key"

// healthyREST answers as a PostgREST does whose database works.
func healthyREST(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Apikey") != plantedServiceKey {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "application/openapi+json; charset=utf-8")
	_, _ = w.Write([]byte(`{"swagger":"2.0"}`))
}
