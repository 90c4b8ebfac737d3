//go:build unix

package stack

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func detach(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setsid = true
}

// identity gives a running process's start time; a zombie does not run.
func identity(pid int) (started string, alive bool) {
	if runtime.GOOS != "linux" {
		out, err := exec.Command("ps", "-o", "stat=,lstart=", "-p", strconv.Itoa(pid)).Output()
		state, started, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
		return strings.TrimSpace(started), err == nil && !strings.HasPrefix(state, "Z")
	}
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	// proc(5): "pid (name) state …"; the name may hold anything. The start time is field 22.
	_, rest, found := cutLast(string(content), ") ")
	fields := strings.Fields(rest)
	if err != nil || !found || len(fields) < 20 {
		return "", false
	}
	return fields[19], fields[0] != "Z" && fields[0] != "X"
}

func cutLast(s, separator string) (before, after string, found bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}

// interruptible gives cmd a process group of its own: when its context ends,
// all of the group are interrupted, and killed if they do not end.
func interruptible(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = 10 * time.Second
}

func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// exitCode is what a shell makes of a process's end.
func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}

// owner is the user that a server runs as.
type owner struct{ uid, gid int }

func isRoot() bool { return os.Geteuid() == 0 }

// unprivileged is whom PostgreSQL runs as when we are root, whom it refuses.
func unprivileged() (owner, error) {
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(account.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(account.Gid, 10, 32)
		if err == nil && err2 == nil {
			return owner{int(uid), int(gid)}, nil
		}
	}
	return owner{}, errors.New("PostgreSQL does not run as root, and this machine has no user postgres or nobody")
}

func (o owner) run(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)},
	}
}

// reachable reports whether every user can pass through the folders down to path.
func reachable(path string) bool {
	for dir := path; ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o001 == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}

// Lock keeps two commands from changing the stack in dir at once.
func Lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return nil, errors.New("another command is starting or stopping these servers: wait until it is done")
	}
	return func() { _ = file.Close() }, nil
}
