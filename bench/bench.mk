.PHONY: bench

bench: build ## how fast it is beside bare Fiber and the usual chain: about four minutes, a Markdown table
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/rival ./bench/rival
	@CGO_ENABLED=0 go test -c -o bin/jwtauth.test ./adapters/jwtauth
	@CGO_ENABLED=0 go build -o bin/bench ./bench
	@bin/bench -service $(BINARY) -rival bin/rival -verifier bin/jwtauth.test
