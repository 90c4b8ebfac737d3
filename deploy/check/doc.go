// Package check tests the files that the service is shipped with, without a Docker engine and a cluster. It asks what no
// tool knows: whether names, ports, numbers and settings of these files are those of the service, and whether what they
// build and configure runs. It has other tools' code for that: BuildKit's Dockerfile frontend and linter, its copier,
// compose-go, kustomize, Prometheus' parser, Grafana's types. Caddy and the dev image's reload tool are built in the versions
// that the files name.
//
// `make images` runs the tests, and before them the tools that check the rest: hadolint the style of the Dockerfile,
// kubernetes-validate the manifests' fields against the schemas of two Kubernetes versions, actionlint the workflows,
// promtool the alert rules and each alert's cases.
//
// It is a module of its own, so that none of this reaches the service's go.mod.
package check
