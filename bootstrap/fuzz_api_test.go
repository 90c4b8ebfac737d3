package main

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/internal/testkit/schemathesis"
)

func TestFuzzAPI(t *testing.T) {
	t.Parallel()
	fuzzer := schemathesis.Find(t)
	values := environment.Absent(t)
	values["HEALTH_INTERVAL"] = "1h"
	for _, role := range []string{"superadmin", "student"} {
		t.Run(role, func(t *testing.T) {
			service := serveApart(t, fuzzer.Service, values)
			minted := exec.CommandContext(t.Context(), fuzzer.Service, "token", "--role", role, "--env-file", emptyFile(t))
			minted.Env = service.Command.Env
			token, err := minted.Output()
			if err != nil {
				t.Fatal(err)
			}
			fuzzer.Run(t, "http://"+service.address, strings.TrimSpace(string(token)))
			if stdout, stderr := service.end(syscall.SIGTERM); strings.Contains(stdout, `"level":"ERROR"`) || strings.Contains(stderr, "panic") {
				t.Errorf("it went wrong inside: %s%s", stdout, stderr)
			}
		})
	}
}
