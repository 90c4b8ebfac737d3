// Command mastery measures how many answers a second the service takes, each on disk before its reply, and prints a
// Markdown table: on the embedded database, on PostgreSQL, and beside the chain that people write in Python on the same
// PostgreSQL. 64 connections send one answer after the other, for distinct students, in rounds that take the servers in
// turn. The load runs on the same processors.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/journey-os/journey-api/bench/figures"
)

var (
	binary   = flag.String("service", "bin/journey-api", "the service's binary")
	postgres = flag.String("postgres", "", "postgres://… of a PostgreSQL that syncs; without it the embedded database alone is measured")
	python   = flag.String("python", "", "a Python that has what the peer requires; without it there is no peer")
	peers    = flag.String("peers", "bench/peers", "the folder of the peer")
	rounds   = flag.Int("rounds", 3, "how often each server is measured; the table has medians")
	length   = flag.Duration("length", 5*time.Second, "how long a round lasts")
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	folder, err := os.MkdirTemp("", "journey-api-mastery-")
	if err == nil {
		err = errors.Join(measure(ctx, folder), os.RemoveAll(folder))
	}
	stop()
	if err != nil {
		log.Fatal("mastery: ", err)
	}
}

func measure(ctx context.Context, folder string) error {
	programs, secret, err := programsIn(folder)
	if err != nil {
		return err
	}
	token := facultyToken(secret)
	var field []*contender
	defer func() {
		for _, c := range field {
			_ = c.process.Stop() // how it ends says nothing about its speed
		}
	}()
	for _, p := range programs {
		c, err := start(ctx, p, folder, token)
		if err != nil {
			return err
		}
		field = append(field, c)
	}
	for round := range *rounds {
		for i := range field {
			if ctx.Err() != nil {
				return errors.New("interrupted")
			}
			if err := field[(round+i)%len(field)].measure(*length); err != nil {
				return err
			}
		}
	}
	report(field)
	return pages(field[0], token)
}

// programsIn are the contenders, the embedded one first and the peer last.
func programsIn(folder string) ([]program, string, error) {
	path, err := filepath.Abs(*binary)
	if err != nil {
		return nil, "", err
	}
	secret := rand.Text() + rand.Text()
	programs := []program{service("**Journey API, embedded**", path, "sqlite:"+filepath.Join(folder, "journey.db"), secret)}
	if *postgres == "" {
		return programs, secret, nil
	}
	programs = append(programs, service("**Journey API, PostgreSQL**", path, *postgres, secret))
	if *python == "" {
		return programs, secret, nil
	}
	peer, err := filepath.Abs(*peers)
	if err != nil {
		return nil, "", err
	}
	tables := exec.Command(*python, filepath.Join(peer, "mastery.py"))
	tables.Env = append(os.Environ(), "DATABASE_URL="+*postgres)
	if said, err := tables.CombinedOutput(); err != nil {
		return nil, "", fmt.Errorf("make the peer's tables: %w: %s", err, said)
	}
	return append(programs, plain(*python, peer, *postgres, secret)), secret, nil
}

func report(field []*contender) {
	fmt.Printf("Medians of %d interleaved rounds of %s, %d keep-alive connections, distinct students, the load on the same %d cores. %s on %s/%s.\n\n",
		*rounds, *length, connections, runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	last := field[len(field)-1]
	lines := [][]string{{"", "answers/s", "of the peer", "p50 ms", "p99 ms", "CPU µs", "resident MB, after answers"}}
	for _, c := range field {
		ratio, resident := "–", "–"
		if last.isPeer() && c != last {
			ratio = fmt.Sprintf("%.1f", c.medianOf(func(i int) float64 { return c.runs[i].perSecond() / last.runs[i].perSecond() }))
		}
		if !c.isPeer() { // its workers are processes of their own
			resident = fmt.Sprintf("%.1f, %d", figures.Megabytes(c.process.Resident()), c.total())
		}
		lines = append(lines, []string{
			c.label, fmt.Sprintf("%.0f", c.medianOf(func(i int) float64 { return c.runs[i].perSecond() })), ratio,
			fmt.Sprintf("%.1f", c.medianOf(func(i int) float64 { return figures.Milliseconds(c.runs[i].p50) })),
			fmt.Sprintf("%.1f", c.medianOf(func(i int) float64 { return figures.Milliseconds(c.runs[i].p99) })),
			c.processor(), resident,
		})
	}
	fmt.Println(figures.Markdown(lines))
}

func (c *contender) isPeer() bool { return !strings.HasPrefix(c.label, "**") }

func (c *contender) medianOf(figure func(run int) float64) float64 {
	var values []float64
	for i := range c.runs {
		values = append(values, figure(i))
	}
	return figures.Median(values)
}

func (c *contender) total() (requests int) {
	for _, one := range c.runs {
		requests += one.requests
	}
	return requests
}

func (c *contender) processor() string {
	if c.isPeer() {
		return "–"
	}
	return fmt.Sprintf("%.0f", c.medianOf(func(i int) float64 { return float64(c.cost[i].Microseconds()) / float64(c.runs[i].requests) }))
}

// pages reads pages of 100 of a student who has 500 states.
func pages(c *contender, token string) error {
	const student, states, page = "student-of-much", 500, 100
	for n := range states {
		body := fmt.Sprintf(`{"student_id":%q,"concept_id":"wide-%d","item_id":"wide-%d-1","correct":%t,"latency_ms":900,"timestamp":%q}`,
			student, n, n, n%3 > 0, c.answers.began.Format(time.RFC3339))
		if _, err := ask(c.address, fmt.Appendf(nil, "POST /api/bkt/update HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\nContent-Type: application/json\r\n\r\n%s", token, len(body), body)); err != nil {
			return err
		}
	}
	latencies, err := send(c.address, time.Now(), *length, func() []byte {
		return get(fmt.Sprintf("/api/bkt/mastery/%s?limit=%d&offset=%d", student, page, 200), token)
	})
	if err != nil {
		return err
	}
	slices.Sort(latencies)
	fmt.Printf("A page of %d of %d states, embedded, one reader: p50 %.2f ms, p99 %.2f ms of %d.\n", page, states,
		figures.Milliseconds(figures.Percentile(latencies, 50)), figures.Milliseconds(figures.Percentile(latencies, 99)), len(latencies))
	return nil
}
