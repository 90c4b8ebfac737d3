# Journey API. `make run` and `make test` need Go alone; `make help` lists the rest.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo 0.1.0)
BINARY  := bin/journey-api
LINT    := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# Most tests wait for timers and sockets rather than compute, so more of them run at once than there are processors.
WAITING := -parallel 8

# No test reads debug information, and inlining changes nothing that a test can see but its time; without either, building
# the tests takes little more than half. The numerics are better off with it. Of vet, the tests run the few checks that find
# bugs for sure; lint runs all of it.
BUILDING := -ldflags=-w -gcflags='./...=-dwarf=false -l' -gcflags=./core/irt=-dwarf=false

# What check tests: everything, or the packages that a change reaches.
TESTED ?= $$(internal/testkit/changed.sh)

.DEFAULT_GOAL := help

help: ## this list
	@echo "Start with: make run, then make token ROLE=student. Everything there is:"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

build: ## bin/journey-api, static, with its version stamped in
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(BINARY) ./bootstrap

run: build ## the service on :8000; makes a .env with fresh secrets if there is none
	@test -e .env || ./$(BINARY) init
	@exec ./$(BINARY) serve

token: build ## an access token: make token ROLE=student [INSTITUTION=id] [DIRECTOR=yes] [TTL=1h]
	@./$(BINARY) token --role "$(ROLE)" $(if $(INSTITUTION),--institution "$(INSTITUTION)") $(if $(DIRECTOR),--course-director) $(if $(TTL),--ttl "$(TTL)")

test: ## every test that needs no server; no network, no C compiler
	@CGO_ENABLED=0 go test $(BUILDING) -timeout 5m $(WAITING) ./...

# Compilers and tests collect garbage less often: a tenth less time for some 50 MB a process.
check: export GOGC = 400
check: ## before a commit: format, vet, quick tests of what a change since main reaches
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }
	@CGO_ENABLED=0 go vet $(BUILDING) ./...
	@CGO_ENABLED=0 go test $(BUILDING) -vet=off -short -timeout 2m -p 4 $(WAITING) $(TESTED)

# What CI has tested before comes out of Go's cache.
verify: lint generated test race ## before you push: lint, generated files, every test, and again with -race

lint: ## golangci-lint, pinned
	@go run $(LINT) run

generate: ## fakes, .env.example, the settings' table
	@go generate ./...

generated: ## fails if generated code is not up to date
	@files="$$(git ls-files --cached --others --exclude-standard -- '*_moq.go' .env.example docs/settings.md go.mod go.sum)"; \
	before="$$(cksum $$files)"; go generate ./... || exit 1; test "$$before" = "$$(cksum $$files)" || \
	{ echo "generated files were not up to date: commit what changed"; exit 1; }

# The detector makes the embedded database, which is C turned into Go, and numerics twenty times as slow: fewer at once,
# no browser's pages, whose requests then end at their deadlines, and the short form of the numerics, which runs the same
# code on as many processors.
race: ## tests with the race detector: all but browsers and the long numerics
	@CGO_ENABLED=1 go test -race -count=1 -timeout 25m -parallel 4 -skip Browser $$(go list ./... | grep -v /core/irt$$)
	@CGO_ENABLED=1 go test -race -short -count=1 -timeout 10m ./core/irt

.PHONY: help build run token test check verify lint generate generated race

-include internal/testkit/stack.mk
-include internal/testkit/proof.mk
-include bench/bench.mk
-include deploy/deploy.mk
