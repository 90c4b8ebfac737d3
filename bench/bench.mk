.PHONY: bench

bench: build ## how fast it is beside bare Fiber and the usual chain: about five minutes, a Markdown table
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/rival ./bench/rival
	@CGO_ENABLED=0 go test -c -o bin/jwtauth.test ./adapters/jwtauth
	@CGO_ENABLED=0 go build -o bin/bench ./bench
	@bin/bench -service $(BINARY) -rival bin/rival -verifier bin/jwtauth.test
	@$(MAKE) --no-print-directory bench-mastery

SOAK_TIME ?= 10m
SEED      ?= 0

.PHONY: soak

soak: build ## ten minutes of mixed traffic while all around fails: [SOAK_TIME=60s] [SEED=n]
	@CGO_ENABLED=0 go build -o bin/soak ./bench/soak
	@bin/soak -service $(BINARY) -time $(SOAK_TIME) -seed $(SEED)

.PHONY: bench-calibration

# PEER_GIRTH and PEER_MIRT name a Python that has girth (with numpy below 2) or mirt; without them ours alone is measured.
bench-calibration: build ## calibrations, beside other packages where they are: PEER_GIRTH=python PEER_MIRT=python
	@CGO_ENABLED=0 go build -o bin/bench-calibration ./bench/calibration
	@bin/bench-calibration -service $(BINARY) -figure docs/calibration-time.svg

.PHONY: bench-mastery

PEER_PYTHON := bin/peer-python/bin/python
# BENCH_POSTGRES is the URL of a PostgreSQL that syncs (not the one of make stack); without it the embedded database alone is measured.
BENCH_POSTGRES ?=

bench-mastery: build $(if $(BENCH_POSTGRES),$(PEER_PYTHON)) ## answers a second, and beside the usual chain in Python: BENCH_POSTGRES=postgres://…
	@CGO_ENABLED=0 go build -o bin/bench-mastery ./bench/mastery
	@bin/bench-mastery -service $(BINARY) -postgres "$(BENCH_POSTGRES)" -python "$(if $(BENCH_POSTGRES),$(abspath $(PEER_PYTHON)))"

$(PEER_PYTHON): bench/peers/requirements.txt
	@rm -rf bin/peer-python && python3 -m venv bin/peer-python && bin/peer-python/bin/pip install --quiet --disable-pip-version-check -r $< || \
	{ rm -rf bin/peer-python; echo "it needs Python 3 with venv (Debian: python3-venv) and PyPI" >&2; exit 1; }
