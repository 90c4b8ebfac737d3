package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/bench/measure"
	"github.com/journey-os/journey-api/internal/testkit/document"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/standin"
)

const (
	// maxBody and the time-outs are low, so that what they bound comes often.
	maxBody                  = 64 << 10
	readTimeout, idleTimeout = 3 * time.Second, 5 * time.Second
	// ratePerMinute is more than anybody needs who does not try to need more.
	ratePerMinute               = 1200
	drainDelay, shutdownTimeout = time.Second, 6 * time.Second
	startLimit                  = 20 * time.Second
)

// start starts stand-ins for the dependencies, the faults in front of them, and the service: the real binary in a process
// of its own, with everything on.
func (s *soak) start(ctx context.Context) error {
	bolt, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	stopBolt, project := new(standin.Bolt).Serve(bolt), httptest.NewServer(http.HandlerFunc(s.project))
	neo4j, neo4jErr := faultproxy.New(bolt.Addr().String())
	supabase, supabaseErr := faultproxy.New(project.Listener.Addr().String())
	if err := errors.Join(neo4jErr, supabaseErr); err != nil {
		return err
	}
	s.cleanups = append(s.cleanups, func() error { neo4j.Close(); supabase.Close(); stopBolt(); project.Close(); return nil })

	stalled := &atomic.Int64{}
	s.scenario = newScenario(s.book, newSchedule("neo4j", neo4j, s.book, stalled), newSchedule("supabase", supabase, s.book, stalled), stalled)
	s.log.schedules = map[string]*schedule{"neo4j": s.neo4j, "supabase": s.supabase}
	s.log.secrets = []string{s.secret, plantedKey, plantedPassword, plantedEmail, "eyJ"}
	return s.startService(ctx)
}

// draw draws a request by the rows' shares, for many callers at once.
func (s *soak) draw(rows []row) *call {
	s.drawing.Lock()
	s.drawn++
	id, own := fmt.Sprintf("soak-%d", s.drawn), newDice(s.dice.Uint64(), 0)
	s.drawing.Unlock()
	return s.call(pick(rows, own), id, own)
}

// project is as much of a Supabase project as the service asks for. The service has learned the keys if nothing disturbed
// the reply.
func (s *soak) project(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/jwks.json") {
		w.Header().Set("Content-Type", "application/openapi+json; charset=utf-8")
		if r.Header.Get("Apikey") != plantedKey {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = io.WriteString(w, `{"swagger":"2.0"}`)
		return
	}
	text, arrived := s.keys.document()
	asked := time.Now()
	_, _ = io.WriteString(w, text)
	time.AfterFunc(settled, func() {
		if s.supabase.passed(asked.Add(-settled), time.Now()) {
			arrived(time.Now())
		}
	})
}

// startService starts it, waits until its dependencies are up, and imports what the platform grades.
func (s *soak) startService(ctx context.Context) error {
	address, port, addressErr := measure.FreeAddress()
	metrics, _, metricsErr := measure.FreeAddress()
	fromService, toLog, err := os.Pipe()
	if err := errors.Join(addressErr, metricsErr, err); err != nil {
		return err
	}
	defer func() { _ = toLog.Close() }()
	s.address, s.metrics = address, metrics
	environment := s.environment(port)
	serve := exec.Command(s.path, "serve")
	serve.Dir, serve.Env, serve.Stdout = s.folder, environment, toLog
	if s.service, err = measure.Start(serve); err != nil {
		return err
	}
	s.cleanups = append(s.cleanups, func() error { _ = s.service.Stop(); return fromService.Close() })
	go func() { s.logEnded <- s.log.read(fromService) }()
	if err = s.awaitHealth(ctx); err != nil {
		return fmt.Errorf("start the service: %w", errors.Join(err, s.service.Stop(), errors.New(s.service.Complaint())))
	}
	for _, file := range [][2]string{
		{"concepts", "concept_id\n" + platformConcept + "\n" + quietConcept + "\n"},
		{"items", "item_id,concept_id\n" + platformItem + "," + platformConcept + "\n"},
	} {
		command := exec.CommandContext(ctx, s.path, "import", file[0], "-")
		command.Dir, command.Env, command.Stdin = s.folder, environment, strings.NewReader(file[1])
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("import %s: %w: %s", file[0], err, output)
		}
	}
	s.document, err = document.Load(s.once(ctx, named("the OpenAPI document")[0]))
	return err
}

func (s *soak) environment(port string) []string {
	return []string{
		"API_HOST=127.0.0.1", "API_PORT=" + port, "METRICS_ADDR=" + s.metrics, "DATABASE_URL=sqlite:journey.db",
		"SUPABASE_URL=http://" + s.supabase.proxy.Address(), "NEO4J_URI=bolt://" + s.neo4j.proxy.Address(),
		"SUPABASE_ANON_KEY=soak-anon-key", "SUPABASE_SERVICE_ROLE_KEY=" + plantedKey, "SUPABASE_JWT_SECRET=" + s.secret,
		"NEO4J_USERNAME=neo4j", "NEO4J_PASSWORD=" + plantedPassword,
		"CORS_ORIGINS=" + goodOrigin, "TRUSTED_PROXIES=127.0.0.0/8", "LOG_LEVEL=DEBUG", // probes have a line then
		"HEALTH_REQUIRED=neo4j", "HEALTH_INTERVAL=" + healthInterval.String(), "HEALTH_TIMEOUT=" + healthTimeout.String(),
		fmt.Sprintf("RATE_LIMIT=%d", ratePerMinute), fmt.Sprintf("FAILED_SIGN_IN_LIMIT=%d", ratePerMinute), fmt.Sprintf("MAX_BODY_BYTES=%d", maxBody),
		"READ_TIMEOUT=" + readTimeout.String(), "IDLE_TIMEOUT=" + idleTimeout.String(),
		"DRAIN_DELAY=" + drainDelay.String(), "SHUTDOWN_TIMEOUT=" + shutdownTimeout.String(),
	}
}

// awaitHealth asks until all dependencies are up.
func (s *soak) awaitHealth(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	look := row{"the start", 1, "GET", "/health", nobody, 0, "", "", func(_ *scenario, _ *dice, c *call) { c.accept = func(*reply) string { return "" } }}
	for pause(ctx, 50*time.Millisecond) {
		if conn, err := net.Dial("tcp", s.address); err == nil {
			_ = conn.Close()
			if strings.HasPrefix(string(s.once(ctx, look)), `{"data":{"status":"ok"`) {
				return nil
			}
		}
	}
	return errors.New("its dependencies are not up")
}
