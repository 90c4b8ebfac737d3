package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/journey-os/journey-api/bench/process"
	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	startLimit = 30 * time.Second
	pollPause  = 20 * time.Millisecond
	// generousLimit is a rate limit, a minute, that nobody here reaches: what is measured is the counting.
	generousLimit = "60000000"
)

// contender is a server that takes answers.
type contender struct {
	label   string
	process *process.Process
	address string
	answers *answers
	runs    []run
	cost    []time.Duration // of the processor, in each run
}

// program says how to start a contender that listens on the given port of loopback.
type program struct {
	label       string
	line        func(port string) []string
	environment func(port string) []string
}

// service is the service on a database, everything switched on but the dependencies that are not there.
func service(label, path, database, secret string) program {
	return program{
		label: label, line: func(string) []string { return []string{path, "serve"} },
		environment: func(port string) []string {
			return []string{
				"API_HOST=127.0.0.1", "API_PORT=" + port, "DATABASE_URL=" + database, "BANK_OPEN=true",
				"SUPABASE_URL=http://127.0.0.1:1", "SUPABASE_ANON_KEY=bench-anon-key", "SUPABASE_SERVICE_ROLE_KEY=bench-service-role-key",
				"SUPABASE_JWT_SECRET=" + secret, "NEO4J_URI=bolt://127.0.0.1:1", "NEO4J_USERNAME=neo4j", "NEO4J_PASSWORD=bench-password",
				"METRICS_ADDR=127.0.0.1:0", "RATE_LIMIT=" + generousLimit, "FAILED_SIGN_IN_LIMIT=" + generousLimit,
			}
		},
	}
}

// plain is the chain in Python, with a worker for each of two processors.
func plain(python, folder, database, secret string) program {
	return program{
		label: "FastAPI, NumPy, psycopg, PostgreSQL",
		line: func(port string) []string {
			return []string{python, "-m", "uvicorn", "--app-dir", folder, "mastery:app", "--workers", "2", "--host", "127.0.0.1", "--port", port}
		},
		environment: func(string) []string {
			return []string{"DATABASE_URL=" + database, "JWT_SECRET=" + secret, "PATH=" + os.Getenv("PATH")}
		},
	}
}

// start starts p, with its log in folder, waits until it is ready, and holds its first answer against the formulas.
func start(ctx context.Context, p program, folder, token string) (*contender, error) {
	port, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(folder, port+".log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	c := &contender{label: p.label, address: net.JoinHostPort("127.0.0.1", port), answers: newAnswers(token)}
	if c.process, err = process.Start(ctx, process.Program{Line: p.line(port), Environment: p.environment(port), Folder: folder, Output: log}); err != nil {
		return nil, err
	}
	if err := c.awaitReady(token); err != nil {
		_ = c.process.Stop()
		return nil, fmt.Errorf("%s: %w; it said: %q", p.label, err, c.process.Complaint())
	}
	return c, nil
}

func (c *contender) awaitReady(token string) error {
	for deadline := time.Now().Add(startLimit); ; time.Sleep(pollPause) {
		_, err := ask(c.address, get("/health/ready", token))
		if err == nil {
			return c.check()
		}
		select {
		case <-c.process.Ended():
			return errors.New("it ended before it answered")
		default:
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}

// check answers once: connection 0's first answer is right, and takes mastery from .1 to 3/7.
func (c *contender) check() error {
	body, err := ask(c.address, c.answers.request(0))
	if err != nil {
		return err
	}
	var reply struct {
		Data struct {
			New float64 `json:"new_p_mastered"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &reply); err != nil || math.Abs(reply.Data.New-3./7) > 1e-12 {
		return fmt.Errorf("its first answer is %s, %w", body, err)
	}
	return nil
}

func (c *contender) measure(length time.Duration) error {
	before := c.process.ProcessorTime()
	measured, err := load(c.address, length, c.answers.request)
	if err != nil {
		return fmt.Errorf("%s: %w", c.label, err)
	}
	c.runs, c.cost = append(c.runs, measured), append(c.cost, c.process.ProcessorTime()-before)
	return nil
}

// facultyToken is one who may write for every student of an institution.
func facultyToken(secret string) string {
	return portstest.Token(secret, portstest.FacultyClaims(time.Now()))
}
