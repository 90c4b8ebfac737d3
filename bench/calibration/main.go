//go:build unix

// Command calibration measures `journey-api calibrate` beside other packages on the same simulated data, and prints a
// Markdown table. Each run is a process of its own. A peer is measured if PEER_GIRTH or PEER_MIRT names a Python that
// has it.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/journey-os/journey-api/adapters/report/plot"
)

var (
	service = flag.String("service", "bin/journey-api", "the binary to measure")
	peers   = flag.String("peers", "bench/calibration/peers.py", "the script that runs a peer")
	runs    = flag.Int("runs", 3, "how often each of ours is run; the table has medians")
	limit   = flag.Int("limit", 290, "the processor seconds after which a run is stopped")
	figure  = flag.String("figure", "", "write the plot of how time grows to this file")
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	folder, err := os.MkdirTemp("", "calibration")
	if err != nil {
		log.Fatal(err)
	}
	err = measure(folder)
	if err = errors.Join(err, os.RemoveAll(folder)); err != nil {
		log.Fatal(err)
	}
}

func measure(folder string) error {
	fmt.Printf("%s, %s/%s, %d cores. Medians of %d runs; peers once, on one thread, stopped after %d processor seconds.\n\n", time.Now().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), *runs, *limit)
	fmt.Println("| data | program | seconds | processor seconds | memory MB | iterations | log-likelihood |")
	fmt.Println("|---|---|---:|---:|---:|---:|---:|")
	for _, size := range []struct{ people, items int }{{500, 1000}, {5000, 40}} {
		path := filepath.Join(folder, fmt.Sprintf("%dx%d.csv", size.people, size.items))
		if err := simulate(path, size.people, size.items); err != nil {
			return err
		}
		data := fmt.Sprintf("%d × %d", size.people, size.items)
		if _, err := ours(data, path); err != nil {
			return err
		}
		for _, peer := range []struct{ name, python string }{{"girth", os.Getenv("PEER_GIRTH")}, {"mirt", os.Getenv("PEER_MIRT")}} {
			if peer.python != "" {
				theirs(data, path, peer.name, peer.python)
			}
		}
	}
	path := filepath.Join(folder, "sparse.csv")
	if err := simulateSparse(path, 100_000, 2000, 40); err != nil {
		return err
	}
	if err := reading(path); err != nil {
		return err
	}
	if _, err := ours("100000 × 2000, 40 each", path); err != nil {
		return err
	}
	return growth(folder)
}

// run is one process that ended.
type run struct {
	output            []byte
	wall, processor   time.Duration
	memory            int64 // bytes, at most
	exitCode          int
	stopped           bool
	engine            float64 // seconds without reading the file
	iterations, value string
}

// start runs a program to its end. The shell sets the limit, which counts what the program used and not how long others
// kept it waiting.
func start(name string, arguments ...string) run {
	var output, faults bytes.Buffer
	script := fmt.Sprintf(`ulimit -t %d && exec "$0" "$@"`, *limit)
	command := exec.Command("sh", append([]string{"-c", script, name}, arguments...)...)
	command.Stdout, command.Stderr = &output, &faults
	command.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "RAYON_NUM_THREADS=1", "NUMBA_NUM_THREADS=1")
	started := time.Now()
	err := command.Run()
	r := run{output: output.Bytes(), wall: time.Since(started)}
	if state := command.ProcessState; state != nil {
		r.processor, r.exitCode = state.UserTime()+state.SystemTime(), state.ExitCode()
		r.stopped = err != nil && r.processor.Seconds() > float64(*limit)*.98 // the kernel looks now and then
		if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
			r.memory = usage.Maxrss << 10 // Linux counts kilobytes
		}
	}
	if err != nil && !r.stopped {
		r.output = append(faults.Bytes(), err.Error()...)
	}
	return r
}

