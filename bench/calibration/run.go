//go:build unix

package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// table is what was measured. Each set of data is at path in its turn.
type table struct {
	path, data string
	lines      [][]string
	faults     []error
}

// run is one process that ended.
type run struct {
	wall, processor time.Duration
	memory          int64 // MB, at most
	complaint       string
	said            struct { // what it printed; Seconds are without reading the file
		Seconds    float64     `json:"elapsed_seconds"`
		Iterations json.Number `json:"iterations_used"`
		Likelihood json.Number `json:"log_likelihood"`
	}
}

// start runs a program to its end. The shell sets the limit, which counts what the program used and not how long others
// kept it waiting.
func start(name string, arguments ...string) run {
	var output, faults bytes.Buffer
	script := fmt.Sprintf(`ulimit -t %d && exec "$0" "$@"`, limit)
	command := exec.Command("sh", append([]string{"-c", script, name}, arguments...)...)
	command.Stdout, command.Stderr = &output, &faults
	command.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "RAYON_NUM_THREADS=1", "NUMBA_NUM_THREADS=1")
	began := time.Now()
	if err := command.Run(); command.ProcessState == nil {
		return run{complaint: err.Error()}
	}
	state := command.ProcessState
	r := run{wall: time.Since(began), processor: state.UserTime() + state.SystemTime(), complaint: faults.String()}
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		r.memory = usage.Maxrss >> 10 // Linux counts kilobytes
	}
	if json.Unmarshal(output.Bytes(), &r.said) == nil {
		r.complaint = ""
	} else if strings.Contains(r.complaint, "no item can be calibrated") {
		r.said.Seconds, r.complaint = r.wall.Seconds(), ""
	}
	return r
}

// median runs the service several times.
func median(arguments ...string) run {
	var all []run
	for range *runs {
		all = append(all, start(service, arguments...))
	}
	slices.SortFunc(all, func(a, b run) int { return cmp.Compare(a.said.Seconds, b.said.Seconds) })
	return all[len(all)/2]
}

// ours simulates a set of data and calibrates it.
func (t *table) ours(people, items, each int) run {
	t.data = fmt.Sprintf("%d × %d", people, items)
	if each < items {
		t.data += fmt.Sprintf(", %d each", each)
	}
	t.faults = append(t.faults, simulate(t.path, people, items, each))
	measured := median("calibrate", t.path, "--json")
	t.add("**journey-api**, SEs and fit", measured)
	return measured
}

func (t *table) add(program string, r run) {
	seconds := fmt.Sprintf("%.2f", r.said.Seconds)
	if r.processor.Seconds() > limit*.98 { // the kernel looks now and then
		seconds = "stopped"
	} else if r.complaint != "" {
		t.faults = append(t.faults, fmt.Errorf("%s, %s: %s", t.data, program, r.complaint))
	}
	processor, memory := fmt.Sprintf("%.2f", r.processor.Seconds()), strconv.FormatInt(r.memory, 10)
	likelihood := fmt.Sprintf("%.11s", r.said.Likelihood)
	t.lines = append(t.lines, []string{t.data, program, seconds, processor, memory, r.said.Iterations.String(), likelihood})
}
