// Package check holds the tests of what the service is shipped with, as far as they need no Docker engine and no cluster.
// They run the code that others run: BuildKit's Dockerfile frontend and linter, its .dockerignore matcher, compose-go,
// the reload tool of the dev image, the gateway's Caddy, kustomize for the Kubernetes manifests, Prometheus' parser and
// promtool for the alerts, Grafana's types for the dashboard. `make images` runs them.
//
// What a tool checks by itself is the tool's: hadolint the style of the Dockerfile, kubernetes-validate the manifests' fields
// against the schemas of two Kubernetes versions, actionlint the workflows, promtool the rules and each alert's cases. Here
// stands what no tool knows: whether names, ports, numbers and settings of these files are those of the service.
//
// It is a module of its own, so that none of this reaches the service's go.mod.
package check
