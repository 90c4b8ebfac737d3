package main

import (
	"bytes"
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
	"time"

	"github.com/journey-os/journey-api/bench/measure"
	"github.com/journey-os/journey-api/internal/testkit/document"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/faulttable"
	"github.com/journey-os/journey-api/internal/testkit/standin"
	"github.com/journey-os/journey-api/ports/portstest"
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
	fromService, toLog, pipeErr := os.Pipe()
	if err := errors.Join(neo4jErr, supabaseErr, pipeErr); err != nil {
		return err
	}
	s.schedules = map[string]*schedule{"neo4j": {proxy: neo4j}, "supabase": {proxy: supabase}}
	for _, one := range s.schedules {
		one.periods = []period{{faulttable.Rows()[0], time.Now()}}
	}
	serve := s.command("serve")
	s.log.reply(measure.StartID, entry{http.StatusOK, "GET", "/health/live"})
	s.service, err = measure.Start(func(port, metrics string) *exec.Cmd {
		serve.Env, serve.Stdout = append(serve.Env, "API_PORT="+port, "METRICS_ADDR="+metrics), toLog
		return serve
	})
	_ = toLog.Close()
	if err != nil {
		return err
	}
	s.address = s.service.Address
	s.stop = func() error {
		err := s.service.Stop()
		neo4j.Close()
		supabase.Close()
		stopBolt()
		project.Close()
		return errors.Join(err, fromService.Close())
	}
	go func() { s.logEnded <- s.log.read(fromService) }()
	return s.awaitHealth(ctx)
}

// command is one of the service's, with all its settings but those of where it listens.
func (s *soak) command(arguments ...string) *exec.Cmd {
	command := exec.Command(s.path, arguments...)
	command.Dir = s.folder
	command.Env = []string{
		"API_HOST=127.0.0.1", "DATABASE_URL=sqlite:journey.db", "LOG_LEVEL=DEBUG", // probes have a line then
		"SUPABASE_URL=http://" + s.schedules["supabase"].proxy.Address(),
		"NEO4J_URI=bolt://" + s.schedules["neo4j"].proxy.Address(),
		"SUPABASE_ANON_KEY=soak-anon-key", "SUPABASE_SERVICE_ROLE_KEY=" + plantedKey, "SUPABASE_JWT_SECRET=" + s.secret,
		"NEO4J_USERNAME=neo4j", "NEO4J_PASSWORD=" + plantedPassword,
		"CORS_ORIGINS=" + goodOrigin, "TRUSTED_PROXIES=127.0.0.0/8",
		"HEALTH_REQUIRED=neo4j", "HEALTH_INTERVAL=" + healthInterval.String(), "HEALTH_TIMEOUT=" + healthTimeout.String(),
		fmt.Sprintf("RATE_LIMIT=%d", ratePerMinute), fmt.Sprintf("FAILED_SIGN_IN_LIMIT=%d", ratePerMinute),
		fmt.Sprintf("MAX_BODY_BYTES=%d", maxBody), "READ_TIMEOUT=" + readTimeout.String(), "IDLE_TIMEOUT=" + idleTimeout.String(),
		"DRAIN_DELAY=" + drainDelay.String(), "SHUTDOWN_TIMEOUT=" + shutdownTimeout.String(),
	}
	return command
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
	s.count("the keys", "fetched")
	asked := time.Now()
	published, revoked := s.allKeys()
	var shown []portstest.Claims
	for _, one := range published {
		shown = append(shown, one.JWK())
	}
	_, _ = io.WriteString(w, portstest.JWKS(shown...))
	time.AfterFunc(settled, func() {
		if !s.schedules["supabase"].passed(asked.Add(-settled), time.Now()) {
			return
		}
		for _, one := range published {
			one.taught.set(time.Now())
		}
		for _, one := range revoked {
			one.untaught.set(time.Now())
		}
	})
}

// awaitHealth waits until all dependencies are up, and imports what the platform grades.
func (s *soak) awaitHealth(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for isUp := false; !isUp; {
		got := s.send(s.draw(row{"the start", 1, "GET /health", "", steps{nobody}}))
		if isUp = got != nil && bytes.HasPrefix(got.data, []byte(`{"status":"ok"`)); !isUp && !pause(ctx, rawRest) {
			return errors.New("its dependencies are not up")
		}
	}
	for _, table := range [][2]string{
		{"concepts", "concept_id\n" + platformConcept + "\n" + quietConcept + "\n"},
		{"items", "item_id,concept_id\n" + platformItem + "," + platformConcept + "\n"},
	} {
		importing := s.command("import", table[0], "-")
		importing.Stdin = strings.NewReader(table[1])
		if output, err := importing.CombinedOutput(); err != nil {
			return fmt.Errorf("import %s: %w: %s", table[0], err, output)
		}
	}
	got := s.send(s.draw(named("the OpenAPI document")...))
	if got == nil {
		return s.wrong()
	}
	var err error
	s.document, err = document.Load(got.body)
	return err
}
