.PHONY: bench bench-mastery

PEER_PYTHON := bin/peer-python/bin/python
# BENCH_POSTGRES is the URL of a PostgreSQL that syncs (not the one of make stack); without it its rows are left out.
BENCH_POSTGRES ?=
# BENCH_FLAGS as `bin/bench -h` lists them: "-rounds 1 -length 1s" for a first look.
BENCH_FLAGS ?=
# BENCHMARKS are those of packages that are run beside it.
BENCHMARKS ?= VerifyWarm(HS256|ES256)$$

bench: bin/bench ## how fast it is beside other programs, as Markdown: [BENCH_POSTGRES=url] [BENCH_FLAGS="-rounds 1"]
	@bin/bench -postgres "$(BENCH_POSTGRES)" -python "$(if $(BENCH_POSTGRES),$(abspath $(PEER_PYTHON)))" $(BENCH_FLAGS)
	@go test -run '^$$' -bench '$(BENCHMARKS)' -benchmem -benchtime 100ms -count 5 -timeout 5m ./adapters/jwtauth

bench-mastery: BENCH_FLAGS = -only bkt -pin=false -rounds 3 -length 5s
bench-mastery: bench ## the rows of mastery alone, on all processors: [BENCH_POSTGRES=url]

.PHONY: bin/bench
bin/bench: build $(if $(BENCH_POSTGRES),$(PEER_PYTHON))
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/rival ./bench/rival
	@CGO_ENABLED=0 go build -o bin/bench ./bench

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
	@bin/bench-calibration

$(PEER_PYTHON): bench/peers/requirements.txt
	@rm -rf bin/peer-python && python3 -m venv bin/peer-python && bin/peer-python/bin/pip install --quiet --disable-pip-version-check -r $< || \
	{ rm -rf bin/peer-python; echo "it needs Python 3 with venv (Debian: python3-venv) and PyPI" >&2; exit 1; }
