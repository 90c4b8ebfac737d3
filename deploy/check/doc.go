// Package check holds the tests of the Dockerfile and docker-compose.dev.yml that need no Docker engine. They run the
// code that Docker runs: BuildKit's Dockerfile frontend and linter, its .dockerignore matcher, compose-go, the reload
// tool of the dev image and the gateway's Caddy. `make images` runs them.
//
// It is a module of its own, so that none of this reaches the service's go.mod.
package check
