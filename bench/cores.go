package main

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"github.com/journey-os/journey-api/bench/process"
)

// cores splits the processors between the servers, which get one, and this program, which gets the others.
type cores struct{ taskset, first, others string }

// splitCores leaves all as it is if there is one processor alone, or no taskset.
func splitCores() cores {
	taskset, err := exec.LookPath("taskset")
	if err != nil || runtime.NumCPU() < 2 {
		return cores{}
	}
	first, others, ok := cutFirst(process.Field("self/status", "Cpus_allowed_list:"))
	if !ok {
		return cores{}
	}
	return cores{taskset: taskset, first: first, others: others}
}

// cutFirst takes the first processor off a list as the kernel writes it: "0-3,8" is "0" and "1-3,8". It is no success
// if none is left.
func cutFirst(list string) (first, others string, ok bool) {
	head, tail, _ := strings.Cut(list, ",")
	first, last, isRange := strings.Cut(head, "-")
	number, err := strconv.Atoi(first)
	if err != nil {
		return "", "", false
	}
	if isRange { // of two or more
		others = strconv.Itoa(number+1) + "-" + last
	}
	if isRange && tail != "" {
		others += ","
	}
	others += tail
	return first, others, others != ""
}

func (c cores) arePinned() bool { return c.taskset != "" }

// confineSelf keeps this program off the servers' processor.
func (c cores) confineSelf() error {
	if !c.arePinned() {
		return nil
	}
	runtime.GOMAXPROCS(runtime.NumCPU() - 1)
	return exec.Command(c.taskset, "-apc", c.others, strconv.Itoa(os.Getpid())).Run()
}

// command is a program on the servers' processor.
func (c cores) command(path string, arguments []string) []string {
	line := append([]string{path}, arguments...)
	if c.arePinned() {
		line = append([]string{c.taskset, "-c", c.first}, line...)
	}
	return line
}
