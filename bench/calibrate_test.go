//go:build unix

package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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
	const service, script = "../bin/journey-api", "peers/calibrate.py"
	for _, set := range sets {
		path := filepath.Join(b.TempDir(), "answers.csv")
		commands := map[string][]string{"journey-api": {service, "calibrate", path, "--json"}}
		if set[2] < set[1] { // there are not so many responses: the file is read and nothing is calibrated
			commands["reading-alone"] = []string{service, "calibrate", path, "--min-responses", "1000000000"}
		}
		for name, python := range map[string]string{"girth": os.Getenv("PEER_GIRTH"), "mirt": os.Getenv("PEER_MIRT")} {
			if python != "" && slices.Contains(beside, set) {
				commands[name] = []string{python, script, name, path}
			}
		}
		for name, command := range commands {
			b.Run(fmt.Sprintf("data=%dx%d/program=%s", set[0], set[1], name), func(b *testing.B) {
				if _, err := os.Stat(path); err != nil {
					if err := simulate(path, set[0], set[1], set[2]); err != nil {
						b.Fatal(err)
					}
				}
				for b.Loop() {
					calibrate(b, command)
				}
			})
		}
	}
}

// calibrate runs a program to its end, and reports what it used and what it says of itself.
func calibrate(b *testing.B, line []string) {
	var output bytes.Buffer
	limited := fmt.Sprintf(`ulimit -t %d && exec "$0" "$@"`, processorLimit)
	command := exec.Command("sh", append([]string{"-c", limited}, line...)...)
	command.Stdout, command.Stderr = &output, &output
	command.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "RAYON_NUM_THREADS=1",
		"NUMBA_NUM_THREADS=1")
	runErr := command.Run()
	state := command.ProcessState
	if state == nil {
		b.Fatal(runErr)
	}
	var said struct {
		Seconds    float64 `json:"elapsed_seconds"` // without reading the file
		Iterations float64 `json:"iterations_used"`
		Likelihood float64 `json:"log_likelihood"`
	}
	used := (state.UserTime() + state.SystemTime()).Seconds()
	isStopped := used > processorLimit*.98 // the kernel looks now and then
	isRead := strings.Contains(output.String(), "no item can be calibrated")
	if err := json.Unmarshal(output.Bytes(), &said); err != nil && !isStopped && !isRead {
		b.Fatalf("%v: %s", runErr, output.String())
	}
	b.ReportMetric(used, "CPU-s")
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		b.ReportMetric(float64(usage.Maxrss)/1024, "most-MB") // Linux counts kilobytes
	}
	for unit, value := range map[string]float64{
		"calibrating-s": said.Seconds, "iterations": said.Iterations, "log-likelihood": said.Likelihood,
	} {
		if value != 0 {
			b.ReportMetric(value, unit)
		}
	}
}

// drawBank draws items, and makes the header of a table that has a column for each.
func drawBank(random *rand.Rand, items int) (bank []irt.Params, header string) {
	header = "person_id"
	for k := range items {
		bank = append(bank, irt.Params{A: .5 + 2*random.Float64(), B: random.NormFloat64(), C: .05 + .25*random.Float64()})
		header += fmt.Sprintf(",I%04d", k)
	}
	return bank, header
}

// simulate writes a table of answers to items with a ~ U(.5, 2.5), b ~ N(0, 1) and c ~ U(.05, .3). If each person answers
// all of them, it has a row a person; otherwise a row an answer, to items at equal steps around the bank.
func simulate(path string, people, items, each int) error {
	isWide, seed := each == items, uint64(items)
	if !isWide {
		seed = math.MaxUint64
	}
	random := rand.New(rand.NewPCG(uint64(people), seed))
	bank, header := drawBank(random, items)
	if !isWide {
		header = "person_id,item_id,score"
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	table := bufio.NewWriterSize(file, 1<<20) // its Flush has the errors
	_, _ = table.WriteString(header)
	for p := range people {
		theta, first := random.NormFloat64(), 0
		if isWide {
			_, _ = fmt.Fprintf(table, "\nP%06d", p)
		} else {
			first = random.IntN(items)
		}
		for k := range each {
			at, score := (first+k*items/each)%items, 0
			if random.Float64() < bank[at].Probability(theta) {
				score = 1
			}
			if isWide {
				_, _ = fmt.Fprintf(table, ",%d", score)
			} else {
				_, _ = fmt.Fprintf(table, "\nP%06d,I%04d,%d", p, at, score)
			}
		}
	}
	_, _ = table.WriteString("\n")
	return errors.Join(table.Flush(), file.Close())
}
