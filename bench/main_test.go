package main

import (
	"testing"

	"go.uber.org/goleak"
)

// fasthttp's clock runs for as long as the program; the cleaner of a stopped server's workers ends up to 10 s later.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	)
}
