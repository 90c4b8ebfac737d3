package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of /proc/PID/stat; Linux shows programs 100 a second on every processor.
const clockTick = time.Second / 100

// Resident is the memory that the process has in use, in bytes; 0 if the system does not say.
func (p *Process) Resident() int64 {
	text := Field(fmt.Sprintf("%d/status", p.command.Process.Pid), "VmRSS:")
	kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(text, " kB"), 10, 64)
	return kilobytes << 10
}

// OpenFiles counts the process's file descriptors; 0 if the system does not say.
func (p *Process) OpenFiles() int {
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.command.Process.Pid))
	return len(entries)
}

// ProcessorTime is what the process has used so far; 0 if the system does not say.
func (p *Process) ProcessorTime() time.Duration {
	content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.command.Process.Pid))
	// The name in parentheses may hold anything; the state follows it, user and system time stand 11 and 12 behind that.
	fields := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * clockTick
}

// Field is the value of a line of a file below /proc; "" if there is none.
func Field(file, name string) string {
	content, err := os.ReadFile(filepath.Join("/proc", file))
	if err != nil {
		return ""
	}
	for line := range bytes.Lines(content) {
		if value, found := bytes.CutPrefix(line, []byte(name)); found {
			return string(bytes.TrimSpace(value))
		}
	}
	return ""
}
