//go:build unix

package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/journey-os/journey-api/core/irt"
)

// processorLimit is the seconds after which a run is stopped. The shell counts what the program used, and not how long
// others kept it waiting.
const processorLimit = 290

// BenchmarkCalibrate measures `journey-api calibrate` beside other packages on the same simulated data, on two sets, a
// sparse one, and on how time grows with people and items. A peer is measured if PEER_GIRTH or PEER_MIRT names a Python
// that has it. Each run is a process of its own.
func BenchmarkCalibrate(b *testing.B) {
	beside := [][3]int{{500, 1000, 1000}, {5000, 40, 40}}
	sets := [][3]int{beside[0], {100_000, 2000, 40}}
	for _, size := range []int{100, 200, 500, 1000, 2000, 5000} {
		sets = append(sets, [3]int{size, 40, 40}, [3]int{1000, size / 2, size / 2})
	}
	for _, set := range sets {
		path := filepath.Join(b.TempDir(), "answers.csv")
		commands := map[string][]string{"journey-api": {"../bin/journey-api", "calibrate", path, "--json"}}
		if set[2] < set[1] { // there are not so many responses: the file is read and nothing is calibrated
			commands["reading-alone"] = []string{"../bin/journey-api", "calibrate", path, "--min-responses", "1000000000"}
		}
		for name, python := range map[string]string{"girth": os.Getenv("PEER_GIRTH"), "mirt": os.Getenv("PEER_MIRT")} {
			if python != "" && slices.Contains(beside, set) {
				commands[name] = []string{python, "peers/calibrate.py", name, path}
			}
		}
		for name, command := range commands {
			b.Run(fmt.Sprintf("data=%dx%d/program=%s", set[0], set[1], name), func(b *testing.B) {
				simulate(b, path, set[0], set[1], set[2])
				for b.Loop() {
					calibrate(b, command)
				}
			})
		}
	}
}

// calibrate runs a program to its end, and reports what it used and what it says of itself.
func calibrate(b *testing.B, line []string) {
	limited := fmt.Sprintf(`ulimit -t %d && exec "$0" "$@"`, processorLimit)
	command := exec.Command("sh", append([]string{"-c", limited}, line...)...)
	command.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "RAYON_NUM_THREADS=1",
		"NUMBA_NUM_THREADS=1")
	output, runErr := command.CombinedOutput()
	usage := command.ProcessState.SysUsage().(*syscall.Rusage)
	used := (command.ProcessState.UserTime() + command.ProcessState.SystemTime()).Seconds()
	var said map[string]any
	hasNone := used > processorLimit*.98 || bytes.Contains(output, []byte("no item can be calibrated"))
	if err := json.Unmarshal(output, &said); err != nil && !hasNone {
		b.Fatalf("%v: %s", runErr, output)
	}
	b.ReportMetric(used, "CPU-s")
	b.ReportMetric(float64(usage.Maxrss)/1024, "most-MB") // Linux counts kilobytes, and no less than this process ever had
	for name, unit := range map[string]string{            // the seconds are without reading the file
		"elapsed_seconds": "calibrating-s", "iterations_used": "iterations", "log_likelihood": "log-likelihood",
	} {
		if value, ok := said[name].(float64); ok {
			b.ReportMetric(value, unit)
		}
	}
}

// simulate writes a table with a line for each answer. Items have a ~ U(.5, 2.5), b ~ N(0, 1) and c ~ U(.05, .3); each
// person answers so many of them, at equal steps around the bank.
func simulate(b *testing.B, path string, people, items, each int) {
	file, err := os.Create(path)
	table, random := bufio.NewWriter(file), rand.New(rand.NewPCG(uint64(people), uint64(items)))
	bank := make([]irt.Params, items)
	for k := range bank {
		bank[k] = irt.Params{A: .5 + 2*random.Float64(), B: random.NormFloat64(), C: .05 + .25*random.Float64()}
	}
	_, _ = fmt.Fprintln(table, "person_id,item_id,score")
	for person := range people {
		theta, first := random.NormFloat64(), 0
		if each < items {
			first = random.IntN(items)
		}
		for k := range each {
			item, score := (first+k*items/each)%items, 0
			if random.Float64() < bank[item].Probability(theta) {
				score = 1
			}
			_, _ = fmt.Fprintf(table, "%06d,%04d,%d\n", person, item, score)
		}
	}
	if err := errors.Join(err, table.Flush(), file.Close()); err != nil {
		b.Fatal(err)
	}
}
