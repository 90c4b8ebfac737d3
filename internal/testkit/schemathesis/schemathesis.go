// Package schemathesis runs the fuzzer of that name, which makes requests from a service's OpenAPI document and checks
// the replies against it.
package schemathesis

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	// What `make fuzz-api` says in the environment: the fuzzer's program, how long each run lasts, the seed of what it
	// makes ("" for another each time), the service's binary.
	program  = "JOURNEY_SCHEMATHESIS"
	duration = "JOURNEY_SCHEMATHESIS_TIME"
	seed     = "JOURNEY_SCHEMATHESIS_SEED"
	service  = "JOURNEY_SERVICE"
	// patience is how long a run may take beyond its time, to start and to shrink its findings.
	patience = 2 * time.Minute
)

// settings let the engines refuse a request that fits its schema: the bank and the records decide there, which no schema
// says. All other checks hold, and the other statuses are the fuzzer's own.
const settings = `
[[operations]]
include-method = "POST"
include-path-regex = "^/api/(bkt|irt|adaptive)/"
checks.positive_data_acceptance.expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "422", "429", "5xx"]
`

// Fuzzer is an installed fuzzer. Service is the binary under test.
type Fuzzer struct {
	Service string
	program string
	seconds int
}

// Find returns the fuzzer, and skips the test if it is not installed.
func Find(t testing.TB) *Fuzzer {
	t.Helper()
	path := os.Getenv(program)
	if path == "" {
		t.Skip("no fuzzer: run make fuzz-api")
	}
	lasts, err := time.ParseDuration(os.Getenv(duration))
	if err != nil || lasts < time.Second {
		t.Fatalf("%s is no time of a second or more: %v", duration, err)
	}
	return &Fuzzer{Service: os.Getenv(service), program: path, seconds: int(lasts.Seconds())}
}

// Run asks the service at base, as the one whom token stands for, whatever its document allows and what it does not.
// Every check is on. It fails the test on a reply that the document does not have, with a request that brings it about.
func (f *Fuzzer) Run(t *testing.T, base, token string, arguments ...string) {
	t.Helper()
	limit := time.Duration(f.seconds)*time.Second + patience
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if number := os.Getenv(seed); number != "" {
		arguments = append(arguments, "--seed", number)
	}
	command := exec.CommandContext(ctx, f.program, append([]string{
		"run", base + "/openapi.json",
		"--checks", "all",
		"--header", "Authorization: Bearer " + token,
		"--max-time", strconv.Itoa(f.seconds),
		"--suppress-health-check", "all", // they are about how fast data is made, on a machine that does other things
		"--request-timeout", "30",
		"--no-color",
	}, arguments...)...)
	command.Dir = t.TempDir() // it keeps what it found beside itself, and reads its settings there
	if err := os.WriteFile(filepath.Join(command.Dir, "schemathesis.toml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	command.Env = append(os.Environ(), "HOME="+command.Dir, "PYTHONUNBUFFERED=1")
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	err := command.Run()
	t.Log(lastLines(said.String(), 8))
	if err != nil {
		t.Errorf("%s: %v\n%s", filepath.Base(f.program), err, said.String())
	}
	if !strings.Contains(said.String(), "generated") {
		t.Errorf("it asked nothing:\n%s", said.String())
	}
}

func lastLines(text string, count int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
