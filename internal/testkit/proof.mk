# Fuzzing, and what a change of the API breaks. FUZZ_TIME is how long each target, or each run against the API, lasts.
FUZZ_TIME            ?= 20s
SCHEMATHESIS_VERSION := 4.32.5
SCHEMATHESIS         := bin/schemathesis-$(SCHEMATHESIS_VERSION)

.PHONY: fuzz fuzz-api

fuzz: ## every fuzz target for FUZZ_TIME (20s)
	@internal/testkit/fuzz.sh $(FUZZ_TIME)

fuzz-api: build $(SCHEMATHESIS)/bin/schemathesis ## the service, and the example engine, against their OpenAPI document; FUZZ_TIME (20s) a run
	@JOURNEY_SCHEMATHESIS="$(CURDIR)/$(SCHEMATHESIS)/bin/schemathesis" JOURNEY_SCHEMATHESIS_TIME=$(FUZZ_TIME) JOURNEY_SCHEMATHESIS_SEED=$(FUZZ_SEED) JOURNEY_SERVICE="$(CURDIR)/$(BINARY)" \
	go test -p 1 -count=1 -v -timeout 1h -run '^TestFuzzAPI$$' ./bootstrap ./adapters/httpapi

$(SCHEMATHESIS)/bin/schemathesis:
	@echo "fetching Schemathesis $(SCHEMATHESIS_VERSION) from PyPI, once"
	@mkdir -p bin && python3 -m venv $(SCHEMATHESIS) && \
	$(SCHEMATHESIS)/bin/pip install --quiet --disable-pip-version-check schemathesis==$(SCHEMATHESIS_VERSION) || \
	{ rm -rf $(SCHEMATHESIS); echo "it needs Python 3 with venv (Debian: python3-venv) and PyPI" >&2; exit 1; }

OASDIFF_VERSION := 1.37.0
OASDIFF         := bin/oasdiff-$(OASDIFF_VERSION)/oasdiff

.PHONY: api-breaking

api-breaking: build $(OASDIFF) ## fails if the OpenAPI document breaks clients of a version that was committed
	@internal/testkit/api-breaking.sh $(OASDIFF) $(BINARY)

$(OASDIFF):
	@GOBIN="$(CURDIR)/$(@D)" CGO_ENABLED=0 go install github.com/oasdiff/oasdiff@v$(OASDIFF_VERSION)

.PHONY: accuracy

accuracy: ## the calibration's simulation studies: recovery of the true parameters, coverage of the intervals, choice of the density
	@go test ./core/irt -run '^TestAccuracy' -accuracy -count=1 -v -timeout 1h
