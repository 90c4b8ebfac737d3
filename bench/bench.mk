.PHONY: bench bench-mastery bench-calibration

PEER_PYTHON := bin/peer-python/bin/python
# BENCH_POSTGRES is the URL of a PostgreSQL that syncs (not the one of make stack); without it its rows are left out.
BENCH_POSTGRES ?=
# BENCH_ONLY is which benchmarks are run, for BENCH_TIME each, in BENCH_ROUNDS rounds; BENCH_FLAGS are -pin=false or none.
BENCH_ONLY   ?= HTTP|Start
BENCH_TIME   ?= 2s
BENCH_ROUNDS ?= 6
BENCH_FLAGS  ?=
BENCHSTAT    := golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da

# The load has the processors that no server is pinned to, if there are any.
bench: LOAD = $(if $(findstring -pin=false,$(BENCH_FLAGS)),,$$([ "$$(nproc)" = 1 ] || echo "taskset -c 1-$$(($$(nproc) - 1))"))
bench: bin/bench.test ## how fast it is beside other programs: [BENCH_POSTGRES=url] [BENCH_ROUNDS=1] [BENCH_TIME=500ms]
	@$(bench-rounds)
	@go test -run '^$$' -bench 'VerifyWarm(HS256|ES256)$$' -benchmem -benchtime 100ms -count 5 -timeout 5m ./adapters/jwtauth
	@go run $(BENCHSTAT) -row /ask -col /server bin/bench.txt

# bench-rounds runs the benchmarks round by round, so that what else the machine does falls on all of them.
define bench-rounds
for round in $$(seq $(BENCH_ROUNDS)); do (cd bench && BENCH_POSTGRES="$(BENCH_POSTGRES)" PEER_PYTHON="$(abspath $(PEER_PYTHON))" \
	$(LOAD) ../bin/bench.test -test.run '^$$' -test.bench '$(BENCH_ONLY)' -test.benchtime $(BENCH_TIME) $(BENCH_FLAGS)) || \
	{ cat bin/bench.txt >&2; exit 1; }; done >bin/bench.txt
endef

bench-mastery: BENCH_ONLY = HTTP/ask=POST_update
bench-mastery: BENCH_FLAGS = -pin=false
bench-mastery: bench ## the rows of mastery alone, on all processors: [BENCH_POSTGRES=url]

# PEER_GIRTH and PEER_MIRT name a Python that has girth (with numpy below 2) or mirt; without them ours alone is measured.
bench-calibration: BENCH_ONLY   = Calibrate
bench-calibration: BENCH_TIME   = 1x
bench-calibration: BENCH_ROUNDS = 3
bench-calibration: bin/bench.test ## calibrations, beside other packages where they are: PEER_GIRTH=python PEER_MIRT=python
	@$(bench-rounds)
	@go run $(BENCHSTAT) -row /data -col /program bin/bench.txt

.PHONY: bin/bench.test
bin/bench.test: build $(if $(BENCH_POSTGRES),$(PEER_PYTHON))
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/rival ./bench/rival
	@CGO_ENABLED=0 go test -c -o $@ ./bench

SOAK_TIME ?= 10m
SEED      ?= 0

.PHONY: soak

soak: build ## ten minutes of mixed traffic while all around fails: [SOAK_TIME=60s] [SEED=n]
	@CGO_ENABLED=0 go test -c -o bin/soak ./bench/soak
	@bin/soak -test.run '^TestSoak$$' -test.timeout 0 -service $(abspath $(BINARY)) -time $(SOAK_TIME) -seed $(SEED)

$(PEER_PYTHON): bench/peers/requirements.txt
	@rm -rf bin/peer-python && python3 -m venv bin/peer-python && bin/peer-python/bin/pip install --quiet --disable-pip-version-check -r $< || \
	{ rm -rf bin/peer-python; echo "it needs Python 3 with venv (Debian: python3-venv) and PyPI" >&2; exit 1; }
