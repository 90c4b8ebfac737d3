package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

const pollEvery = 100 * time.Millisecond

// process is a server in the background. Its start time tells it from another
// program that got the same number after it had ended.
type process struct {
	PID     int    `json:"pid"`
	Started string `json:"started"`
}

// launch starts cmd in a session of its own: it outlives us and our terminal.
func launch(cmd *exec.Cmd, pidFile, logFile string) (process, error) {
	output, err := os.OpenFile(logFile, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return process{}, err
	}
	defer func() { _ = output.Close() }()
	cmd.Stdout, cmd.Stderr = output, output
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return process{}, err
	}
	p := process{PID: cmd.Process.Pid}
	p.Started, _ = identity(p.PID)
	// Nobody waits for it: when it ends before us it stays a zombie until we end, and identity knows those.
	if err := cmd.Process.Release(); err != nil {
		return p, err
	}
	content, err := json.Marshal(p)
	if err != nil {
		return p, err
	}
	return p, writeFile(pidFile, content)
}

// readProcess reads a pid file; a missing or unreadable one is a process that does not run.
func readProcess(pidFile string) process {
	var p process
	if content, err := os.ReadFile(pidFile); err != nil || json.Unmarshal(content, &p) != nil {
		return process{}
	}
	return p
}

func (p process) running() bool {
	if p.PID <= 0 {
		return false
	}
	started, alive := identity(p.PID)
	return alive && started == p.Started
}

// stop asks the process to end, and makes it end after a bound.
func (p process) stop(ctx context.Context, ask os.Signal, within time.Duration) error {
	for _, step := range []struct {
		signal os.Signal
		within time.Duration
	}{{ask, within}, {os.Kill, 5 * time.Second}} {
		handle, err := os.FindProcess(p.PID)
		if err != nil {
			return err
		}
		if err := handle.Signal(step.signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		waiting, cancel := context.WithTimeout(ctx, step.within)
		err = poll(waiting, func() bool { return !p.running() })
		cancel()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return fmt.Errorf("process %d does not end", p.PID)
}

// poll asks until done or until ctx ends.
func poll(ctx context.Context, done func() bool) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
	return nil
}

// writeFile replaces a private file in one step.
func writeFile(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err := errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return os.Rename(file.Name(), path)
}

// faultIn finds the line that says what is wrong in the output of another program.
func faultIn(output string) string {
	lines := strings.Split(colours.ReplaceAllString(strings.TrimSpace(output), ""), "\n")
	for _, line := range lines {
		if faultWords.MatchString(line) {
			return strings.TrimSpace(line)
		}
	}
	return strings.TrimSpace(lines[len(lines)-1])
}

var (
	faultWords = regexp.MustCompile(`(?i)\b(error|fatal|panic)\b`)
	colours    = regexp.MustCompile("\x1b\\[[0-9;]*m")
)

// environment is the part of our environment that a server gets: no setting or secret of the shell reaches it.
func environment(more ...string) []string {
	var kept []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "TZ", "JAVA_HOME"} {
		if value, ok := os.LookupEnv(name); ok {
			kept = append(kept, name+"="+value)
		}
	}
	return append(kept, more...)
}
