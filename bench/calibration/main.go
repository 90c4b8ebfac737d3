//go:build unix

// Command calibration measures `journey-api calibrate` beside other packages on the same simulated data, and prints a
// Markdown table. Each run is a process of its own. A peer is measured if PEER_GIRTH or PEER_MIRT names a Python that
// has it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/journey-os/journey-api/adapters/report/plot"
	"github.com/journey-os/journey-api/bench/measure"
)

const (
	service, peers, figure = "bin/journey-api", "bench/calibration/peers.py", "docs/calibration-time.svg"
	limit                  = 290 // the processor seconds after which a run is stopped
)

var runs = flag.Int("runs", 3, "how often each of ours is run; the table has medians")

func main() {
	log.SetFlags(0)
	flag.Parse()
	folder, err := os.MkdirTemp("", "calibration")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s, %s/%s, %d cores. Medians of %d runs; peers once, on one thread, stopped after %d processor seconds.\n\n",
		time.Now().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), *runs, limit)
	t := &table{path: filepath.Join(folder, "answers.csv")}
	t.beside()
	t.large()
	t.growth()
	fmt.Print(measure.Markdown(t.lines))
	if err := errors.Join(append(t.faults, os.RemoveAll(folder))...); err != nil {
		log.Fatal(err)
	}
}

// beside measures two sets of data that peers can read.
func (t *table) beside() {
	for _, size := range [][2]int{{500, 1000}, {5000, 40}} {
		t.ours(size[0], size[1], size[1])
		for _, peer := range [][3]string{
			{"girth 0.8, its defaults, no SE", "girth", os.Getenv("PEER_GIRTH")},
			{"mirt (PyPI) 1.2, 61 nodes, priors, SQUAREM, no SE", "mirt", os.Getenv("PEER_MIRT")},
		} {
			if peer[2] != "" {
				t.add(peer[0], start(peer[2], peers, peer[1], t.path))
			}
		}
	}
}

// large asks once more for more responses than any item has: the file is read and nothing is calibrated.
func (t *table) large() {
	t.ours(100_000, 2000, 40)
	t.add("**journey-api**, reading alone", median("calibrate", t.path, "--min-responses", "1000000000"))
}

// growth measures how time grows with people, at 40 items, and with items, at 1,000 people.
func (t *table) growth() {
	lines := []plot.Line{{Name: "people, with 40 items", Tone: 1}, {Name: "items, with 1,000 people", Tone: 2, Dashed: true}}
	var sizes, seconds []float64
	for _, size := range []int{100, 200, 500, 1000, 2000, 5000} {
		for k, x := range []int{size, size / 2} {
			people, items := []int{x, 1000}[k], []int{40, x}[k]
			took := t.ours(people, items, items).processor.Seconds()
			lines[k].Points = append(lines[k].Points, plot.Point{X: float64(x), Y: took})
			sizes, seconds = append(sizes, float64(x)), append(seconds, took)
		}
	}
	drawn := plot.Figure{
		Label: "Processor time of a calibration by people and by items", Width: 560, Height: 300,
		X: plot.Decades("people or items", sizes...), Y: plot.Decades("processor seconds", seconds...),
		Layers: []plot.Layer{lines[0], lines[1]},
	}
	t.faults = append(t.faults, os.WriteFile(figure, drawn.File(), 0o644))
}
