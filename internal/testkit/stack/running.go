package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Variable names the state file of the stack that the integration tests work with.
const Variable = "JOURNEY_STACK"

// Running finds the servers of `make integration`, and skips the test if there are none.
func Running(t testing.TB) *Stack {
	t.Helper()
	path := os.Getenv(Variable)
	if path == "" {
		t.Skip("no real servers: run make integration")
	}
	s, err := Load(filepath.Dir(path), nil)
	if err != nil {
		t.Fatalf("%s: %v", Variable, err)
	}
	return s
}

// Fresh makes an empty stack of its own: a temporary folder, free ports, random secrets.
// Remove ends it.
func Fresh(cacheDir, program string, output io.Writer) (*Stack, error) {
	dir, err := os.MkdirTemp("", "journey-api-stack-*")
	if err != nil {
		return nil, err
	}
	settings, err := generatedSettings()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s, err := Open(Config{Settings: settings, Dir: dir, CacheDir: cacheDir, Program: program, Output: output})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// Remove stops the servers and deletes their data.
func (s *Stack) Remove(ctx context.Context) error {
	if err := s.Stop(ctx); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(s.Database.Dir), os.RemoveAll(s.dir))
}

// Exec runs a program whose tests find this stack, and returns its exit code. When ctx
// ends, the program and all that it started are interrupted. Its input is empty: a
// process group of its own may not read from a terminal.
func (s *Stack) Exec(ctx context.Context, command []string, stdout, stderr io.Writer) (int, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), Variable+"="+s.StateFile())
	cmd.Stdout, cmd.Stderr = stdout, stderr
	interruptible(cmd)
	err := cmd.Run()
	if cmd.ProcessState == nil {
		return 0, fmt.Errorf("%s cannot be run: %w", command[0], err)
	}
	if ctx.Err() != nil {
		killGroup(cmd)
	}
	return exitCode(cmd.ProcessState), nil
}
