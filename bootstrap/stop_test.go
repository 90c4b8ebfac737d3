package main

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/journey-os/journey-api/bootstrap/cli"
	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/internal/testkit/process"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

func TestASecondSignalEndsTheWaitForRequests(t *testing.T) {
	t.Parallel()
	r := boot(t, map[string]string{"SHUTDOWN_TIMEOUT": "1h", "READ_TIMEOUT": "1h"})
	r.hang()
	r.stop()
	r.waitFor(`"msg":"stopping"`)
	r.stopAgain()
	if err := r.wait(); err == nil {
		t.Error("a second signal ended as if all had been well")
	}
}

func TestServeEndsOnEitherSignal(t *testing.T) {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		var stdout, stderr process.Output
		arguments := []string{"serve", "--env-file", emptyFile(t)}
		ended := make(chan int, 1)
		go func() {
			ended <- cli.Execute(cli.Process{Version: version, Arguments: arguments, Environment: environment.Absent(t), Stdout: &stdout, Stderr: &stderr})
		}()
		if !wait.For(func() bool { return strings.Contains(stderr.String(), "listens on") }) {
			t.Fatalf("it does not listen: %s%s", stdout.String(), stderr.String())
		}
		if err := self.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if code := <-ended; code != cli.ExitOK {
			t.Errorf("%v ended with %d: %s", signal, code, stderr.String())
		}
	}
}
