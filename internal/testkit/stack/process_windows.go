package stack

import (
	"errors"
	"os"
	"os/exec"
)

// The servers run on Linux and macOS; here the package only has to compile, so that
// the integration tests can say that they are skipped.

var errWindows = errors.New("the servers do not run on Windows: use a Linux machine, WSL or containers")

// Lock always fails here.
func Lock(string) (unlock func(), err error) { return nil, errWindows }

func detach(*exec.Cmd) {}

func identity(int) (started string, alive bool) { return "", false }

func interruptible(*exec.Cmd) {}

func killGroup(*exec.Cmd) {}

func exitCode(state *os.ProcessState) int { return state.ExitCode() }

type owner struct{ uid, gid int }

func isRoot() bool { return false }

func unprivileged() (owner, error) { return owner{}, errWindows }

func (owner) run(*exec.Cmd) {}

func reachable(string) bool { return true }
