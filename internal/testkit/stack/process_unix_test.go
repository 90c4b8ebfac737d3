//go:build unix

package stack

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAProcessIsStoppedEvenWhenItDoesNotWant(t *testing.T) {
	tests := map[string]string{
		"that ends when asked":         "echo ready; exec sleep 60",
		"that does not end when asked": "trap '' TERM; echo ready; while :; do sleep 1; done",
	}
	for name, script := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			pidFile, log := filepath.Join(dir, "pid"), filepath.Join(dir, "log")
			p, err := launch(exec.Command("sh", "-c", script), pidFile, log)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(p, readProcess(pidFile)); diff != "" {
				t.Error(diff)
			}
			waiting, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if err := poll(waiting, func() bool { text, _ := os.ReadFile(log); return string(text) == "ready\n" }); err != nil {
				t.Fatal(err)
			}
			if !p.running() {
				t.Error("it does not run")
			}
			if err := p.stop(t.Context(), syscall.SIGTERM, 200*time.Millisecond); err != nil {
				t.Error(err)
			}
			if p.running() {
				t.Error("it runs")
			}
		})
	}
}

func TestAnotherProgramWithTheSameNumberIsNotOurs(t *testing.T) {
	started, alive := identity(os.Getpid())
	tests := map[string]struct {
		process process
		want    bool
	}{
		"the same start time":    {process{os.Getpid(), started}, alive},
		"another start time":     {process{os.Getpid(), started + "1"}, false},
		"no process":             {process{}, false},
		"a number beyond all":    {process{1 << 30, started}, false},
		"a missing pid file":     {readProcess(filepath.Join(t.TempDir(), "none")), false},
		"every process (pid -1)": {process{-1, ""}, false},
	}
	for name, test := range tests {
		if got := test.process.running(); got != test.want {
			t.Errorf("%s: running is %t", name, got)
		}
	}
}

func TestTwoCommandsDoNotChangeAStackAtOnce(t *testing.T) {
	dir := t.TempDir()
	unlock, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(dir); err == nil {
		t.Error("a second lock was given")
	}
	unlock()
	unlock, err = Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

func TestAFolderIsReachableIfAllAboveItAre(t *testing.T) {
	dir := t.TempDir()
	for _, mode := range []os.FileMode{0o755, 0o711, 0o700} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		open := reachable(filepath.Dir(dir)) && mode != 0o700
		if got := reachable(filepath.Join(dir, "not", "there", "yet")); got != open {
			t.Errorf("below mode %o: reachable is %t", mode, got)
		}
	}
}

func TestAProgramGetsTheStateFileAndItsExitCodeComesBack(t *testing.T) {
	s, _ := openTemp(t)
	tests := map[string]struct {
		script string
		want   int
	}{
		"success":       {`test "$JOURNEY_STACK" = ` + s.StateFile(), 0},
		"failure":       {"exit 7", 7},
		"end by signal": {"kill -9 $$", 128 + 9},
	}
	for name, test := range tests {
		code, err := s.Exec(t.Context(), []string{"sh", "-c", test.script}, nil, nil)
		if err != nil || code != test.want {
			t.Errorf("%s: %d, %v", name, code, err)
		}
	}
	if _, err := s.Exec(t.Context(), []string{filepath.Join(t.TempDir(), "none")}, nil, nil); err == nil {
		t.Error("a program that is not there was run")
	}
}
