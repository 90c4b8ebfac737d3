// Package check holds the tests of what the service is shipped with, as far as they need no Docker engine and no cluster.
// They run the code that others run: BuildKit's Dockerfile frontend and linter, its .dockerignore matcher, compose-go,
// the reload tool of the dev image, the gateway's Caddy, kustomize for the Kubernetes manifests, Prometheus' parser and
// promtool for the alerts, Grafana's types for the dashboard. `make images` runs them.
//
// It is a module of its own, so that none of this reaches the service's go.mod.
package check