// ours runs the binary on a file and prints the row of medians.
func ours(data, path string) (run, error) {
	var all []run
	for range *runs {
		r := start(*service, "calibrate", path, "--json")
		var result struct {
			IterationsUsed int     `json:"iterations_used"`
			LogLikelihood  float64 `json:"log_likelihood"`
			ElapsedSeconds float64 `json:"elapsed_seconds"`
		}
		if err := json.Unmarshal(r.output, &result); err != nil {
			return run{}, fmt.Errorf("%s: %s", path, r.output)
		}
		r.engine, r.iterations, r.value = result.ElapsedSeconds, strconv.Itoa(result.IterationsUsed), fmt.Sprintf("%.2f", result.LogLikelihood)
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b run) int { return cmp.Compare(a.engine, b.engine) })
	middle := all[len(all)/2]
	row(data, "**journey-api**, SEs and fit", middle)
	return middle, nil
}

func theirs(data, path, peer, python string) {
	r := start(python, *peers, peer, path)
	fields := strings.Split(strings.TrimSpace(string(r.output))+"  ", " ")
	if _, err := fmt.Sscan(fields[0], &r.engine); err == nil {
		r.iterations, r.value = fields[1], fields[2]
	} else if !r.stopped {
		r.value = "failed"
		log.Printf("%s: %s", peer, r.output)
	}
	row(data, map[string]string{"girth": "girth 0.8, its defaults, no SE", "mirt": "mirt (PyPI) 1.2, 61 nodes, priors, SQUAREM, no SE"}[peer], r)
}

func row(data, program string, r run) {
	seconds := fmt.Sprintf("%.2f", r.engine)
	if r.stopped {
		seconds = "stopped"
	}
	fmt.Printf("| %s | %s | %s | %.2f | %d | %s | %s |\n", data, program, seconds, r.processor.Seconds(), r.memory>>20, r.iterations, r.value)
}

// reading asks for more responses than any item has: the file is read and nothing is calibrated.
func reading(path string) error {
	var all []run
	for range *runs {
		r := start(*service, "calibrate", path, "--min-responses", "1000000000")
		if r.exitCode != 1 || !bytes.Contains(r.output, []byte("no item can be calibrated")) {
			return fmt.Errorf("%s: %s", path, r.output)
		}
		r.engine = r.wall.Seconds()
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b run) int { return cmp.Compare(a.engine, b.engine) })
	row("4 million lines", "**journey-api**, reading alone", all[len(all)/2])
	return nil
}

// growth measures how time grows with people, at 40 items, and with items, at 1,000 people.
func growth(folder string) error {
	fmt.Println()
	fmt.Println("| data | program | seconds | processor seconds | memory MB | iterations | log-likelihood |")
	fmt.Println("|---|---|---:|---:|---:|---:|---:|")
	lines := []plot.Line{{Name: "people, with 40 items", Tone: 1}, {Name: "items, with 1,000 people", Tone: 2, Dashed: true}}
	var seconds, sizes []float64
	for k := range lines {
		for _, size := range []int{100, 200, 500, 1000, 2000, 5000} {
			people, items := size, 40
			if k == 1 {
				people, items = 1000, size/2
			}
			path := filepath.Join(folder, "growth.csv")
			if err := simulate(path, people, items); err != nil {
				return err
			}
			middle, err := ours(fmt.Sprintf("%d × %d", people, items), path)
			if err != nil {
				return err
			}
			x := float64([]int{people, items}[k])
			lines[k].Points = append(lines[k].Points, plot.Point{X: x, Y: middle.processor.Seconds()})
			seconds, sizes = append(seconds, middle.processor.Seconds()), append(sizes, x)
		}
	}
	if *figure == "" {
		return nil
	}
	drawn := plot.Figure{
		Label: "Processor time of a calibration by people and by items", Width: 560, Height: 300,
		X: plot.Decades("people or items", sizes...), Y: plot.Decades("processor seconds", seconds...),
	}
	for _, line := range lines {
		drawn.Layers = append(drawn.Layers, line)
	}
	return os.WriteFile(*figure, drawn.File(), 0o644)
}
