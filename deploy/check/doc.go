// Package check tests the files that the service is shipped with, without a Docker engine and a cluster. It runs the
// code of other tools: BuildKit's Dockerfile frontend and linter, its .dockerignore matcher, compose-go, the reload
// tool of the dev image, the gateway's Caddy, kustomize for the Kubernetes manifests, Prometheus' parser and promtool
// for the alerts, Grafana's types for the dashboard. `make images` runs them.
//
// Tools check the rest: hadolint the style of the Dockerfile, kubernetes-validate the manifests' fields against the
// schemas of two Kubernetes versions, actionlint the workflows, promtool the rules and each alert's cases. This package
// checks what no tool knows: whether names, ports, numbers and settings of these files are those of the service.
//
// It is a module of its own, so that none of this reaches the service's go.mod.
package check
